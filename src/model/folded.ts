import { type KeyBytes, toKeyBytes, toText } from './key.ts'

const ASCII = /^[\0-\x7f]*$/

/**
 * The one form of all keys that some service takes for each other: another Unicode form or case, slashes
 * that come twice or at an edge, `\` for `/`, `.` between slashes, blanks at an edge. Holds no NUL.
 */
export function folded(key: KeyBytes): KeyBytes {
  const text = toText(key) ?? key
  const cased = ASCII.test(text)
    ? text.toUpperCase()
    : text.normalize('NFC').toUpperCase().normalize('NFC')
  const segments = cased
    .replaceAll('\0', '')
    .split(/[/\\]/)
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '' && segment !== '.')
  return toKeyBytes(segments.join('/'))
}
