import type { CopyOp } from '../../model/op.ts'
import { type ObjectOptions, optionsFor, type WriteOptions } from '../../model/write-options.ts'
import type { Objects, RequestLimit, WriteCondition } from '../../storage/store.ts'
import type { SourceObjects } from './source-object.ts'
import type { TimeLimits } from './time-limits.ts'
import type { Uploads } from './upload.ts'

/** One object as it is to be written. */
export interface WriteJob {
  /** As the plan has it. */
  readonly op: CopyOp
  readonly only: WriteCondition | undefined
  /** Reads and copies are not bound to the source, whatever the service is known for. */
  readonly unbound: boolean
  /** Looks whether the destination is as it was listed, right before what took long appears there; undefined: a condition says so. */
  readonly lookLast: (() => Promise<void>) | undefined
  /** Told the ETag of what was read, where the plan does not know what its source holds. */
  readonly onContent: (etag: string) => void
  /** Told the SHA-256 of what was written, hex, where that passed through this process and somebody wants to know it. */
  readonly onSha256: (hex: string) => void
  /** Told why a request of this object is made again. */
  readonly onRetry: RequestLimit['onRetry']
}

/** What objects are written with. */
export interface WriteDeps {
  readonly source: SourceObjects
  /** Writes the destination. */
  readonly objects: Objects
  /** Of the destination. */
  readonly bucket: string
  readonly uploads: Uploads
  readonly limits: TimeLimits
  readonly options: WriteOptions
  /** A key of the destination as rules for headers read it. */
  readonly ruledKey: (to: string) => string
  /** Whether copies shall have the source's ETag where that can be had, though it takes more requests. */
  readonly keepEtags: boolean
}

/** How the object of an op is written. */
export const optionsOf = ({ options, ruledKey }: WriteDeps, { to }: CopyOp): ObjectOptions =>
  optionsFor(options, ruledKey(to))
