import type { ObjectFacts } from 's3-direct-sync-testkit/store.ts'

/** What is synced. */
export const FROM = 'data/'
export const TO = 'copy/'

/** An object to begin with; equal seeds and sizes are equal bodies. */
export interface Placed {
  /** Full key. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly seed: number
  /** Before the run begins. */
  readonly ageSeconds: number
  /** Without quotes, where it is that of a multipart upload and so not the MD5 of the body. */
  readonly etag?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** S3's own, of the whole object, or what it made of parts. */
  readonly checksums?: Readonly<Record<string, string | undefined>>
  readonly checksumType?: 'COMPOSITE'
}

/** An object as the server holds it. */
export interface Held extends ObjectFacts {
  /** Whole seconds, in milliseconds since the epoch. */
  readonly modifiedMs: number
  /** Algorithms of its checksums that are of the whole object. */
  readonly whole: readonly string[]
}

/** Both buckets at one moment, by full key. */
export interface World {
  readonly src: ReadonlyMap<string, Held>
  readonly dst: ReadonlyMap<string, Held>
}
