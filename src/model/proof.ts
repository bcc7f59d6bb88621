/** What the source had when it was planned, and when its copy began. */
export interface Expected {
  readonly etag: string
  readonly size: number
  /** Server time, milliseconds since the epoch. */
  readonly batchBeganMs: number
  /** ETag of what stood there when it was planned: where it is the source's, it proves no copy. */
  readonly stood?: string | undefined
  /** The copy's answer named the same ETag, so that an object with another one is another object. */
  readonly answered?: true | undefined
}

/** What stands at the destination now. */
export interface Found {
  readonly etag: string
  readonly size: number
  /** Server time, ISO 8601. */
  readonly modified: string
}

/**
 * Whether the object at the destination is the planned copy: its ETag equals the source's, or it has
 * the size and was written since the batch began (a copy of a multipart or KMS object has another ETag,
 * which its answer named already).
 */
export const holds = (expected: Expected, found: Found | undefined): boolean =>
  found !== undefined &&
  ((found.etag === expected.etag && expected.stood !== expected.etag) ||
    (!expected.answered &&
      found.size === expected.size &&
      Math.floor(Date.parse(found.modified) / 1000) >= Math.floor(expected.batchBeganMs / 1000)))
