import { UNSEEN } from './safe.ts'

/** What a request is signed with, as far as it is text. */
interface KeyTexts {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** A part of credentials that cannot be right, and why; never its text. */
export interface CredentialFlaw {
  readonly part: keyof KeyTexts
  readonly why: string
}

const PARTS = ['accessKeyId', 'secretAccessKey', 'sessionToken'] as const

/** What every header takes, and every key and token is made of. */
const PLAIN = /^[\x21-\x7e]+$/
const OWN_NAME = /^(?:export\s+|set\s+)?"?aws_\w+"?\s*[=:]/i
const VARIABLE = /^(?:\$\{\{.*\}\}|(?:\$\{?|%)[A-Z0-9]+_[A-Z0-9_]*(?:KEY|ID|TOKEN)[A-Z0-9_]*[}%]?)$/
const AWS_KEY_ID = /^A[KS]IA[A-Z0-9]{12,}$/

/** Signatures name an access key id between commas and equal signs. */
const UNSIGNABLE = /[=,]/

function whyNot(part: CredentialFlaw['part'], text: string): string | undefined {
  if (text === '') return 'is empty'
  if (/[\r\n]$/.test(text)) return 'ends with a line break'
  if (/[\r\n]/.test(text)) return 'contains a line break'
  if (OWN_NAME.test(text)) return 'begins with its own name: set only the value after it'
  if (VARIABLE.test(text)) return 'is the name of a variable or a secret, not its value'
  if (/^(["'`]).*\1$/.test(text)) return 'is in quotes'
  if (/^\*+$/.test(text))
    return 'consists of asterisks only: it was copied from a log, where secrets are masked'
  if (part === 'accessKeyId' && UNSIGNABLE.test(text))
    return 'contains a character that is not valid in a key'
  if (PLAIN.test(text)) return undefined
  if (UNSEEN.test(text)) return 'contains an invisible character'
  return /\s/.test(text) ? 'contains a space' : 'contains a character that is not valid in a key'
}

/** All that cannot be right of credentials: Node and services would only speak of a header, or a signature. */
export function credentialFlaws(texts: KeyTexts): readonly CredentialFlaw[] {
  const flaws = PARTS.flatMap((part): readonly CredentialFlaw[] => {
    const text = texts[part]
    if (text === undefined || (text === '' && part === 'sessionToken')) return []
    const why = whyNot(part, text)
    return why === undefined ? [] : [{ part, why }]
  })
  const exchanged = AWS_KEY_ID.test(texts.secretAccessKey) && !AWS_KEY_ID.test(texts.accessKeyId)
  const why = 'is an access key ID: the two values seem to be swapped'
  return exchanged ? [...flaws, { part: 'secretAccessKey', why }] : flaws
}

const WORDS = {
  accessKeyId: 'access key id',
  secretAccessKey: 'secret access key',
  sessionToken: 'session token',
} as const satisfies Record<(typeof PARTS)[number], string>

/** A flaw as a sentence; `from` is where people find that part. */
export const flawSentence = ({ part, why }: CredentialFlaw, from: string): string =>
  `The ${WORDS[part]} (${from}) ${why}.`
