/** `\xNN`, `\uNNNN` beyond one byte, or `\u{NNNNN}` beyond four digits. */
const escaped = (char: string): string => {
  const hex = (char.codePointAt(0) ?? 0).toString(16)
  if (hex.length > 4) return `\\u{${hex}}`
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
}

/** Emoji whose form a selector chooses; it has a meaning there, and is left as it is. */
const EMOJI = /\p{Extended_Pictographic}\p{Emoji_Modifier}?[\ufe0e\ufe0f]|[0-9#*]\ufe0f\u20e3/u
/** What is not seen, turns the direction of writing or ends a line; U+2800 is a blank that no class of characters names. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/u

const SEEN_AND_UNSEEN = new RegExp(`(${EMOJI.source})|${UNSEEN.source}`, 'gu')

/**
 * Untrusted text as one line that the runner can never obey and that hides nothing: no control characters,
 * none that nobody sees, no `##[` anywhere (the runner reads it in mid-line), no leading `::`.
 */
export const safe = (text: string): string =>
  text
    .replace(SEEN_AND_UNSEEN, (char, emoji: string | undefined) => emoji ?? escaped(char))
    .replaceAll('##[', '##\\[')
    .replace(/^(\s*)::/, '$1\\::')
