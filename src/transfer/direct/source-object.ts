import { hash } from 'node:crypto'
import { ServiceError } from '../../errors/service-error.ts'
import { isRefusal, serviceFailure } from '../../errors/service-failure.ts'
import type { Link } from '../../flow/link.ts'
import { type ChecksumValues, wholeChecksums } from '../../model/checksum.ts'
import { leavesMd5, sameEtag } from '../../model/etag.ts'
import type { CopyOp } from '../../model/op.ts'
import { RANGE_SUMS } from '../../model/range-sum.ts'
import type { Capabilities } from '../../storage/capabilities.ts'
import { Checksums } from '../../storage/local/digest.ts'
import type {
  Content,
  Described,
  ObjectHeaders,
  Objects,
  PinnedObject,
  RequestLimit,
  WantedBytes,
} from '../../storage/store.ts'
import type { TimeLimits } from './time-limits.ts'

/** What the source is read with. */
export interface SourceDeps {
  readonly bucket: string
  readonly objects: Objects
  readonly capabilities: Capabilities
  readonly limits: TimeLimits
  readonly link: Link
  /** Told when objects are written without tags, as nobody may read those of the source. */
  readonly onTagsUnreadable: () => void
}

type OnRetry = RequestLimit['onRetry']

const MD5 = /^[0-9a-f]{32}$/i
const READS = 3
const NO_CHECKSUMS: ChecksumValues = new Map()

/** Whether the ETag of an object that these headers came with is its MD5, where the service makes them so. */
export const isMd5 = (etag: string, headers: ObjectHeaders): boolean =>
  MD5.test(etag) &&
  leavesMd5(
    headers['x-amz-server-side-encryption'],
    headers['x-amz-server-side-encryption-customer-algorithm'],
  )

/** Checksums that are compared, the fastest first. */
const COMPARED = [...RANGE_SUMS, 'SHA256'] as const

/** Whether bytes are those of which a checksum is stored; undefined: none is. */
function isStored({ etag, headers, bytes }: Content): boolean | undefined {
  const stored = wholeChecksums(headers, etag)
  const name = COMPARED.find((known) => stored.has(known))
  if (name === undefined) return undefined
  const sums = new Checksums([name])
  sums.add(bytes)
  return sums.values().get(name) === stored.get(name)
}

/** Whether nobody knows of tags, as the service does not answer what it is asked of them. */
const knowsNoTags = (error: unknown): boolean => {
  const failure = serviceFailure(error)
  return failure.code === 'Unanswered' || (failure.code !== 'AccessDenied' && isRefusal(failure))
}

/** Whether an answer says that the object has tags. */
export const hasTags = ({ headers }: Pick<Described, 'headers'>): boolean =>
  Number(headers['x-amz-tagging-count'] ?? 0) > 0

/** The objects of the source, each as it was planned. In all calls `onRetry` is told why a request is made again. */
export class SourceObjects {
  readonly #deps: SourceDeps

  constructor(deps: SourceDeps) {
    this.#deps = deps
  }

  /** Whether ETags of whole objects are their MD5s, as far as is known. */
  get hasMd5Etags(): boolean {
    return this.#deps.capabilities.md5Etags
  }

  /** The same bytes came twice that are not what an ETag says: the service makes its ETags in another way. */
  hasOtherEtags(): void {
    this.#deps.capabilities.hasOtherEtags()
  }

  /** The source object of an op as it was planned; `unbound`: no condition says so, whatever the service is known for. */
  pinned({ key, etag, versionId }: CopyOp, unbound: boolean): PinnedObject {
    const { bucket, capabilities } = this.#deps
    return unbound || !capabilities.conditionalReads
      ? { bucket, key, versionId, etag, unasked: true }
      : { bucket, key, versionId, etag }
  }

  /** What an object is, without its content. */
  describe(from: PinnedObject, onRetry: OnRetry): Promise<Described> {
    const { objects, limits } = this.#deps
    return objects.describe(from, limits.of(0, onRetry))
  }

