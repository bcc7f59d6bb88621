import type { Session, Sessions } from '../credentials/session.ts'
import type { Streamed } from '../model/report.ts'
import type { WriteOptions } from '../model/write-options.ts'
import type { Store } from '../storage/store.ts'
import { type StoreOptions, storeAt } from './buckets.ts'
import type { OpenPlace } from './places.ts'
import { isNameable, writingProbe } from './probes.ts'

/** How objects get from the one place to the other. */
export interface TransferPath {
  /** Writes the destination; unless objects are streamed, it reads the source as well. */
  readonly carrier: Store
  /** Why bytes pass through this process; undefined: the service copies. */
  readonly streamed: Streamed | undefined
  /** Whose identity reads the objects of the source. */
  readonly readBy: 'source' | 'destination'
}

interface Places {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  /** The first keys of the source. */
  readonly keys: readonly string[]
}

interface CarrierSearch {
  readonly sessions: Sessions
  readonly options: StoreOptions
  /** How objects are to be written; undefined: nothing is written in this run, not even to see whether it can be. */
  readonly write: WriteOptions | undefined
}

/** Whether the one who writes the destination may read the source as well: its first object tells. */
async function canRead({ source, keys }: Places, session: Session, options: StoreOptions) {
  const key = keys.find(isNameable)
  if (key === undefined) return true
  const store = await storeAt(source, session, options)
  try {
    return (await store.stat({ bucket: source.bucket, key })) !== undefined
  } catch {
    return false
  } finally {
    store.close()
  }
}

/** Finds out who can copy: whoever may read and write both sides of one service; else bytes are streamed. */
export async function transferPathOf(places: Places, search: CarrierSearch): Promise<TransferPath> {
  const { source, destination, keys } = places
  const { sessions, options, write } = search
  const bySource = { carrier: destination.store, readBy: 'source' } as const
  if (source.folder !== undefined || destination.folder !== undefined)
    return { ...bySource, streamed: 'local-files' }
  if (source.endpoint !== destination.endpoint) return { ...bySource, streamed: 'two-services' }
  if (sessions.source === sessions.destination) return { ...bySource, streamed: undefined }
  if (await canRead(places, sessions.destination, options))
    return { ...bySource, readBy: 'destination', streamed: undefined }
  if (sessions.source && write) {
    const carrier = await storeAt(destination, sessions.source, options)
    const timeoutMs = options.transfer.requestTimeoutMs
    const key = destination.prefix + (keys.find(isNameable) ?? '').slice(source.prefix.length)
    const probe = { place: destination, key, carrier, write, timeoutMs }
    const { check } = await writingProbe(probe)
    if (check.status === 'pass') return { carrier, readBy: 'source', streamed: undefined }
    carrier.close()
  }
  return { ...bySource, streamed: 'two-identities' }
}
