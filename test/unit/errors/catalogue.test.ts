import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failureKind, helpOf } from '../../../src/errors/catalogue.ts'
import { readLogLine } from '../../../src/s5cmd/log.ts'

const root = resolve(import.meta.dirname, '../../..')
const command = 'cp s3://a/k s3://b/k'

/** What becomes of an error line of s5cmd. */
function learned(error: string) {
  const event = readLogLine(JSON.stringify({ operation: 'cp', command, error }))
  if (event.kind !== 'failed') throw new Error(`not a failure: ${error}`)
  return { ...failureKind(event.code), code: event.code, help: helpOf(event.code) }
}

describe('an error line of s5cmd becomes a code, what to do, and where to read on', () => {
  it('of which none tells of the run what is not so', () => {
    expect(learned('HeldBack: no status code: 400, request id: R').code).toBe('Unnamed')
    expect(learned('Cancelled').code).toBe('Unnamed')
  })

  it.each([
    // Access denied.
    ['AccessDenied: Access Denied status code: 403, request id: R', 'AccessDenied', /s3:GetObject/],
    ['Forbidden: Forbidden\n\tstatus code: 403, request id: R', 'AccessDenied', /s3:PutObject/],
    ['InvalidAccessKeyId: The AWS Access Key Id', 'InvalidAccessKeyId', /access key/],
    // Timeouts.
    [
      'RequestError: send request failed caused by: Put "http://h/b/k": dial tcp: i/o timeout',
      'RequestError',
      /network/,
    ],
    ['RequestTimeout: Your socket connection status code: 400', 'RequestTimeout', /numworkers/],
    ['read tcp 10.0.0.1: connection timed out', 'RequestError', /network/],
    ['SlowDown: Please reduce your request rate. status code: 503', 'SlowDown', /numworkers/],
    // Uploads in parts.
    [
      'NoSuchUpload: The specified upload does not exist. status code: 404',
      'NoSuchUpload',
      /again/,
    ],
    ['InvalidPart: One or more of the specified parts', 'InvalidPart', /part-size/],
    ['EntityTooSmall: Your proposed upload is smaller', 'EntityTooSmall', /part-size/],
    [
      'InvalidRequest: The specified copy source is larger than the maximum allowable size',
      'InvalidRequest',
      /message/,
    ],
    // Keys, storage, time.
    ['KMS.DisabledException: arn:aws:kms:…:key/1 is disabled.', 'KMS.DisabledException', /enabled/],
    ['NoSuchKey: The specified key does not exist. status code: 404', 'NoSuchKey', /run again/],
    ['InvalidObjectState: The operation is not valid', 'InvalidObjectState', /restore/],
    ['ExpiredToken: The provided token has expired. status code: 400', 'ExpiredToken', /duration/],
    ['open /tmp/x: too many open files', 'RequestError', /network/],
  ])('%s', (error, code, remedy) => {
    const { code: found, resolution, help } = learned(error)
    expect(found).toBe(code)
    expect(resolution).toMatch(remedy)
    const [page = '', anchor] = help.split('#')
    const headings = [...readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.*)$/gm)]
    expect(headings.map(([, heading = '']) => heading.toLowerCase())).toContain(anchor)
  })

  it.each([
    ['MethodNotAllowed', /does not allow this method/],
    ['AllAccessDisabled', /all access to the bucket/],
    ['AccountProblem', /AWS Support/],
    ['NotSignedUp', /AWS Support/],
    ['InvalidPayer', /AWS Support/],
  ])('and is not tried again where no attempt can heal it: %s', (code, remedy) => {
    const { resolution, retryable, help } = learned(`${code}: why status code: 403, request id: R`)
    expect(resolution).toMatch(remedy)
    expect(retryable).toBe(false)
    expect(help).toBe(`docs/troubleshooting.md#${code.toLowerCase()}`)
  })

  it('though nobody knows it', () => {
    const { resolution, help, retryable } = learned('NeverHeardOf: what is this')
    expect(resolution).toMatch(/open an issue/)
    expect(help).toBe('docs/troubleshooting.md#copy')
    expect(retryable).toBe(true)
  })
})
