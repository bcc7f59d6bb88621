import { createHash, createHmac } from 'node:crypto'
import type { Credentials } from '../ports.ts'

/** A request as it is signed; header names are in lower case. */
export interface SignableRequest {
  readonly method: string
  /** Escaped, as it goes over the wire. */
  readonly path: string
  /** Escaped and in order, without `?`. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** The payload of a request without a body. */
export const EMPTY_SHA256 = sha256('')

/** Hex. Text is taken as latin1: one character is one byte on the wire. */
export function sha256(payload: string | Uint8Array): string {
  const hash = createHash('sha256')
  if (typeof payload === 'string') hash.update(payload, 'latin1')
  else hash.update(payload)
  return hash.digest('hex')
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** `20261122T101530Z` */
function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** Escapes everything but the characters that AWS leaves alone; a slash too. */
export const escapeUri = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )

interface Scope {
  readonly region: string
  readonly service: string
}

/** Signing keys of a day are made once for each set of credentials. */
function keyring({ region, service }: Scope) {
  let held: { readonly secret: string; readonly day: string; readonly key: Buffer } | undefined
  return (secret: string, day: string): Buffer => {
    if (held?.secret !== secret || held.day !== day) {
      const steps = [day, region, service, 'aws4_request']
      const key = steps.reduce<string | Buffer>(hmac, `AWS4${secret}`) as Buffer
      held = { secret, day, key }
    }
    return held.key
  }
}

/** Signs requests by Signature Version 4; gives the headers that a request has to have besides its own. */
export function createSigner(scope: Scope) {
  const keyOf = keyring(scope)
  return (
    request: SignableRequest & { readonly payloadSha256: string },
    { accessKeyId, secretAccessKey, sessionToken }: Credentials,
    nowMs: number,
  ): Record<string, string> => {
    const time = timestamp(nowMs)
    const day = time.slice(0, 8)
    const added: Record<string, string> = {
      'x-amz-content-sha256': request.payloadSha256,
      'x-amz-date': time,
    }
    if (sessionToken) added['x-amz-security-token'] = sessionToken
    const signed = Object.entries({ ...request.headers, ...added })
      .map(([name, value]) => [name, value.trim().replace(/ +/g, ' ')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    const names = signed.map(([name]) => name).join(';')
    const lines = signed.map(([name, value]) => `${name}:${value}\n`).join('')
    const { method, path, query, payloadSha256 } = request
    const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadSha256}`
    const credential = `${day}/${scope.region}/${scope.service}/aws4_request`
    const text = `${ALGORITHM}\n${time}\n${credential}\n${sha256(canonical)}`
    const signature = createHmac('sha256', keyOf(secretAccessKey, day)).update(text).digest('hex')
    added['authorization'] =
      `${ALGORITHM} Credential=${accessKeyId}/${credential}, SignedHeaders=${names}, Signature=${signature}`
    return added
  }
}
