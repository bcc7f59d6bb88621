/** Longest key that is shown, in UTF-16 units. */
export const KEY_CHARS = 200

/** Longest message that is shown, in UTF-16 units. */
export const MESSAGE_CHARS = 500

/** Text of at most `max` UTF-16 units, well-formed, ending in `…` when something was cut off. */
export function cut(text: string, max: number): string {
  const whole = text.toWellFormed()
  if (whole.length <= max) return whole
  const last = whole.charCodeAt(max - 2)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return `${whole.slice(0, max - (splitsPair ? 2 : 1))}…`
}
