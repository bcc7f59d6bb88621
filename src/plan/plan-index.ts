import { SyncError } from '../errors/sync-error.ts'
import { toKeyBytes } from '../model/key.ts'
import type { PlanHeader } from '../model/op.ts'
import { unsealed } from '../model/sealed.ts'
import { INDEX_FILE, PARTS_FOLDER, type PartSpan, partFile } from '../model/shard.ts'
import { type PlanIndex, type PlanPart, planIndex } from '../model/shard-schema.ts'
import type { Files } from '../ports.ts'
import { checkRequest, refusePlan } from './check-plan.ts'

/** A plan in parts, where it lies. */
export interface PlanInParts {
  readonly folder: string
  readonly index: PlanIndex
}

/** What a plan in parts must agree with. */
export interface IndexCheck {
  readonly files: Files
  /** The folder that holds it, or the report folder of who made it. */
  readonly planDir: string
  /** As this run would write it. */
  readonly header: PlanHeader
  /** What the plan is pinned by; undefined: it is not. */
  readonly planId: string | undefined
}

/** 256 parts take less. */
export const MOST_INDEX_BYTES = 8 * 2 ** 20

/** Where plan.json lies; throws SyncError where there is none. No link is followed. */
async function folderOf({
  files,
  planDir,
}: Pick<IndexCheck, 'files' | 'planDir'>): Promise<string> {
  for (const folder of [planDir, files.join(planDir, PARTS_FOLDER)]) {
    const path = files.join(folder, INDEX_FILE)
    const kind = await files.kindOf(path)
    if (kind === 'file') return folder
    if (kind !== undefined) refusePlan(path, 'it is not a regular file')
  }
  throw new SyncError('inputs', `There is no ${INDEX_FILE} in ${planDir}.`, {
    hint: 'Set plan-dir to the folder that holds plan.json of a run with mode: plan and shard. Nothing was touched.',
  })
}

function parsed(path: string, text: string): PlanIndex {
  const index = unsealed(text, 'planId')
  if (typeof index === 'string') return refusePlan(path, index)
  const read = planIndex.safeParse(index)
  return read.success ? read.data : refusePlan(path, 'it is not a plan in parts of this version')
}

/** Whether parts follow one another: each has a key of its own behind those of the part before. */
function areInOrder(parts: readonly PlanPart[]): boolean {
  let last = ''
  return parts.every(({ from, to }, at) => {
    // Only what no request can name has no keys, and that stands at the end.
    if (to === '') return from === '' && at === parts.length - 1
    const [first, end] = [toKeyBytes(from), toKeyBytes(to)]
    const follows = first <= end && (at === 0 || first > last) && from.isWellFormed()
    last = end
    return follows && to.isWellFormed()
  })
}

/** Whether what is said of the whole is what is said of its parts. */
function addsUp({ totals, parts, job, finish }: PlanIndex): boolean {
  const [objects, bytes] = [...parts, ...(job ? [job] : [])].reduce<readonly [number, number]>(
    ([ops, sum], part) => [ops + part.ops, sum + part.bytes],
    [finish.copies.objects, finish.copies.bytes],
  )
  const first = totals.waves?.[0] ?? totals.copies
  return (
    totals.copies.objects === objects &&
    totals.copies.bytes === bytes &&
    totals.copies.objects - first.objects === finish.copies.objects &&
    totals.deletes.objects === finish.deletes.objects &&
    totals.deletes.bytes === finish.deletes.bytes
  )
}

function checkHeader(path: string, given: PlanHeader, header: PlanHeader): void {
  for (const side of ['source', 'destination'] as const)
    if (JSON.stringify(given[side]) !== JSON.stringify(header[side]))
      refusePlan(path, `its ${side} is not that of this run`)
  if (given.manifest !== header.manifest) refusePlan(path, 'it was made with a different manifest')
  checkRequest(path, given, header)
}

/**
 * Reads plan.json and checks it: that it belongs to this run's request, is the one that is asked for, and names no file
 * but its own. Throws SyncError, of kind `guard` where it may not be carried out.
 */
export async function readIndex(check: IndexCheck): Promise<PlanInParts> {
  const { files, header, planId } = check
  const folder = await folderOf(check)
  const path = files.join(folder, INDEX_FILE)
  const text = await files.readText(path, MOST_INDEX_BYTES).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    return refusePlan(path, `it cannot be read: ${why}`)
  })
  const index = parsed(path, text)
  if (planId !== undefined && planId !== index.planId)
    refusePlan(
      path,
      'it is not the plan that plan-id names',
      'Set plan-dir to the folder of the plan with that plan-id, or make a new plan with mode: plan and apply that one.',
    )
  checkHeader(path, index.header, header)
  const named = index.parts.every(({ file }, at) => file === partFile(at + 1))
  if (!named || !areInOrder(index.parts) || !addsUp(index))
    refusePlan(path, 'its parts do not add up to one plan')
  return { folder, index }
}

/** Where the keys of a part are, relative to the destination: behind those of the part before. */
export function spanOf({ index }: PlanInParts, number: number): PartSpan {
  const { parts, header } = index
  const start = header.destination.prefix.length
  const before = parts[number - 2]?.to ?? ''
  // The last one is whatever follows, so that no key lies between two of them.
  const until = number === parts.length ? undefined : parts[number - 1]?.to.slice(start)
  return { from: before.slice(start), until }
}

/** The path of a file of a plan, which is what plan.json says. Throws SyncError of kind `guard` where it is not. */
export async function checkedFile(
  files: Files,
  { folder }: Pick<PlanInParts, 'folder'>,
  { file, digest }: { readonly file: string; readonly digest: string },
): Promise<string> {
  const path = files.join(folder, file)
  const kind = await files.kindOf(path)
  if (kind === undefined)
    refusePlan(path, 'it is missing', 'Set plan-dir to a folder with all files of the plan.')
  if (kind !== 'file') refusePlan(path, 'it is not a regular file')
  if ((await files.sha256(path)) !== digest)
    refusePlan(path, `its sha256 is not the one in ${INDEX_FILE}`)
  return path
}
