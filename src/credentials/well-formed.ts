import { SyncError } from '../errors/sync-error.ts'
import { type CredentialFlaw, credentialFlaws, flawSentence } from '../model/credential-flaws.ts'
import type { Credentials } from '../model/credentials.ts'

const NAMES = {
  inputs: {
    accessKeyId: 'aws-access-key-id',
    secretAccessKey: 'aws-secret-access-key',
    sessionToken: 'aws-session-token',
  },
  environment: {
    accessKeyId: 'the environment variable AWS_ACCESS_KEY_ID',
    secretAccessKey: 'the environment variable AWS_SECRET_ACCESS_KEY',
    sessionToken: 'the environment variable AWS_SESSION_TOKEN',
  },
} as const

const isNamed = (from: string): from is keyof typeof NAMES => Object.hasOwn(NAMES, from)

/** Where people find a part of credentials. */
const placeOf = (from: string, { part }: CredentialFlaw): string =>
  isNamed(from) ? NAMES[from][part] : from

/** Credentials that can be sent. Throws SyncError with all that cannot, and where each comes from; never the text. */
export function wellFormed(credentials: Credentials): Credentials {
  const { foundIn = 'the response of STS' } = credentials
  const told = credentialFlaws(credentials).map((flaw) =>
    flawSentence(flaw, placeOf(foundIn, flaw)),
  )
  if (told.length === 0) return credentials
  throw new SyncError('credentials', told.join(' '), {
    hint:
      credentials.foundIn === undefined
        ? 'It was not used: check sts-endpoint.'
        : 'It was not sent anywhere. Set it again where it comes from: the bare value, without quotes, spaces or line breaks.',
  })
}
