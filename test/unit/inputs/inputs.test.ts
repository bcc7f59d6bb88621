import { describe, expect, it } from 'vitest'
import { readRequest } from '../../../src/inputs/inputs.ts'
import type { SyncRequest } from '../../../src/model/request.ts'
import { noFiles, scriptedHost } from '../../ports.ts'

const MIB = 2 ** 20
const PLACES = { source: 's3://src/a/', destination: 's3://dst/b/' }

const read = (
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<SyncRequest> =>
  readRequest(
    scriptedHost({ inputs: { ...PLACES, ...inputs }, env: { RUNNER_TEMP: '/tmp', ...env } }),
    noFiles,
  )

/** What a refusal says; '' when there is none. */
const refusal = (inputs: Readonly<Record<string, string>>): Promise<string> =>
  read(inputs).then(
    () => '',
    (error: unknown) => (error as Error).message,
  )

/** Names of the inputs that a refusal complains of. */
const complaints = async (inputs: Readonly<Record<string, string>>): Promise<string[]> =>
  [...(await refusal(inputs)).matchAll(/^- ([\w-]+):/gm)].map((match) => match[1] ?? '')

describe('the request', () => {
  it('takes the input, then the environment, then the default, and names the origin', async () => {
    const request = await read({ compare: 'size' }, { AWS_REGION: 'eu-west-1' })
    expect(request.what.compare).toBe('size')
    expect(request.region).toBe('eu-west-1')
    expect(request.how.retryCount).toBe(5)
    const origins = new Map(request.settings.map(({ name, origin }) => [name, origin]))
    expect(origins.get('compare')).toBe('input')
    expect(origins.get('aws-region')).toBe('environment')
    expect(origins.get('retry-count')).toBe('default')
  })

  it('reads numbers with their units', async () => {
    const { how } = await read({
      'retry-delay': '50ms',
      'request-timeout': '2m',
      numworkers: '7',
      'max-duration': '1h30m0.5s',
    })
    expect(how).toMatchObject({ retryDelayMs: 50, requestTimeoutMs: 120_000, numworkers: 7 })
    expect(how.maxDurationMs).toBe(5_400_500)
  })

  it.each([
    ['auto', 'auto'],
    ['50', 50 * MIB],
    ['50MiB', 50 * MIB],
    ['50MB', 48 * MIB],
    ['0.5 GiB', 512 * MIB],
  ])('reads the part size %s', async (text, partBytes) => {
    expect((await read({ 'part-size': text })).how.partBytes).toBe(partBytes)
  })

  it('reads what objects are written with', async () => {
    const write = {
      'storage-class': 'STANDARD_IA',
      sse: 'aws:kms',
      'sse-kms-key-id': 'k',
      'metadata-directive': 'REPLACE',
      'content-type': 'text/html',
      metadata: 'Owner=a=b, c\nempty=',
    }
    expect((await read(write)).how.write).toEqual({
      storageClass: 'STANDARD_IA',
      sse: 'aws:kms',
      sseKmsKeyId: 'k',
      metadata: { contentType: 'text/html', user: { owner: 'a=b, c', empty: '' } },
    })
    expect((await read({})).how.write.metadata).toBeUndefined()
  })

  it('tells the sides apart', async () => {
    const request = await read({
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

  it('takes a role for the source by the keys of the run, but not by its session policies', async () => {
    const roleArn = 'arn:aws:iam::123456789012:role/reader'
    const { sourceWho } = await read({
      'aws-access-key-id': 'AKID',
      'aws-secret-access-key': 'secret',
      'role-to-assume': 'arn:aws:iam::123456789012:role/writer',
      'inline-session-policy': '{}',
      'source-role-to-assume': roleArn,
    })
    expect(sourceWho).toMatchObject({ roleArn, keys: { accessKeyId: 'AKID' }, policyArns: [] })
    expect(sourceWho).toMatchObject({ inlinePolicy: undefined })
  })

  it('reads patterns line by line', async () => {
    const { what } = await read({ include: '*.zip\n  *.txt  \r\n\n', exclude: '' })
    expect(what.include).toEqual(['*.zip', '*.txt'])
    expect(what.exclude).toEqual([])
  })

  it('hides secrets before anything else, and does not show them', async () => {
    const host = scriptedHost({
      inputs: {
        ...PLACES,
        'aws-access-key-id': 'AKIDEXAMPLE',
        'aws-secret-access-key': 'sEcReTsEcReT',
      },
      env: { RUNNER_TEMP: '/tmp' },
    })
    const request = await readRequest(host, noFiles)
    expect(host.masks).toEqual(['AKIDEXAMPLE', 'sEcReTsEcReT'])
    expect(JSON.stringify(request.settings)).not.toContain('sEcReT')
  })

  it('puts the report under RUNNER_TEMP, a folder for each use of the action', async () => {
    expect((await read({}, { GITHUB_ACTION: '__sync_2' })).tell.reportDir).toBe(
      '/tmp/s3-direct-sync/__sync_2',
    )
  })
})

describe('bad input', () => {
  it('is refused with every problem at once', async () => {
    expect(
      await complaints({
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
    ['request-timeout', '1h30m', undefined],
    ['request-timeout', '1h30', 'duration from 1s to 7 days'],
    ['request-timeout', '169h', 'duration from 1s to 7 days'],
    ['max-duration', '0.5', 'duration from 1s to 7 days'],
    ['config', 'team.yml', 'only with preset'],
    ['key-mismatch', 'skip', 'only with key-template'],
    ['key-template', '{name', 'a brace that belongs to no name'],
    ['key-template', '{name}}', 'a brace that belongs to no name'],
    ['key-template', '{{name}}', 'a brace that belongs to no name'],
    ['endpoint-url', 'localhost:9000', 'URL'],
    ['endpoint-url', 'https://key:secret@host', 'URL'],
    ['inline-session-policy', '{', 'JSON'],
    ['allowed-account-ids', '123', '12 digits'],
    ['role-to-assume', 'sync', 'role ARN'],
    ['s5cmd-sha256', 'abc', '64 hex digits'],
    ['part-size', '4MiB', 'from 5MiB to 1GiB'],
    ['part-size', '2GiB', 'from 5MiB to 1GiB'],
    ['source-endpoint-url', 'gcp', 'aws, or a URL'],
    ['metadata', 'no equals sign', 'name=value'],
    ['metadata', 'k=schön', 'ASCII'],
    ['cache-control', 'a\nb', 'printable ASCII'],
    ['storage-class', 'COLD', 'one of STANDARD'],
    ['cloudwatch-metrics', 'yes', 'true or false'],
    ['cloudwatch-namespace', 'Team/S3 sync', undefined],
    ['cloudwatch-namespace', 'AWS/S3', 'does not begin with AWS/'],
    ['cloudwatch-namespace', ':sync', 'CloudWatch namespace'],
    ['cloudwatch-namespace', 'n'.repeat(256), 'CloudWatch namespace'],
  ])('%s: %j', async (name, value, words) => {
    const said = await refusal({
      'role-to-assume': 'arn:aws:iam::123456789012:role/x',
      [name]: value,
    })
    if (words === undefined) expect(said).toBe('')
    else expect(said).toContain(words)
  })

  it('never shows a password or a signature in a URL', async () => {
    const url = 'https://bot:hunter2@mirror.example.com/{asset}?token=abcdef'
    const { settings } = await read({ 's5cmd-url': url })
    expect(settings.find(({ name }) => name === 's5cmd-url')?.value).toBe(
      'https://***@mirror.example.com/{asset}?***',
    )
    expect(await refusal({ 'endpoint-url': url })).not.toMatch(/^$|hunter2|abcdef/)
  })

  it('never shows a secret', async () => {
    const said = await refusal({ 'aws-secret-access-key': 'sEcReTsEcReT' })
    expect(said).toContain('aws-access-key-id: is missing')
    expect(said).not.toContain('sEcReT')
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
    [{ 'install-method': 'go' }, []],
    [{ 'install-method': 'go', 's5cmd-sha256': 'a'.repeat(64) }, ['s5cmd-sha256']],
    [
      { 'install-method': 'brew', 's5cmd-path': '/s5cmd', 's5cmd-url': 'https://mirror.test' },
      ['s5cmd-path', 's5cmd-url'],
    ],
    [
      {
        'web-identity-token-file': '/t',
        'source-role-to-assume': 'arn:aws:iam::123456789012:role/r',
      },
      [],
    ],
  ])('%j', async (inputs, expected) => {
    expect(await complaints(inputs)).toEqual(expected)
  })
})

describe('places that overlap', () => {
  it('do not when they are on two services', async () => {
    const same = { source: 's3://bkt/a/', destination: 's3://bkt/a/' }
    expect(await complaints({ ...same, 'source-endpoint-url': 'https://minio' })).toEqual([])
    expect(await complaints({ ...same, 'endpoint-url': 'https://minio' })).toEqual(['destination'])
  })

  it.each([
    ['s3://bkt/a/', 's3://bkt/a/', true],
    ['s3://bkt/a', 's3://bkt/a/', true],
    ['s3://bkt/a/', 's3://bkt/a/x/', true],
    ['s3://bkt', 's3://bkt/x/', true],
    ['s3://bkt/a/', 's3://bkt/', false],
    ['s3://bkt/a/', 's3://bkt/ab/', false],
    ['s3://bkt/a/', 's3://other/a/', false],
  ])('%s to %s: refused is %s', async (source, destination, refused) => {
    expect(await complaints({ source, destination })).toEqual(refused ? ['destination'] : [])
  })
})
