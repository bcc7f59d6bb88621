import type { Session, Sessions } from '../credentials/session.ts'
import type { Place } from '../model/place.ts'
import type { Streamed } from '../model/report.ts'
import type { Store } from '../ports.ts'
import { type Opening, storeAt } from './buckets.ts'

/** A place that was found, and the door to it. */
export interface OpenPlace extends Place {
  readonly store: Store
}

/** How objects get from the one place to the other. */
export interface Transfer {
  /** Writes the destination; unless objects are streamed, it reads the source as well. */
  readonly carrier: Store
  /** Why bytes pass through this process; undefined: the service copies. */
  readonly streamed: Streamed | undefined
}

interface Places {
  readonly source: OpenPlace
  readonly destination: OpenPlace
}

interface Ground {
  readonly sessions: Sessions
  readonly opening: Opening
  /** Whether the run may write, if only to see that it can. */
  readonly writes: boolean
}

const succeeds = (attempt: Promise<unknown>): Promise<boolean> =>
  attempt.then(
    (found) => found !== undefined,
    () => false,
  )

/** Whether the one who writes the destination may read the source as well: its first object tells. */
async function canRead({ source }: Places, session: Session, opening: Opening): Promise<boolean> {
  const key = source.single
    ? source.prefix
    : await source.store.firstKey(source.bucket, source.prefix)
  if (key === undefined) return true
  const store = await storeAt(source, session, opening)
  return succeeds(store.head(source.bucket, key)).finally(store.close)
}

/** Whether a store may write the destination: an upload is begun, and aborted. */
function canWrite({ destination }: Places, store: Store, { how }: Opening): Promise<boolean> {
  const { objects } = store
  const limit = { timeoutMs: how.requestTimeoutMs }
  const to = { bucket: destination.bucket, key: `${destination.prefix}s3-direct-sync-probe` }
  const begun = objects.startUpload({ to, only: undefined, headers: {} }, limit)
  return succeeds(begun.then((upload) => objects.abortUpload(upload, limit).then(() => upload)))
}

/** Finds out who can copy: whoever may read and write both sides of one service; else bytes are streamed. */
export async function transferOf(places: Places, ground: Ground): Promise<Transfer> {
  const { source, destination } = places
  const { sessions, opening, writes } = ground
  const carrier = destination.store
  if (source.endpoint !== destination.endpoint) return { carrier, streamed: 'two-services' }
  if (sessions.source === sessions.destination) return { carrier, streamed: undefined }
  if (await canRead(places, sessions.destination, opening)) return { carrier, streamed: undefined }
  if (sessions.source && writes) {
    const other = await storeAt(destination, sessions.source, opening)
    if (await canWrite(places, other, opening)) return { carrier: other, streamed: undefined }
    other.close()
  }
  return { carrier, streamed: 'two-identities' }
}
