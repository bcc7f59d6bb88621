declare const keyBytes: unique symbol

/**
 * An object key as its UTF-8 bytes, one char a byte (latin1-decoded), so that `<` compares keys in
 * the order S3 lists them; JavaScript's own order of text is by UTF-16 unit and differs.
 */
export type KeyBytes = string & { readonly [keyBytes]: true }

/** Bytes of a key that S3 takes, in UTF-8. */
export const MOST_KEY_BYTES = 1024

const ASCII = /^[\0-\x7f]*$/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes of a key given as text. */
export const toKeyBytes = (text: string): KeyBytes =>
  (ASCII.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')) as KeyBytes

/** The text of a key; undefined when its bytes are not valid UTF-8. */
export function toText(key: KeyBytes): string | undefined {
  if (ASCII.test(key)) return key
  try {
    return utf8.decode(Buffer.from(key, 'latin1'))
  } catch {
    return undefined
  }
}
