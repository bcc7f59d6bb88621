import type { SyncError } from '../errors/sync-error.ts'
import { isIn, type Span } from '../listing/stream.ts'
import { toKeyBytes, toText } from '../model/key.ts'
import type { Manifest } from '../model/manifest.ts'
import type { Plan, PlanHeader } from '../model/op.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { PartSpan } from '../model/shard.ts'
import type { PlanIndex, PlanPart } from '../model/shard-schema.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import { type Carried, carriedOf } from './approved.ts'
import { type CheckedPlan, checkPlanFile, refusePlan } from './check-plan.ts'
import { compare, type PlanContext, type PlanRequest } from './compare.ts'
import { checkGuards } from './guard.ts'
import type { ManifestSource } from './manifest.ts'
import { headersOf, totalsOf } from './plan.ts'
import { readCopyBlocks, writePlan } from './plan-file.ts'
import { checkedFile, type PlanInParts, spanOf } from './plan-index.ts'
import { refusal } from './refusal.ts'
import { Sieve } from './sieve.ts'

/** A part of a plan that a run carries out. */
export interface PartRequest {
  readonly plan: PlanInParts
  /** From 1. */
  readonly number: number
  /** Where what is carried out of it goes. */
  readonly path: string
}

/** The part of that number. Throws SyncError of kind `guard` where the plan has other parts. */
export function partAt({ folder, index }: PlanInParts, number: number, of: number): PlanPart {
  const { parts } = index
  const part = parts[number - 1]
  if (!part || of !== parts.length)
    return refusePlan(
      folder,
      `it has ${humanObjects(parts.length, 'part')}, but shard is ${number}/${of}`,
      'Set shard to a number of the output shards and the output shard-count of the job that made the plan: there can be fewer parts than it was asked for.',
    )
  return part
}

const keySpan = ({ from, until }: PartSpan): Span => ({
  from: toKeyBytes(from),
  until: until === undefined ? undefined : toKeyBytes(until),
})

/** The plan of a part, which is what plan.json says of it: copies alone, of the first wave, in the part's own range. */
async function checkedPart(
  request: PlanRequest,
  { plan, number }: PartRequest,
  header: PlanHeader,
  context: PlanContext,
): Promise<{ readonly approved: CheckedPlan; readonly names: Sieve }> {
  const { source, destination, rules } = request
  const { files, clock, signal } = context
  const part = plan.index.parts[number - 1] as PlanPart
  const path = await checkedFile(files, plan, part)
  const names = new Sieve()
  const span = keySpan(spanOf(plan, number))
  const check = { path, files, source, destination, rules, header, clock, signal }
  const approved = await checkPlanFile(check, (key, kind) => {
    if (kind === 'delete') refusePlan(path, 'it contains deletes, which only mode: finish does')
    const text = toText(key) ?? ''
    // What no request can name is shown as another key than it has.
    if (!isIn(span, key) && !text.includes('\ufffd'))
      refusePlan(path, `${JSON.stringify(text)} does not belong to this part`)
    names.add(key)
  })
  const { copies, waves } = approved.trailer
  const later = copies.objects - (waves?.[0]?.objects ?? copies.objects)
  if (later > 0) refusePlan(path, 'it copies objects of later waves, which only mode: finish does')
  if (copies.objects !== part.ops || copies.bytes !== part.bytes)
    refusePlan(path, 'its copies do not match plan.json')
  return { approved, names }
}

const NONE_LEFT_OUT = { noncurrent: 0, 'delete-marker': 0, filtered: 0 }

/**
 * The objects of a part, to be looked up one by one: where keys are organised anew, those that belong together at the
 * destination lie anywhere at the source, which would have to be listed as a whole for each part.
 */
async function rowsOf(
  { source, looks }: PlanRequest,
  approved: Plan,
  folder: string,
  { files }: PlanContext,
): Promise<ManifestSource> {
  const path = files.join(folder, 'rows.ndjson')
  const writer = await files.writer(path)
  let rows = 0
  for await (const ops of readCopyBlocks(files, approved))
    for (const { key, unnameable } of ops)
      if (!unnameable)
        await writer.write(JSON.stringify({ line: ++rows, key: key.slice(source.prefix.length) }))
  await writer.close()
  const manifest: Manifest = {
    name: 'plan',
    sha256: '',
    missing: 'skip',
    path,
    rows,
    leftOut: NONE_LEFT_OUT,
    hasTargets: false,
    bucket: source.bucket,
    firstKeys: [],
  }
  const failedPath = files.join(folder, 'not-seen.ndjson')
  const skippedPath = files.join(folder, 'skipped.ndjson')
  return { manifest, transfer: looks, failedPath, skippedPath }
}

