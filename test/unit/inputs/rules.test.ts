import { describe, expect, it } from 'vitest'
import { problems, read } from './reading.ts'

type Texts = Readonly<Record<string, string>>
type Row = readonly [inputs: Texts, problems: readonly string[]]

const ROLE = 'arn:aws:iam::123456789012:role/sync'
const READER = 'arn:aws:iam::123456789012:role/reader'
const KEYS = { 'aws-access-key-id': 'AKID', 'aws-secret-access-key': 'sEcReT' }
const SOURCE_KEYS = {
  'source-aws-access-key-id': 'AKID',
  'source-aws-secret-access-key': 'sEcReT',
}
const SHA256 = 'a'.repeat(64)
const URL = 'https://mirror.example.com/{version}/{asset}'

function table(title: string, rows: readonly Row[]) {
  describe(title, () => {
    it.each(rows)('%j', async (inputs, expected) => {
      expect(await problems(inputs)).toEqual(expected)
    })
  })
}

const EMPTY =
  ', or empty: a secret is empty if it does not exist, or if this run may not read it (a pull request from a fork)'
const SAME = 'destination: is the same as source: there would be nothing to copy'
const INSIDE = 'destination: is inside source: every run would copy its own results again'
const DELETES = 'delete: cannot be used when source is inside destination'

table('places that overlap', [
  [{ source: 's3://bkt/a/', destination: 's3://bkt/a/' }, [SAME]],
  [{ source: 's3://bkt/a', destination: 's3://bkt/a/' }, [SAME]],
  [{ source: 's3://bkt', destination: 's3://bkt/' }, [SAME]],
  [{ source: 's3://bkt/a', destination: 's3://bkt/a/b' }, [INSIDE]],
  [{ source: 's3://bkt/', destination: 's3://bkt/a/' }, [INSIDE]],
  [{ source: 's3://bkt/a', destination: 's3://bkt/ab' }, []],
  [{ source: 's3://bkt/a/', destination: 's3://other/a/' }, []],
  [{ source: 's3://bkt/a/b/', destination: 's3://bkt/a/' }, []],
  [{ source: 's3://bkt/a/b/', destination: 's3://bkt/a/', delete: 'true' }, [DELETES]],
  [{ source: 's3://bkt/a/b', destination: 's3://bkt', delete: 'true' }, [DELETES]],
  [{ source: 's3://bkt/ab/', destination: 's3://bkt/a', delete: 'true' }, []],
  [{ source: 's3://bkt/a/b/', destination: 's3://other/a/', delete: 'true' }, []],
  [{ source: 's3://bkt/a/', destination: 's3://bkt/a/', delete: 'true' }, [SAME]],
])

const taken = (what: string): string =>
  `lock: is the same object as ${what}: set another key for the lock`
const SITE = { source: 's3://stage/site/x', destination: 's3://www/site' }

table('locks that are something else', [
  [{ ...SITE, lock: 's3://stage/site/x' }, [taken('source')]],
  [{ ...SITE, lock: 's3://www/site' }, [taken('destination')]],
  [{ ...SITE, lock: 's3://www/list.csv', manifest: 's3://www/list.csv' }, [taken('manifest')]],
  [{ ...SITE, lock: 's3://www/site/SHA256SUMS' }, [taken('SHA256SUMS of the destination')]],
  [
    { ...SITE, lock: 's3://www/site/.s3-direct-sync-extras.ndjson' },
    [taken('.s3-direct-sync-extras.ndjson of the destination')],
  ],
  [{ ...SITE, lock: 's3://www/other/SHA256SUMS' }, []],
])

const nothingLeft = (glob: string, write: string): string =>
  `exclude: "${glob}" excludes everything, because an exclude overrides every include: remove exclude${write}`
const EXAMPLE = ', and set include to what should be copied, such as include: "*.csv"'
const KEEP = ' and keep include'

