import { otherEtag, sameEtag } from './etag.ts'

/** What the source had when it was planned, and when its copy began. */
export interface Expected {
  readonly etag: string
  readonly size: number
  /** Server time, milliseconds since the epoch. */
  readonly batchBeganMs: number
  /** ETag of what stood there when it was planned: where it is the source's, it proves no copy. */
  readonly stood?: string | undefined
  /** ETag that the copy's answer named; undefined where nobody saw the answer. */
  readonly answer?: string | undefined
  /** Whether the copy was made by one request, so that its ETag cannot be that of a multipart upload. */
  readonly oneRequest?: boolean | undefined
  /** false: the source is encrypted so that its ETag is no MD5. */
  readonly etagIsMd5?: boolean | undefined
}

/** What stands at the destination now. */
export interface Found {
  readonly etag: string
  readonly size: number
  /** Server time, ISO 8601. */
  readonly modified: string
  /** Whether its encryption leaves the ETag an MD5: not with SSE-KMS, DSSE-KMS, SSE-C. undefined: not known, as in a listing. */
  readonly etagIsMd5?: boolean | undefined
}

/** What proves that an object is the planned copy. */
export type ProofKind = 'etag' | 'checksum' | 'size-and-time'

/**
 * What an object at the destination is: the planned copy, and what proves it; another object; or `suspect`: it has
 * the size and the time of the copy, but another MD5, unless there is a reason why one of the ETags is no MD5.
 */
export type Standing = Exclude<ProofKind, 'checksum'> | 'other' | 'suspect'

const MD5 = /^[0-9a-f]{32}$/i

/** Whether a destination object is the planned copy, by what a listing or a HEAD tells of it. */
export function standingOf(expected: Expected, found: Found | undefined): Standing {
  if (!found || found.size !== expected.size) return 'other'
  const { etag, stood, answer, batchBeganMs } = expected
  const writtenSince =
    Math.floor(Date.parse(found.modified) / 1000) >= Math.floor(batchBeganMs / 1000)
  if (sameEtag(found.etag, etag))
    return !sameEtag(stood, etag) || sameEtag(answer, etag) || writtenSince ? 'etag' : 'other'
  const sourceIsMd5 = MD5.test(etag) && expected.etagIsMd5 !== false
  const foundIsMd5 =
    found.etagIsMd5 !== false &&
    (MD5.test(found.etag) || (expected.oneRequest === true && found.etag !== ''))
  const differs = sourceIsMd5 && foundIsMd5 ? 'suspect' : 'size-and-time'
  // It has the ETag that its own copy was answered with, and nothing there had it before: no clock tells better. Whether
  // it is an MD5 no listing tells, and so many would have to be looked at again.
  if (sameEtag(found.etag, answer) && !sameEtag(stood, answer))
    return found.etagIsMd5 === undefined ? 'size-and-time' : differs
  // The answer named the source's ETag, so that an object with another one is another object.
  if (!writtenSince || (sameEtag(answer, etag) && otherEtag(found.etag, etag))) return 'other'
  return sameEtag(found.etag, answer) && found.etagIsMd5 === undefined ? 'size-and-time' : differs
}

/** Whether the object at the destination is surely the planned copy: one that is suspect is not. */
export const holds = (expected: Expected, found: Found | undefined): boolean =>
  ['etag', 'size-and-time'].includes(standingOf(expected, found))
