import { describe, expect, it } from 'vitest'
import { readRequest } from '../../../src/inputs/inputs.ts'
import type { SyncRequest } from '../../../src/model/request.ts'
import { noFiles, scriptedHost } from '../../ports.ts'

const MIB = 2 ** 20
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

  it.each([
    ['auto', 'auto'],
    ['50', 50 * MIB],
    ['50MiB', 50 * MIB],
    ['50MB', 48 * MIB],
    ['0.5 GiB', 512 * MIB],
  ])('reads the part size %s', (text, partBytes) => {
    expect(read({ 'part-size': text }).how.partBytes).toBe(partBytes)
  })

  it('reads what objects are written with', () => {
    const write = {
      'storage-class': 'STANDARD_IA',
      sse: 'aws:kms',
      'sse-kms-key-id': 'k',
      'metadata-directive': 'REPLACE',
      'content-type': 'text/html',
      metadata: 'Owner=a=b, c\nempty=',
    }
    expect(read(write).how.write).toEqual({
      storageClass: 'STANDARD_IA',
      sse: 'aws:kms',
      sseKmsKeyId: 'k',
      metadata: { contentType: 'text/html', user: { owner: 'a=b, c', empty: '' } },
    })
    expect(read({}).how.write.metadata).toBeUndefined()
  })

  it('tells the sides apart', () => {
    const request = read({
      'endpoint-url': 'https://minio',
      'aws-region': 'eu-west-1',
      'source-endpoint-url': 'aws',
      'source-region': 'us-west-2',
      'source-aws-access-key-id': 'AKID',
      'source-aws-secret-access-key': 'secret',
    })
    expect(request.source).toMatchObject({ region: 'us-west-2' })
    expect(request.source.endpoint).toBeUndefined()
    expect(request.destination).toMatchObject({ endpoint: 'https://minio', region: 'eu-west-1' })
    expect(request.sourceWho).toMatchObject({ keys: { accessKeyId: 'AKID' } })
    expect(request.who.keys).toBeUndefined()
    expect(request.how).toMatchObject({ engine: 'direct', directBecause: 'two-services' })
  })

  it('takes a role for the source by the keys of the run, but not by its session policies', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/reader'
    const { sourceWho } = read({
      'aws-access-key-id': 'AKID',
      'aws-secret-access-key': 'secret',
      'role-to-assume': 'arn:aws:iam::123456789012:role/writer',
      'inline-session-policy': '{}',
      'source-role-to-assume': roleArn,
    })
    expect(sourceWho).toMatchObject({ roleArn, keys: { accessKeyId: 'AKID' }, policyArns: [] })
    expect(sourceWho).toMatchObject({ inlinePolicy: undefined })
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
    ['part-size', '4MiB', 'from 5MiB to 5GiB'],
    ['part-size', '6GiB', 'from 5MiB to 5GiB'],
    ['source-endpoint-url', 'gcp', 'aws, or a URL'],
    ['metadata', 'no equals sign', 'name=value'],
    ['metadata', 'k=schön', 'ASCII'],
    ['cache-control', 'a\nb', 'printable ASCII'],
    ['storage-class', 'COLD', 'one of STANDARD'],
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

describe('inputs that do not go together', () => {
  it.each<[Readonly<Record<string, string>>, string[]]>([
    [{ 'content-type': 'text/x', metadata: 'a=b' }, ['content-type', 'metadata']],
    [{ 'sse-kms-key-id': 'k' }, ['sse-kms-key-id']],
    [{ 'sse-kms-key-id': 'k', sse: 'AES256' }, ['sse-kms-key-id']],
    [{ engine: 's5cmd', overwrite: 'never' }, ['engine']],
    [{ engine: 's5cmd', 'source-no-sign-request': 'true' }, ['engine']],
    [{ engine: 's5cmd', 'source-endpoint-url': 'https://minio' }, ['engine']],
    [{ 'source-aws-access-key-id': 'k' }, ['source-aws-secret-access-key']],
    [{ 'source-aws-session-token': 't' }, ['source-aws-session-token']],
    [{ 'source-no-sign-request': 'true', 'source-profile': 'p' }, ['source-profile']],
    [{ 'web-identity-token-file': '/t' }, ['web-identity-token-file']],
    [
      {
        'web-identity-token-file': '/t',
        'source-role-to-assume': 'arn:aws:iam::123456789012:role/r',
      },
      [],
    ],
  ])('%j', (inputs, expected) => {
    expect(complaints(inputs)).toEqual(expected)
  })
})

describe('places that overlap', () => {
  it('do not when they are on two services', () => {
    const same = { source: 's3://bkt/a/', destination: 's3://bkt/a/' }
    expect(complaints({ ...same, 'source-endpoint-url': 'https://minio' })).toEqual([])
    expect(complaints({ ...same, 'endpoint-url': 'https://minio' })).toEqual(['destination'])
  })

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
