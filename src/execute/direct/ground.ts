import type { Place } from '../../model/place.ts'
import type { WriteOptions } from '../../model/write-options.ts'
import type { Objects, ObjectWrite, Store } from '../../storage/store.ts'
import type { Link } from './link.ts'
import type { Budget } from './memory.ts'
import type { UploadGround } from './upload.ts'

type Side = Place & { readonly store: Store }

/** A way in which an object gets to the destination: copied by the service, whole or in parts, or through this process. */
export type Way = 'whole' | 'parts' | 'streamed'

/** What the services turned out to do; found out on the way. */
export interface SourceHabits {
  /** Reads and copies are bound to the ETag of the source; else what answers tell, and a look behind it, is all there is. */
  bound: boolean
  /** Ways that the service does not know. */
  readonly unknown: Set<Way>
  /** ETags of whole objects are the MD5 of their bytes. */
  md5Etags: boolean
  /** Whether answers count an object's tags, as S3's do for those who may read them. */
  tags: 'unknown' | 'counted' | 'uncounted' | 'unreadable'
}

/** What is taken for granted until it turns out otherwise. */
export const newHabits = (): SourceHabits => ({
  bound: true,
  unknown: new Set(),
  md5Etags: true,
  tags: 'unknown',
})

/** What objects are written with. */
export interface WriteGround extends UploadGround {
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
  readonly habits: SourceHabits
  readonly link: Link
  /** Told when objects are written without tags, as nobody may read those of the source. */
  readonly onTagsUnreadable: () => void
  /** The bytes that may be held at a time. */
  readonly memory: Budget
}

/** A write whose headers are still to be found. */
export type BareWrite = Omit<ObjectWrite, 'headers'>
