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

/** What a thread tells: that it began, what became of files, or that the names of all are on the disk. */
export type SmallFilesReport =
  | { readonly isReady: true }
  | { readonly ended: readonly FileReport[] }
  | { readonly closed: { readonly failure?: ToldFailure } }

/** Files of which each is written on the thread that asks: what another one costs would be more than it saves. */
const FIRST_FILES = 256

/** A file that was not given to the thread yet. */
interface Waiting {
  readonly file: WholeFile
  readonly put: PromiseWithResolvers<StandingFile | undefined>
}

type Put = WritableFolder['put']

/** `firstId`: that of the first one. */
function orderOf(waiting: readonly Waiting[], firstId: number): FilesOrder {
  const bytes = new Uint8Array(waiting.reduce((sum, { file }) => sum + file.bytes.length, 0))
  let end = 0
  const files = waiting.map(({ file: { key, temporary, bytes: own, replaces } }, n) => {
    const id = firstId + n
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
  /** Of files that it was given. */
  readonly #puts = new Map<number, Waiting['put']>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #waiting: Waiting[] = []
  #next = 0
  #isReady = false
  #isOver = false

  /** `instead`: writes what it was not given before it ended. Throws where it cannot be begun. */
  constructor(start: SmallFilesStart, instead: Put) {
    this.#worker = beginThread('small-file-thread', start)
      .on('message', (report: SmallFilesReport) => this.#told(report))
      // Its end follows.
      .on('error', () => {})
      .on('exit', () => {
        this.#isOver = true
        this.#end(Array.from(this.#puts.keys(), (id) => ({ id, failure: LOST })))
        for (const { file, put } of this.#waiting.splice(0)) put.resolve(instead(file))
        // One that never began has nothing to bring to the disk.
        if (this.#isReady) this.#closed.reject(errorOf(LOST))
        else this.#closed.resolve()
      })
    // Nobody may wait for it.
    this.#closed.promise.catch(() => {})
  }

  /** Whether it is gone. */
  get isOver(): boolean {
    return this.#isOver
  }

  put(file: WholeFile): Promise<StandingFile | undefined> {
    const put = Promise.withResolvers<StandingFile | undefined>()
    // What came in one turn of the loop is given in one message.
    if (this.#waiting.length === 0 && this.#isReady) setImmediate(() => this.#give())
    this.#waiting.push({ file, put })
    return put.promise
  }

  /** Resolves once the names of all files are on the disk. */
  close(): Promise<void> {
    this.#worker.postMessage({ isLast: true } satisfies SmallFilesOrder)
    return this.#closed.promise
  }

  #give(): void {
    const waiting = this.#waiting.splice(0)
    const order = orderOf(waiting, this.#next)
    for (const { put } of waiting) this.#puts.set(this.#next++, put)
    this.#worker.postMessage(order satisfies SmallFilesOrder, [order.bytes.buffer])
  }

  #told(report: SmallFilesReport): void {
    if ('isReady' in report) {
      this.#isReady = true
      this.#give()
    } else if ('ended' in report) this.#end(report.ended)
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
  readonly #instead: Put
  #files = 0
  #thread: SmallFileThread | undefined

  /** `instead`: writes what a thread that ended was not given. */
  constructor(start: SmallFilesStart, instead: Put) {
    this.#start = start
    this.#instead = instead
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
      this.#thread = new SmallFileThread(this.#start, this.#instead)
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
  const small = new SmallFiles({ root, platform }, (file) => folder.put(file))
  return {
    create: (key, temporary) => folder.create(key, temporary),
    put: (file) => small.put(file) ?? folder.put(file),
    remove: (key, meet) => folder.remove(key, meet),
    removeEmpty: (key) => folder.removeEmpty(key),
    close: async () => {
      try {
        await small.close()
      } finally {
        await folder.close()
      }
    },
  }
}
