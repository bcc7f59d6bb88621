import { describe, expect, it } from 'vitest'
import { serviceOf } from '../../../src/model/service.ts'
import { problems, read } from './reading.ts'

const WRITER = 'arn:aws:iam::123456789012:role/writer'
const READER = 'arn:aws:iam::123456789012:role/reader'
const KEYS = {
  'aws-access-key-id': 'AKID',
  'aws-secret-access-key': 'sEcReT',
  'aws-session-token': 'token',
}

describe('a request', () => {
  it('of two places alone is all defaults', async () => {
    const { settings, ...request } = await read({})
    const own = expect.stringMatching(/^\/tmp\/s3-direct-sync\/run-/)
    expect(request).toMatchInlineSnapshot(
      { planDir: { path: own }, reporting: { reportDir: own } },
      `
      {
        "access": {
          "allowedAccountIds": [],
          "audience": "sts.amazonaws.com",
          "durationSeconds": 3600,
          "externalId": undefined,
          "inlinePolicy": undefined,
          "keys": undefined,
          "policyArns": [],
          "profile": undefined,
          "roleArn": undefined,
          "sessionName": "GitHubActions",
          "sts": {
            "endpoint": undefined,
            "region": "us-east-1",
            "variant": {
              "dualstack": false,
              "fips": false,
            },
          },
          "tokenFile": undefined,
        },
        "at": 0,
        "destination": {
          "bucket": "dst",
          "endpoint": undefined,
          "path": "b/",
          "region": "us-east-1",
          "variant": {
            "dualstack": false,
            "fips": false,
          },
        },
        "dryRun": false,
        "install": {
          "method": "auto",
          "path": undefined,
          "sha256": undefined,
          "url": undefined,
          "version": "2.3.0",
        },
        "lock": undefined,
        "mode": "sync",
        "name": undefined,
        "planDir": {
          "path": StringMatching /\\^\\\\/tmp\\\\/s3-direct-sync\\\\/run-/,
        },
        "planId": undefined,
        "reporting": {
          "cdn": undefined,
          "failOn": "failed",
          "jobSummary": true,
          "logLevel": "info",
          "logLines": "text",
          "metricsEndpoint": undefined,
          "metricsNamespace": undefined,
          "reportDir": StringMatching /\\^\\\\/tmp\\\\/s3-direct-sync\\\\/run-/,
        },
        "selection": {
          "allowEmptySource": false,
          "compare": "auto",
          "delete": false,
          "deleteAfterMs": undefined,
          "exclude": [],
          "include": [],
          "keys": undefined,
          "lock": undefined,
          "manifest": undefined,
          "maxDelete": {
            "objects": 1000,
          },
          "overwrite": "if-different",
          "sums": undefined,
          "waves": undefined,
        },
        "shard": undefined,
        "shardsDir": undefined,
        "source": {
          "bucket": "src",
          "endpoint": undefined,
          "path": "a/",
          "region": "us-east-1",
          "variant": {
            "dualstack": false,
            "fips": false,
          },
        },
        "sourceAccess": undefined,
        "transfer": {
          "batchSize": "auto",
          "bytesPerSecond": undefined,
          "concurrency": 5,
          "directBecause": undefined,
          "engine": "auto",
          "maxDurationMs": undefined,
          "maxRetries": 3,
          "numworkers": "auto",
          "partBytes": "auto",
          "requestPayer": undefined,
          "requestTimeoutMs": 30000,
          "requestsPerSecond": undefined,
          "retryCount": 5,
          "retryDelayMs": 30000,
          "verify": "auto",
          "write": {
            "acl": undefined,
            "metadata": undefined,
            "sse": undefined,
            "sseKmsKeyId": undefined,
            "storageClass": undefined,
          },
        },
        "unknownInputs": [],
      }
    `,
    )
    const [source, destination, ...others] = settings
    expect([source, destination]).toEqual([
      { name: 'source', value: 's3://src/a/', origin: 'input' },
      { name: 'destination', value: 's3://dst/b/', origin: 'input' },
    ])
    expect(new Set(others.map(({ origin }) => origin))).toEqual(new Set(['default']))
    const texts = Object.fromEntries(others.map(({ name, value }) => [name, value]))
    expect(texts).toMatchInlineSnapshot(`
      {
        "allow-empty-source": "false",
        "audience": "sts.amazonaws.com",
        "batch-size": "auto",
        "cloudwatch-metrics": "false",
        "cloudwatch-namespace": "S3DirectSync",
        "compare": "auto",
        "concurrency": "5",
        "delete": "false",
        "dry-run": "false",
        "engine": "auto",
        "fail-on": "failed",
        "install-method": "auto",
        "job-summary": "true",
        "json": "false",
        "key-mismatch": "keep",
        "local": "symlinks=fail,hidden=include",
        "log-level": "info",
        "manifest-missing": "fail",
        "max-delete": "1000",
        "max-retries": "3",
        "metadata-directive": "COPY",
        "mode": "sync",
        "numworkers": "auto",
        "overwrite": "if-different",
        "part-size": "auto",
        "request-timeout": "30s",
        "retry-count": "5",
        "retry-delay": "30s",
        "role-duration-seconds": "3600",
        "role-session-name": "GitHubActions",
        "s5cmd-version": "2.3.0",
        "source-no-sign-request": "false",
        "tags": "keep",
        "verify": "auto",
      }
    `)
  })

  it('has every value that was given, in its units', async () => {
    const { settings, ...request } = await read({
      source: 's3://src/a',
      destination: 's3://dst',
      mode: 'check',
      'dry-run': 'true',
      'role-to-assume': WRITER,
      'role-session-name': 'nightly',
      'role-duration-seconds': '900',
      'role-external-id': 'external',
      audience: 'sts.amazonaws.com.cn',
      'inline-session-policy': '{}',
      'managed-session-policies': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      'allowed-account-ids': '123456789012,210987654321',
      'aws-region': 'eu-west-1',
      ...KEYS,
      'sts-endpoint': 'https://sts.test',
      'source-region': 'us-west-2',
      'destination-region': 'eu-central-1',
      'request-payer': 'requester',
      include: '*.zip',
      exclude: '*.tmp\nlogs/**',
      compare: 'newer',
      delete: 'true',
      'max-delete': '10%',
      'allow-empty-source': 'true',
      'key-pattern': '^(?<day>.+)/',
      'key-template': 'day={day}/{name}',
      'key-mismatch': 'fail',
      engine: 'direct',
      numworkers: '7',
      'retry-count': '2',
      'max-retries': '1',
      'retry-delay': '2s',
      'part-size': '8MiB',
      concurrency: '3',
      'batch-size': '9',
      'rate-limit': '50MB/s',
      'requests-per-second': '11',
      'request-timeout': '10s',
      'max-duration': '1h',
      'storage-class': 'GLACIER_IR',
      sse: 'aws:kms',
      'sse-kms-key-id': 'key-1',
      acl: 'private',
      'metadata-directive': 'REPLACE',
      'cache-control': 'no-store',
      'content-type': 'text/plain',
      verify: 'listing',
      's5cmd-version': 'v2.2.2',
      's5cmd-url': 'https://mirror.test/{version}/{asset}',
      's5cmd-sha256': 'AB'.repeat(32),
      'install-method': 'mirror',
      'log-level': 'debug',
      json: 'true',
      'report-dir': '/report',
      'job-summary': 'false',
      'cloudwatch-metrics': 'true',
      'cloudwatch-namespace': 'Team/Mirror',
      'fail-on': 'never',
    })
    expect(request).toMatchInlineSnapshot(`
      {
        "access": {
          "allowedAccountIds": [
            "123456789012",
            "210987654321",
          ],
          "audience": "sts.amazonaws.com.cn",
          "durationSeconds": 900,
          "externalId": "external",
          "inlinePolicy": "{}",
          "keys": {
            "accessKeyId": "AKID",
            "secretAccessKey": "sEcReT",
            "sessionToken": "token",
          },
          "policyArns": [
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
          ],
          "profile": undefined,
          "roleArn": "arn:aws:iam::123456789012:role/writer",
          "sessionName": "nightly",
          "sts": {
            "endpoint": "https://sts.test",
            "region": "eu-west-1",
            "variant": {
              "dualstack": false,
              "fips": false,
            },
          },
          "tokenFile": undefined,
        },
        "at": 0,
        "destination": {
          "bucket": "dst",
          "endpoint": undefined,
          "path": "",
          "region": "eu-central-1",
          "variant": {
            "dualstack": false,
            "fips": false,
          },
        },
        "dryRun": true,
        "install": {
          "method": "mirror",
          "path": undefined,
          "sha256": "abababababababababababababababababababababababababababababababab",
          "url": "https://mirror.test/{version}/{asset}",
          "version": "2.2.2",
        },
        "lock": undefined,
        "mode": "check",
        "name": undefined,
        "planDir": {
          "path": "/report",
        },
        "planId": undefined,
        "reporting": {
          "cdn": undefined,
          "failOn": "never",
          "jobSummary": false,
          "logLevel": "debug",
          "logLines": "json",
          "metricsEndpoint": undefined,
          "metricsNamespace": "Team/Mirror",
          "reportDir": "/report",
        },
        "selection": {
          "allowEmptySource": true,
          "compare": "newer",
          "delete": true,
          "deleteAfterMs": undefined,
          "exclude": [
            "*.tmp",
            "logs/**",
          ],
          "include": [
            "*.zip",
          ],
          "keys": {
            "mismatch": "fail",
            "pattern": "^(?<day>.+)/",
            "template": "day={day}/{name}",
          },
          "lock": undefined,
          "manifest": undefined,
          "maxDelete": {
            "percent": 10,
          },
          "overwrite": "if-different",
          "sums": undefined,
          "waves": undefined,
        },
        "shard": undefined,
        "shardsDir": undefined,
        "source": {
          "bucket": "src",
          "endpoint": undefined,
          "path": "a",
          "region": "us-west-2",
          "variant": {
            "dualstack": false,
            "fips": false,
          },
        },
        "sourceAccess": undefined,
        "transfer": {
          "batchSize": 9,
          "bytesPerSecond": 50000000,
          "concurrency": 3,
          "directBecause": "asked-for",
          "engine": "direct",
          "maxDurationMs": 3600000,
          "maxRetries": 1,
          "numworkers": 7,
          "partBytes": 8388608,
          "requestPayer": "requester",
          "requestTimeoutMs": 10000,
          "requestsPerSecond": 11,
          "retryCount": 2,
          "retryDelayMs": 2000,
          "verify": "listing",
          "write": {
            "acl": "private",
            "metadata": {
              "cacheControl": "no-store",
              "contentType": "text/plain",
            },
            "sse": "aws:kms",
            "sseKmsKeyId": "key-1",
            "storageClass": "GLACIER_IR",
          },
        },
        "unknownInputs": [],
      }
    `)
    expect(settings.filter(({ origin }) => origin === 'default').map(({ name }) => name)).toEqual([
      'source-no-sign-request',
      'overwrite',
      'manifest-missing',
      'tags',
      'local',
    ])
  })

  it('names the binary that is there', async () => {
    const { install } = await read({ 's5cmd-path': '/opt/s5cmd' })
    expect(install).toMatchObject({ path: '/opt/s5cmd', method: 'auto' })
  })

  it('cannot be changed', async () => {
    expect(Object.isFrozen(await read({}))).toBe(true)
  })
})

