import { ServiceError } from '../../errors/service-error.ts'
import type { FileFacts, Folder, OpenFile } from '../../model/folder.ts'
import { type KeyBytes, toKeyBytes } from '../../model/key.ts'
import type { ObjectInfo } from '../../model/object-info.ts'
import type { Clock } from '../../ports.ts'
import { Capabilities } from '../capabilities.ts'
import type { DigestWish, FileDigest, LocalFiles, SteadyFile } from '../local-files.ts'
import { packed } from '../object-page.ts'
import type {
  DeleteFailure,
  DeleteTarget,
  HeadResult,
  ListedPage,
  ListQuery,
  ObjectHeaders,
  Objects,
  Store,
} from '../store.ts'
import { digestOf, digestOfSmall, isTextIn } from './digest.ts'
import { DiskLanding, type LandingTarget } from './disk-landing.ts'
import { Tree, type TreeRules } from './tree.ts'

/** What a folder of this runner is taken as. */
export interface LocalStoreRules extends TreeRules {
  /** Bytes of the parts that a file of some size is uploaded in. */
  readonly partBytes: (size: number) => number
  /** Of this machine, as files have their times by it. */
  readonly clock: Pick<Clock, 'now' | 'sleep'>
  /** Where files are written and removed; undefined: the folder is only read. */
  readonly target?: LandingTarget | undefined
}

const MOST_KEYS = 1000
/** Files that are read at once: smaller than any part. */
const SMALL_BYTES = 64 * 2 ** 10
/** Listings that wait for their next page; those of others begin anew. */
const MOST_WAITING = 64

const changed = (key: string): ServiceError =>
  new ServiceError('ChangedWhileRead', `${JSON.stringify(key)} was modified while it was read.`, {
    status: 409,
  })

const gone = (): ServiceError =>
  new ServiceError('NoSuchKey', 'The file no longer exists.', { status: 404 })

const BECAME_LINK =
  'The file, or a folder above it, has become a symbolic link since it was listed.'

/** What the file system says of a file that cannot be read, under a code of ours. */
function unreadable(error: unknown): never {
  if (error instanceof ServiceError) throw error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') throw gone()
  // A file that was listed is none.
  const said = code === 'ELOOP' ? BECAME_LINK : message
  throw new ServiceError('FileUnreadable', said, { status: 403, cause: error })
}

/** Times of files are as exact as this at least where they are not of whole seconds, and by two seconds where they are. */
const EXACT_MS = 50
const COARSE_MS = 2100

/** How long to wait until a write would give a file another time than it has. */
function unsettledMs({ changedMs }: FileFacts, nowMs: number): number {
  const neededMs = changedMs % 1000 === 0 ? COARSE_MS : EXACT_MS
  const ageMs = Math.max(0, nowMs - changedMs)
  return Math.max(0, neededMs - ageMs)
}

/** What is known of an open file, and of what has its name by now. */
interface Opened {
  readonly key: string
  readonly file: OpenFile
  readonly first: FileFacts
  /** undefined also where a link leads by now to what is not uploaded. */
  readonly named: () => Promise<FileFacts | undefined>
}

class OpenedFile implements SteadyFile {
  readonly size: number
  readonly #opened: Opened

  constructor(opened: Opened) {
    this.size = opened.first.size
    this.#opened = opened
  }

  async read(into: Uint8Array, at: number): Promise<void> {
    const { file, key } = this.#opened
    const length = await file.read(into, at).catch(unreadable)
    if (length < into.length) throw changed(key)
  }

