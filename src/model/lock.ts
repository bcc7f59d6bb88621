import { s3Url } from './place.ts'

/** What `lock` asks for. */
export interface LockRequest {
  readonly bucket: string
  readonly key: string
  /** How long a run waits for a lock that another one holds. */
  readonly waitMs: number
  /** How long a lock is held without a sign of life. */
  readonly ttlMs: number
}

/** The name of locks with `lock: auto`, below the destination. */
export const LOCK_NAME = '.s3-direct-sync.lock'

/** Whether a key has that name, in whatever folder: nothing but a lock has it. */
export const isUsualLock = (key: string): boolean =>
  key === LOCK_NAME || key.endsWith(`/${LOCK_NAME}`)

/** Where a lock is, as it is told. */
export const lockUrl = ({ bucket, key }: Pick<LockRequest, 'bucket' | 'key'>): string =>
  s3Url(bucket, key)

/** What a run's lock came to, for the report. */
export interface LockFacts {
  readonly url: string
  /** How often it was taken over since it was last free, this time included; from 1. */
  readonly epoch: number
  /** How long the run waited for it. */
  readonly waitedSeconds: number
  /** Whether the run took it over from one that gave no sign of life any more. */
  readonly isTakenOver: boolean
  /** `left`: nobody answered when it was to be released, so that it runs out by itself. */
  readonly end: 'released' | 'left' | 'lost'
}
