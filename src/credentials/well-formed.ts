import { SyncError } from '../errors/sync-error.ts'
import type { Credentials } from '../ports.ts'

/** What every header takes, and every key and token is made of. */
const PLAIN = /^[\x21-\x7e]+$/

const NAMES = {
  accessKeyId: 'access key id',
  secretAccessKey: 'secret access key',
  sessionToken: 'session token',
} as const

/** Signatures name it between commas and equal signs. */
const UNSIGNABLE = /[=,]/
const QUOTED = /^(["'`]).*\1$/s

/** What is wrong with a text; never the text itself. */
function flawOf(text: string): string {
  if (text === '') return 'is empty'
  if (QUOTED.test(text)) return 'stands in quotes, which are taken for a part of it'
  if (/[\r\n]/.test(text))
    return /[\r\n]$/.test(text) ? 'ends with a line break' : 'holds a line break'
  return /\s/.test(text) ? 'holds a blank' : 'holds a character that no key has'
}

const isGood = (field: string, text: string): boolean =>
  PLAIN.test(text) && !QUOTED.test(text) && !(field === 'accessKeyId' && UNSIGNABLE.test(text))

/** Credentials that can be sent. Throws SyncError with all that cannot: Node and services only speak of a header, or a signature. */
export function wellFormed(credentials: Credentials): Credentials {
  const flaws = Object.entries(NAMES).flatMap(([field, name]) => {
    const text = credentials[field as keyof typeof NAMES]
    const isNone = text === undefined || (text === '' && field === 'sessionToken')
    return isNone || isGood(field, text) ? [] : [`The ${name} ${flawOf(text)}.`]
  })
  if (flaws.length === 0) return credentials
  throw new SyncError('credentials', flaws.join(' '), {
    hint: 'Paste it again, into the secret, the environment or the profile that it comes from, without quotes, blanks, or a line break at its end.',
  })
}
