import type { Files } from '../ports.ts'
import type { ObjectAddress, Store } from './store.ts'

/** Read at a time. */
const RANGE_BYTES = 8 * 2 ** 20

/** What objects are read with. */
export interface FetchDeps {
  readonly store: Pick<Store, 'stat' | 'objects'>
  readonly files: Pick<Files, 'writer'>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** An object that was looked at. */
export interface Fetched {
  readonly bytes: number
  readonly etag: string
  /** Whether it is in the file: it has no more bytes than were wanted. */
  readonly isRead: boolean
}

/** Where an object goes. */
export interface FetchTarget {
  readonly path: string
  /** A larger object is not read. */
  readonly mostBytes: number
  /** What is thrown where the service does not give it. */
  readonly failure: (error: unknown) => Error
}

/** Writes an object, as it is at one moment, to a file, unless it is too large; undefined where there is none. */
export async function fetchObject(
  object: ObjectAddress,
  { path, mostBytes, failure }: FetchTarget,
  { store, files, timeoutMs, signal }: FetchDeps,
): Promise<Fetched | undefined> {
  const fail = (error: unknown): never => {
    throw failure(error)
  }
  const found = await store.stat(object, signal).catch(fail)
  if (!found) return undefined
  const { size: bytes, etag } = found
  if (!(bytes <= mostBytes)) return { bytes, etag, isRead: false }
  const writer = await files.writer(path)
  try {
    for (let first = 0; first < bytes; first += RANGE_BYTES) {
      const last = Math.min(first + RANGE_BYTES, bytes) - 1
      const what = { bytes: last - first + 1, range: { first, last } }
      const content = await store.objects
        .read({ ...object, etag }, what, { timeoutMs, signal })
        .catch(fail)
      await writer.append(content.bytes)
    }
  } finally {
    await writer.close()
  }
  return { bytes, etag, isRead: true }
}
