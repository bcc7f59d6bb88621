import type { ServiceFailure } from './service-error.ts'
import { NO_TLS } from './service-failure.ts'

/** A service that was asked, and the input that says where it is. */
export interface Asked {
  readonly service: 'S3' | 'STS'
  /** undefined means AWS. */
  readonly endpoint: string | undefined
  readonly region: string
  readonly input: 'endpoint-url' | 'sts-endpoint'
}

/** What a person looks at first; each word of it is one that the run knows. */
function suspect({ message }: ServiceFailure, { endpoint, region, input }: Asked): string {
  const unknown = /ENOTFOUND|EAI_AGAIN/.test(message)
  if (endpoint === undefined)
    return unknown ? `the spelling of aws-region (${region}), the network` : 'the network'
  return unknown ? `the spelling of ${input}, the network` : `${input}, the network`
}

function remedyOf(failure: ServiceFailure, asked: Asked): string {
  if (failure.message === NO_TLS)
    return `Write http:// in ${asked.input}, or use the https port of the service.`
  const tls =
    /ECONNRESET/.test(failure.message) && asked.endpoint?.startsWith('http:')
      ? `If the service uses https, write https:// in ${asked.input}; otherwise check `
      : 'Check '
  return `${tls}${suspect(failure, asked)}, and, if there is a proxy, HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`
}

/** Which service did not answer, why, and what to do; undefined where it did, or where it was no matter of the way to it. */
export function unreached(
  failure: ServiceFailure,
  asked: Asked,
): { readonly message: string; readonly hint: string } | undefined {
  const { code, status, message } = failure
  if (status !== undefined) return undefined
  const where = asked.endpoint ?? `${asked.service} of AWS in ${asked.region}`
  if (code === 'UntrustedCertificate')
    return {
      message: `The certificate of ${where} is not trusted: ${message}`,
      hint: 'Set AWS_CA_BUNDLE to a PEM file with the CA that signed it, or with the CA of the TLS-intercepting proxy.',
    }
  if (code !== 'RequestError') return undefined
  return { message: `${where} cannot be reached: ${message}`, hint: remedyOf(failure, asked) }
}
