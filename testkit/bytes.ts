/**
 * Inside the server every text that may hold a key is a "byte string": one char per UTF-8 byte.
 * Its plain `<` is then S3's own order, and a key that is not valid UTF-8 survives.
 */

const NON_ASCII = /[\u0080-\uffff]/

/** The byte string of a Unicode text or of raw bytes. */
export function toBytes(text: string | Uint8Array): string {
  if (typeof text !== 'string') return Buffer.from(text).toString('latin1')
  return NON_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/** The Unicode text of a byte string; bytes that are not UTF-8 become U+FFFD. */
export function toText(bytes: string): string {
  return NON_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}

const BYTE_OF_HEX = /%([0-9A-Fa-f]{2})/g

/** Decodes `%XX` to bytes and leaves everything else, also `+` and a broken `%`, alone. */
export function percentDecode(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(BYTE_OF_HEX, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** Decodes a query component, where `+` stands for a space. */
export function queryDecode(text: string): string {
  return percentDecode(text.includes('+') ? text.replaceAll('+', ' ') : text)
}

const hexOf = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

const OUTSIDE_UNRESERVED = /[^A-Za-z0-9\-._~]/g
const OUTSIDE_PATH = /[^A-Za-z0-9\-._~/]/g
const OUTSIDE_LISTING = /[^A-Za-z0-9\-._*/]/g

/** SigV4's encoding of a query name or value. */
export const encodeComponent = (bytes: string): string => bytes.replace(OUTSIDE_UNRESERVED, hexOf)

/** SigV4's encoding of a path: slashes stay. */
export const encodePath = (bytes: string): string => bytes.replace(OUTSIDE_PATH, hexOf)

/** The `encoding-type=url` of listings: as SigV4 for paths, but a space is `+`, `*` stays, `~` does not. */
export const encodeListing = (bytes: string): string =>
  bytes.replace(OUTSIDE_LISTING, (char) => (char === ' ' ? '+' : hexOf(char)))
