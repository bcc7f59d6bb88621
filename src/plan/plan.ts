import { addTally, NO_TALLY, type Plan, type WaitingExtras } from '../model/op.ts'
import type { SelectionRequest } from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import type { Log } from '../ports.ts'
import { listingError } from '../preflight/places.ts'
import { firstKeys } from '../storage/first-keys.ts'
import { type Compared, compare, type PlanContext, type PlanRequest, type Side } from './compare.ts'
import { checkGuards } from './guard.ts'
import { headerOf } from './header.ts'
import type { HeaderLooks } from './header-looks.ts'
import type { Part } from './part.ts'
import { type PlanTotals, writePlan } from './plan-file.ts'
import { firstOf } from './samples.ts'
import { narrowed } from './scope.ts'
import { gatherStanding } from './standing.ts'
import { sumAt, sumOf } from './tallies.ts'
import { refuseKeys } from './written-keys.ts'

/** What is known of extras that wait, where they do: few runs load what judges them. */
export const judgedExtras = async (
  request: PlanRequest,
  parts: readonly Part[],
  context: PlanContext,
): Promise<WaitingExtras | undefined> =>
  request.rules.deleteAfterMs === undefined
    ? undefined
    : (await import('./delete-after.ts')).judgeExtras(request, parts, context)

/** Whether nothing at all lies at a side. Throws SyncError when that cannot be seen. */
const isEmpty = async (side: Side): Promise<boolean> => {
  const { store, bucket, prefix } = side
  const first = await firstKeys(store, bucket, prefix).catch((error: unknown) => {
    throw listingError(side, error)
  })
  return first.length === 0
}

/** Whether the source is empty: its listing tells, unless that was only of what the includes can match. Of a manifest its rows tell, but those that name nothing. */
export const nothingListed = async (
  { source, rules, manifest }: PlanRequest,
  { listed, reasons }: Pick<PlanTotals, 'listed' | 'reasons'>,
): Promise<boolean> =>
  listed.source === 0 &&
  (manifest
    ? (reasons['filtered']?.objects ?? 0) === 0
    : narrowed(source, rules).within === '' || isEmpty(source))

const sum = (parts: readonly Part[], of: (part: Part) => number): number =>
  parts.reduce((total, part) => total + of(part), 0)

const sourceKeysOf = ([part]: readonly Part[]): Pick<PlanTotals, 'sourceKeys'> =>
  part?.sourceKeys ? { sourceKeys: part.sourceKeys } : {}

/** The copies of each wave; nothing where all are one. */
const wavesOf = (parts: readonly Part[], { waves }: SelectionRequest): Pick<PlanTotals, 'waves'> =>
  waves
    ? {
        waves: [
          ...sumAt(
            parts.map((part) => part.waves),
            waves.globs.length + 1,
          ),
        ],
      }
    : {}

/** What the parts of a plan come to. */
export const totalsOf = (
  {
    parts,
    headers,
    checksums,
    manifest,
  }: Pick<Compared, 'parts' | 'headers' | 'checksums' | 'manifest'>,
  rules: SelectionRequest,
): PlanTotals => ({
  copies: parts
    .map(({ copies: { objects, bytes } }) => ({ objects, bytes }))
    .reduce(addTally, NO_TALLY),
  deletes: parts
    .map(({ deletes: { objects, bytes } }) => ({ objects, bytes }))
    .reduce(addTally, NO_TALLY),
  ...wavesOf(parts, rules),
  reasons: sumOf(parts.map(({ reasons }) => reasons)),
  listed: {
    source: sum(parts, ({ listed }) => listed.source),
    destination: sum(parts, ({ listed }) => listed.destination),
  },
  inScope: sum(parts, ({ inScope }) => inScope),
  // Where it counts, all ranges are joined as one part.
  ...sourceKeysOf(parts),
  ...(headers ? { headers: headers.counts() } : {}),
  ...(checksums ? { checksums } : {}),
  ...(manifest ? { manifest: manifest.counts } : {}),
})

/** What the rules for headers found, for the plan; says what was not looked at. */
export function headersOf(
  headers: HeaderLooks | undefined,
  log: Log,
): Pick<Plan, 'idleHeaderGlobs' | 'headersDoubt'> {
  if (!headers) return {}
  const { notCompared } = headers.counts()
  const why = headers.refusal ?? 'rules match more than 1,000 objects that did not change'
  const when = headers.isDoubtful ? 'and some that were compared differ' : 'if a rule changed'
  const told = `Headers of ${humanObjects(notCompared)} not compared (${why}); ${when}: run with compare: always.`
  if (notCompared > 0) log.line('info', told)
  const isTold = headers.refusal !== undefined || headers.isDoubtful
  return { idleHeaderGlobs: headers.idle(), headersDoubt: isTold ? told : undefined }
}

/** A key that no request can name, where an op would have one. */
export const unnameableOf = (parts: readonly Part[]): string | undefined =>
  parts.find(({ unnameable }) => unnameable !== undefined)?.unnameable

/**
 * Lists both places, compares them and writes the plan file to `path`, also of a plan that a guard refuses.
 * Throws SyncError, and leaves no plan file, when a listing is not complete or a key has no place.
 */
export async function makePlanFile(
  request: PlanRequest,
  path: string,
  context: PlanContext,
): Promise<Plan> {
  const { files, clock } = context
  const { source, destination, rules, mode } = request
  const folder = await files.temporaryFolder()
  try {
    const compared = await compare(request, folder, context)
    const extras = await judgedExtras(request, compared.parts, context)
    const { parts, filters, headers, waves, manifest, misnamed } = compared
    const totals = totalsOf(compared, rules)
    const unnameable = unnameableOf(parts)
    const sourceIsEmpty = await nothingListed(request, totals)
    const guards = checkGuards({
      source,
      destination,
      rules,
      mode,
      sourceIsEmpty,
      trailer: totals,
      unnameable,
      filters,
    })
    const refused = manifest?.refused ?? misnamed ?? guards ?? refuseKeys(request, parts)
    const linesIn = (pick: (part: Part) => Part['copies' | 'deletes']) =>
      parts
        .map(pick)
        .filter(({ objects }) => objects > 0)
        .map(({ path }) => path)
    const samples = firstOf(parts.map((part) => part.samples))
    // Only here, behind both listings, do deletes enter the plan.
    const written = [...linesIn(({ copies }) => copies), ...linesIn(({ deletes }) => deletes)]
    const header = headerOf(request, request, clock.now())
    const { plan } = await writePlan({ files, path }, header, async (lines) => {
      for (const file of written) await lines.appendFile(file)
      return { totals, samples }
    })
    if (request.publishedPath) await gatherStanding(files, parts, request.publishedPath)
    const found = headersOf(headers, context.log)
    return { ...plan, refused, idleGlobs: filters.idle, waveFindings: waves, extras, ...found }
  } finally {
    await files.remove(folder)
  }
}
