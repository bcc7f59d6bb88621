import { toBytes } from './bytes.ts'
import { authenticate } from './iam/authenticate.ts'
import { handleSts } from './iam/sts.ts'
import { isServiceError, type Reply, type ServiceError, serviceError } from './reply.ts'
import type { ServerRequest } from './request.ts'
import { checkDeclaredHash, checkFraming } from './s3/request-rules.ts'
import { handleS3 } from './s3/router.ts'
import type { Service } from './service.ts'
import { element } from './xml.ts'

/** Answers one request; service errors become their XML documents. */
export function answer(request: ServerRequest, service: Service): Reply {
  try {
    if (request.service === 's3') {
      checkFraming(request, service)
      checkDeclaredHash(request)
    }
    const signer = authenticate(request, service)
    const exchange = { request: heeded(request, service), caller: signer?.caller, service }
    return request.service === 'sts' ? handleSts(exchange) : handleS3(exchange, signer?.region)
  } catch (error) {
    return isServiceError(error) ? errorReply(error, request) : bugReply(error, request)
  }
}

/** The request without the headers that the service passes over. */
function heeded(request: ServerRequest, { passesOver }: Service): ServerRequest {
  if (passesOver.length === 0) return request
  const headers = Object.entries(request.headers).filter(([name]) => !passesOver.includes(name))
  return { ...request, headers: Object.fromEntries(headers) }
}

/** For what should not happen: a bug of the server, or of a test's own fault. Said aloud, and a 500. */
export function bugReply(error: unknown, request: ServerRequest): Reply {
  console.error(`testkit: ${request.operation} broke`, error)
  return errorReply(serviceError('InternalError', String(error)), request)
}

/** The error document in the shape of the service that was asked. */
export function errorReply(error: ServiceError, request: ServerRequest): Reply {
  const { status, code } = error
  const headers = { 'content-type': 'application/xml', ...error.headers }
  const body = request.service === 'sts' ? stsErrorXml(error, request) : s3ErrorXml(error, request)
  return { status, headers, body, errorCode: code }
}

/** The error document of S3, also sent with status 200 when a copy fails late. */
export function s3ErrorXml(error: ServiceError, request: ServerRequest): string {
  const details = Object.entries(error.details).map(([name, value]) => element(name, value))
  const content = [
    element('Code', error.code),
    element('Message', toBytes(error.message)),
    ...details,
    element('RequestId', request.id),
    element('HostId', 'testkit'),
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`
}

function stsErrorXml(error: ServiceError, request: ServerRequest): string {
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const content = `${element('Type', type)}${element('Code', error.code)}${element('Message', toBytes(error.message))}`
  return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>${content}</Error>${element('RequestId', request.id)}</ErrorResponse>`
}
