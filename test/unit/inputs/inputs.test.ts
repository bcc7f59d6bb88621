import { describe, expect, it } from 'vitest'
import { noFiles, scriptedHost } from '../../ports.ts'
import { problems, read, readRequest } from './reading.ts'

type Texts = Readonly<Record<string, string>>

const ROLE = 'arn:aws:iam::123456789012:role/sync'

/** A value as it is shown, with its origin. */
async function setting(name: string, inputs: Texts, env: Texts = {}): Promise<string | undefined> {
  const { settings } = await read(inputs, env)
  const found = settings.find((one) => one.name === name)
  return found && `${found.value} (${found.origin})`
}

describe('a value', () => {
  it('is the input, else that of the environment, else the default', async () => {
    const env = { AWS_REGION: 'eu-west-1' }
    expect(await setting('aws-region', { 'aws-region': 'us-west-2' }, env)).toBe(
      'us-west-2 (input)',
    )
    expect(await setting('aws-region', {}, env)).toBe('eu-west-1 (environment)')
    expect(await setting('aws-region', {})).toBeUndefined()
    expect(await setting('retry-count', {})).toBe('5 (default)')
  })

  it.each([
    ['aws-region', ['AWS_REGION', 'AWS_DEFAULT_REGION'], ['eu-west-1', 'us-west-2']],
    ['endpoint-url', ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'], ['https://s3', 'https://all']],
    ['sts-endpoint', ['AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL'], ['https://sts', 'https://all']],
  ])(
    '%s is looked for in the environment in the order %s',
    async (name, ...[variables, values]) => {
      const [first = '', second = ''] = variables
      const [one = '', other = ''] = values
      expect(await setting(name, {}, { [first]: one, [second]: other })).toBe(
        `${one} (environment)`,
      )
      expect(await setting(name, {}, { [first]: '', [second]: other })).toBe(
        `${other} (environment)`,
      )
    },
  )

  it('of the environment that is wrong is told with its place', async () => {
    expect(await problems({}, { AWS_REGION: 'Europe' })).toEqual([
      'aws-region: "Europe" (from AWS_REGION of the environment): expected a region such as eu-west-1',
    ])
  })
})

const SECRETS = [
  'aws-access-key-id',
  'aws-secret-access-key',
  'aws-session-token',
  'source-aws-access-key-id',
  'source-aws-secret-access-key',
  'source-aws-session-token',
]

describe('secrets', () => {
  const inputs = Object.fromEntries(SECRETS.map((name) => [name, `hush-${name}`]))
  const places = { source: 's3://src/a/', destination: 's3://dst/b/' }

  it('are masked first of all, even where the inputs are refused', async () => {
    const host = scriptedHost({ inputs })
    await expect(readRequest(host, noFiles)).rejects.toThrow('is required')
    expect(host.masks).toEqual(Object.values(inputs))
  })

  it('are not shown', async () => {
    const { settings } = await read(inputs)
    const shown = settings.filter(({ name }) => SECRETS.includes(name))
    expect(shown).toEqual(SECRETS.map((name) => ({ name, value: '(hidden)', origin: 'input' })))
    expect(JSON.stringify(settings)).not.toContain('hush')
  })

  it('are hidden whatever their length', async () => {
    const keys = { 'aws-access-key-id': '1234567', 'aws-secret-access-key': '1' }
    const host = scriptedHost({ inputs: { ...places, ...keys }, env: { RUNNER_TEMP: '/tmp' } })
    await readRequest(host, noFiles)
    expect(host.masks).toEqual(['1234567', '1'])
  })

  it.each([
    ['https://bot:hunter2@mirror.test/{asset}?token=abcdef', 'https://***@mirror.test/{asset}?***'],
    ['http://bot@mirror.test', 'http://***@mirror.test'],
    ['https://mirror.test/a@b', 'https://mirror.test/a@b'],
    ['https://mirror.test/{version}/{asset}', 'https://mirror.test/{version}/{asset}'],
    ['https://a:b@one.test?x,https://c:d@two.test?y=z', 'https://***@one.test?***'],
  ])('in the URL %s are not shown', async (url, shown) => {
    expect(await setting('s5cmd-url', { 's5cmd-url': url })).toBe(`${shown} (input)`)
  })

  it('in every URL of a text are not shown, and its other parts are', async () => {
    const include = 'https://a:b@one?x y?\nhttp://c@two/?z w@v'
    expect(await setting('include', { include })).toBe(
      'https://***@one?*** y?\nhttp://***@two/?*** w@v (input)',
    )
  })

  it.each([
    ['s3://AKID:hush@minio:9000', 's3://***@minio:9000'],
    ['https://AKID:hu/sh+x@minio:9000', 'https://***@minio:9000'],
    ['s3+https://AKID:hush@minio', 's3+https://***@minio'],
    ['AKID:hush@minio:9000', '***@minio:9000'],
    ['https//AKID:hush@minio', '***@minio'],
    ['//AKID:hush@minio', '***@minio'],
  ])('in what was meant for a URL are not shown: %s', async (url, shown) => {
    const [told] = await problems({ 'endpoint-url': url })
    expect(told).toMatch(`endpoint-url: "${shown}": expected`)
    const [place] = await problems({ source: `${url}/x/` })
    expect(place).toMatch(`source: "${shown}/x/": expected`)
  })

  it.each([
    ['source', 's3://src/a:b@c/'],
    ['s5cmd-url', 'https://mirror.test:8443/a:b@c'],
    ['role-to-assume', 'arn:aws:iam::123456789012:role/sync@prod'],
  ] as const)('are not seen where there are none: %s %s', async (name, value) => {
    expect(await setting(name, { [name]: value })).toBe(`${value} (input)`)
  })

  it('are looked for no longer than a text is long', async () => {
    // The wall clock would tell of other processes too.
    const before = process.threadCpuUsage()
    for (const part of ['a', 'x://a:b', 'x://', ':', 'a:', '@'])
      await setting('include', { include: part.repeat(200_000 / part.length) })
    expect(process.threadCpuUsage(before).user / 1000).toBeLessThan(2000)
  })

  it('in a URL that is refused are not shown', async () => {
    const url = 'HTTPS://bot:hunter2@minio.test/?token=abcdef'
    expect(await problems({ 'endpoint-url': url })).toEqual([
      'endpoint-url: "HTTPS://***@minio.test/?***": expected aws, or a URL such as https://s3.example.com',
    ])
  })
})

describe('a refusal', () => {
  const refusal = (inputs: Texts): Promise<unknown> =>
    readRequest(scriptedHost({ inputs, env: { RUNNER_TEMP: '/tmp' } }), noFiles).catch(
      (error: unknown) => error,
    )

  it('says what is required', async () => {
    expect(await refusal({})).toMatchObject({
      kind: 'inputs',
      message:
        '2 inputs need a change; nothing was touched:\n' +
        '- source: is required, as in s3://my-bucket/data/, or ./dist for a local folder\n' +
        '- destination: is required, as in s3://my-bucket/data/',
      title:
        'source: is required, as in s3://my-bucket/data/, or ./dist for a local folder (and 1 more input)',
    })
  })

  it('of one input says so', async () => {
    expect(await refusal({ destination: 's3://dst/b/' })).toMatchObject({
      message:
        'One input needs a change; nothing was touched:\n' +
        '- source: is required, as in s3://my-bucket/data/, or ./dist for a local folder',
    })
  })

  it('shows no more than the beginning of a long value', async () => {
    expect(await problems({ compare: 'x'.repeat(300) })).toEqual([
      `compare: "${'x'.repeat(200)}": expected one of auto, size, newer, etag, checksum, missing, always`,
    ])
  })

  it('names every problem at once, in the order of the inputs', async () => {
    const wrong = Object.entries({
      source: 'local',
      destination: 's3://bucket/*',
      'dry-run': 'yes',
      'role-to-assume': 'sync',
      'role-session-name': 'a b',
      'role-duration-seconds': '899',
      'inline-session-policy': '{',
      'allowed-account-ids': '123456789012 123',
      'aws-region': 'Europe',
      'sts-endpoint': 'sts',
      'endpoint-url': 'minio',
      'source-role-to-assume': 'reader',
      'source-region': 'x',
      'source-endpoint-url': 'gcp',
      'source-no-sign-request': 'no',
      'destination-region': 'y',
      'destination-endpoint-url': 'gcp',
      delete: '1',
      'max-delete': '101%',
      'allow-empty-source': 'on',
      'key-pattern': '(',
      numworkers: '1001',
      'retry-count': '101',
      'max-retries': '21',
      'retry-delay': 'soon',
      'part-size': '4MiB',
      concurrency: '101',
      'batch-size': '0',
      'rate-limit': '50MB',
      'requests-per-second': '0',
      'request-timeout': '500ms',
      'max-duration': '500ms',
      'metadata-directive': 'REPLACE',
      'cache-control': 'ü',
      's5cmd-version': '2.3',
      's5cmd-url': 'mirror.test',
      's5cmd-sha256': 'abc',
      json: 'maybe',
      'job-summary': 'maybe',
      'cloudwatch-metrics': 'maybe',
      'cloudwatch-namespace': 'AWS/S3',
      'aws-session-token': 'token',
    })
    const few = [0, 15, 30].map((at) => problems(Object.fromEntries(wrong.slice(at, at + 15))))
    const said = (await Promise.all(few)).flat()
    expect(said.join('\n')).toMatchInlineSnapshot(`
      "source: "local": expected s3://bucket/prefix/, or a local folder: ./data, ../data, ~/data, an absolute path or a file: URL
      destination: "s3://bucket/*": wildcards are not allowed here: set the folder, and use the input \`include\` for patterns
      dry-run: "yes": expected true or false
      role-to-assume: "sync": expected a role ARN such as arn:aws:iam::123456789012:role/sync
      role-session-name: "a b": expected 2 to 64 of the characters A-Z a-z 0-9 _+=,.@-
      role-duration-seconds: "899": expected a whole number from 900 to 43200
      inline-session-policy: "{": expected a JSON object
      allowed-account-ids: "123456789012 123": expected account ids of 12 digits, separated by commas
      aws-region: "Europe": expected a region such as eu-west-1
      sts-endpoint: "sts": expected aws, or a URL such as https://s3.example.com
      endpoint-url: "minio": expected aws, or a URL such as https://s3.example.com
      source-role-to-assume: "reader": expected a role ARN such as arn:aws:iam::123456789012:role/sync
      source-region: "x": expected a region such as eu-west-1
      source-endpoint-url: "gcp": expected aws, or a URL such as https://s3.example.com
      source-no-sign-request: "no": expected true or false
      destination-region: "y": expected a region such as eu-west-1
      destination-endpoint-url: "gcp": expected aws, or a URL such as https://s3.example.com
      delete: "1": expected true or false
      max-delete: "101%": expected a whole number such as 1000, a percentage such as 10% or 0.25%, or both such as 1000 50%
      allow-empty-source: "on": expected true, false or filtered
      key-pattern: "(": expected a regular expression such as ^(?<symbol>[^/]+)/
      numworkers: "1001": expected auto, or a whole number from 1 to 1000
      retry-count: "101": expected a whole number from 0 to 100
      max-retries: "21": expected a whole number from 0 to 20
      retry-delay: "soon": expected a duration from 0s to 7 days, such as 30s, 5m or 1h30m
      part-size: "4MiB": expected auto, or a size from 5MiB to 1GiB such as 50MB
      concurrency: "101": expected a whole number from 1 to 100
      batch-size: "0": expected auto, or a whole number from 1 to 100000
      rate-limit: "50MB": expected a rate of at least 1kB/s such as 50MB/s
      requests-per-second: "0": expected a whole number from 1 to 100000
      request-timeout: "500ms": expected a duration from 1s to 7 days, such as 30s, 5m or 1h30m
      max-duration: "500ms": expected a duration from 1s to 7 days, such as 30s, 5m or 1h30m
      cache-control: "ü": expected text of printable ASCII characters
      s5cmd-version: "2.3": expected a version such as 2.3.0
      s5cmd-url: "mirror.test": expected a URL such as https://mirror.example.com/{version}/{asset}
      s5cmd-sha256: "abc": expected 64 hex digits
      json: "maybe": expected true or false
      job-summary: "maybe": expected true or false
      cloudwatch-metrics: "maybe": expected true or false
      cloudwatch-namespace: "AWS/S3": expected a CloudWatch namespace such as S3DirectSync, not beginning with AWS/
      aws-session-token: needs aws-access-key-id and aws-secret-access-key"
    `)
  })
})

describe('the form of a value', () => {
  const DIGITS = '0123456789abcdefABCDEF'.repeat(3).slice(0, 64)
  it.each<[string, Texts, readonly string[], readonly string[]]>([
    [
      'role-to-assume',
      {},
      [
        ROLE,
        'arn:aws-us-gov:iam::123456789012:role/path/to/sync',
        'arn:aws:iam:zone:tenant:role/r',
        'arn:minio:iam:::role/r',
      ],
      [
        'arn:aws:iam::123456789012:user/sync',
        'arn:aws:iam::123456789012:role/',
        'arn:aws:iam::123456789012:role/a b',
        'arn:aws:iam::123456789012:role/sýnc',
        'arn:aws:iam::123456789012:role/sync\u00a0',
        'arn:aws:iam::123456789012:role/sy\u200bnc',
        'arn:aws:iam::123456789012:role/sync\u007f',
        'arn::iam::123456789012:role/sync',
        'arn:aws:iam:::role/sync',
        'arn:aws-cn:iam::12345678901:role/sync',
        'arn:aws:sts::123456789012:role/sync',
        'arn:aws:iam::1:2:role/sync',
        'arn:aws:iam:a:b:c:role/sync',
        ` ${ROLE}`,
        `x${ROLE}`,
      ],
    ],
    [
      'role-session-name',
      {},
      ['ab', 'A_z+=,.@-9', 'n'.repeat(64)],
      ['a', 'n'.repeat(65), 'a/b', ' ab', 'ab '],
    ],
    ['role-duration-seconds', {}, ['900', '43200'], ['899', '43201']],
    [
      'allowed-account-ids',
      {},
      ['123456789012', '123456789012,210987654321'],
      ['12345678901', '1234567890123', 'x123456789012', '123456789012,x'],
    ],
    [
      'aws-region',
      {},
      ['eu-west-1', 'us', 'r'.repeat(40)],
      ['u', 'r'.repeat(41), 'EU-WEST-1', 'eu west', ' eu-west-1', 'eu-west-1 '],
    ],
    ['numworkers', {}, ['auto', '1', '1000'], ['0', '1001']],
    ['retry-count', {}, ['0', '100'], ['101']],
    ['max-retries', {}, ['0', '20'], ['21']],
    ['retry-delay', {}, ['0'], ['-1']],
    ['concurrency', {}, ['1', '100'], ['0', '101']],
    ['batch-size', {}, ['auto', '1', '100000'], ['0', '100001']],
    ['requests-per-second', {}, ['1', '100000'], ['0', '100001']],
    ['request-timeout', {}, ['1s'], ['999ms']],
    ['max-duration', {}, ['1s'], ['999ms']],
    [
      'cache-control',
      { 'metadata-directive': 'REPLACE' },
      ['no-store', ' ~'],
      ['a\nb', 'ü', '\u007f', 'aü', 'üa'],
    ],
    [
      's5cmd-version',
      {},
      ['2.3.0', 'v2.3.0', '10.20.30'],
      ['2.3', '2.3.0.1', '2.3.x', 'x2.3.0', '2.3.0-beta', '2a3.0', '2.3a0', 'vv2.3.0'],
    ],
    [
      's5cmd-sha256',
      {},
      [DIGITS],
      [DIGITS.slice(1), `${DIGITS}0`, `g${DIGITS.slice(1)}`, ` ${DIGITS}`],
    ],
    [
      's5cmd-url',
      {},
      ['https://mirror.test/{version}/{asset}', 'http://m'],
      ['mirror.test', 'ftp://mirror.test', 'https://', 'https://a b', ' https://a', 'xhttps://a'],
    ],
    [
      'cloudwatch-namespace',
      {},
      ['S3DirectSync', 'Team/Mirror: nightly', '/a', '#', '.-_', 'AWSome', 'n'.repeat(255)],
      ['AWS/S3', ':sync', ' sync', 'n'.repeat(256), 'a$', '$a'],
    ],
  ])('of %s is seen to', async (name, ...[more, good, bad]) => {
    for (const text of good) expect(await problems({ ...more, [name]: text }), text).toEqual([])
    for (const text of bad) expect(await problems({ ...more, [name]: text }), text).toHaveLength(1)
  })

  it('reads numbers with their units', async () => {
    const { transfer } = await read({
      'retry-delay': '50ms',
      'request-timeout': '2m',
      'part-size': '50MB',
      'rate-limit': '50MB/s',
    })
    expect(transfer).toMatchObject({
      retryDelayMs: 50,
      requestTimeoutMs: 120_000,
      partBytes: 48 * 2 ** 20,
      bytesPerSecond: 50_000_000,
    })
  })

  it('reads a version with and without a v', async () => {
    expect((await read({ 's5cmd-version': 'v2.3.0' })).install.version).toBe('2.3.0')
  })
})

describe('what YAML and shells make of a value', () => {
  it.each(['12345678901', '1.2345678901e+10', '1.23E10'])(
    'is told of an account id that was read as a number: %s',
    async (id) => {
      expect((await problems({ 'allowed-account-ids': id }))[0]).toContain('quote it')
      expect((await problems({ 'allowed-account-ids': 'team' }))[0]).not.toContain('quote it')
    },
  )

  it.each([',', ', ,'])(
    'is no list of accounts where all variables in it are empty: %j',
    async (ids) => {
      expect(await problems({ 'allowed-account-ids': ids })).toEqual([
        `allowed-account-ids: ${JSON.stringify(ids)}: expected account ids of 12 digits, separated by commas`,
      ])
    },
  )

  it('shows no password, and no more than helps, in any of its words', async () => {
    const [told = ''] = await problems({ lock: 'https://me:hunter2@s3.example.com/lock' })
    expect(told).toContain('https://***@s3.example.com')
    expect(told).not.toContain('hunter2')
    const long = await problems({ local: 'x'.repeat(5000) })
    expect(long.join('').length).toBeLessThan(1500)
  })

  it('is told of a role whose account is an empty secret', async () => {
    const [told] = await problems({ 'role-to-assume': 'arn:aws:iam:::role/sync' })
    expect(told).toContain('the account ID before :role/ must have 12 digits')
  })
})

describe('debug logging of the job', () => {
  const levelOf = async (inputs: Texts, debug: string) =>
    (await read(inputs, { RUNNER_DEBUG: debug })).reporting.logLevel

  it('means log-level: debug where none is given', async () => {
    expect(await levelOf({}, '1')).toBe('debug')
    expect(await levelOf({ 'log-level': 'warn' }, '1')).toBe('warn')
    expect(await levelOf({}, '')).toBe('info')
  })
})