table('excludes that leave nothing', [
  [{ exclude: '*' }, [nothingLeft('*', EXAMPLE)]],
  [{ exclude: '**' }, [nothingLeft('**', EXAMPLE)]],
  [{ exclude: '**/*' }, [nothingLeft('**/*', EXAMPLE)]],
  [{ exclude: '/' }, [nothingLeft('/', EXAMPLE)]],
  [{ exclude: '/**' }, [nothingLeft('/**', EXAMPLE)]],
  [{ exclude: '*', include: '*.parquet' }, [nothingLeft('*', KEEP)]],
  [{ exclude: 'a\n*', include: 'a\nb\nc\nd' }, [nothingLeft('*', KEEP)]],
  [{ exclude: '*.*' }, []],
  [{ exclude: '*/*' }, []],
  [{ include: '*' }, []],
])

describe('two names of one service', () => {
  const two = { 'source-endpoint-url': 'https://one', 'destination-endpoint-url': 'https://two' }

  it.each(['source-endpoint-url', 'destination-endpoint-url'])(
    'are not known: with %s alone the sides have nothing in common',
    async (endpoint) => {
      const same = { source: 's3://bkt/a/', destination: 's3://bkt/a/' }
      expect(await problems({ ...same, [endpoint]: 'https://one' })).toEqual([])
      expect(await problems({ ...same, 'endpoint-url': 'https://one' })).toEqual([SAME])
    },
  )

  it('could hide that places overlap: deletes are refused, copies are not', async () => {
    const inside = { ...two, source: 's3://bkt/a/b/', destination: 's3://bkt/a/' }
    expect(await problems(inside)).toEqual([])
    expect(await problems({ ...inside, delete: 'true' })).toEqual([DELETES])
    const same = { ...two, source: 's3://bkt/a/', destination: 's3://bkt/a/' }
    expect(await problems({ ...same, delete: 'true' })).toEqual([])
    const moved = { ...same, 'key-template': 'by/{name}' }
    expect(await problems(moved)).toEqual([])
    expect(await problems({ ...moved, delete: 'true' })).toEqual([
      'delete: cannot be combined with key-template when source and destination are the same folder',
    ])
  })
})

const NEEDS_ROLE = 'has an effect only with role-to-assume'

table('what only a role has', [
  [
    { 'role-external-id': 'x', ...KEYS, 'inline-session-policy': '{}' },
    [`role-external-id: ${NEEDS_ROLE}`, `inline-session-policy: ${NEEDS_ROLE}`],
  ],
  [{ 'managed-session-policies': ROLE }, [`managed-session-policies: ${NEEDS_ROLE}`]],
  [{ 'web-identity-token-file': '/t' }, [`web-identity-token-file: ${NEEDS_ROLE}`]],
  [{ 'web-identity-token-file': '/t', 'role-to-assume': ROLE }, []],
  [{ 'web-identity-token-file': '/t', 'source-role-to-assume': READER }, []],
  [
    { 'inline-session-policy': '{}', 'source-role-to-assume': READER },
    [`inline-session-policy: ${NEEDS_ROLE}`],
  ],
  [
    {
      'role-to-assume': ROLE,
      'inline-session-policy': '{}',
      'managed-session-policies': 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    },
    [],
  ],
])

const BY_TOKEN = 'role-external-id: has no effect when the role is assumed by OIDC token'

table('an external id', [
  [
    { 'role-to-assume': ROLE, 'role-external-id': 'x', 'web-identity-token-file': '/token' },
    [BY_TOKEN],
  ],
  [{ 'role-to-assume': ROLE, 'role-external-id': 'x' }, []],
  [{ 'role-to-assume': ROLE, 'role-external-id': 'x', ...KEYS }, []],
  [{ 'role-to-assume': ROLE, 'role-external-id': 'x', 'aws-profile': 'team' }, []],
  [{ 'role-to-assume': ROLE }, []],
])