describe('metadata of new objects', () => {
  it('are none, where they replace the old and none is given', async () => {
    const { transfer } = await read({ 'metadata-directive': 'REPLACE' })
    expect(transfer.write.metadata).toEqual({})
  })
})

describe('the report', () => {
  it('has a folder of its own for each use, also where two steps have one name', async () => {
    const env = { GITHUB_ACTION: '__sync_2' }
    const [one, other] = await Promise.all([read({}, env), read({}, env)])
    expect(one.reporting.reportDir).toMatch(/^\/tmp\/s3-direct-sync\/__sync_2-[0-9a-f-]{36}$/)
    expect(other.reporting.reportDir).not.toBe(one.reporting.reportDir)
    expect(one.planDir).toEqual({ path: one.reporting.reportDir })
  })

  it('stays below its folder whatever the step is called', async () => {
    const { reporting } = await read({}, { GITHUB_ACTION: '../../x y.z' })
    expect(reporting.reportDir).toMatch(/^\/tmp\/s3-direct-sync\/______x_y_z-[0-9a-f-]{36}$/)
  })

  it.each<[string, string, Readonly<Record<string, string>>, string]>([
    ['where it was asked for', '/mine', { GITHUB_ACTION: '__sync_2' }, '/mine'],
    ['where it was asked for, without RUNNER_TEMP', '/mine', { RUNNER_TEMP: '' }, '/mine'],
    ['below the home that ~ stands for', '~/rep', { HOME: '/home/me' }, '/home/me/rep'],
    ['below the home of Windows', '~\\rep', { USERPROFILE: '/users/me' }, '/users/me/rep'],
    ['in the home itself', '~', { HOME: '/home/me' }, '/home/me/'],
    ['where ~ is a part of a name', './~/rep', { HOME: '/home/me' }, './~/rep'],
  ])('is put %s', async (_where, reportDir, env, folder) => {
    const request = await read({ 'report-dir': reportDir, mode: 'execute' }, env)
    expect(request.reporting.reportDir).toBe(folder)
    expect(request.planDir).toEqual({ path: folder })
  })

  it('has no place without RUNNER_TEMP and report-dir, which is told with all else', async () => {
    expect(await problems({ delete: 'x' }, { RUNNER_TEMP: '' })).toEqual([
      'delete: "x": expected true or false',
      'report-dir: RUNNER_TEMP is not set: set report-dir to a folder',
    ])
  })

  it('is not where the plan of another run is', async () => {
    const request = await read({ mode: 'execute', 'plan-dir': '/plan' })
    expect(request.planDir).toEqual({ path: '/plan' })
    expect(request.reporting.reportDir).toMatch(/^\/tmp\/s3-direct-sync\/run-/)
  })
})

