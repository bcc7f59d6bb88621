import { hash } from 'node:crypto'
import type { Claim } from '../ledger/ledger.ts'
import { sameChecksum } from '../model/checksum.ts'
import { toText } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import { type Expected, type Found, type ProofKind, standingOf } from '../model/proof.ts'
import type { PinnedObject, Store } from '../storage/store.ts'

/** Both sides of the copies. */
export interface Sides {
  readonly source: Place & { readonly store: Store }
  readonly destination: Place & { readonly store: Store }
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

/** What may be read to see whether ETags are MD5s: an object of at most so many bytes. */
const MOST_READ_BYTES = 8 * 2 ** 20
/** So many objects without checksums in a row, and the service has none. */
const VAIN_ASKS = 10

/** Directory buckets (S3 Express One Zone) have ETags that are no MD5. */
const isDirectoryBucket = (bucket: string): boolean => bucket.endsWith('--x-s3')

/** Whether ETags are those of AWS. */
const isAws = ({ endpoint, bucket }: Place): boolean =>
  endpoint === undefined && !isDirectoryBucket(bucket)

/** An object of a side, as it is to be read. */
type Named = Pick<PinnedObject, 'key' | 'etag' | 'versionId'>

const expectedOf = (claim: Claim, etagIsMd5: boolean | undefined): Expected => {
  const { etag, size, batchBeganMs, stood, answer, oneRequest } = claim
  return { etag, size, batchBeganMs, stood, answer, oneRequest, etagIsMd5 }
}

/**
 * Asks both sides for more where ETags do not prove a copy: for encryption, for checksums, and once a run each for
 * the bytes that they are of. What cannot be asked is left open: the copy is then known by size and time.
 */
export class SecondLooks {
  readonly #sides: Sides
  #vainAsks = 0
  /** Whether unequal checksums count against a copy; undefined: nobody has seen. */
  #unequalCount: Promise<boolean> | undefined
  /** Whether ETags are MD5s on both sides; undefined: nobody has seen. */
  #etagsAreMd5: Promise<boolean> | undefined

  constructor(sides: Sides) {
    this.#sides = sides
  }

  /** What a copy that is known by size and time turns out to be by full-object checksums. */
  async byChecksum(claim: Claim): Promise<Exclude<ProofKind, 'etag'> | 'other'> {
    if (this.#vainAsks >= VAIN_ASKS) return 'size-and-time'
    const equal = await this.#checksumsEqual(claim)
    if (equal === undefined) this.#vainAsks++
    else this.#vainAsks = 0
    return equal === undefined ? 'size-and-time' : equal ? 'checksum' : 'other'
  }

  /** What an object is that has another ETag than it should have. */
  async ofSuspect(claim: Claim, seen: Found): Promise<ProofKind | 'other'> {
    const { source, signal } = this.#sides
    if ((await this.#etagsAreMd5) === false) return this.byChecksum(claim)
    const found = seen.etagIsMd5 === undefined ? await this.#look(claim) : seen
    if (!found) return 'other'
    const from = await source.store
      .stat({ bucket: source.bucket, key: claim.from, versionId: claim.fromVersion }, signal)
      .catch(() => undefined)
    signal.throwIfAborted()
    // The source changed before it was copied: what the copy took is what the source has now.
    if (from && from.etag !== claim.etag && from.etag === found.etag) return 'etag'
    const { etagIsMd5 } = from ?? { etagIsMd5: false }
    const standing = standingOf(expectedOf(claim, etagIsMd5), found)
    if (standing !== 'suspect')
      return standing === 'size-and-time' ? this.byChecksum(claim) : standing
    const equal = await this.#checksumsEqual(claim)
    if (equal !== undefined) return equal ? 'checksum' : 'other'
    this.#etagsAreMd5 ??= this.#areMd5s(claim, found)
    return (await this.#etagsAreMd5) ? 'other' : 'size-and-time'
  }

  #keyOf({ key }: Claim): string {
    return this.#sides.destination.prefix + toText(key)
  }

  async #look(claim: Claim): Promise<Found | undefined> {
    const { destination, signal } = this.#sides
    return await destination.store.stat(
      { bucket: destination.bucket, key: this.#keyOf(claim) },
      signal,
    )
  }

  async #checksumsEqual(claim: Claim): Promise<boolean | undefined> {
    const { source, destination, signal } = this.#sides
    try {
      const there = await destination.store.checksums(
        destination.bucket,
        this.#keyOf(claim),
        signal,
      )
      if (!there || there.values.size === 0) return undefined
      const { from: key, fromVersion } = claim
      const from = await source.store.checksums(source.bucket, key, signal, fromVersion)
      const equal = from?.etag === claim.etag ? sameChecksum(there.values, from.values) : undefined
      if (equal !== false) return equal
      this.#unequalCount ??= this.#bytesDiffer(claim, { key: this.#keyOf(claim), etag: there.etag })
      return (await this.#unequalCount) ? false : undefined
    } catch {
      // Who may not use the KMS key is shown no checksum.
      signal.throwIfAborted()
      return undefined
    }
  }

  /** Whether unequal checksums mean unequal bytes, as on AWS; other services may sum up what they made of the bytes. */
  async #bytesDiffer({ from, fromVersion, etag, size }: Claim, there: Named): Promise<boolean> {
    const { source, destination, requestTimeoutMs, signal } = this.#sides
    const usual = source.endpoint === undefined && destination.endpoint === undefined
    if (usual || size > MOST_READ_BYTES) return usual
    const limit = { timeoutMs: requestTimeoutMs, signal }
    const bytesOf = async ({ store, bucket }: Sides['source'], { key, etag, versionId }: Named) =>
      (await store.objects.read({ bucket, key, etag, versionId }, { bytes: size }, limit)).bytes
    const copied = await bytesOf(destination, there)
    return (
      Buffer.compare(copied, await bytesOf(source, { key: from, etag, versionId: fromVersion })) !==
      0
    )
  }

  /** Whether ETags are MD5s on both sides, by one object: services may have ETags of their own that look alike. */
  async #areMd5s(claim: Claim, found: Found): Promise<boolean> {
    const { source, destination } = this.#sides
    const { from: key, fromVersion: versionId, etag } = claim
    // Behind some endpoints of AWS there is another file system, and its objects are read.
    if (!(await this.#isMd5(source, { key, etag, versionId }, claim.size))) return false
    if (isAws(destination)) return true
    return await this.#isMd5(destination, { key: this.#keyOf(claim), etag: found.etag }, found.size)
  }

  /** Whether the MD5 of an object is its ETag. What cannot be read has the ETags of AWS, or of somebody else. */
  async #isMd5(side: Sides['source'], object: Named, size: number): Promise<boolean> {
    const { requestTimeoutMs, signal } = this.#sides
    const { bucket, store } = side
    if (store.local || store.landing) return true
    if (size > MOST_READ_BYTES) return isAws(side)
    try {
      const limit = { timeoutMs: requestTimeoutMs, signal }
      const { bytes } = await store.objects.read({ bucket, ...object }, { bytes: size }, limit)
      return hash('md5', bytes) === object.etag
    } catch {
      signal.throwIfAborted()
      return isAws(side)
    }
  }
}
