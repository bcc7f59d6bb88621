import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { Credentials } from '../model/credentials.ts'

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

/** What signs all requests of a day. */
interface DayKey {
  readonly secret: string
  readonly day: string
  readonly key: KeyObject
  /** Of a credential, as the signed text names it. */
  readonly scope: string
}

/** Signing keys of a day are made once for each set of credentials. */
function keyring({ region, service }: Scope) {
  let held: DayKey | undefined
  return (secret: string, day: string): DayKey => {
    if (held?.secret !== secret || held.day !== day) {
      const steps = [day, region, service, 'aws4_request']
      const key = steps.reduce(hmac, Buffer.from(`AWS4${secret}`))
      // From bytes Node would make this object anew for every signature, which costs more than the signature.
      held = { secret, day, key: createSecretKey(key), scope: steps.join('/') }
    }
    return held
  }
}

/** Signs requests by Signature Version 4; gives all headers of a request, which are its own and those of the signature. */
export function createSigner(scope: Scope) {
  const keyOf = keyring(scope)
  const timestamp = createTimestamp()
  return (
    request: SignableRequest & { readonly payloadSha256: string },
    { accessKeyId, secretAccessKey, sessionToken }: Credentials,
    nowMs: number,
  ): Record<string, string> => {
    const { method, path, query, payloadSha256 } = request
    const time = timestamp(nowMs)
    const { key, scope } = keyOf(secretAccessKey, time.slice(0, 8))
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': payloadSha256,
      'x-amz-date': time,
    }
    if (sessionToken) headers['x-amz-security-token'] = sessionToken
    let [lines, names] = ['', '']
    for (const name of Object.keys(headers).sort()) {
      lines += `${name}:${plain(headers[name] ?? '')}\n`
      names += names === '' ? name : `;${name}`
    }
    const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadSha256}`
    const text = `${ALGORITHM}\n${time}\n${scope}\n${sha256(canonical)}`
    const signature = createHmac('sha256', key).update(text).digest('hex')
    headers['authorization'] =
      `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
    return headers
  }
}
