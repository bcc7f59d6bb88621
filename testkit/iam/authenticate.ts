import { errorWithStatus, serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { Service } from '../service.ts'
import { parseAuthorization, verifySignature } from '../sigv4.ts'
import type { Caller, Key } from './iam.ts'

/** Who signed, and for which region. */
export interface Signer {
  readonly caller: Caller
  readonly region: string
}

/** Checks key, session and signature; `undefined` for an anonymous request. */
export function authenticate(request: ServerRequest, service: Service): Signer | undefined {
  const authorization = parseAuthorization(request.headers['authorization'])
  if (authorization === undefined) {
    if (!request.query.has('X-Amz-Signature')) return undefined
    throw serviceError('NotImplemented', 'Presigned requests are not implemented')
  }
  const key = service.iam.keys.get(authorization.accessKeyId)
  if (key === undefined) throw unknownKey(request, authorization.accessKeyId)
  const nowMs = service.now()
  checkSession(request, key, nowMs)
  verifySignature(request, authorization, { secretAccessKey: key.secretAccessKey, nowMs })
  return { caller: key.caller, region: authorization.region }
}

const clientTokenInvalid = () =>
  errorWithStatus(
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  )

function unknownKey({ service }: ServerRequest, accessKeyId: string) {
  if (service === 'sts') return clientTokenInvalid()
  return serviceError(
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
    { details: { AWSAccessKeyId: accessKeyId } },
  )
}

function checkSession(request: ServerRequest, key: Key, nowMs: number): void {
  const token = request.headers['x-amz-security-token']
  if (token !== key.sessionToken) {
    if (request.service === 'sts') throw clientTokenInvalid()
    if (token === undefined) throw unknownKey(request, '')
    throw serviceError('InvalidToken', 'The provided token is malformed or otherwise invalid.')
  }
  if (nowMs < key.expiresAtMs) return
  if (request.service === 's3') {
    throw serviceError('ExpiredToken', 'The provided token has expired.')
  }
  throw errorWithStatus(
    403,
    'ExpiredToken',
    'The security token included in the request is expired',
  )
}
