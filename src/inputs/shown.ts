import { shortened } from '../errors/service-error.ts'

/**
 * Up to the last @ where a password stands: it may hold slashes, as secret keys do; a port is no password. Every run of
 * characters has a limit, and a scheme is looked for where a word begins, so that the time grows with the text alone.
 */
const PASSWORD =
  /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,20}:\/\/)[^/@\s]{0,300}:(?!\d*(?:[/,\s]|$))[^\s,]{0,300}@/gi
/** A user and a password before a host, where the scheme was forgotten or misspelt; an ARN may hold an @. */
const NO_SCHEME =
  /^(?!arn:|[a-z0-9+.-]{1,20}:\/\/)(?:[a-z]{0,20}:?\/\/)?[^\s/:@]+:[^\s@]+@(?=[^\s@]+$)/i

/** Text as it may be shown: a URL may hold a password or a signature. */
export const withoutSecrets = (text: string): string =>
  text
    .replace(PASSWORD, '$1***@')
    .replace(NO_SCHEME, '***@')
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
  // They may quote the value, or parts of it.
  const said = issues.map(({ message }) => shortened(withoutSecrets(message)))
  return `${value}${from}: ${said.join('; ')}`
}
