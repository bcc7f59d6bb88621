import { serviceFailure } from '../errors/service-failure.ts'
import { isEtagOf, isOfOnePart, sameEtag } from '../model/etag.ts'
import type { ObjectInfo } from '../model/object-info.ts'
import { isComposite, partBytesOf } from '../model/part-size.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { Algorithm, FileDigest, LocalFiles } from '../storage/local-files.ts'
import type { ObjectChecksums, Objects, Store } from '../storage/store.ts'

/** What files of this runner are compared with. */
export interface ContentLooksDeps {
  readonly files: LocalFiles
  /** Where the objects are. */
  readonly store: Pick<Store, 'checksums'> & { readonly objects: Pick<Objects, 'describe'> }
  readonly bucket: string
  readonly timeoutMs: number
  /** Whether the SHA-256 of every file is wanted beside. */
  readonly sums: boolean
  readonly signal: AbortSignal
}

/** What a comparison tells of a file. */
export interface ComparedFile {
  readonly etag: string
  /** In hex, where it was wanted. */
  readonly sha256: string | undefined
}

/** An object as it was listed. */
export interface ListedObject {
  /** Full key. */
  readonly name: string
  readonly object: ObjectInfo
  readonly version?: string | undefined
}

const MD5 = /^[0-9a-f]{32}$/i
/** Files that are read, or objects that are asked for, at a time. */
export const LOOKS_AT_ONCE = 16

/** Whether such a comparison goes by content. */
export const goesByContent = ({
  compare,
  overwrite,
}: Pick<SelectionRequest, 'compare' | 'overwrite'>): boolean =>
  overwrite === 'never' || compare === 'auto' || compare === 'etag' || compare === 'checksum'

/** Whether an object holds what a file does; undefined: they have no checksum in common. */
function areEqual({ checksums }: FileDigest, { values }: ObjectChecksums): boolean | undefined {
  for (const [algorithm, value] of checksums) {
    const stored = values.get(algorithm)
    if (stored !== undefined) return stored === value
  }
  return undefined
}

const hexOfBase64 = (text: string | undefined): string | undefined =>
  text && Buffer.from(text, 'base64').toString('hex')

/** What has to be computed beside CRC-32 to be compared with an object: the quickest that it has. */
function lacking(stored: ObjectChecksums | undefined): readonly Algorithm[] {
  if (!stored || stored.values.has('CRC32')) return []
  return (['SHA256', 'CRC64NVME'] as const).filter((name) => stored.values.has(name)).slice(0, 1)
}

/** Tells whether files of this runner hold what objects do: by ETags and checksums, never by times. */
export class ContentLooks {
  readonly #deps: ContentLooksDeps
  /** Nobody may look at the objects. */
  #isBlind = false

  constructor(deps: ContentLooksDeps) {
    this.#deps = deps
  }

  /** Gives the object's ETag where it holds what the file does, else the one that the file would get. */
  async compared(key: string, to: ListedObject): Promise<ComparedFile> {
    const { files } = this.#deps
    const { size, etag } = to.object
    const known = ({ checksums }: FileDigest, equal: boolean | undefined, own: string) => ({
      etag: equal ? etag : own,
      sha256: this.#sums.length > 0 ? hexOfBase64(checksums.get('SHA256')) : undefined,
    })
    if (MD5.test(etag)) {
      const wish = { alsoBy: Number.POSITIVE_INFINITY, algorithms: this.#sums }
      const digest = await files.digest(key, wish)
      if (sameEtag(digest.alsoEtag, etag)) return known(digest, true, etag)
      // Where it is encrypted by KMS its ETag is no MD5.
      const stored = await this.#stored(to)
      return known(digest, stored && (await this.#holds(key, digest, stored)), digest.etag)
    }
    const stored = await this.#stored(to)
    const alsoBy = isOfOnePart(etag)
      ? Number.POSITIVE_INFINITY
      : (stored?.partBytes ?? (await this.#cutOf(to, stored)) ?? files.partBytes(size))
    const algorithms = [...new Set([...this.#sums, ...lacking(stored)])]
    const digest = await files.digest(key, { alsoBy, algorithms })
    if (!stored) return known(digest, isEtagOf(digest.alsoEtag, etag), digest.etag)
    const holds = await this.#holds(key, digest, stored)
    return known(digest, holds ?? isEtagOf(digest.alsoEtag, etag), digest.etag)
  }

  /** What is computed of every file, whatever it is compared with. */
  get #sums(): readonly Algorithm[] {
    return this.#deps.sums ? ['SHA256'] : []
  }

  /** Whether an object holds what was read; by one more read where only that tells. undefined: nothing tells. */
  async #holds(
    key: string,
    digest: FileDigest,
    stored: ObjectChecksums,
  ): Promise<boolean | undefined> {
    const equal = areEqual(digest, stored)
    const algorithms = lacking(stored)
    if (equal !== undefined || algorithms.length === 0) return equal
    return areEqual(await this.#deps.files.digest(key, { algorithms }), stored)
  }

  /** Bytes of the parts of an object that has nothing else to be compared by, as its first one tells; undefined: not known. */
  async #cutOf(
    { name, object: { size, etag }, version: versionId }: ListedObject,
    stored: ObjectChecksums | undefined,
  ): Promise<number | undefined> {
    const { store, bucket, timeoutMs, signal } = this.#deps
    const isTold =
      stored !== undefined && (stored.values.has('CRC32') || lacking(stored).length > 0)
    if (this.#isBlind || isTold || !isComposite(etag)) return undefined
    try {
      const part = { bucket, key: name, versionId, etag }
      const first = await store.objects.describe(part, { timeoutMs, signal }, 'first-part')
      return partBytesOf(first, size)
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }

  /** The checksums that are stored with an object as it was listed; undefined where nobody tells. */
  async #stored({ name, object, version }: ListedObject): Promise<ObjectChecksums | undefined> {
    const { store, bucket, signal } = this.#deps
    if (this.#isBlind) return undefined
    try {
      const found = await store.checksums(bucket, name, signal, version)
      return found && sameEtag(found.etag, object.etag) ? found : undefined
    } catch (error) {
      signal.throwIfAborted()
      this.#isBlind = serviceFailure(error).code === 'AccessDenied'
      return undefined
    }
  }
}
