const PERCENT = /%(?![0-9A-Fa-f]{2})/
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A key as S3 writes it into its own lists: `+` is a space, `%2B` a plus, `%20` a space as well. undefined where that
 * is malformed, or no UTF-8.
 */
export function fromForm(text: string): string | undefined {
  if (PERCENT.test(text)) return undefined
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  const bytes = Buffer.from(spaced, 'utf8').toString('latin1')
  const whole = bytes.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  try {
    return utf8.decode(Buffer.from(whole, 'latin1'))
  } catch {
    return undefined
  }
}
