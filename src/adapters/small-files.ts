import os from 'node:os'
import type { Worker } from 'node:worker_threads'
import type { SizeAndTime, StandingFile, WholeFile, WritableFolder } from '../model/folder.ts'
import type { KeyBytes } from '../model/key.ts'
import { beginThread } from './own-thread.ts'
import { thisPlatform } from './platform.ts'
import { DiskWrites } from './writable-folder.ts'

/** What a thread that writes small files is begun with. */
export interface SmallFilesStart {
  /** Absolute path of the folder. */
  readonly root: string
  readonly platform: NodeJS.Platform
}

/** Files to be written, whose bytes lie behind each other. */
export interface FilesOrder {
  readonly files: readonly {
    readonly id: number
    readonly key: KeyBytes
    readonly temporary: string
    /** Of its first byte in `bytes`, and of the one behind its last. */
    readonly first: number
    readonly end: number
    readonly replaces: SizeAndTime | undefined
  }[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** What a thread is told: to write files, or that no more come. */
export type SmallFilesOrder = FilesOrder | { readonly isLast: true }

/** What the file system said. */
export interface ToldFailure {
  readonly code: string | undefined
  readonly message: string
}

/** What became of a file. */
export interface FileReport {
  readonly id: number
  /** What has its name, and stays. */
  readonly there?: StandingFile | undefined
  readonly failure?: ToldFailure
}

/** What a thread tells: what became of files, or that the names of all are on the disk. */
export type SmallFilesReport =
  | { readonly ended: readonly FileReport[] }
  | { readonly closed: { readonly failure?: ToldFailure } }

/** Files of which each is written on the thread that asks: what another one costs would be more than it saves. */
const FIRST_FILES = 256

/** A file that was not given to the thread yet. */
interface Waiting {
  readonly id: number
  readonly file: WholeFile
}

function orderOf(waiting: readonly Waiting[]): FilesOrder {
  const bytes = new Uint8Array(waiting.reduce((sum, { file }) => sum + file.bytes.length, 0))
  let end = 0
  const files = waiting.map(({ id, file: { key, temporary, bytes: own, replaces } }) => {
    const first = end
    bytes.set(own, first)
    end += own.length
    return { id, key, temporary, first, end, replaces }
  })
  return { files, bytes }
}

const errorOf = ({ code, message }: ToldFailure): NodeJS.ErrnoException =>
  Object.assign(new Error(message), { code })

const LOST: ToldFailure = { code: undefined, message: 'the thread that writes files ended' }

/** A thread that writes small files, so that the one that receives them never waits for the file system. */
class SmallFileThread {
  readonly #worker: Worker
  readonly #puts = new Map<number, PromiseWithResolvers<StandingFile | undefined>>()
  readonly #closed = Promise.withResolvers<void>()
  #waiting: Waiting[] = []
  #next = 0
  #isOver = false

  /** Throws where it cannot be begun. */
  constructor(start: SmallFilesStart) {
    this.#worker = beginThread('small-file-thread', start)
      .on('message', (report: SmallFilesReport) => this.#told(report))
      // Its end follows.
      .on('error', () => {})
      .on('exit', () => {
        this.#isOver = true
        this.#end(Array.from(this.#puts.keys(), (id) => ({ id, failure: LOST })))
        this.#closed.reject(errorOf(LOST))
      })
    // Nobody may wait for it.
    this.#closed.promise.catch(() => {})
  }

  /** Whether it is gone. */
  get isOver(): boolean {
    return this.#isOver
  }

  put(file: WholeFile): Promise<StandingFile | undefined> {
    const id = this.#next++
    const put = Promise.withResolvers<StandingFile | undefined>()
    this.#puts.set(id, put)
    // What came in one turn of the loop is given in one message.
    if (this.#waiting.length === 0) setImmediate(() => this.#give())
    this.#waiting.push({ id, file })
    return put.promise
  }

  /** Resolves once the names of all files are on the disk. */
  close(): Promise<void> {
    this.#worker.postMessage({ isLast: true } satisfies SmallFilesOrder)
    return this.#closed.promise
  }

  #give(): void {
    const order = orderOf(this.#waiting)
    this.#waiting = []
    this.#worker.postMessage(order satisfies SmallFilesOrder, [order.bytes.buffer])
  }

  #told(report: SmallFilesReport): void {
    if ('ended' in report) this.#end(report.ended)
    else if (report.closed.failure) this.#closed.reject(errorOf(report.closed.failure))
    else this.#closed.resolve()
  }

  #end(reports: readonly FileReport[]): void {
    for (const { id, there, failure } of reports) {
      const put = this.#puts.get(id)
      this.#puts.delete(id)
      if (failure) put?.reject(errorOf(failure))
      else put?.resolve(there)
    }
  }
}

/** The small files of a folder, which a thread writes once there are many. */
class SmallFiles {
  readonly #start: SmallFilesStart
  #files = 0
  #thread: SmallFileThread | undefined

  constructor(start: SmallFilesStart) {
    this.#start = start
  }

  /** undefined: the thread that asks writes it. */
  put(file: WholeFile): Promise<StandingFile | undefined> | undefined {
    this.#files++
    if (this.#files === FIRST_FILES && os.availableParallelism() > 1) this.#begin()
    return this.#thread?.isOver ? undefined : this.#thread?.put(file)
  }

  async close(): Promise<void> {
    await this.#thread?.close()
  }

  #begin(): void {
    try {
      this.#thread = new SmallFileThread(this.#start)
    } catch {
      // It goes on without one.
    }
  }
}

/** The folder at an absolute path, on a system, to be written to. It need not be there yet. */
export function openWritable(
  root: string,
  platform: NodeJS.Platform = thisPlatform,
): WritableFolder {
  const folder = new DiskWrites(root, platform)
  const small = new SmallFiles({ root, platform })
  return {
    create: (key, temporary) => folder.create(key, temporary),
    put: (file) => small.put(file) ?? folder.put(file),
    remove: (key, meet) => folder.remove(key, meet),
    removeEmpty: (key) => folder.removeEmpty(key),
    close: async () => {
      await small.close()
      await folder.close()
    },
  }
}
