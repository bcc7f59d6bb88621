/** `\xNN`, `\uNNNN` beyond one byte, or `\u{NNNNN}` beyond four digits. */
const escaped = (char: string): string => {
  const hex = (char.codePointAt(0) ?? 0).toString(16)
  if (hex.length > 4) return `\\u{${hex}}`
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`
}

/** Emoji whose form a selector chooses; it has a meaning there, and is left as it is. */
const EMOJI = /\p{Extended_Pictographic}\p{Emoji_Modifier}?[\ufe0e\ufe0f]|[0-9#*]\ufe0f\u20e3/u
/**
 * What is not seen, turns the direction of writing or ends a line; the last ones are blanks that no class of
 * characters names: of Braille, Khitan, hieroglyphs and music.
 */
export const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800\u{16fe4}\u{13441}\u{13442}\u{1d159}]/u

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

/** Whether there may be anything in JSON that it leaves as it is, though it may be unseen; by the million, so that no pattern looks for it. */
const isBeyondAscii = (text: string): boolean =>
  Buffer.byteLength(text) !== text.length || text.includes('\x7f')

/** The same as unseen, but for what JSON escapes by itself and the lines that it is indented by. */
const HIDDEN = new RegExp(UNSEEN.source.replace('\\p{Cc}', '\\x7f-\\x9f'), 'u')

const inJson = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => {
    const unit = text.charCodeAt(at).toString(16)
    return `\\u${unit.padStart(4, '0')}`
  }).join('')

/** JSON for files that people open: programs read the same in it, and nothing in it is unseen but the form of an emoji. */
export function visibleJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent)
  if (!isBeyondAscii(text) || !HIDDEN.test(text)) return text
  return text.replace(SEEN_AND_UNSEEN, (char, emoji: string | undefined) =>
    emoji === undefined && char !== '\n' ? inJson(char) : char,
  )
}

/** Whether text was read as UTF-8 that is none: UTF-16, as PowerShell's `>` writes it, has zeros and another mark. */
export const isMisread = (text: string): boolean => /\0|^\ufffd/.test(text)

/** What to do about such a file. */
export const SAVE_AS_UTF8 =
  "it is not UTF-8: save it as UTF-8 (PowerShell's > writes UTF-16; use Out-File -Encoding utf8)"
