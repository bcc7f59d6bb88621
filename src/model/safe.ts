const escaped = (char: string): string => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`

/**
 * Untrusted text as one line that the runner can never obey: no control characters, no `##[`
 * anywhere (the runner reads it in mid-line), no leading `::`.
 */
export const safe = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029]/gu, escaped)
    .replaceAll('##[', '##\\[')
    .replace(/^(\s*)::/, '$1\\::')
