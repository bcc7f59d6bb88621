import { describe, expect, it } from 'vitest'
import { readLogLine } from '../../../src/s5cmd/log.ts'

const json = (value: unknown) => JSON.stringify(value)

describe('a line of s5cmd', () => {
  it('tells a copy that is done', () => {
    const line =
      '{"operation":"cp","success":true,"source":"s3://src/k \\u003c","destination":"s3://dst/k \\u003c","object":{"key":"s3://dst/k","type":"file"}}'
    expect(readLogLine(line)).toEqual({ kind: 'done', job: 's3://src/k < s3://dst/k <' })
  })

  it.each([
    [
      'cp s3://a/k s3://b/k',
      'AccessDenied: Access Denied status code: 403, request id: R',
      'AccessDenied',
    ],
    [
      'cp --raw=true --metadata-directive=COPY s3://a/k s3://b/k',
      'source argument must contain wildcard character',
      'Unnamed',
    ],
    ['cp s3://a/k s3://b/k', 'RequestError: send request failed caused by: Put', 'RequestError'],
    [
      'cp s3://a/k s3://b/k',
      'InvalidRequest: The specified copy source is larger',
      'InvalidRequest',
    ],
    ['cp s3://a/k s3://b/k', 'something status code: 403, request id', 'AccessDenied'],
    ['cp s3://a/k s3://b/k', `${'A'.repeat(64)}: a code of 64`, 'A'.repeat(64)],
    ['cp s3://a/k s3://b/k', `${'A'.repeat(65)}: no code`, 'Unnamed'],
  ])('tells a copy that failed: %s: %s', (command, error, code) => {
    expect(readLogLine(json({ operation: 'cp', command, error }))).toEqual({
      kind: 'failed',
      job: 's3://a/k s3://b/k',
      code,
      message: error,
      httpStatus: /status code: 403/.test(error) ? 403 : undefined,
      mayStand: false,
    })
  })

  it.each([
    [403, 'AccessDenied', false],
    [404, 'NotFound', false],
    [413, 'RequestTooLarge', false],
    [502, 'RequestError', true],
    [503, 'ServiceUnavailable', true],
  ])('tells a web page in place of an answer by its status: %i', (status, code, mayStand) => {
    const error = `SerializationError: failed to unmarshal error message status code: ${status}, request id: , host id: caused by: UnmarshalError: failed to unmarshal error message 00000000 3c 68 74 6d 6c 3e |<html>| caused by: expected element type <Error> but have <html>`
    const event = readLogLine(json({ operation: 'cp', command: 'cp s3://a/k s3://b/k', error }))
    expect(event).toMatchObject({ code, httpStatus: status, mayStand })
    expect(event).toMatchObject({
      message: expect.stringMatching(/^HTTP status \d+: the response is not from S3/),
    })
  })

  it('tells that a copy may have been made where the answer to it could not be read', () => {
    const error =
      'SerializationError: failed to decode REST XML response status code: 200, request id: R'
    const event = readLogLine(json({ operation: 'cp', command: 'cp s3://a/k s3://b/k', error }))
    expect(event).toMatchObject({ code: 'SerializationError', mayStand: true })
  })

  it('is cut where it is longer than of use', () => {
    const error = `AccessDenied: ${'no '.repeat(100_000)}status code: 403`
    const event = readLogLine(json({ operation: 'cp', command: 'cp s3://a/k s3://b/k', error }))
    expect(event).toMatchObject({ kind: 'failed', code: 'AccessDenied', httpStatus: 403 })
    expect(JSON.stringify(event).length).toBeLessThan(800)
  })

  it.each(['no \\ ', '< ', '\u0001', '"'])(
    'tells the object though its error text was cut off within: %j',
    (text) => {
      const command = 'cp s3://a/k s3://b/k'
      const error = `AccessDenied: ${text.repeat(2 ** 20)}`
      for (let less = 0; less < 12; less++) {
        // As the splitter of lines leaves it; each length ends at another place of an escape.
        const line = json({ operation: 'cp', command, error: `${'.'.repeat(less)}${error}` })
        expect(readLogLine(line.slice(0, 2 ** 20))).toMatchObject({
          kind: 'failed',
          job: 's3://a/k s3://b/k',
        })
      }
    },
  )

  it('tells a retry', () => {
    const line = json({ error: 'retryable error: SlowDown: SlowDown\n\tstatus code: 503' })
    expect(readLogLine(line).kind).toBe('retry')
  })

  it.each([
    'Incorrect Usage: flag provided but not defined',
    '',
    '[]',
    'null',
    '12',
    '{"operation":"cp","success":13,"error":1}',
    '{"operation":"run","command":"run b.txt","error":"\\"foo\\" command (line: 3) not found"}',
    '{"error":"session: fetching region failed"}',
    'panic: runtime error: invalid memory address',
  ])('is never mistaken for an ending: %s', (line) => {
    expect(readLogLine(line)).toEqual({ kind: 'other', text: line })
  })

  it.each([
    'dial tcp 1.2.3.4:443: connectex: Only one usage of each socket address (protocol/network address/port) is normally permitted.',
    'dial tcp 1.2.3.4:443: connectex: An operation on a socket could not be performed because the system lacked sufficient buffer space or because a queue was full.',
    "dial tcp 1.2.3.4:443: connect: can't assign requested address",
  ])('tells that no port is left, which heals: %s', (error) => {
    const event = readLogLine(json({ operation: 'cp', command: 'cp s3://a/k s3://b/k', error }))
    expect(event).toMatchObject({ kind: 'failed', code: 'RequestError' })
  })
})
