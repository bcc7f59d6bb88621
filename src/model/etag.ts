import { hash } from 'node:crypto'

/** What servers and proxies that compress put behind an ETag. */
const SUFFIX = /(?:--?|;|\+)(?:gzip|br|deflate|zstd)$/i

/** An ETag without quotes, the mark of a weak one and the suffix of a proxy, as services send them; '' for none. */
export const plainEtag = (etag: string | undefined): string =>
  etag?.replace(/^W\//, '').replace(/^"|"$/g, '').replace(SUFFIX, '') ?? ''

/** Whether two ETags are those of one content. Some services write digests in capitals; what has no ETag is like nothing. */
export const sameEtag = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && one !== '' && (one === other || one.toLowerCase() === other?.toLowerCase())

/** Whether two ETags say that there are two contents. */
export const otherEtag = (one: string | undefined, other: string | undefined): boolean =>
  Boolean(one) && Boolean(other) && !sameEtag(one, other)

/** Whether the encryption of an object, as its headers name it, leaves its ETag an MD5: not with SSE-KMS, DSSE-KMS and SSE-C. */
export const leavesMd5 = (
  encryption: string | undefined,
  customerAlgorithm: string | undefined,
): boolean => !encryption?.startsWith('aws:kms') && !customerAlgorithm

/** The ETag of an object that was put together from parts, where theirs are MD5s. */
export const compositeEtag = (etags: readonly string[]): string =>
  `${hash('md5', Buffer.from(etags.join(''), 'hex'), 'hex')}-${etags.length}`

/** Whether an ETag is that of an upload in parts that had a single one. */
export const isOfOnePart = (etag: string): boolean => etag.endsWith('-1')

/** Whether an ETag is that of bytes of which the MD5, or that of their parts, is known: of a single part S3 makes it from its MD5. */
export const isEtagOf = (own: string | undefined, etag: string | undefined): boolean =>
  sameEtag(own, etag) ||
  (own !== undefined &&
    etag !== undefined &&
    isOfOnePart(etag) &&
    sameEtag(compositeEtag([own]), etag))
