import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { Credentials } from '../../model/credentials.ts'

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
  const bytes =
    typeof payload === 'string' && /[^\0-\x7f]/.test(payload)
      ? Buffer.from(payload, 'latin1')
      : payload
  return hash('sha256', bytes, 'hex')
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** `20261122T101530Z`; made once a second. */
function createTimestamp(): (ms: number) => string {
  let [second, text] = [Number.NaN, '']
  return (ms) => {
    const now = Math.floor(ms / 1000)
    if (now !== second) {
      second = now
      text = `${new Date(ms).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
    }
    return text
  }
}

const BLANKS = /^[ \t]|[ \t]$|\t| {2}/

/** A header's value as it is signed: without blanks around it, and single spaces within. */
const plain = (value: string): string =>
  // Not by trim(): in latin1 it takes the last byte of an `à` for a blank.
  BLANKS.test(value) ? value.replace(/^[ \t]+|[ \t]+$/g, '').replace(/[ \t]+/g, ' ') : value

interface Scope {
  readonly region: string
  readonly service: string
}

/** Signing keys of a day are made once for each set of credentials. */
function keyring({ region, service }: Scope) {
  let held: { readonly secret: string; readonly day: string; readonly key: KeyObject } | undefined
  return (secret: string, day: string): KeyObject => {
    if (held?.secret !== secret || held.day !== day) {
      const steps = [day, region, service, 'aws4_request']
      const key = steps.reduce(hmac, Buffer.from(`AWS4${secret}`))
      // From bytes Node would make this object anew for every signature, which costs more than the signature.
      held = { secret, day, key: createSecretKey(key) }
    }
    return held.key
  }
}

/** Signs requests by Signature Version 4; gives the headers that a request has to have besides its own. */
export function createSigner(scope: Scope) {
  const keyOf = keyring(scope)
  const timestamp = createTimestamp()
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
    const headers: Record<string, string> = { ...request.headers, ...added }
    const sorted = Object.keys(headers).sort()
    const names = sorted.join(';')
    const lines = sorted.map((name) => `${name}:${plain(headers[name] ?? '')}\n`).join('')
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
