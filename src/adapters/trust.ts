import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import tls, { type SecureContext } from 'node:tls'
import { SyncError } from '../errors/sync-error.ts'

const CERTIFICATES = /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs

function certificatesIn(file: string): readonly string[] {
  const certificates = readFileSync(file, 'utf8').match(CERTIFICATES) ?? []
  // Node passes over what it cannot read, in silence.
  for (const certificate of certificates) new X509Certificate(certificate)
  if (certificates.length === 0) throw new Error('it contains no certificate')
  return certificates
}

/** What Node trusts anyway, and what the file holds. */
function trusting(file: string): SecureContext {
  try {
    return tls.createSecureContext({
      ca: [...tls.getCACertificates('default'), ...certificatesIn(file)],
    })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('preflight', `AWS_CA_BUNDLE cannot be used: ${file}: ${why}`, {
      hint: 'Set it to a readable PEM file with CA certificates, or unset it.',
      cause,
    })
  }
}

let nodes: SecureContext | undefined

/** Whom Node trusts: made once, and for the first who needs it. */
export function trustOfNode(): SecureContext {
  nodes ??= tls.createSecureContext()
  return nodes
}

/** Whom the variables of a process say to trust beside; undefined: nobody. Throws SyncError where they cannot be used. */
export function ownTrust(env: NodeJS.ProcessEnv): SecureContext | undefined {
  const caFile = env['AWS_CA_BUNDLE']
  // As `ca`, all roots would be parsed again for every connection, and be part of the key of every request.
  return caFile ? trusting(caFile) : undefined
}