it.each([
  ['3/8', 0.5, 125_000],
  ['1/1', 4, 1_000_000],
])(
  'shard %s has its share of limits that are for all, be it less than one',
  async (shard, ...share) => {
    const limits = { 'requests-per-second': '4', 'rate-limit': '1MB/s' }
    const { transfer } = await read({ mode: 'execute', 'plan-dir': '/plan', shard, ...limits })
    expect([transfer.requestsPerSecond, transfer.bytesPerSecond]).toEqual(share)
  },
)

it('a folder of jobs may be a prefix, with or without a slash at its end', async () => {
  const inputs = { mode: 'finish', 'plan-dir': 's3://jobs/1', 'shards-dir': 's3://jobs' }
  expect(await read(inputs)).toMatchObject({
    planDir: { bucket: 'jobs', prefix: '1/' },
    shardsDir: { bucket: 'jobs', prefix: '' },
  })
})

describe('a path', () => {
  const NO_VARIABLE =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
    'variables are not expanded here: use a workflow expression such as `${{ runner.temp }}`'
  const execute = { mode: 'execute', 'plan-dir': '/p' }

  it.each([
    ['report-dir', '$RUNNER_TEMP/rep', {}],
    ['report-dir', '%RUNNER_TEMP%\\rep', {}],
    ['plan-dir', '$HOME/plan', { mode: 'execute' }],
    ['s5cmd-path', '$HOME/bin/s5cmd', {}],
    ['web-identity-token-file', '$TOKEN', { 'role-to-assume': WRITER }],
  ])('with a variable is refused: %s: %s', async (input, value, more) => {
    expect(await problems({ ...more, [input]: value })).toEqual([
      `${input}: ${JSON.stringify(value)}: ${NO_VARIABLE}`,
    ])
  })

  it('may hold a percent sign', async () => {
    expect(await problems({ 'report-dir': '/100%' })).toEqual([])
  })

  it('that begins with ~/ lies in the home, of each input', async () => {
    const env = { HOME: '/h' }
    const { install, access } = await read(
      { 's5cmd-path': '~/s5cmd', 'role-to-assume': WRITER, 'web-identity-token-file': '~/t' },
      env,
    )
    expect([install.path, access.tokenFile]).toEqual(['/h/s5cmd', '/h/t'])
    expect((await read({ ...execute, 'plan-dir': '~/p' }, env)).planDir).toEqual({ path: '/h/p' })
  })

  it('that begins with ~/ is refused where there is no home', async () => {
    expect(await problems({ 'report-dir': '~/rep' })).toEqual([
      'report-dir: "~/rep": ~ cannot be expanded: HOME is not set',
    ])
  })

  it('that Windows cannot keep is refused there alone', async () => {
    const inputs = { 'report-dir': 'D:\\a\\nul' }
    expect(await problems(inputs, { RUNNER_OS: 'Linux' })).toEqual([])
    expect(await problems(inputs, { RUNNER_OS: 'Windows' })).toEqual([
      'report-dir: "D:\\\\a\\\\nul": "nul" is a device name on Windows',
    ])
  })
})

