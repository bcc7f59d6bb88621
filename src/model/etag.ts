import { hash } from 'node:crypto'

/** An ETag without quotes and without the mark of a weak one, as services send either; '' for none. */
export const plainEtag = (etag: string | undefined): string =>
  etag?.replace(/^W\//, '').replace(/^"|"$/g, '') ?? ''

/** Whether the encryption of an object, as its headers name it, leaves its ETag an MD5: not with SSE-KMS, DSSE-KMS and SSE-C. */
export const leavesMd5 = (
  encryption: string | undefined,
  customerAlgorithm: string | undefined,
): boolean => !encryption?.startsWith('aws:kms') && !customerAlgorithm

/** The ETag of an object that was put together from parts, where theirs are MD5s. */
export const compositeEtag = (etags: readonly string[]): string =>
  `${hash('md5', Buffer.from(etags.join(''), 'hex'), 'hex')}-${etags.length}`
