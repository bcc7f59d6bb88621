import { describe, expect, it } from 'vitest'
import { toldFailure } from '../../../src/adapters/error-answer.ts'
import { remedyFor } from '../../../src/errors/catalogue.ts'
import { ofPage, serviceFailure } from '../../../src/errors/service-failure.ts'
import { spokenRemedy } from '../../../src/errors/spoken.ts'
import { whereaboutsIn } from '../../../src/errors/whereabouts.ts'

const failure = (code: string, message = '', status = 400) => ({ code, message, status })

describe('what a code does not tell and the words of a service do', () => {
  it.each([
    ['VPC endpoints do not support cross-region requests', /engine: auto/],
    [ofPage(403), /not from the service/],
    ['Access Denied because object protected by object lock.', /protected by Object Lock until/],
    ['Object is WORM protected and cannot be overwritten', /protected by Object Lock until/],
    [
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      /SSE-C.*exclude it/,
    ],
    ['Cannot upload files, storage cap exceeded. See the Caps & Alerts page.', /limit .* raise it/],
    ['Cannot upload files, Transaction cap exceeded', /limit .* raise it/],
    ['Credential access key has length 20, should be 32', /access key ID is not one/],
    [
      'The authorization header is malformed; the Credential is mal-formed',
      /access key ID is not one/,
    ],
    ["Header 'x-amz-storage-class' with value 'GLACIER' not implemented", /remove storage-class/],
    ["Header 'x-amz-acl' with value 'public-read' not implemented", /remove acl/],
    ["Header 'x-amz-server-side-encryption' with value 'aws:kms' not implemented", /sse/],
    ["Header 'x-amz-tagging' with value 'a=b' not implemented", /tags: drop/],
    ["Unsupported header 'x-amz-tagging' received for this API call.", /tags: drop/],
  ])('%s', (message, remedy) => {
    expect(spokenRemedy({ message })).toMatch(remedy)
    // It leads over what is said of the code.
    expect(remedyFor(failure('AccessDenied', message))).toBe(spokenRemedy({ message }))
  })

  it.each([
    'Access Denied',
    "Header 'x-amz-made-up' with value 'x' not implemented",
    "the header 'x-amz-tagging' stands in a sentence of something else",
  ])('is nothing where they tell no more: %s', (message) => {
    expect(spokenRemedy({ message })).toBeUndefined()
  })
})

describe('where a service says that a bucket has to be asked for', () => {
  it.each([
    ['SecondLevelDomainForbidden', 'Please use virtual hosted style to access.'],
    ['PathStyleDomainForbidden', 'must be addressed using COS virtual-styled domain.'],
    ['VirtualHostDomainRequired', 'Virtual host domain is required'],
    ['InvalidPathAccess', 'Forbidden path to access server.'],
  ])('is its host, by the code %s', (code, message) => {
    expect(whereaboutsIn(failure(code, message, 403))).toEqual({ bucketInHost: true })
  })

  it.each([
    ["the region 'us-east-1' is wrong; expecting 'eu-central-1'", 'eu-central-1'],
    [
      "The authorization header is malformed; the region is wrong; expecting 'eu-west-1'.",
      'eu-west-1',
    ],
    [
      "unexpected scope: '20260812/us-east-1/s3/aws4_request', expected: '20260812/garage/s3/aws4_request'",
      'garage',
    ],
  ])('is another region: %s', (message, region) => {
    expect(whereaboutsIn(failure('AuthorizationHeaderMalformed', message))).toEqual({ region })
  })

  it.each([
    [
      'AuthorizationHeaderMalformed',
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/…"',
    ],
    ['InvalidArgument', "expecting 'eu-west-1'"],
    ['AccessDenied', 'Access Denied'],
  ])('is nowhere else: %s, %s', (code, message) => {
    expect(whereaboutsIn(failure(code, message))).toBeUndefined()
  })
})

describe('a web page in place of an answer', () => {
  it.each(['<html><head>', ' \n<!DOCTYPE html>', '<HTML lang="en">'])(
    'is told as one by its beginning: %j',
    (body) => {
      const { error } = toldFailure({ status: 403, headers: {}, body: Buffer.from(body) })
      expect([error.code, error.message]).toEqual(['AccessDenied', ofPage(403)])
    },
  )

  it.each(['', 'Forbidden', '<Error><Code>AccessDenied</Code><Message>html</Message></Error>'])(
    'is not what is none: %j',
    (body) => {
      expect(
        toldFailure({ status: 403, headers: {}, body: Buffer.from(body) }).error.message,
      ).not.toBe(ofPage(403))
    },
  )

  it('is told as one where the SDK could not read it', () => {
    const thrown = Object.assign(new Error('UnknownError'), {
      name: '403',
      $metadata: { httpStatusCode: 403 },
      $response: { headers: { 'content-type': 'text/html; charset=utf-8' } },
    })
    expect(serviceFailure(thrown)).toMatchObject({ code: 'AccessDenied', message: ofPage(403) })
  })
})
