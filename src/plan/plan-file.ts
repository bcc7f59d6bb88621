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
} from '../model/op.ts'
import { visibleJson } from '../model/safe.ts'
import { unfinishedPath } from '../model/unfinished.ts'
import type { Files, LineWriter } from '../ports.ts'
import { OpLines } from './op-lines.ts'

const WAITING_BYTES = 256 * 1024
const ALL_WAVES: WaveRange = { first: 0, last: Number.POSITIVE_INFINITY }

/** What the end of a plan tells. */
export type PlanTotals = Omit<PlanTrailer, 'trailer' | 'digest'>

/** Where a plan is written to. */
interface PlanPlace {
  readonly files: Files
  readonly path: string
}

/** What the lines of a plan come to. */
interface PlanEnd {
  readonly totals: PlanTotals
  readonly samples: Samples
}

/** The lines of a plan that is written, header included, and their digest. The file is made when there is something to write. */
export class PlanLines {
  readonly #files: Files
  readonly #path: string
  readonly #hash = createHash('sha256')
  /** Lines that wait to be written, by the hundred. */
  readonly #waiting = Buffer.allocUnsafeSlow(WAITING_BYTES)
  #bytes = 0
  #writer: LineWriter | undefined

  /** `path`: where they stand until they are a plan. */
  constructor({ files, path }: PlanPlace) {
    this.#files = files
    this.#path = path
  }

  /** Adds a line; resolves when more can be taken, undefined: it can now. */
  write(line: string): Promise<void> | undefined {
    return this.append(Buffer.from(`${line}\n`))
  }

  /** Adds whole lines, each with its end; the bytes are not needed any more behind it. */
  append(lines: Buffer): Promise<void> | undefined {
    if (this.#bytes + lines.length > WAITING_BYTES) return this.#appendAll(lines)
    this.#bytes += lines.copy(this.#waiting, this.#bytes)
    return undefined
  }

  /** Adds all lines of a file. */
  async appendFile(path: string): Promise<void> {
    const writer = await this.#flush()
    await writer.appendFile(path, (piece) => this.#hash.update(piece))
  }

  /** Ends with what the lines come to; gives the last line. */
  async end(totals: PlanTotals): Promise<PlanTrailer> {
    const writer = await this.#flush()
    const trailer: PlanTrailer = { trailer: true, ...totals, digest: this.#hash.digest('hex') }
    await writer.write(visibleJson(trailer))
    await writer.close()
    return trailer
  }

  /** Nothing more is written. */
  async close(): Promise<void> {
    await this.#writer?.close()
  }

  async #appendAll(lines: Buffer): Promise<void> {
    const writer = await this.#flush()
    this.#hash.update(lines)
    await writer.append(lines)
  }

  async #flush(): Promise<LineWriter> {
    this.#writer ??= await this.#files.writer(this.#path)
    const waiting = this.#waiting.subarray(0, this.#bytes)
    this.#bytes = 0
    this.#hash.update(waiting)
    await this.#writer.append(waiting)
    return this.#writer
  }
}

/**
 * Writes a plan: its header, the lines that `add` adds, its trailer. It becomes a plan only when all of it is written;
 * else no file stays.
 */
export async function writePlan<End extends PlanEnd>(
  { files, path }: PlanPlace,
  header: PlanHeader,
  add: (lines: PlanLines) => Promise<End>,
): Promise<{ readonly plan: Plan; readonly end: End }> {
  const unfinished = unfinishedPath(path)
  const lines = new PlanLines({ files, path: unfinished })
  try {
    await lines.write(visibleJson(header))
    const end = await add(lines)
    const trailer = await lines.end(end.totals)
    await files.rename(unfinished, path)
    return { plan: { path, header, trailer, samples: end.samples }, end }
  } catch (error) {
    await lines.close().catch(() => {})
    await files.removeFile(unfinished)
    throw error
  }
}

type OpOf<Kind extends Op['op']> = Extract<Op, { readonly op: Kind }>

/** The ops of one kind, as many at a time as are read; of copies those of some waves, where it is said of which. */
async function* readOps<Kind extends Op['op']>(
  files: Files,
  { path }: Plan,
  kind: Kind,
  { first, last }: WaveRange = ALL_WAVES,
): AsyncGenerator<readonly (OpOf<Kind> | OutdatedOp<OpOf<Kind>>)[]> {
  for await (const block of files.lineBytes(path)) {
    const ops: (OpOf<Kind> | OutdatedOp<OpOf<Kind>>)[] = []
    const lines = new OpLines(block)
    let isPast = false
    while (!isPast && lines.next()) {
      const { kind: found, wave } = lines
      // The deletes stand behind all copies.
      isPast = kind === 'copy' && found === 'delete'
      if (found === kind && wave >= first && wave <= last) ops.push(lines.op as OpOf<Kind>)
    }
    yield ops
    if (isPast) return
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

/** Ops are not there, or are too many. */
export const changed = (what: string): SyncError =>
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
