import { serviceFailure } from '../errors/service-failure.ts'
import { inOrder } from '../flow/pool.ts'
import { ANY_CHECKSUM, type ChecksumValues } from '../model/checksum.ts'
import { type KeyBytes, MOST_KEY_BYTES, toKeyBytes, toText } from '../model/key.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import type { Place } from '../model/place.ts'
import { listingError } from '../preflight/places.ts'
import { type ObjectPage, objectAt, type PackedObjects } from '../storage/object-page.ts'
import type { HeadResult, ObjectAddress, Store } from '../storage/store.ts'
import { before } from './before.ts'
import { listOne } from './list-one.ts'
import { type ListedPlace, pageOf } from './pages.ts'

/** A key that is looked up, relative to its place. */
export interface SoughtKey {
  readonly key: KeyBytes
  /** undefined: the object as it is now. */
  readonly version?: string | undefined
  /** Whether its checksums are wanted too: where it is looked up by HEAD, the same request tells them. */
  readonly sums?: boolean
}

/** An object, and its checksums of the whole where its look-up told them. */
export interface LookedUp extends ObjectInfo {
  readonly values?: ChecksumValues | undefined
}

/** What a place has under a key; `refused`: whether it has it may not be seen. */
export type LookAnswer =
  | LookedUp
  | 'absent'
  | { readonly refused: { readonly code: string; readonly message: string } }

/** Records, each with what the place has under its key. */
export type Answered<T> = readonly (readonly [record: T, answer: LookAnswer])[]

/** Where keys are looked up, and how. */
export interface KeyLooksDeps {
  readonly place: ListedPlace & Pick<Place, 'endpoint'> & { readonly store: Store }
  /** Makes single requests at the pace of the run. */
  readonly stat: (object: ObjectAddress, what?: 'with-checksums') => Promise<HeadResult | undefined>
  /** How many keys there are. */
  readonly count: number
  /** What a refused HEAD means: that nobody may tell, or that a listing has to. */
  readonly whereRefused: 'unknown' | 'list'
  readonly signal: AbortSignal
}

/** Up to so many keys are asked for by HEAD alone, which costs less than one cent in thirty. */
const MOST_HEADS = 1000
/** A LIST request costs as much as so many HEAD requests. */
export const HEADS_PER_LIST = 12.5
/** So few keys are asked for without a look at a page, which is one more request where the place has many. */
const MOST_BLIND_HEADS = 100
/** Pages that show whether the keys lie close together. */
export const PAGES_TO_TELL = 4
/** Where they do not, every so manyth block is tried by LIST again. */
const TRIED_AGAIN = 16
/** Keys that are looked up together; a page of a listing holds as many. */
const BLOCK = 1000
const BLOCKS_AT_ONCE = 4

const infoOf = (key: KeyBytes, found: HeadResult): LookedUp => ({
  key,
  size: found.size,
  etag: found.etag,
  modified: found.modified,
  storageClass: found.storageClass ?? '',
  restored: found.restored,
  values: found.checksums,
})

const VERSIONS_UNKNOWN = {
  refused: {
    code: 'NotImplemented',
    message: 'The service ignores the requested version ID.',
  },
} as const

/** A version that is gone, a delete marker, or an id that the service never gave. */
const NO_VERSION: ReadonlySet<number | undefined> = new Set([400, 404, 405])

/** The key of a row; undefined behind the last one. */
const keyIn = (objects: PackedObjects, row: number): KeyBytes | undefined =>
  row < objects.count ? objects.sharedKey(row) : undefined

/** Whether a page goes on in the order of bytes behind a key. */
function isAscending({ objects }: ObjectPage, behind: KeyBytes): boolean {
  // The folder's own marker is the first of all keys.
  if (behind !== '' && objects.count > 0 && objects.key(0) <= behind) return false
  for (let row = 1; row < objects.count; row++)
    if (objects.order(row - 1, objects, row) >= 0) return false
  return true
}

/**
 * Looks up keys of one place: by HEAD, or where there are many and they lie close together, by listing the ranges of
 * keys that they lie in, which is cheaper. What is in no such range is never listed.
 */