describe('a side', () => {
  it.each<[Readonly<Record<string, string>>, string | undefined, string | undefined]>([
    [{}, undefined, undefined],
    [{ 'endpoint-url': 'https://one' }, 'https://one', 'https://one'],
    [{ 'endpoint-url': 'https://one', 'source-endpoint-url': 'aws' }, undefined, 'https://one'],
    [
      { 'endpoint-url': 'https://one', 'destination-endpoint-url': 'https://two' },
      'https://one',
      'https://two',
    ],
    [{ 'source-endpoint-url': 'https://one' }, 'https://one', undefined],
  ])('is reached at its own endpoint, else at that of both: %j', async (inputs, ...[from, to]) => {
    const { source, destination } = await read(inputs)
    expect([source.endpoint, destination.endpoint]).toEqual([from, to])
  })

  it.each<[Readonly<Record<string, string>>, string, string]>([
    [{}, 'us-east-1', 'us-east-1'],
    [{ 'aws-region': 'eu-west-1' }, 'eu-west-1', 'eu-west-1'],
    [{ 'aws-region': 'eu-west-1', 'source-region': 'us-west-2' }, 'us-west-2', 'eu-west-1'],
    [{ 'destination-region': 'us-west-2' }, 'us-east-1', 'us-west-2'],
  ])('is in its own region, else in that of the run: %j', async (inputs, ...[from, to]) => {
    const { source, destination } = await read(inputs)
    expect([source.region, destination.region]).toEqual([from, to])
  })
})

