import { SyncError } from '../errors/sync-error.ts'
import { addTally, type Plan, type PlanHeader } from '../model/op.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import type { Files, Log } from '../ports.ts'
import { type Carried, carriedOf } from './approved.ts'
import { checkPlanFile, unchanged } from './check-plan.ts'
import { compare, type PlanContext, type PlanRequest } from './compare.ts'
import { checkGuards, type GuardInput } from './guard.ts'
import { headerOf } from './header.ts'
import { headersOf, judgedExtras, nothingListed, totalsOf, unnameableOf } from './plan.ts'
import { type PlanLines, writePlan } from './plan-file.ts'
import { Sieve } from './sieve.ts'
import { gatherStanding } from './standing.ts'
import { refuseKeys } from './written-keys.ts'

async function mustBeThere(files: Files, approved: string): Promise<void> {
  if (!(await files.isFile(approved)))
    throw new SyncError('inputs', `There is no plan at ${approved}.`, {
      hint: 'Set plan-dir to the folder that contains the plan.ndjson of a run with mode: plan; a plan in parts (plan.json) needs shard, too. Nothing was touched.',
    })
}

function tell({ approval, deleting, totals }: Carried, log: Log): void {
  const { done, outdated, unapproved } = approval
  const approved = totals.copies.objects + totals.deletes.objects + done
  const stale = outdated.copies + outdated.deletes
  const carried = totals.copies.objects - outdated.copies + deleting.objects
  const parts = [
    `${humanCount(carried)} to apply`,
    ...(done > 0 ? [`${humanCount(done)} already done`] : []),
    ...(stale > 0 ? [`${humanCount(stale)} outdated`] : []),
  ]
  const changes = unapproved.copies + unapproved.deletes
  const left = changes > 0 ? `; ${humanObjects(changes, 'later change')} not in the plan` : ''
  log.line(
    'info',
    `Approved plan: ${humanObjects(approved, 'operation')}, ${parts.join(', ')}${left}.`,
  )
}

/** What deletes do: the guards speak of what was there before others began with the plan. */
const balanceOf = (
  { deleting, adding }: Carried,
  inScope: number,
  added: number,
): GuardInput['trailer'] => ({
  deletes: deleting,
  inScope: Math.max(0, inScope - added),
  reasons: { missing: addTally(adding, { objects: added, bytes: 0 }) },
})

/** A plan that is to be carried out. */
export interface AdoptRequest {
  readonly approvedPath: string
  /** Where what is carried out of it goes. */
  readonly path: string
  /** Objects that others copied since the plan was made to keys where nothing stood. */
  readonly added?: number
}

/** What a plan is carried over with. */
interface Carrying {
  readonly approvedPath: string
  /** As this run writes it. */
  readonly header: PlanHeader
  /** For what does not fit into memory; the caller removes it. */
  readonly folder: string
  /** Take what is carried out. */
  readonly lines: PlanLines
}

/** What this run finds and would do by itself, and what of it was approved. */
async function carriedBy(
  request: PlanRequest,
  { approvedPath, header, folder, lines }: Carrying,
  context: PlanContext,
) {
  const { source, destination, rules } = request
  const { files, clock, log, signal } = context
  const named = { copy: new Sieve(), delete: new Sieve() }
  const check = { path: approvedPath, files, source, destination, rules, header, clock, signal }
  const approved = await checkPlanFile(check, (key, kind) => named[kind].add(key))
  return unchanged(approved, context, async () => {
    // What the run plans for a key says all that an approved op of the same kind has to be compared with.
    const compared = await compare(request, folder, context, {
      isNoted: (key, planned) =>
        (planned !== 'copy' && named.copy.mayHold(key)) ||
        (planned !== 'delete' && named.delete.mayHold(key)),
      isCopied: (key) => named.copy.mayHold(key),
    })
    const { parts } = compared
    const extras = await judgedExtras(request, parts, context)
    const totals = totalsOf(compared, rules)
    const { prefix } = destination
    const deletes = rules.delete
    const carried = await carriedOf({ approved, parts, totals, prefix, deletes, files, lines })
    tell(carried, log)
    return { compared, extras, totals, carried }
  })
}

/** Why no run may carry out what is carried over. */
async function refusedBy(
  request: PlanRequest,
  { compared, totals, carried }: Awaited<ReturnType<typeof carriedBy>>,
  added: number,
): Promise<SyncError | undefined> {
  const { source, destination, rules, mode } = request
  const { parts, filters, manifest, misnamed } = compared
  const guards = checkGuards({
    source,
    destination,
    rules,
    mode,
    sourceIsEmpty: await nothingListed(request, totals),
    trailer: balanceOf(carried, totals.inScope, added),
    unnameable: unnameableOf(parts),
    filters,
  })
  return manifest?.refused ?? misnamed ?? guards ?? refuseKeys(request, parts)
}

/**
 * Makes the plan of a run that carries out what another run planned and somebody approved. Nothing in the approved
 * file is trusted: it is checked against this run's request, both places are listed and compared as ever, and only
 * what this run decides as well enters its plan, whose counts are this run's. Every guard is judged by that.
 * Throws SyncError where the file is no plan of this request.
 */
export async function adoptPlanFile(
  request: PlanRequest,
  { approvedPath, path, added = 0 }: AdoptRequest,
  context: PlanContext,
): Promise<Plan> {
  const { files, clock, system, log } = context
  // Lines are held by the hundred: what a listing needs would take them for long-lived.
  system.growYoungMemory()
  await mustBeThere(files, approvedPath)
  const folder = await files.temporaryFolder()
  try {
    const header = headerOf(request, request, clock.now())
    const { plan, end } = await writePlan({ files, path }, header, async (lines) => {
      const carrying = { approvedPath, header, folder, lines }
      const found = await carriedBy(request, carrying, context)
      const { totals, samples } = found.carried
      return { totals, samples, found, refused: await refusedBy(request, found, added) }
    })
    const { compared, extras, carried } = end.found
    const { parts, filters, headers, waves } = compared
    if (request.publishedPath) await gatherStanding(files, parts, request.publishedPath)
    const findings = { idleGlobs: filters.idle, waveFindings: waves, ...headersOf(headers, log) }
    return { ...plan, approval: carried.approval, refused: end.refused, extras, ...findings }
  } finally {
    await files.remove(folder)
  }
}
