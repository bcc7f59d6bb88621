import { SyncError } from '../../errors/sync-error.ts'

/** The error of a page that cannot be trusted. */
export const unreadable = (why: string): SyncError =>
  new SyncError('list', `The service returned an incomplete or invalid listing page: ${why}.`, {
    hint: 'Nothing was touched. Run again; if this happens again, the service returns incorrect listings.',
    retryable: true,
  })

/** The error of a web page in the place of a listing; that of a proxy may be gone when it is asked for again. */
export const webPage = (): SyncError =>
  new SyncError('list', 'The service returned a web page instead of a listing.', {
    hint: 'Check endpoint-url: the web console of a service and its S3 API have different addresses. Nothing was touched.',
    retryable: true,
  })

/** A page as it came; its root element is closed by its last bytes. */
export interface PageBytes {
  readonly bytes: Buffer
  /** Of the same bytes. */
  readonly view: DataView
}

const LESS = 0x3c
/** Four times `<`. */
const FOUR_LESS = 0x3c3c3c3c

/** The same bytes, to be read four at a time. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/** Whether `bytes` go on with `expected`. */
export function startsWith(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false
  return true
}

/** The next `<`. Throws where there is none: then the page has ended within an object. */
export function textEnd({ bytes, view }: PageBytes, from: number): number {
  // The last tag of a page is longer than what is looked at together.
  for (let at = from; at + 4 <= bytes.length; at += 4) {
    // A byte that is 0 borrows from the next one.
    const four = view.getInt32(at, true) ^ FOUR_LESS
    if (((four - 0x01010101) & ~four & 0x80808080) === 0) continue
    while (bytes[at] !== LESS) at++
    return at
  }
  throw unreadable('an entry is truncated')
}