table('keys that are not whole', [
  [
    { 'aws-access-key-id': 'AKID' },
    [`aws-secret-access-key: is missing beside aws-access-key-id${EMPTY}`],
  ],
  [
    { 'aws-secret-access-key': 'sEcReT' },
    [`aws-access-key-id: is missing beside aws-secret-access-key${EMPTY}`],
  ],
  [
    { 'aws-session-token': 'token' },
    ['aws-session-token: needs aws-access-key-id and aws-secret-access-key'],
  ],
  [{ ...KEYS, 'aws-session-token': 'token' }, []],
  [KEYS, []],
  [
    { 'source-aws-access-key-id': 'AKID' },
    [`source-aws-secret-access-key: is missing beside source-aws-access-key-id${EMPTY}`],
  ],
  [
    { 'source-aws-secret-access-key': 'sEcReT' },
    [`source-aws-access-key-id: is missing beside source-aws-secret-access-key${EMPTY}`],
  ],
  [
    { 'source-aws-session-token': 'token' },
    ['source-aws-session-token: needs source-aws-access-key-id and source-aws-secret-access-key'],
  ],
  [{ ...SOURCE_KEYS, 'source-aws-session-token': 'token' }, []],
])

const UNSIGNED = 'has no effect with source-no-sign-request: true'

table('identities from two places', [
  [{ ...KEYS, 'aws-profile': 'p' }, ['aws-profile: cannot be combined with aws-access-key-id']],
  [
    { 'aws-profile': 'p', 'web-identity-token-file': '/t', 'role-to-assume': ROLE },
    ['web-identity-token-file: cannot be combined with aws-profile'],
  ],
  [
    { ...KEYS, 'aws-profile': 'p', 'web-identity-token-file': '/t', 'role-to-assume': ROLE },
    [
      'aws-profile: cannot be combined with aws-access-key-id',
      'web-identity-token-file: cannot be combined with aws-access-key-id',
    ],
  ],
  [
    { ...SOURCE_KEYS, 'source-profile': 'p' },
    ['source-profile: cannot be combined with source-aws-access-key-id'],
  ],
  [{ ...KEYS, 'source-profile': 'p' }, []],
  [
    { 'source-no-sign-request': 'true', 'source-role-to-assume': READER, ...SOURCE_KEYS },
    [`source-role-to-assume: ${UNSIGNED}`, `source-aws-access-key-id: ${UNSIGNED}`],
  ],
  [{ 'source-no-sign-request': 'true', 'source-profile': 'p' }, [`source-profile: ${UNSIGNED}`]],
  [{ 'source-no-sign-request': 'true', ...KEYS }, []],
  [{ 'source-no-sign-request': 'false', 'source-profile': 'p' }, []],
])

const NO_PATH = 's5cmd-path: is required with install-method: path'
const NO_URL = 's5cmd-url: is required with install-method: mirror'

table('how s5cmd is had', [
  [
    {
      'install-method': 'go',
      's5cmd-path': '/s5cmd',
      's5cmd-url': URL,
      's5cmd-sha256': SHA256,
    },
    ['s5cmd-path', 's5cmd-url', 's5cmd-sha256'].map(
      (input) => `${input}: has no effect with install-method: go`,
    ),
  ],
  [
    { 'install-method': 'brew', 's5cmd-sha256': SHA256 },
    ['s5cmd-sha256: has no effect with install-method: brew'],
  ],
  [{ 'install-method': 'brew' }, []],
  [{ 'install-method': 'path' }, [NO_PATH]],
  [{ 'install-method': 'path', 's5cmd-url': URL }, [NO_PATH]],
  [{ 'install-method': 'path', 's5cmd-path': '/s5cmd' }, []],
  [{ 'install-method': 'mirror' }, [NO_URL]],
  [{ 'install-method': 'mirror', 's5cmd-path': '/s5cmd' }, [NO_URL]],
  [{ 'install-method': 'mirror', 's5cmd-url': URL }, []],
  [{ 's5cmd-path': '/s5cmd', 's5cmd-url': URL }, ['s5cmd-url: cannot be combined with s5cmd-path']],
  [{ 's5cmd-url': URL, 's5cmd-sha256': SHA256 }, []],
  [{ 's5cmd-path': '/s5cmd' }, []],
])

