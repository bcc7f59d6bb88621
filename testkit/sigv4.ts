import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import { encodeComponent, encodePath, percentDecode, queryDecode } from './bytes.ts'
import { serviceError } from './reply.ts'
import type { ServerRequest } from './request.ts'

/** The parts of an `Authorization: AWS4-HMAC-SHA256 …` header. */
export interface Authorization {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

const malformed = (why: string) =>
  serviceError('AuthorizationHeaderMalformed', `The authorization header is malformed; ${why}`)

/** Reads the header; `undefined` for an anonymous request, else S3's refusal if it is another scheme or broken. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  if (header === undefined || header === '') return undefined
  checkScheme(header)
  const match = AUTHORIZATION.exec(header)
  if (match === null) {
    throw malformed(
      'the authorization header requires three components: Credential, SignedHeaders, and Signature.',
    )
  }
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] =
    match
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature }
}

function checkScheme(header: string): void {
  const [scheme = '', ...rest] = header.split(' ')
  if (scheme === 'AWS4-HMAC-SHA256' && rest.length > 0) return
  if (scheme === 'AWS') {
    throw serviceError(
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    )
  }
  throw serviceError('InvalidArgument', 'Unsupported Authorization Type', {
    details: { ArgumentName: 'Authorization', ArgumentValue: header },
  })
}

const MAX_SKEW_MS = 15 * 60 * 1000

/** Throws unless the request was signed with this secret, not long ago, and covers what it must. */
export function verifySignature(
  request: ServerRequest,
  authorization: Authorization,
  signer: { readonly secretAccessKey: string; readonly nowMs: number },
): void {
  checkScope(request, authorization)
  const stamp = request.headers['x-amz-date'] ?? basicTime(request.headers['date'])
  checkTime(stamp, authorization, signer.nowMs)
  checkCoverage(request, authorization)
  const { date, region, service } = authorization
  const digest = hash('sha256', Buffer.from(canonicalRequest(request, authorization), 'latin1'))
  const text = `AWS4-HMAC-SHA256\n${stamp}\n${date}/${region}/${service}/aws4_request\n${digest}`
  const key = signingKey(signer.secretAccessKey, authorization)
  const expected = createHmac('sha256', key).update(text).digest()
  if (!timingSafeEqual(expected, Buffer.from(authorization.signature, 'hex'))) {
    throw serviceError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      { details: { AWSAccessKeyId: authorization.accessKeyId, StringToSign: text } },
    )
  }
}

function checkScope(request: ServerRequest, { service }: Authorization): void {
  if (service === request.service) return
  if (request.service === 's3') {
    throw malformed(`incorrect service "${service}". This endpoint belongs to "s3".`)
  }
  throw serviceError(
    'SignatureDoesNotMatch',
    "Credential should be scoped to correct service: 'sts'.",
  )
}

/** A `Date` as `x-amz-date` would have it; '' for none. */
function basicTime(date: string | undefined): string {
  const timeMs = Date.parse(date ?? '')
  if (Number.isNaN(timeMs)) return ''
  return new Date(timeMs).toISOString().replace(/[-:]|\.\d+/g, '')
}

function checkTime(stamp: string, authorization: Authorization, nowMs: number): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(stamp)
  if (match === null) {
    throw serviceError(
      'AccessDenied',
      'AWS authentication requires a valid Date or x-amz-date header',
    )
  }
  if (!stamp.startsWith(authorization.date)) {
    throw malformed('Invalid credential date. Date is not the same as X-Amz-Date.')
  }
  const [, year, month, day, hour, minute, second] = match
  const signedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (Math.abs(signedMs - nowMs) > MAX_SKEW_MS) {
    throw serviceError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        details: {
          RequestTime: stamp,
          ServerTime: new Date(nowMs).toISOString(),
          MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
        },
      },
    )
  }
}

function checkCoverage(request: ServerRequest, authorization: Authorization): void {
  const signed = authorization.signedHeaders
  const missing = Object.keys(request.headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.includes(name),
  )
  if (missing.length === 0) return
  throw serviceError(
    'AccessDenied',
    'There were headers present in the request which were not signed',
    { details: { HeadersNotSigned: missing.join(', ') } },
  )
}

const PLAIN_PATH = /^[A-Za-z0-9\-._~/]*$/

/** Without blanks around it and with single ones within; other bytes than these two are none. */
const plain = (value: string): string =>
  value.replace(/^[ \t]+|[ \t]+$/g, '').replace(/[ \t]+/g, ' ')

function canonicalRequest(request: ServerRequest, authorization: Authorization): string {
  const { rawPath, headers } = request
  const path = PLAIN_PATH.test(rawPath) ? rawPath : encodePath(percentDecode(rawPath))
  const lines = authorization.signedHeaders.map((name) => `${name}:${plain(headers[name] ?? '')}\n`)
  const payloadHash = headers['x-amz-content-sha256'] ?? hash('sha256', request.payload)
  return [
    request.method,
    path,
    canonicalQuery(request.rawQuery),
    lines.join(''),
    authorization.signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

function canonicalQuery(rawQuery: string): string {
  if (rawQuery === '') return ''
  const pairs = rawQuery.split('&').map((part) => {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    const value = equals < 0 ? '' : part.slice(equals + 1)
    return [encodeComponent(queryDecode(name)), encodeComponent(queryDecode(value))] as const
  })
  pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

const signingKeys = new Map<string, KeyObject>()

/** Kept as key objects: their input changes once a day, and an HMAC with raw bytes costs five times more. */
function signingKey(secretAccessKey: string, { date, region, service }: Authorization): KeyObject {
  const id = `${secretAccessKey}/${date}/${region}/${service}`
  const known = signingKeys.get(id)
  if (known !== undefined) return known
  const mac = (key: string | Buffer, text: string) =>
    createHmac('sha256', key).update(text).digest()
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    mac,
    `AWS4${secretAccessKey}`,
  )
  const made = createSecretKey(Buffer.from(key))
  signingKeys.set(id, made)
  return made
}