describe('who reads the source', () => {
  it('is who writes, unless somebody else is named', async () => {
    expect((await read({ ...KEYS, 'role-to-assume': WRITER })).sourceAccess).toBeUndefined()
  })

  it('is nobody, where its requests are not signed', async () => {
    const { sourceAccess, transfer } = await read({ ...KEYS, 'source-no-sign-request': 'true' })
    expect(sourceAccess).toBe('anonymous')
    expect(transfer).toMatchObject({ engine: 'direct', directBecause: 'two-identities' })
  })

  const who = {
    sessionName: 'nightly',
    durationSeconds: 900,
    audience: 'team',
    allowedAccountIds: ['123456789012'],
    policyArns: [],
  }
  const writer = {
    'role-to-assume': WRITER,
    'role-session-name': 'nightly',
    'role-duration-seconds': '900',
    audience: 'team',
    'allowed-account-ids': '123456789012',
    'sts-endpoint': 'https://sts.test',
    'inline-session-policy': '{}',
    'managed-session-policies': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
  }
  const [accessKeyId, secretAccessKey, sessionToken] = ['AKID', 'sEcReT', 'token']
  const own = { 'source-aws-access-key-id': 'OWN', 'source-aws-secret-access-key': 'hUsH' }
  const ownKeys = { accessKeyId: 'OWN', secretAccessKey: 'hUsH' }
  const sts = serviceOf({ endpoint: 'https://sts.test', region: 'us-east-1' })
  const stsOfAws = serviceOf({ region: 'us-east-1' })

  it.each<[string, Readonly<Record<string, string>>, object]>([
    [
      'a role, taken with the keys of the run',
      { ...writer, ...KEYS, 'role-external-id': 'x', 'source-role-to-assume': READER },
      {
        roleArn: READER,
        keys: { accessKeyId, secretAccessKey, sessionToken },
        sts,
      },
    ],
    [
      'a role, taken with the profile of the run',
      { ...writer, 'aws-profile': 'team', 'source-role-to-assume': READER },
      { roleArn: READER, profile: 'team', sts },
    ],
    [
      'a role, taken with the token of the run',
      { ...writer, 'web-identity-token-file': '/t', 'source-role-to-assume': READER },
      { roleArn: READER, tokenFile: '/t', sts },
    ],
    [
      'a role, taken with keys of its own',
      { ...writer, ...KEYS, ...own, 'source-role-to-assume': READER },
      { roleArn: READER, keys: ownKeys, sts },
    ],
    [
      'a role, taken with a profile of its own',
      {
        ...writer,
        'web-identity-token-file': '/t',
        'source-profile': 'archive',
        'source-role-to-assume': READER,
      },
      { roleArn: READER, profile: 'archive', sts },
    ],
    ['keys of its own', { ...writer, ...KEYS, ...own }, { keys: ownKeys, sts }],
    [
      'keys of its own with a token',
      { ...writer, ...own, 'source-aws-session-token': 'token' },
      { keys: { ...ownKeys, sessionToken }, sts },
    ],
    [
      'a profile of its own',
      { ...writer, 'aws-profile': 'team', 'source-profile': 'archive' },
      { profile: 'archive', sts },
    ],
    [
      'keys at another service, which has another STS',
      { ...writer, ...own, 'source-endpoint-url': 'https://minio' },
      { keys: ownKeys, sts: stsOfAws },
    ],
    [
      'keys beside a destination at another service, which has another STS',
      { ...writer, ...own, 'destination-endpoint-url': 'https://minio' },
      { keys: ownKeys, sts: stsOfAws },
    ],
  ])('is %s', async (_who, inputs, expected) => {
    const { sourceAccess, transfer } = await read(inputs)
    expect(sourceAccess).toEqual({ ...who, ...expected })
    expect(transfer.engine).toBe('direct')
  })
})

