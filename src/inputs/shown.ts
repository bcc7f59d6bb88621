/** Text as it may be shown: a URL may hold a password or a signature. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(/(https?:\/\/)[^/@\s]*@/gi, '$1***@')
    .replace(/(https?:\/\/[^\s?]*)\?\S*/gi, '$1?***')

const MOST_SHOWN_CHARS = 200

/** Why a value cannot be read, with the value and where it stands. */
export function unreadable(
  text: string,
  where: string | undefined,
  issues: readonly { readonly message: string }[],
): string {
  const value = JSON.stringify(text.slice(0, MOST_SHOWN_CHARS))
  const from = where === undefined ? '' : ` (from ${where})`
  return `${value}${from}: ${issues.map(({ message }) => message).join('; ')}`
}