export class KeyLooks {
  readonly #deps: KeyLooksDeps
  /** All that the place has, where one page shows it. */
  #whole: Map<KeyBytes, ObjectInfo> | undefined
  #mayList: boolean
  #isSparse = false
  #sparseBlocks = 0
  #heads = 0
  #lists = 0

  constructor(deps: KeyLooksDeps) {
    this.#deps = deps
    this.#mayList = deps.count > MOST_HEADS
  }

  /** HEAD requests that were made; each of them is made once more where the service fails. */
  get heads(): number {
    return this.#heads
  }

  /** LIST requests that were made. */
  get lists(): number {
    return this.#lists
  }

  /** Whether keys should come in the order of their bytes: else each of them is looked up by itself. */
  get wantsOrder(): boolean {
    return this.#mayList
  }

  /** Gives all records in their order. Throws SyncError of kind `list` where the place cannot be seen. */
  async *answers<T extends SoughtKey>(
    blocks: AsyncIterable<readonly T[]>,
  ): AsyncGenerator<Answered<T>, void> {
    if (this.#deps.count > MOST_BLIND_HEADS) await this.#lookAtFirstPage()
    yield* inOrder(inBlocks(blocks), BLOCKS_AT_ONCE, (records) => this.#lookUp(records))
  }

  /** A place with little in it is seen at once, whatever its order. */
  async #lookAtFirstPage(): Promise<void> {
    const page = await this.#page(undefined)
    if (!page || page.truncated) return
    const all = new Map<KeyBytes, ObjectInfo>()
    for (let row = 0; row < page.objects.count; row++) {
      const object = objectAt(page.objects, row)
      all.set(object.key, object)
    }
    page.objects.release()
    this.#whole = all
  }

  async #lookUp<T extends SoughtKey>(records: readonly T[]): Promise<Answered<T>> {
    const known = new Map<KeyBytes, LookAnswer>()
    for (const { key } of records) if (!this.#mayBeKey(key)) known.set(key, 'absent')
    const plain = records.filter(({ key, version }) => version === undefined && !known.has(key))
    if (this.#whole) for (const { key } of plain) known.set(key, this.#whole.get(key) ?? 'absent')
    else if (this.#isTried()) await this.#byListing(plain.map(({ key }) => key).sort(), known)
    const answers = records.map(({ key, version }) =>
      version === undefined ? known.get(key) : undefined,
    )
    await Promise.all(
      records
        .keys()
        .filter((at) => answers[at] === undefined)
        .map(async (at) => {
          answers[at] = await this.#head(records[at] as T)
        }),
    )
    return records.map((record, at) => [record, answers[at] as LookAnswer] as const)
  }

  /** No service has an object with an empty key, or with one that is too long, and none answers such a question alike. */
  #mayBeKey(key: KeyBytes): boolean {
    const { bucket, prefix } = this.#deps.place
    const bytes = Buffer.byteLength(prefix) + key.length
    return bucket === '' || (bytes > 0 && bytes <= MOST_KEY_BYTES)
  }

  #isTried(): boolean {
    if (!this.#mayList || !this.#isSparse) return this.#mayList
    return ++this.#sparseBlocks % TRIED_AGAIN === 0
  }

  /** Lists from key to key, as far as that is cheaper than to ask for each; `keys` are in order. */
  async #byListing(keys: readonly KeyBytes[], known: Map<KeyBytes, LookAnswer>): Promise<void> {
    let behind = '' as KeyBytes
    let pages = 0
    for (let at = 0; at < keys.length; ) {
      const next = toKeyBytes(before(toText(keys[at] as KeyBytes) ?? ''))
      if (next > behind) behind = next
      const page = await this.#page(toText(behind))
      pages++
      if (!page) return
      const { objects, truncated } = page
      if (!isAscending(page, behind)) {
        // What it says of other keys means nothing then.
        this.#mayList = false
        return
      }
      const end = truncated ? objects.key(objects.count - 1) : undefined
      let row = 0
      let listed = keyIn(objects, row)
      for (; at < keys.length; at++) {
        const key = keys[at] as KeyBytes
        if (end !== undefined && key > end) break
        while (listed !== undefined && listed < key) listed = keyIn(objects, ++row)
        if (listed === key) known.set(key, objectAt(objects, row))
        else if (this.#isOrdered) known.set(key, 'absent')
      }
      objects.release()
      if (end === undefined) continue
      if (toText(end) === undefined) return
      behind = end
      this.#isSparse = at < pages * HEADS_PER_LIST && at < keys.length
      if (this.#isSparse && pages >= PAGES_TO_TELL) return
    }
    this.#isSparse = keys.length < pages * HEADS_PER_LIST
  }

  /** AWS promises the order of its listings. Others list folders before what is in them: what they do not show is asked for. */
  get #isOrdered(): boolean {
    return this.#deps.place.endpoint === undefined
  }

  /** A page; undefined where it may not be seen, or shows nothing though more follows. */
  async #page(startAfter: string | undefined): Promise<ObjectPage | undefined> {
    const { place, signal } = this.#deps
    this.#lists++
    try {
      const behind =
        startAfter === undefined || startAfter === '' ? undefined : place.prefix + startAfter
      const page = await pageOf(place, { startAfter: behind, signal })
      return page.objects.count === 0 && page.truncated ? undefined : page
    } catch (error) {
      if (signal.aborted || serviceFailure(error).code !== 'AccessDenied')
        throw listingError(place, error)
      this.#mayList = false
      return undefined
    }
  }

  async #head({ key, version, sums }: SoughtKey): Promise<LookAnswer> {
    const { place, whereRefused, signal } = this.#deps
    const address = { bucket: place.bucket, key: place.prefix + toText(key) }
    try {
      signal.throwIfAborted()
      if (version === undefined && whereRefused === 'list' && !place.store.capabilities.heads)
        return await this.#listed(key, address)
      const found = await this.#stat({ ...address, versionId: version }, sums)
      if (found === undefined) return 'absent'
      if (Number.isNaN(found.size) || found.modified === '') return await this.#listed(key, address)
      const isOther = version !== undefined && found.versionId !== version
      if (isOther && !(version === 'null' && found.versionId === undefined)) return VERSIONS_UNKNOWN
      return { ...infoOf(key, found), ...(place.bucket === '' ? {} : { checksums: ANY_CHECKSUM }) }
    } catch (error) {
      const failure = serviceFailure(error)
      if (version !== undefined && NO_VERSION.has(failure.status)) return 'absent'
      // HEAD of what is encrypted with a key of the customer's own (SSE-C) is a bad request: a listing shows it.
      if (failure.status === 400 && !signal.aborted) return await this.#listed(key, address)
      if (signal.aborted || failure.code !== 'AccessDenied') throw listingError(place, error)
      if (whereRefused === 'unknown')
        return { refused: { code: failure.code, message: failure.message } }
      place.store.capabilities.refusesHeads()
      return await this.#listed(key, address)
    }
  }

  /** HEAD. Who may not use the KMS key of an object is shown it, but no checksums of it. */
  async #stat(object: ObjectAddress, sums = false): Promise<HeadResult | undefined> {
    const { stat, signal } = this.#deps
    this.#heads++
    if (!sums) return stat(object)
    return stat(object, 'with-checksums').catch((error: unknown) => {
      if (signal.aborted || serviceFailure(error).code !== 'AccessDenied') throw error
      this.#heads++
      return stat(object)
    })
  }

  async #listed(
    key: KeyBytes,
    address: { readonly bucket: string; readonly key: string },
  ): Promise<LookAnswer> {
    const { place, signal } = this.#deps
    this.#lists++
    const found = await listOne(place.store, address, signal).catch((error: unknown) => {
      throw listingError(place, error)
    })
    return found ? { ...found, key } : 'absent'
  }
}

/** Records in blocks that are looked up together, whatever blocks they come in. */
async function* inBlocks<T>(blocks: AsyncIterable<readonly T[]>): AsyncGenerator<readonly T[]> {
  let waiting: T[] = []
  for await (const block of blocks)
    for (const record of block) {
      if (waiting.push(record) < BLOCK) continue
      yield waiting
      waiting = []
    }
  if (waiting.length > 0) yield waiting
}