const ID = 'a'.repeat(64)
const PART = { mode: 'execute', 'plan-dir': '/plan', shard: '3/8' }
const END = { mode: 'finish', 'plan-dir': '/plan', 'shards-dir': '/shards' }

const NO_SHARDS_DIR =
  'shards-dir: has an effect only with mode: finish, and as s3://bucket/prefix/ with mode: execute and shard'

table('a plan in parts', [
  [{ mode: 'plan', shard: 'auto' }, []],
  [{ mode: 'plan', shard: '256' }, []],
  [PART, []],
  [{ ...PART, 'plan-id': ID }, []],
  [{ ...PART, shard: '8/8' }, []],
  [END, []],
  [{ ...END, 'plan-id': ID }, []],
  ...['257', '0', '9/8', '0/8', '1/257', '-1', '1/', '/8', '1.5', '3/8/9', 'all', '1e2'].map(
    (shard) =>
      [
        { mode: 'plan', shard },
        [
          `shard: ${JSON.stringify(shard)}: expected auto, a number of parts from 1 to 256, or one of them such as 3/8`,
        ],
      ] as const,
  ),
  [{ mode: 'plan', shard: '3/8' }, ['shard: is a part: with mode: plan, set the number of parts']],
  [
    { ...PART, shard: '8' },
    ['shard: is a number of parts: with mode: execute, set one part, such as 3/8'],
  ],
  [{ shard: '3/8' }, ['shard: has an effect only with mode: plan and mode: execute']],
  [{ ...END, shard: '3/8' }, ['shard: has an effect only with mode: plan and mode: execute']],
  [{ 'shards-dir': '/shards' }, [NO_SHARDS_DIR]],
  [{ mode: 'plan', shard: '8', 'shards-dir': 's3://jobs/1/' }, [NO_SHARDS_DIR]],
  [{ mode: 'execute', 'plan-dir': '/plan', 'shards-dir': 's3://jobs/1/' }, [NO_SHARDS_DIR]],
  [
    { ...PART, 'shards-dir': '/shards' },
    [
      'shards-dir: is a folder, which has an effect only with mode: finish: what the shard leaves is in report-dir',
    ],
  ],
  [{ ...PART, 'shards-dir': 's3://jobs/1/' }, []],
  [{ ...END, 'plan-dir': 's3://jobs/1', 'shards-dir': 's3://jobs/1' }, []],
  [
    { mode: 'finish', 'plan-dir': '/plan' },
    ['shards-dir: is required with mode: finish: the folder with the results of the shards'],
  ],
  [
    { mode: 'execute', 'plan-dir': '/plan', 'plan-id': ID },
    ['plan-id: has an effect only with mode: finish, and with mode: execute and shard'],
  ],
  [{ ...END, 'plan-id': 'abc' }, ['plan-id: "abc": expected 64 hex digits']],
  [
    { ...END, 'dry-run': 'true' },
    ['dry-run: is not possible with mode: finish: use mode: plan for a preview'],
  ],
  [
    { ...PART, 'dry-run': 'true' },
    ['dry-run: is not possible with mode: execute and shard: use mode: plan for a preview'],
  ],
  [
    { mode: 'plan', shard: '2', source: './site' },
    ['source: is a local folder, which other runners do not have: remove shard'],
  ],
])

const JOB = 'batch-role=arn:aws:iam::123456789012:role/batch,batch-bucket=lists'
const OTHER_MODE =
  'shard: batch-role and the other batch settings have an effect only with mode: plan: remove them here'

