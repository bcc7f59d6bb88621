/** `\xNN`, or `\uNNNN` beyond one byte. */
const escaped = (char: string): string => {
  const hex = char.charCodeAt(0).toString(16)
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
}

/**
 * Untrusted text as one line that the runner can never obey: no control characters and none that turn
 * the direction of writing, no `##[` anywhere (the runner reads it in mid-line), no leading `::`.
 */
export const safe = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, escaped)
    .replaceAll('##[', '##\\[')
    .replace(/^(\s*)::/, '$1\\::')
