import { describe, expect, it } from 'vitest'
import { readRequest } from '../../../src/inputs/inputs.ts'
import type { SyncRequest } from '../../../src/model/request.ts'
import { noFiles, scriptedHost } from '../../ports.ts'

const PLACES = { source: 's3://src/a/', destination: 's3://dst/b/' }

const read = (
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): SyncRequest =>
  readRequest(
    scriptedHost({ inputs: { ...PLACES, ...inputs }, env: { RUNNER_TEMP: '/tmp', ...env } }),
    noFiles,
  )

/** Names of the inputs that a refusal complains of. */
function complaints(inputs: Readonly<Record<string, string>>): string[] {
  try {
    read(inputs)
    return []
  } catch (error) {
    const { message } = error as Error
    return [...message.matchAll(/^- ([\w-]+):/gm)].map((match) => match[1] ?? '')
  }
}

describe('the request', () => {
  it('takes the input, then the environment, then the default, and names the origin', () => {
    const request = read({ compare: 'size' }, { AWS_REGION: 'eu-west-1' })
    expect(request.what.compare).toBe('size')
    expect(request.region).toBe('eu-west-1')
    expect(request.how.retryCount).toBe(5)
    const origins = new Map(request.settings.map(({ name, origin }) => [name, origin]))
    expect(origins.get('compare')).toBe('input')
    expect(origins.get('aws-region')).toBe('environment')
    expect(origins.get('retry-count')).toBe('default')
  })

  it('reads numbers with their units', () => {
    const { how } = read({ 'retry-delay': '50ms', 'request-timeout': '2m', numworkers: '7' })
    expect(how).toMatchObject({ retryDelayMs: 50, requestTimeoutMs: 120_000, numworkers: 7 })
  })

  it('reads patterns line by line', () => {
    const { what } = read({ include: '*.zip\n  *.txt  \r\n\n', exclude: '' })
    expect(what.include).toEqual(['*.zip', '*.txt'])
    expect(what.exclude).toEqual([])
  })

  it('hides secrets before anything else, and does not show them', () => {
    const host = scriptedHost({
      inputs: {
        ...PLACES,
        'aws-access-key-id': 'AKIDEXAMPLE',
        'aws-secret-access-key': 'sEcReTsEcReT',
      },
      env: { RUNNER_TEMP: '/tmp' },
    })
    const request = readRequest(host, noFiles)
    expect(host.masks).toEqual(['AKIDEXAMPLE', 'sEcReTsEcReT'])
    expect(JSON.stringify(request.settings)).not.toContain('sEcReT')
  })

  it('puts the report under RUNNER_TEMP, a folder for each use of the action', () => {
    expect(read({}, { GITHUB_ACTION: '__sync_2' }).tell.reportDir).toBe(
      '/tmp/s3-direct-sync/__sync_2',
    )
  })
})

describe('bad input', () => {
  it('is refused with every problem at once', () => {
    expect(
      complaints({
        source: './local',
        compare: 'md5',
        numworkers: '0',
        'dry-run': 'yes',
        'aws-session-token': 'x',
      }),
    ).toEqual(['source', 'dry-run', 'compare', 'numworkers', 'aws-session-token'])
  })

  it.each([
    ['source', '', 'required'],
    ['source', 's3://bucket/a*', 'include'],
    ['source', '/home/me', 'S3 to S3 only'],
    ['source', 's3://', 'bucket'],
    ['source', 's3://-bad/', 'bucket'],
    ['source', 'arn:aws:s3:us-east-1:1:accesspoint/x', 'alias'],
    ['compare', 'md5', 'one of auto, size'],
    ['numworkers', '1.5', 'auto, or a whole number'],
    ['request-timeout', '10', undefined],
    ['request-timeout', '10 s', 'duration'],
    ['request-timeout', '-1', 'duration'],
    ['endpoint-url', 'localhost:9000', 'URL'],
    ['endpoint-url', 'https://key:secret@host', 'URL'],
    ['inline-session-policy', '{', 'JSON'],
    ['allowed-account-ids', '123', '12 digits'],
    ['role-to-assume', 'sync', 'role ARN'],
    ['s5cmd-sha256', 'abc', '64 hex digits'],
  ])('%s: %j', (name, value, words) => {
    const attempt = () =>
      read({ 'role-to-assume': 'arn:aws:iam::123456789012:role/x', [name]: value })
    if (words === undefined) expect(attempt).not.toThrow()
    else expect(attempt).toThrow(words)
  })

  it('never shows a password or a signature in a URL', () => {
    const url = 'https://bot:hunter2@mirror.example.com/{asset}?token=abcdef'
    const { settings } = read({ 's5cmd-url': url })
    expect(settings.find(({ name }) => name === 's5cmd-url')?.value).toBe(
      'https://***@mirror.example.com/{asset}?***',
    )
    expect(() => read({ 'endpoint-url': url })).not.toThrow(/hunter2|abcdef/)
  })

  it('never shows a secret', () => {
    const attempt = () => read({ 'aws-secret-access-key': 'sEcReTsEcReT' })
    expect(attempt).toThrow('aws-access-key-id: is missing')
    expect(attempt).not.toThrow('sEcReT')
  })
})

describe('places that overlap', () => {
  it.each([
    ['s3://bkt/a/', 's3://bkt/a/', true],
    ['s3://bkt/a', 's3://bkt/a/', true],
    ['s3://bkt/a/', 's3://bkt/a/x/', true],
    ['s3://bkt', 's3://bkt/x/', true],
    ['s3://bkt/a/', 's3://bkt/', false],
    ['s3://bkt/a/', 's3://bkt/ab/', false],
    ['s3://bkt/a/', 's3://other/a/', false],
  ])('%s to %s: refused is %s', (source, destination, refused) => {
    expect(complaints({ source, destination })).toEqual(refused ? ['destination'] : [])
  })
})
