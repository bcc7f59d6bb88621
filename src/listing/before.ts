/** Behind every key that may stand before another one. */
const LAST_CHARACTER = '\u{10fffd}'

/** A text that stands right before a key, in the order of bytes; further before it where no text does. */
export function before(key: string): string {
  const last = key.codePointAt(key.length - (/[\ud800-\udbff][\udc00-\udfff]$/.test(key) ? 2 : 1))
  if (last === undefined) return ''
  const rest = key.slice(0, key.length - String.fromCodePoint(last).length)
  // What stands before a blank is no text that every service takes, and before U+E000 half a pair.
  if (last <= 0x20 || last === 0xe000) return rest
  return rest + String.fromCodePoint(last - 1) + LAST_CHARACTER
}