describe('the direct engine carries all', () => {
  it.each<[Readonly<Record<string, string>>, string | undefined]>([
    [{}, undefined],
    [{ engine: 's5cmd' }, undefined],
    [{ engine: 'direct' }, 'asked-for'],
    [{ mode: 'execute', 'plan-dir': '/plan', overwrite: 'never' }, 'approved-plan'],
    [{ overwrite: 'never', 'source-endpoint-url': 'https://minio' }, 'overwrite-never'],
    [{ 'source-endpoint-url': 'https://minio', 'source-profile': 'p' }, 'two-services'],
    [{ 'destination-endpoint-url': 'https://minio' }, 'two-services'],
    [{ 'source-profile': 'p', engine: 'direct' }, 'two-identities'],
    [{ 'source-role-to-assume': READER }, 'two-identities'],
    [
      { 'source-aws-access-key-id': 'AKID', 'source-aws-secret-access-key': 'sEcReT' },
      'two-identities',
    ],
    [{ 'source-no-sign-request': 'true' }, 'two-identities'],
    [{ 'endpoint-url': 'https://minio', 'source-endpoint-url': 'https://minio/' }, undefined],
  ])('of %j because of %s', async (inputs, because) => {
    const { transfer } = await read(inputs)
    expect(transfer.directBecause).toBe(because)
    expect(transfer.engine).toBe(because ? 'direct' : (inputs['engine'] ?? 'auto'))
  })
})

describe('the words of an input', () => {
  it.each([
    ['mode', 'sync plan execute finish check'],
    ['request-payer', 'requester'],
    ['compare', 'auto size newer etag checksum missing always'],
    ['overwrite', 'if-different never'],
    ['key-mismatch', 'keep skip fail'],
    ['engine', 'auto s5cmd direct'],
    [
      'storage-class',
      'STANDARD STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER_IR GLACIER DEEP_ARCHIVE REDUCED_REDUNDANCY',
    ],
    ['sse', 'AES256 aws:kms aws:kms:dsse'],
    [
      'acl',
      'private public-read public-read-write authenticated-read aws-exec-read bucket-owner-read bucket-owner-full-control',
    ],
    ['metadata-directive', 'COPY REPLACE'],
    ['verify', 'auto outcomes listing'],
    ['install-method', 'auto release mirror pip path go brew'],
    ['log-level', 'trace debug info warn error'],
    ['fail-on', 'failed never'],
  ])('%s are %s', async (name, words) => {
    const all = words.split(' ')
    const beside: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'key-mismatch': { 'key-template': '{name}' },
      path: { 's5cmd-path': '/s5cmd' },
      execute: { 'plan-dir': '/plan' },
      finish: { 'plan-dir': '/plan', 'shards-dir': '/shards' },
      mirror: { 's5cmd-url': 'https://mirror.test' },
    }
    const wrong = `${name}: "other": expected one of ${all.join(', ')}`
    expect(await problems({ ...beside[name], [name]: 'other' })).toEqual([wrong])
    for (const word of all) {
      const { settings } = await read({ ...beside[name], ...beside[word], [name]: word })
      expect(settings).toContainEqual({ name, value: word, origin: 'input' })
    }
  })
})