table('a plan for S3 Batch Operations', [
  [{ mode: 'plan', shard: `auto,${JOB}` }, []],
  [{ mode: 'plan', shard: `8,${JOB}`, delete: 'true' }, []],
  [
    { mode: 'plan', shard: `auto,${JOB}`, overwrite: 'never' },
    [
      'shard: batch-role cannot be combined with overwrite: never, because S3 Batch Operations always overwrites',
    ],
  ],
  [
    { ...PART, shard: `8,${JOB}` },
    ['shard: is a number of parts: with mode: execute, set one part, such as 3/8', OTHER_MODE],
  ],
  [
    { ...END, shard: `8,${JOB}` },
    ['shard: has an effect only with mode: plan and mode: execute', OTHER_MODE],
  ],
  [
    { mode: 'check', shard: `8,${JOB}` },
    ['shard: has an effect only with mode: plan and mode: execute', OTHER_MODE],
  ],
  [
    { ...PART, shard: `3/8,${JOB}` },
    [
      `shard: ${JSON.stringify(`3/8,${JOB}`)}: batch-role, batch-bucket: has an effect only with a number of parts and mode: plan`,
    ],
  ],
])

table('a plan of another run', [
  [{ 'plan-dir': '/plan' }, ['plan-dir: has an effect only with mode: plan, execute and finish']],
  [
    { 'plan-dir': '/plan', mode: 'plan' },
    [
      'plan-dir: has an effect only with mode: execute and mode: finish where it is a folder: mode: plan writes to report-dir, and to s3://bucket/prefix/ where that is set here',
    ],
  ],
  [{ 'plan-dir': '/plan', mode: 'execute' }, []],
  [{ 'report-dir': '/plan', mode: 'execute' }, []],
  [
    { mode: 'execute' },
    [
      'plan-dir: is required with mode: execute: the folder that contains plan.ndjson, here or as report-dir',
    ],
  ],
  [
    { 'plan-dir': '/plan', mode: 'excute' },
    ['mode: "excute": expected one of sync, plan, execute, finish, check'],
  ],
])

const JOBS = { mode: 'plan', source: 's3://src/data/', destination: 's3://dst/copy/' }
const meets = (url: string, relation: string): string[] => [
  `plan-dir: ${url} ${relation}, and the files of a plan are no objects to sync: set a prefix that overlaps with neither source nor destination`,
]

table('a plan in a bucket', [
  [{ ...JOBS, 'plan-dir': 's3://jobs' }, []],
  [{ ...JOBS, 'plan-dir': 's3://jobs/a/b' }, []],
  [{ ...JOBS, 'plan-dir': 's3://dst/plans/' }, []],
  [{ ...JOBS, 'plan-dir': 's3://dst/copy-plans/' }, []],
  [{ ...JOBS, 'plan-dir': 's3://dst/copy' }, meets('s3://dst/copy/', 'is also destination')],
  [
    { ...JOBS, 'plan-dir': 's3://dst/copy/plans' },
    meets('s3://dst/copy/plans/', 'lies inside destination'),
  ],
  [{ ...JOBS, 'plan-dir': 's3://dst' }, meets('s3://dst/', 'contains destination')],
  [{ ...JOBS, 'plan-dir': 's3://src/data/x/' }, meets('s3://src/data/x/', 'lies inside source')],
  [{ ...JOBS, 'plan-dir': 's3://src/data/', 'source-endpoint-url': 'https://s3.example.com' }, []],
  [
    { ...JOBS, mode: 'finish', 'plan-dir': 's3://jobs/1/', 'shards-dir': 's3://dst/copy/1/' },
    meets('s3://dst/copy/1/', 'lies inside destination').map((text) =>
      text.replace('plan-dir', 'shards-dir'),
    ),
  ],
  [
    { ...JOBS, 'plan-dir': 's3://jobs/*/' },
    [
      'plan-dir: "s3://jobs/*/": wildcards are not allowed here: set the folder, and use the input `include` for patterns',
    ],
  ],
  [
    { ...JOBS, 'plan-dir': 's3://jobs/1/', 'dry-run': 'true' },
    [
      'dry-run: writes nothing, and mode: plan would leave its plan in plan-dir: remove one of the two',
    ],
  ],
  [
    { 'plan-dir': 's3://jobs/1/' },
    ['plan-dir: has an effect only with mode: plan, execute and finish'],
  ],
  [
    {
      ...JOBS,
      destination: './out',
      'plan-dir': 's3://jobs/1/',
      'source-no-sign-request': 'true',
    },
    ['plan-dir: needs credentials, and source-no-sign-request leaves this run none'],
  ],
])

