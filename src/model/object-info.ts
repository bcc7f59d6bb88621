import type { KeyBytes } from './key.ts'

/** What a listing tells of one object. Times are the server's. */
export interface ObjectInfo {
  /** Key relative to the place's prefix; '' for the object whose key is the prefix itself. */
  readonly key: KeyBytes
  /** Bytes. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  /** Milliseconds since the epoch. */
  readonly lastModifiedMs: number
  readonly storageClass?: string | undefined
}