/** What is compared for a part: nobody is told what stands there, as it is only a part of it. */
async function lookedAt(
  request: PlanRequest,
  rules: SelectionRequest,
  { approved, folder }: { readonly approved: Plan; readonly folder: string },
  context: PlanContext,
): Promise<PlanRequest> {
  const { source, destination, mode, write, looks } = request
  const manifest =
    rules.keys && !request.manifest
      ? await rowsOf(request, approved, folder, context)
      : request.manifest
  return { source, destination, rules, mode, write, looks, manifest }
}

/** Why a whole plan is refused, as far as its counts tell, and by the limits of this run. */
export const refusedByCounts = (
  {
    source,
    destination,
    rules,
    mode,
  }: Pick<PlanRequest, 'source' | 'destination' | 'rules' | 'mode'>,
  totals: PlanIndex['totals'],
): SyncError | undefined =>
  checkGuards({
    source,
    destination,
    rules,
    mode,
    sourceIsEmpty: totals.listed.source === 0 && !rules.manifest,
    trailer: totals,
    unnameable: undefined,
    filters: undefined,
  })

/** Why nobody may carry out any part. */
function refusedAsWhole(
  request: PlanRequest,
  { totals, refused }: PlanIndex,
): SyncError | undefined {
  const guards = refusedByCounts(request, totals)
  if (guards || refused === undefined) return guards
  return refusal(
    `The plan was refused when it was made: ${refused}`,
    `The plan was refused when it was made: ${refused}`,
    'Resolve that, and make a new plan with mode: plan.',
  )
}

const tell = ({ approval, totals }: Carried, number: number): string => {
  const { doneRows = 0, outdated } = approval
  const parts = [
    `${humanCount(totals.copies.objects - doneRows - outdated.copies)} to apply`,
    ...(doneRows > 0 ? [`${humanCount(doneRows)} already done`] : []),
    ...(outdated.copies > 0 ? [`${humanCount(outdated.copies)} outdated`] : []),
  ]
  return `Part ${number} of the plan: ${humanObjects(totals.copies.objects)}, ${parts.join(', ')}.`
}

/**
 * Makes the plan of a run that carries out one part of what another run planned. Nothing in the part is trusted: it is
 * checked as an approved plan is, and its range is listed and compared. Deletes belong to the last job. Every copy of
 * the part gets a row. Throws SyncError where it is none of this plan.
 */
export async function adoptPart(
  request: PlanRequest,
  part: PartRequest,
  header: PlanHeader,
  context: PlanContext,
): Promise<Plan> {
  const { destination, rules } = request
  const { files, system, log } = context
  system.growYoungMemory()
  const { approved, names } = await checkedPart(request, part, header, context)
  const { trailer: _trailer, digest: _digest, ...none } = approved.trailer
  if (none.copies.objects === 0) {
    const nothing = { totals: none, samples: {} }
    return (await writePlan({ files, path: part.path }, header, async () => nothing)).plan
  }
  const folder = await files.temporaryFolder()
  try {
    const copying: SelectionRequest = { ...rules, delete: false }
    const looked = await lookedAt(request, copying, { approved, folder }, context)
    const compared = await compare(looked, folder, context, {
      isNoted: (key, planned) => planned !== 'copy' && names.mayHold(key),
      isCopied: (key) => names.mayHold(key),
      span: spanOf(part.plan, part.number),
    })
    const { parts, headers } = compared
    const { plan, end: carried } = await writePlan({ files, path: part.path }, header, (lines) =>
      carriedOf({
        approved,
        parts,
        totals: totalsOf(compared, rules),
        prefix: destination.prefix,
        deletes: false,
        files,
        lines,
        countsDone: true,
      }),
    )
    log.line('info', tell(carried, part.number))
    const refused = compared.manifest?.refused ?? refusedAsWhole(request, part.plan.index)
    const found = headersOf(headers, log)
    return { ...plan, approval: carried.approval, refused, ...found }
  } finally {
    await files.remove(folder)
  }
}