it('a prefix for the files of a plan leaves room for their names', async () => {
  const [told] = await problems({ ...JOBS, 'plan-dir': `s3://jobs/${'x'.repeat(901)}` })
  expect(told).toMatch(/^plan-dir: .*: a prefix has at most 900 bytes here$/)
})

const cannot = (what: string): string[] => [`engine: s5cmd cannot ${what}: use auto or direct`]

table('what s5cmd cannot do', [
  [{ engine: 's5cmd' }, []],
  [
    { engine: 's5cmd', mode: 'execute', 'plan-dir': '/plan' },
    cannot('make a copy conditional on the planned ETag'),
  ],
  [{ engine: 's5cmd', overwrite: 'never' }, cannot('guarantee overwrite: never')],
  [
    { engine: 's5cmd', 'source-endpoint-url': 'https://minio' },
    cannot('copy from one service to another'),
  ],
  [
    { engine: 's5cmd', 'source-role-to-assume': READER },
    cannot('read with one identity and write with another'),
  ],
  [{ engine: 'auto', overwrite: 'never' }, []],
  [{ engine: 'direct', mode: 'execute', 'plan-dir': '/plan' }, []],
  [{ engine: 'direct' }, []],
])

const ONLY_REPLACED =
  'has an effect only with metadata-directive: REPLACE, which replaces all metadata; to set it and keep the rest, use headers'
const DESCRIBED = {
  'cache-control': 'no-store',
  'content-type': 'text/plain',
}
const ONLY_KMS = 'sse-kms-key-id: has an effect only with sse: aws:kms'

table('how objects are written', [
  [DESCRIBED, Object.keys(DESCRIBED).map((input) => `${input}: ${ONLY_REPLACED}`)],
  [{ ...DESCRIBED, 'metadata-directive': 'REPLACE' }, []],
  [{ 'metadata-directive': 'REPLACE' }, []],
  [
    { 'content-type': 'none', 'metadata-directive': 'REPLACE' },
    ['content-type: none has a meaning only for local files: set a type, or leave it out'],
  ],
  [{ 'content-type': 'none', source: './site' }, []],
  [{ 'sse-kms-key-id': 'k' }, [ONLY_KMS]],
  [{ 'sse-kms-key-id': 'k', sse: 'AES256' }, [ONLY_KMS]],
  [{ 'sse-kms-key-id': 'k', sse: 'aws:kms' }, []],
  [{ 'sse-kms-key-id': 'k', sse: 'aws:kms:dsse' }, []],
  [{ sse: 'AES256' }, []],
])

const PATTERN = '^(?<day>\\d+)/'
const TEMPLATE_ONLY = 'has an effect only with key-template'