  digest(wish: DigestWish): Promise<FileDigest> {
    return digestOf(this.#opened.file, wish).catch(unreadable)
  }

  isText(): Promise<boolean> {
    return isTextIn(this.#opened.file).catch(unreadable)
  }

  async check(): Promise<void> {
    const { key, file, first, named } = this.#opened
    const [open, found] = await Promise.all([file.facts(), named()]).catch(unreadable)
    if (open.stamp !== first.stamp || found?.id !== open.id) throw changed(key)
  }
}

/** A listing of which some pages came. */
interface Waiting {
  readonly files: AsyncGenerator<ObjectInfo>
  readonly next: ObjectInfo
}

const readOnly = async (): Promise<never> => {
  throw new ServiceError('NotImplemented', 'Internal error: a local folder is read-only.', {
    status: 501,
  })
}

/** A folder of this runner as a store that is only read: keys are the names below it. */
export class LocalStore implements Store, LocalFiles {
  readonly capabilities = new Capabilities()
  readonly objects: Objects
  readonly partBytes: (size: number) => number
  readonly landing: DiskLanding | undefined
  readonly #folder: Folder
  readonly #tree: Tree
  readonly #follows: boolean
  readonly #clock: LocalStoreRules['clock']
  /** By prefix, and the key that came last. */
  readonly #waiting = new Map<string, Waiting>()

  constructor(folder: Folder, rules: LocalStoreRules) {
    this.#folder = folder
    this.#tree = new Tree(folder, rules)
    this.#follows = rules.local.symlinks === 'follow'
    this.#clock = rules.clock
    this.landing = rules.target && new DiskLanding(rules.target, this.#tree.beside)
    this.partBytes = rules.partBytes
    this.objects = {
      copy: readOnly,
      put: readOnly,
      startUpload: readOnly,
      copyPart: readOnly,
      putPart: readOnly,
      completeUpload: readOnly,
      abortUpload: readOnly,
      tags: async () => '',
      // What a file holds matters where it is the source, and costs a read of all of it.
      stat: ({ key }) => (this.landing ? this.#glance(key) : this.#stat(key)),
      page: (query) => this.page(query),
      describe: async ({ key }) => {
        const { size, etag } = await this.digest(key)
        return { size, etag, headers: {} }
      },
      read: ({ key }, { bytes, range }) =>
        this.use(key, async (file) => {
          const memory = Buffer.alloc(bytes)
          await file.read(memory, range?.first ?? 0)
          return { size: file.size, etag: '', headers: {}, bytes: memory }
        }),
    }
  }

  get local(): LocalFiles {
    return this
  }

  get hasExecutables(): boolean {
    return this.#tree.hasExecutables
  }

  async page(query: ListQuery): Promise<ListedPage> {
    const { prefix, token, startAfter, delimiter, mostKeys = MOST_KEYS } = query
    const within = toKeyBytes(prefix)
    if (delimiter !== undefined) return this.#look(within, mostKeys)
    const after = (token ?? toKeyBytes(startAfter ?? '')) as KeyBytes
    // Who begins from the beginning wants to see what is there now.
    if (after === '') this.#tree.forget()
    const name = `${within}\0${after}`
    const waiting = this.#waiting.get(name)
    this.#waiting.delete(name)
    const files = waiting?.files ?? this.#tree.files({ prefix: within, after })
    const some: ObjectInfo[] = waiting ? [waiting.next] : []
    for (let more = await files.next(); !more.done; more = await files.next()) {
      const last = some.at(-1)
      if (some.length === mostKeys && last) {
        const reached = `${within}${last.key}` as KeyBytes
        this.#keep(`${within}\0${reached}`, { files, next: more.value })
        return pageOf(some, [], reached)
      }
      some.push(more.value)
    }
    return pageOf(some, [], '')
  }

  async stat({ key }: { readonly key: string }): Promise<HeadResult | undefined> {
    return this.#stat(key)
  }

  async describe({ key }: { readonly key: string }): Promise<ObjectHeaders | undefined> {
    return (await this.#tree.find(toKeyBytes(key))) && {}
  }

  async checksums(_bucket: string, key: string) {
    if (!(await this.#tree.find(toKeyBytes(key)))) return undefined
    const { etag, checksums } = await this.digest(key, { algorithms: ['SHA256', 'CRC64NVME'] })
    return { etag, values: checksums }
  }

  async use<T>(key: string, work: (file: SteadyFile) => Promise<T>): Promise<T> {
    return this.#open(key, work)
  }

  small(key: string): Buffer | undefined {
    // What a link leads to is looked at more closely.
    if (this.#follows) return undefined
    try {
      const { first, bytes, last, named } = this.#folder.readNow(toKeyBytes(key), SMALL_BYTES)
      if (!bytes || unsettledMs(first, this.#clock.now()) > 0) return undefined
      if (last.stamp !== first.stamp || named?.id !== first.id || bytes.length < first.size)
        throw changed(key)
      return bytes
    } catch (error) {
      return unreadable(error)
    }
  }

  async digest(key: string, wish: Partial<DigestWish> = {}): Promise<FileDigest> {
    const small = this.small(key)
    if (small) return digestOfSmall(small, wish.algorithms)
    return this.#open(key, async (file) => {
      const { partBytes = this.partBytes(file.size), alsoBy, algorithms = [] } = wish
      // What is not cut has one ETag.
      const other = alsoBy !== undefined && file.size <= Math.min(partBytes, alsoBy)
      const digest = await file.digest({
        partBytes,
        alsoBy: other ? partBytes : alsoBy,
        algorithms,
      })
      await file.check()
      return digest
    })
  }

  isUtf8(key: string): Promise<boolean> {
    return this.#open(key, (file) => file.isText())
  }

  async findBucket() {
    return { region: undefined, isAlias: false }
  }

  async bucketEncryption(): Promise<undefined> {
    return undefined
  }

  async isVersioned(): Promise<boolean> {
    return false
  }

  async refusalOf(_object: unknown, error: unknown): Promise<unknown> {
    return error
  }

  async deleteObjects(
    _bucket: string,
    targets: readonly DeleteTarget[],
  ): Promise<readonly DeleteFailure[]> {
    return this.landing ? this.landing.remove(targets) : readOnly()
  }

  deletePinned(): Promise<never> {
    return readOnly()
  }

  async *uploads(): AsyncGenerator<never> {}

  /** Files have their times by the clock of this machine. */
  serverTimeMs(): number | undefined {
    return this.landing && this.#clock.now()
  }

  regionOf(): string {
    return ''
  }

  /** Who writes files closes their landing. */
  close(): void {}

  async #open<T>(key: string, work: (file: OpenedFile) => Promise<T>): Promise<T> {
    const name = toKeyBytes(key)
    const named = () => (this.#follows ? this.#followed(name) : this.#folder.look(name))
    const file = await this.#folder.open(name, this.#follows ? 'link' : undefined).catch(unreadable)
    try {
      const first = await this.#settled(file)
      return await work(new OpenedFile({ key, file, first, named }))
    } finally {
      await file.close()
    }
  }

  async #followed(name: KeyBytes): Promise<FileFacts | undefined> {
    const found = await this.#folder.follow(name)
    return found && this.#tree.mayLeadTo(found.within) ? found : undefined
  }

  /** What is known of a file once a write to it could be told from the one before. */
  async #settled(file: OpenFile): Promise<FileFacts> {
    const first = await file.facts().catch(unreadable)
    const waitMs = unsettledMs(first, this.#clock.now())
    if (waitMs === 0) return first
    await this.#clock.sleep(waitMs)
    return file.facts().catch(unreadable)
  }

  async #stat(key: string): Promise<HeadResult | undefined> {
    const found = await this.#tree.find(toKeyBytes(key))
    if (!found) return undefined
    const { size, etag } = await this.digest(key)
    const modified = new Date(found.modifiedMs).toISOString()
    return { size, etag, modified, restored: false, etagIsMd5: true }
  }

  /** What is known of a file that is not read. */
  async #glance(key: string): Promise<HeadResult | undefined> {
    const found = await this.#tree.find(toKeyBytes(key))
    if (!found) return undefined
    const { size, modifiedMs } = found
    return { size, etag: '', modified: new Date(modifiedMs).toISOString(), restored: false }
  }

  /** What lies right below a prefix. */
  async #look(prefix: KeyBytes, mostKeys: number): Promise<ListedPage> {
    const { files, folders } = await this.#tree.children(prefix)
    const isWhole = files.length + folders.length <= mostKeys
    const some = files.slice(0, mostKeys)
    return pageOf(some, folders.slice(0, mostKeys - some.length), isWhole ? '' : prefix)
  }

  #keep(name: string, waiting: Waiting): void {
    this.#waiting.set(name, waiting)
    const [oldest] = this.#waiting.keys()
    if (this.#waiting.size > MOST_WAITING && oldest !== undefined) this.#waiting.delete(oldest)
  }
}

const pageOf = (
  objects: readonly ObjectInfo[],
  folders: readonly KeyBytes[],
  nextToken: string,
): ListedPage => ({
  objects: packed(objects),
  folders,
  truncated: nextToken !== '',
  nextToken,
  attempts: 0,
})
