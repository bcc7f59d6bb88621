import { createHash } from 'node:crypto'
import { SyncError } from '../errors/sync-error.ts'
import {
  addTally,
  type CopyOp,
  type DeleteOp,
  NO_TALLY,
  type Op,
  type OutdatedOp,
  type Plan,
  type PlanHeader,
  type PlanTrailer,
  type Samples,
  type Tally,
  type WaveRange,
  waveOf,
} from '../model/op.ts'
import { visibleJson } from '../model/safe.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import type { Files } from '../ports.ts'
import { plainOp } from './plain-line.ts'

/** What the end of a plan tells. */
export type PlanTotals = Omit<PlanTrailer, 'trailer' | 'digest'>

/**
 * Writes a plan: its header, the lines of the files in their order, its trailer. It becomes a plan only
 * when all of it is written; else no file stays.
 */
export async function writePlan(
  { files, path }: { readonly files: Files; readonly path: string },
  header: PlanHeader,
  {
    lines,
    totals,
    samples,
  }: { readonly lines: readonly string[]; readonly totals: PlanTotals; readonly samples: Samples },
): Promise<Plan> {
  const unfinished = unfinishedPath(path)
  const writer = await files.writer(unfinished)
  try {
    const hash = createHash('sha256')
    const first = visibleJson(header)
    hash.update(`${first}\n`)
    await writer.write(first)
    for (const file of lines) await writer.appendFile(file, (piece) => hash.update(piece))
    const trailer: PlanTrailer = { trailer: true, ...totals, digest: hash.digest('hex') }
    await writer.write(visibleJson(trailer))
    await writer.close()
    await files.rename(unfinished, path)
    return { path, header, trailer, samples }
  } catch (error) {
    await writer.close().catch(() => {})
    await files.removeFile(unfinished)
    throw error
  }
}

const isIn = (op: Op, { first, last }: WaveRange): boolean => {
  const wave = op.op === 'copy' ? waveOf(op) : 0
  return wave >= first && wave <= last
}

/** Whether a line may tell of these waves: it takes less than to parse it. No text in it has a quote that stands free. */
const mayTell = (text: string, { first }: WaveRange): boolean =>
  first === 0 || text.includes('"wave":')

/** What a line tells of, by how nearly each begins: it takes less than to parse it. undefined: of no op. */
function kindOf(text: string): Op['op'] | undefined {
  if (text.startsWith('{"op":"copy"')) return 'copy'
  if (text.startsWith('{"op":"delete"')) return 'delete'
  return (JSON.parse(text) as Partial<Op>).op
}

/** The lines of the ops of one kind, as many at a time as are read. */
async function* linesOf(
  files: Files,
  { path }: Plan,
  kind: Op['op'],
): AsyncGenerator<readonly string[]> {
  for await (const block of files.lineBlocks(path)) {
    const kinds = block.map(kindOf)
    yield block.filter((_, at) => kinds[at] === kind)
    // The deletes stand behind all copies.
    if (kind === 'copy' && kinds.includes('delete')) return
  }
}

type OpOf<Kind extends Op['op']> = Extract<Op, { readonly op: Kind }>

/** The ops of one kind, as many at a time as are read; of copies those of some waves, where it is said of which. */
async function* readOps<Kind extends Op['op']>(
  files: Files,
  plan: Plan,
  kind: Kind,
  waves?: WaveRange,
): AsyncGenerator<readonly (OpOf<Kind> | OutdatedOp<OpOf<Kind>>)[]> {
  for await (const lines of linesOf(files, plan, kind)) {
    const telling = waves ? lines.filter((text) => mayTell(text, waves)) : lines
    const ops = telling.map(
      (text) => (plainOp(text) ?? JSON.parse(text)) as OpOf<Kind> | OutdatedOp<OpOf<Kind>>,
    )
    yield waves ? ops.filter((op) => isIn(op, waves)) : ops
  }
}

const isOutdated = <T extends Op>(op: T | OutdatedOp<T>): op is OutdatedOp<T> => 'outdated' in op

/** The approved ops of one kind that cannot be carried out any more; only a plan made from an approved one has any. */
export async function* readOutdated<Kind extends Op['op']>(
  files: Files,
  plan: Plan,
  kind: Kind,
  waves?: WaveRange,
): AsyncGenerator<OutdatedOp<OpOf<Kind>>> {
  const { doneRows = 0, outdated = { copies: 0, deletes: 0 } } = plan.approval ?? {}
  if ((kind === 'copy' ? outdated.copies + doneRows : outdated.deletes) === 0) return
  for await (const ops of readOps(files, plan, kind, waves))
    for (const op of ops) if (isOutdated(op)) yield op
}

const changed = (what: string): SyncError =>
  new SyncError('internal', `The plan file does not contain the ${what} counted in its trailer.`)

/** The waves that have copies, each by itself; undefined: all copies, which are one. */
export function fullWaves({ trailer }: Pick<Plan, 'trailer'>): readonly (WaveRange | undefined)[] {
  const { waves } = trailer
  if (!waves) return [undefined]
  return waves.flatMap(({ objects }, wave) => (objects > 0 ? [{ first: wave, last: wave }] : []))
}

/** The copies of a plan, or of some of its waves. */
export function copiesIn({ trailer }: Pick<Plan, 'trailer'>, waves?: WaveRange): Tally {
  const { copies, waves: tallies } = trailer
  if (!waves || !tallies) return copies
  return tallies.slice(waves.first, waves.last + 1).reduce(addTally, NO_TALLY)
}

/** The copies of a plan file that are to be made, in its order, as many at a time as are read; all, or those of some waves. */
export async function* readCopyBlocks(
  files: Files,
  plan: Plan,
  waves?: WaveRange,
): AsyncGenerator<readonly CopyOp[]> {
  let count = 0
  for await (const ops of readOps(files, plan, 'copy', waves)) {
    count += ops.length
    const copies = ops.filter((op) => !isOutdated(op))
    if (copies.length > 0) yield copies
  }
  if (count !== copiesIn(plan, waves).objects) throw changed('copies')
}

/** The deletes of a plan file that are to be made, in its order, as many at a time as are read. */
export async function* readDeleteBlocks(
  files: Files,
  plan: Plan,
): AsyncGenerator<readonly DeleteOp[]> {
  let count = 0
  for await (const ops of readOps(files, plan, 'delete')) {
    count += ops.length
    const deletes = ops.filter((op) => !isOutdated(op))
    if (deletes.length > 0) yield deletes
  }
  if (count !== plan.trailer.deletes.objects) throw changed('deletes')
}

/** The lines of the ops of one kind of a plan that was checked, so that none of them is outdated. */
export async function* readOpLines(
  files: Files,
  plan: Plan,
  kind: Op['op'],
): AsyncGenerator<readonly string[]> {
  let count = 0
  for await (const lines of linesOf(files, plan, kind)) {
    count += lines.length
    yield lines
  }
  const [planned, what] =
    kind === 'copy'
      ? ([plan.trailer.copies, 'copies'] as const)
      : ([plan.trailer.deletes, 'deletes'] as const)
  if (count !== planned.objects) throw changed(what)
}

/** The same copies, one by one. */
export async function* readCopies(
  files: Files,
  plan: Plan,
  waves?: WaveRange,
): AsyncGenerator<CopyOp> {
  for await (const copies of readCopyBlocks(files, plan, waves)) for (const op of copies) yield op
}

/** The same deletes, one by one. */
export async function* readDeletes(files: Files, plan: Plan): AsyncGenerator<DeleteOp> {
  for await (const deletes of readDeleteBlocks(files, plan)) for (const op of deletes) yield op
}