table('where keys go', [
  [
    { 'key-pattern': PATTERN, 'key-mismatch': 'fail' },
    [`key-pattern: ${TEMPLATE_ONLY}`, `key-mismatch: ${TEMPLATE_ONLY}`],
  ],
  [{ 'key-mismatch': 'skip' }, [`key-mismatch: ${TEMPLATE_ONLY}`]],
  [{ 'key-mismatch': 'keep' }, []],
  [{ 'key-template': '{name}' }, []],
  [{ 'key-template': 'all/{key}', 'key-mismatch': 'fail' }, []],
  [{ 'key-template': 'day={day}/{name}', 'key-pattern': PATTERN }, []],
  [{ 'key-template': 'kline-archive' }, []],
  [
    { 'key-template': 'kline-archive', 'key-pattern': PATTERN },
    ['key-pattern: cannot be combined with key-template: kline-archive'],
  ],
  [
    { 'key-template': 'kline' },
    [
      'key-template: "kline" contains no part of the key, such as {name}; the known recipe is kline-archive',
    ],
  ],
  [
    { 'key-template': 'toString' },
    [
      'key-template: "toString" contains no part of the key, such as {name}; the known recipe is kline-archive',
    ],
  ],
  [
    { 'key-template': '{day}/{hour}/{name}', 'key-pattern': PATTERN },
    ['key-template: {hour} is not a group of key-pattern, and not {name} or {key}'],
  ],
  [
    { 'key-template': '{day}/{}}' },
    [
      'key-template: {day} is not a group of key-pattern, and not {name} or {key}',
      'key-template: {} is not a group of key-pattern, and not {name} or {key}',
      'key-template: has an unmatched brace',
    ],
  ],
  [{ 'key-template': '{{name}' }, ['key-template: has an unmatched brace']],
  [{ 'key-template': '{name' }, ['key-template: has an unmatched brace']],
])

describe('what follows from an input that could not be read', () => {
  it.each<[string, string, Texts]>([
    ['role-to-assume', 'sync', { 'inline-session-policy': '{}' }],
    ['source-role-to-assume', 'reader', { 'web-identity-token-file': '/t' }],
    ['install-method', 'curl', { 's5cmd-path': '/s5cmd', 's5cmd-url': URL }],
    ['s5cmd-url', 'mirror.test', { 'install-method': 'mirror' }],
    ['mode', 'excute', { 'plan-dir': '/plan' }],
    ['plan-dir', '$x', { mode: 'execute' }],
    ['report-dir', '$x', { mode: 'execute' }],
    ['metadata-directive', 'replace', DESCRIBED],
    ['sse', 'kms', { 'sse-kms-key-id': 'k' }],
    ['key-pattern', '(?<day>', { 'key-template': '{day}/{name}' }],
    ['key-mismatch', 'drop', {}],
    ['endpoint-url', 'minio', { engine: 's5cmd', 'source-endpoint-url': 'https://one' }],
    ['source-endpoint-url', 'one', { source: 's3://bkt/a/', destination: 's3://bkt/a/' }],
    ['destination-endpoint-url', 'two', { source: 's3://bkt/a/', destination: 's3://bkt/a/' }],
  ])('%s: %s is not complained of', async (input, ...[text, others]) => {
    const said = await problems({ ...others, [input]: text })
    expect(said.map((problem) => problem.split(':')[0])).toEqual([input])
  })

  it('does not hide what is wrong with others', async () => {
    const said = await problems({ sse: 'kms', 'content-type': 'text/plain' })
    expect(said.map((problem) => problem.split(':')[0])).toEqual(['sse', 'content-type'])
  })
})

describe('the key template kline-archive', () => {
  it('brings its own pattern', async () => {
    const { selection } = await read({ 'key-template': 'kline-archive', 'key-mismatch': 'skip' })
    expect(selection.keys?.mismatch).toBe('skip')
    expect(selection.keys?.template).toBe(
      '{path}symbol={symbol}/interval={interval}/date={date}/{name}',
    )
    const matched = new RegExp(selection.keys?.pattern ?? '', 'u')
    expect(matched.exec('spot/BTC-USD/1mo/BTC-USD-1mo-2026-01.zip')?.groups).toEqual({
      path: 'spot/',
      symbol: 'BTC-USD',
      interval: '1mo',
      date: '2026-01',
      name: 'BTC-USD-1mo-2026-01.zip',
    })
  })
})
