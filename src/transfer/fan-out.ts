import type { Batch } from '../model/batch.ts'
import type { Engine } from '../model/engine.ts'
import type { Op } from '../model/op.ts'
import type { Files } from '../ports.ts'

/** Batches of one engine that may wait in memory; what is more waits on disk, however far engines are apart. */
const MOST_WAITING = 4

/** What batches wait with. */
export interface FanOutDeps<T extends Op> {
  readonly files: Pick<Files, 'writer' | 'lines' | 'removeFile' | 'join'>
  /** For batches that wait on disk. */
  readonly folder: string
  /** A batch that waited, as it is handed over now. */
  readonly handedOver: (batch: Batch<T>) => Batch<T>
}

/** Where a batch waits. */
type Waiting<T extends Op> = Batch<T> | { readonly path: string }

/** Hands the batches of a pass, which are read and packed once for all engines, to those that take them. */
export class FanOut<T extends Op> {
  readonly #batches: AsyncGenerator<Batch<T>>
  readonly #deps: FanOutDeps<T>
  readonly #queues: ReadonlyMap<Engine<T>, Waiting<T>[]>
  /** What is read now, for whoever waits for it. */
  #reading: Promise<void> | undefined
  #isOver = false

  constructor(
    batches: AsyncGenerator<Batch<T>>,
    engines: readonly Engine<T>[],
    deps: FanOutDeps<T>,
  ) {
    this.#batches = batches
    this.#deps = deps
    this.#queues = new Map(engines.map((engine) => [engine, []]))
  }

  /** The next batch that an engine takes; undefined when there is none. Rejects when it cannot be had. */
  async next(engine: Engine<T>): Promise<Batch<T> | undefined> {
    const queue = this.#queues.get(engine) ?? []
    const hasWaited = queue.length > 0
    while (queue.length === 0 && !this.#isOver) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined
      })
      await this.#reading
    }
    const first = queue.shift()
    if (!first) return undefined
    const batch = 'path' in first ? await this.#takeBack(first.path) : first
    return hasWaited ? this.#deps.handedOver(batch) : batch
  }

  /** Nothing more is taken. */
  async close(): Promise<void> {
    await this.#batches.return(undefined)
  }

  /** Reads one more batch, and puts it where its engine finds it. */
  async #read(): Promise<void> {
    const { value: batch, done } = await this.#batches.next()
    if (done) {
      this.#isOver = true
      return
    }
    const [first] = batch.ops
    for (const [engine, queue] of this.#queues)
      if (first && engine.takes(first)) {
        queue.push(queue.length < MOST_WAITING ? batch : { path: await this.#putAside(batch) })
        return
      }
    throw new Error(`No engine takes batch ${batch.id}.`)
  }

  async #putAside(batch: Batch<T>): Promise<string> {
    const { files, folder } = this.#deps
    const path = files.join(folder, `batch-${batch.id}.json`)
    const writer = await files.writer(path)
    await writer.write(JSON.stringify(batch))
    await writer.close()
    return path
  }

  async #takeBack(path: string): Promise<Batch<T>> {
    const { files } = this.#deps
    for await (const line of files.lines(path)) {
      await files.removeFile(path)
      return JSON.parse(line) as Batch<T>
    }
    throw new Error(`The batch file ${path} no longer exists.`)
  }
}