  /** The same, with the checksums that are stored with it, where who asks may know them. */
  async describeWithChecksums(from: PinnedObject, onRetry: OnRetry): Promise<Described> {
    const { objects, limits } = this.#deps
    try {
      return await objects.describe(from, limits.of(0, onRetry), 'with-checksums')
    } catch (error) {
      if (!isRefusal(serviceFailure(error))) throw error
      return this.describe(from, onRetry)
    }
  }

  /**
   * The same of an object that was put together from parts, by its first one, which tells how it was cut. Some services
   * do not know that question, or answer it by the ETag of the part: then nobody knows how.
   */
  async describeByPart(from: PinnedObject, onRetry: OnRetry): Promise<Described> {
    const { objects, limits } = this.#deps
    try {
      return await objects.describe(from, limits.of(0, onRetry), 'first-part')
    } catch (error) {
      if (!isRefusal(serviceFailure(error))) throw error
      return this.describe(from, onRetry)
    }
  }

  /** Checksums of a whole object; none where they are not told. */
  async checksums(
    { bucket, key, versionId, etag }: PinnedObject,
    onRetry: OnRetry,
  ): Promise<ChecksumValues> {
    const { objects, limits } = this.#deps
    try {
      const found = await objects.stat(
        { bucket, key, versionId },
        limits.of(0, onRetry),
        'with-checksums',
      )
      return sameEtag(found?.etag, etag) ? (found?.checksums ?? NO_CHECKSUMS) : NO_CHECKSUMS
    } catch (error) {
      if (!isRefusal(serviceFailure(error))) throw error
      return NO_CHECKSUMS
    }
  }

  /** Reads so many bytes of an object: all of them, or a range. */
  async read(from: PinnedObject, what: WantedBytes, onRetry: OnRetry): Promise<Content> {
    const { objects, limits, link } = this.#deps
    const content = await objects.read(from, what, limits.of(what.bytes, onRetry))
    link.came(what.bytes)
    return content
  }

  /**
   * Reads the whole object of an op: proven by a checksum that is stored with it, or by an ETag that is its MD5. Where neither
   * is that of what came, it is read again. Throws BadDigest where that does not help.
   */
  async readProven(
    op: CopyOp,
    from: PinnedObject,
    onRetry: OnRetry,
  ): Promise<Content & { readonly isProven: boolean }> {
    for (let reads = 0, before = ''; reads < READS; reads++) {
      const content = await this.read(from, { bytes: op.size }, onRetry)
      const { size, etag, headers, bytes } = content
      const wanted = op.etag === '' ? etag : op.etag
      const isSame = sameEtag(etag, wanted) ? isStored(content) : undefined
      const digest = isSame ? '' : hash('md5', bytes)
      const isProven = isSame === true || sameEtag(digest, wanted)
      // Damage does not come twice alike.
      if (isSame === undefined && digest === before) this.hasOtherEtags()
      const isDamaged = isSame === false || (this.hasMd5Etags && isMd5(wanted, headers))
      if (isProven || !isDamaged) return { size, etag, headers, bytes, isProven }
      before = digest
    }
    throw new ServiceError(
      'BadDigest',
      `The bytes of the source did not match its checksum or ETag ${READS} times.`,
      { status: 500 },
    )
  }

  /** Tags of an object, as a write takes them; `counted`: an answer said that there are some. */
  async tags(from: PinnedObject, counted: boolean, onRetry: OnRetry): Promise<string> {
    const { objects, limits } = this.#deps
    try {
      return await objects.tags(from, limits.of(0, onRetry))
    } catch (error) {
      if (!counted && knowsNoTags(error)) return ''
      throw error
    }
  }

  /** Tags by what an answer counts; where it counts none, one look tells whether that can be believed. */
  async countedTags(from: PinnedObject, described: Described, onRetry: OnRetry): Promise<string> {
    const { capabilities, onTagsUnreadable } = this.#deps
    const counted = hasTags(described)
    const known = capabilities.tags === 'counted' || capabilities.tags === 'unreadable'
    if (!counted && known) return ''
    try {
      const tags = await this.tags(from, counted, onRetry)
      capabilities.sawTags(counted || tags === '')
      return tags
    } catch (error) {
      if (counted || serviceFailure(error).code !== 'AccessDenied') throw error
      capabilities.refusesTags()
      onTagsUnreadable()
      return ''
    }
  }
}
