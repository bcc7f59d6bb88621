import { describe, expect, it } from 'vitest'
import { serviceFailure } from '../../../src/errors/service-failure.ts'
import { type Asked, unreached } from '../../../src/errors/unreached.ts'

const AT: Asked = {
  service: 'S3',
  endpoint: 'http://minio.internal:9000',
  region: 'eu-west-1',
  input: 'endpoint-url',
}
const AWS_STS: Asked = { ...AT, service: 'STS', endpoint: undefined, input: 'sts-endpoint' }

const told = (code: string, text: string, asked: Asked) =>
  unreached(serviceFailure(Object.assign(new Error(text), { code })), asked)

describe('a service that nobody reached is named, with what is wrong and what to look at', () => {
  it.each([
    [
      'getaddrinfo ENOTFOUND minio.internal',
      AT,
      'http://minio.internal:9000 cannot be reached: DNS cannot resolve minio.internal (ENOTFOUND)',
      'Check the spelling of endpoint-url, the network,',
    ],
    [
      'getaddrinfo ENOTFOUND sts.eu-wset-1.amazonaws.com',
      { ...AWS_STS, region: 'eu-wset-1' },
      'STS of AWS in eu-wset-1 cannot be reached: DNS cannot resolve sts.eu-wset-1.amazonaws.com (ENOTFOUND)',
      'Check the spelling of aws-region (eu-wset-1), the network,',
    ],
    [
      'connect ECONNREFUSED 10.0.0.1:9000',
      AT,
      'http://minio.internal:9000 cannot be reached: connection refused by 10.0.0.1:9000 (ECONNREFUSED)',
      'Check endpoint-url, the network,',
    ],
    [
      'connect ETIMEDOUT 10.0.0.1:443',
      AWS_STS,
      'STS of AWS in eu-west-1 cannot be reached: 10.0.0.1:443 did not respond (ETIMEDOUT)',
      'Check the network,',
    ],
    [
      'read ECONNRESET',
      AT,
      'http://minio.internal:9000 cannot be reached: the connection was closed before a response arrived (ECONNRESET)',
      'If the service uses https, write https:// in endpoint-url; otherwise check endpoint-url,',
    ],
    [
      'EPROTO write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number',
      { ...AT, endpoint: 'https://minio.internal:9000' },
      'https://minio.internal:9000 cannot be reached: The server does not support https',
      'Write http:// in endpoint-url, or use the https port of the service.',
    ],
  ])('%s', (text, asked, message, hint) => {
    const code = /E[A-Z]+/.exec(text)?.[0] ?? ''
    const found = told(code, text, asked)
    expect(found?.message).toBe(message)
    expect(found?.hint.startsWith(hint)).toBe(true)
  })

  it('also by a certificate, without the options of Node', () => {
    const text =
      'unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca'
    expect(told('UNABLE_TO_VERIFY_LEAF_SIGNATURE', text, AT)).toEqual({
      message:
        'The certificate of http://minio.internal:9000 is not trusted: UNABLE_TO_VERIFY_LEAF_SIGNATURE unable to verify the first certificate',
      hint: expect.stringContaining('Set AWS_CA_BUNDLE to a PEM file'),
    })
  })

  it('but not where it answered, or where a file is to blame', () => {
    const answered = Object.assign(new Error('no'), { $metadata: { httpStatusCode: 503 } })
    expect(unreached(serviceFailure(answered), AT)).toBeUndefined()
    const file = Object.assign(new Error('no such file'), { code: 'ENOENT', path: '/x' })
    expect(unreached(serviceFailure(file), AT)).toBeUndefined()
  })
})
