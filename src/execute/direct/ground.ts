import type { Place } from '../../model/place.ts'
import type { WriteOptions } from '../../model/write-options.ts'
import type { Objects, ObjectWrite, Store } from '../../storage/store.ts'
import type { Link } from './link.ts'
import type { Budget } from './memory.ts'
import type { UploadGround } from './upload.ts'

type Side = Place & { readonly store: Store }

/** What objects are written with. */
export interface WriteGround extends UploadGround {
  /** Reads and copies are not bound to the source, whatever the service is known for. */
  readonly unbound?: boolean | undefined
  /** Reads the source. */
  readonly sourceObjects: Objects
  readonly source: Side
  readonly destination: Side
  readonly options: WriteOptions
  /** Whether bytes pass through this process, as no single identity or service can copy them. */
  readonly streamed: boolean
  /** Whether copies shall have the source's ETag where that can be had, though it takes more requests. */
  readonly keepEtags: boolean
  /** Bytes of the parts that an object of some size is streamed in. */
  readonly partBytes: (size: number) => number
  readonly link: Link
  /** Told when objects are written without tags, as nobody may read those of the source. */
  readonly onTagsUnreadable: () => void
  /** The bytes that may be held at a time. */
  readonly memory: Budget
}

/** A write whose headers are still to be found. */
export type BareWrite = Omit<ObjectWrite, 'headers'>
