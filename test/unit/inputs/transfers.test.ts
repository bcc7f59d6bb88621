import { describe, expect, test } from 'vitest'
import { readStep } from '../../../src/inputs/inputs.ts'
import { INPUT_NAMES, INPUTS } from '../../../src/inputs/schema.ts'
import { noFiles, scriptedHost } from '../../ports.ts'
import { problems, readAll } from './reading.ts'

const of = (transfers: string, inputs: Readonly<Record<string, string>> = {}) =>
  problems({ source: 's3://src/', destination: '', ...inputs, transfers })

describe('a list of transfers', () => {
  test('makes a request of each, in its order, with folders of its own', async () => {
    const { transfers, reportDir } = await readAll({
      'report-dir': '/r',
      mode: 'execute',
      'plan-dir': '/plans',
      transfers: `
- { name: pkg, source: s3://aaa/pkg/, destination: s3://bbb/pkg/ }
- name: docs
  source: s3://aaa/docs/
  destination: s3://bbb/docs/
`,
    })
    expect(reportDir).toBe('/r')
    expect(
      transfers.map(({ name, at, source, destination, reporting, planDir }) => [
        name,
        at,
        `${source.bucket}/${source.path}`,
        `${destination.bucket}/${destination.path}`,
        reporting.reportDir,
        planDir,
      ]),
    ).toEqual([
      ['pkg', 0, 'aaa/pkg/', 'bbb/pkg/', '/r/pkg', { path: '/plans/pkg' }],
      ['docs', 1, 'aaa/docs/', 'bbb/docs/', '/r/docs', { path: '/plans/docs' }],
    ])
  })

  test('takes the source of the step where an entry has none', async () => {
    const { transfers } = await readAll({
      source: 's3://aaa/x/',
      transfers:
        '[{name: one, destination: s3://bbb/}, {name: two, source: s3://ccc/, destination: s3://ddd/}]',
    })
    expect(transfers.map(({ source }) => source.bucket)).toEqual(['aaa', 'ccc'])
  })

  test('takes a value from the entry, then the step, then the preset, then the default', async () => {
    const { transfers } = await readAll({
      source: 's3://aaa/',
      preset: 'staging',
      concurrency: '7',
      transfers:
        '[{name: own, destination: s3://bbb/, part-size: 64MiB, concurrency: 9}, {name: plain, destination: s3://ccc/}]',
    })
    expect(
      transfers.map(({ transfer, selection }) => [
        ...[transfer.partBytes, transfer.concurrency, transfer.retryCount, selection.compare],
      ]),
    ).toEqual([
      [64 * 2 ** 20, 9, 5, 'auto'],
      [48 * 2 ** 20, 7, 5, 'auto'],
    ])
    expect(
      transfers[0].settings.filter(({ origin }) => origin === 'transfer').map(({ name }) => name),
    ).toEqual(['destination', 'part-size', 'concurrency'])
  })

  test('replaces the lists of the step by those of an entry, one glob a line or as a list', async () => {
    const { transfers } = await readAll({
      source: 's3://aaa/',
      exclude: 'step',
      transfers: `
- { name: one, destination: s3://bbb/, exclude: ['*.tmp', c/] }
- name: two
  destination: s3://ccc/
  exclude: |
    x
    y
- { name: three, destination: s3://ddd/ }
`,
    })
    expect(transfers.map(({ selection }) => selection.exclude)).toEqual([
      ['*.tmp', 'c/'],
      ['x', 'y'],
      ['step'],
    ])
  })

  test('may repeat itself by anchors', async () => {
    const { transfers } = await readAll({
      source: 's3://aaa/',
      transfers: `
- { name: one, destination: s3://bbb/, exclude: &skip ['*.tmp'] }
- { name: two, destination: s3://ccc/, exclude: *skip }
`,
    })
    expect(transfers.map(({ selection }) => selection.exclude)).toEqual([['*.tmp'], ['*.tmp']])
  })

  test('may name another role for each', async () => {
    const arn = (name: string) => `arn:aws:iam::123456789012:role/${name}`
    const { transfers } = await readAll({
      source: 's3://aaa/',
      'role-to-assume': arn('step'),
      transfers: `[{name: one, destination: s3://bbb/, role-to-assume: '${arn('own')}'}, {name: two, destination: s3://ccc/}]`,
    })
    expect(transfers.map(({ access }) => access.roleArn)).toEqual([arn('own'), arn('step')])
  })

  test('hides keys before anything else, and shows none of them', async () => {
    const inputs = {
      source: 's3://aaa/',
      transfers:
        '[{name: one, destination: s3://bbb/, aws-access-key-id: AKIAOWN, aws-secret-access-key: s3cr3t-own, compare: wrong}]',
    }
    const host = scriptedHost({ inputs, env: { RUNNER_TEMP: '/tmp' } })
    const refusal = await readStep(host, noFiles).catch((error: unknown) => error)
    expect(host.masks).toEqual(['AKIAOWN', 's3cr3t-own'])
    expect(String(refusal)).not.toContain('s3cr3t')
    const { transfers } = await readAll({
      ...inputs,
      transfers: inputs.transfers.replace('wrong', 'size'),
    })
    expect(JSON.stringify(transfers[0].settings)).not.toContain('s3cr3t')
    expect(transfers[0].access.keys?.secretAccessKey).toBe('s3cr3t-own')
  })
})

test('a file of rules for headers is read once, and is one text for all transfers', async () => {
  const inputs = {
    source: 's3://aaa/',
    headers: 'headers.yml',
    transfers: '[{name: one, destination: s3://bbb/}, {name: two, destination: s3://ccc/}]',
  }
  const texts = ['no-cache', 'no-store']
  const { transfers } = await readStep(scriptedHost({ inputs, env: { RUNNER_TEMP: '/tmp' } }), {
    ...noFiles,
    realPath: async (path) => path,
    readText: async () => `- { files: ['*'], cache-control: ${texts.shift()} }`,
  })
  for (const { transfer } of transfers)
    expect(JSON.stringify(transfer.write.rules)).toContain('no-cache')
})

describe('a list is refused by its line where', () => {
  const EXPECTED =
    'transfers: line 1: expected a transfer, such as - { name: docs, source: s3://stage/docs/, destination: s3://prod/docs/ }'
  test.each([
    ['it is no list', 'name: one', [EXPECTED]],
    ['it is empty', '[]', [EXPECTED]],
    ['it is a file', './transfers.yml', [EXPECTED]],
    ['an entry is no mapping', '- one', [EXPECTED]],
    [
      'it is no YAML, without what may be a secret',
      '- { name: one, destination: s3://bbb/ } s3cr3t\n',
      [expect.not.stringContaining('s3cr3t')],
    ],
    [
      'a key is misspelt',
      '- name: one\n  destination: s3://bbb/\n  exlude: x\n',
      ['transfers: line 3: "exlude" is not an input that a transfer can set; write exclude'],
    ],
    [
      'a key has underscores',
      '- { name: one, destination: s3://bbb/, part_size: 5MB }',
      ['transfers: line 1: "part_size" is not an input that a transfer can set; write part-size'],
    ],
    [
      'a key was an input',
      '- { name: one, destination: s3://bbb/, content_encoding: br }',
      [
        "transfers: line 1: content_encoding is no longer an input: set it with headers, such as - { files: ['*'], content-encoding: gzip }",
      ],
    ],
    [
      'a key is like none',
      '- { name: one, destination: s3://bbb/, colour: red }',
      ['transfers: line 1: "colour" is not an input that a transfer can set'],
    ],
    [
      'a key is of the whole step',
      '- { name: one, destination: s3://bbb/ }\n- { name: two, destination: s3://ccc/, numworkers: 4 }',
      ['transfers: line 2: numworkers applies to the whole step: set it next to transfers'],
    ],
    [
      'a key stands twice',
      '- { name: one, destination: s3://bbb/, sse: AES256, sse: AES256 }',
      ['transfers: line 1: Map keys must be unique'],
    ],
    [
      'a value is empty, as an expression may be',
      '- { name: one, destination: s3://bbb/, role-to-assume:  }',
      ['transfers: line 1: role-to-assume has no value'],
    ],
    [
      'a glob is an alias to YAML',
      '- { name: one, destination: s3://bbb/, exclude: *.tmp }',
      ["transfers: line 1: exclude is not a plain text in YAML: put it in quotes, as in '*.tmp'"],
    ],
    [
      'a glob is a tag to YAML, with a blank in it too',
      '- { name: one, destination: s3://bbb/, exclude: !keep me }',
      ["transfers: line 1: exclude is not a plain text in YAML: put it in quotes, as in '*.tmp'"],
    ],
    [
      'rules stand as a list of their own',
      '- name: one\n  destination: s3://bbb/\n  headers:\n    - files: x\n      cache-control: y\n',
      [
        'transfers: line 3: headers is a mapping in YAML, but must be text: write | after its colon, and its lines further indented',
      ],
    ],
    [
      'values are merged from another entry',
      '- &a { name: one, destination: s3://bbb/ }\n- { <<: *a, name: two, destination: s3://ccc/ }',
      [
        'transfers: line 2: "<<" is not an input that a transfer can set: set what several transfers share next to transfers',
      ],
    ],
    [
      'a line is indented by a tab',
      '- name: one\n\tdestination: s3://bbb/\n',
      ['transfers: line 2: Tabs are not allowed as indentation'],
    ],
    [
      'a name is missing',
      '- { destination: s3://bbb/ }',
      ['transfers: line 1: the transfer has no name: expected 1 to 40 of the characters a-z 0-9 -'],
    ],
    [
      'a name is none for a folder',
      '- { name: ../up, destination: s3://bbb/ }',
      ['transfers: line 1: name "../up": expected 1 to 40 of the characters a-z 0-9 -'],
    ],
    [
      'a name is none for a folder of Windows',
      '- { name: con, destination: s3://bbb/ }',
      ['transfers: line 1: name "con": "con" is a device name on Windows'],
    ],
    [
      'a name stands twice',
      '- { name: one, destination: s3://bbb/ }\n- { name: one, destination: s3://ccc/ }',
      [
        'transfers: line 2: name "one" is already used by the transfer in line 1: names must be unique',
      ],
    ],
    [
      'a value cannot be read',
      '- name: one\n  destination: s3://bbb/\n  compare: maybe\n',
      [
        expect.stringMatching(
          /^compare of one \(transfers, line 1\): "maybe" \(from transfers, line 3\): expected one of auto/,
        ),
      ],
    ],
    [
      'settings do not go together',
      '- { name: one, destination: s3://bbb/, sse-kms-key-id: k }',
      ['sse-kms-key-id of one (transfers, line 1): has an effect only with sse: aws:kms'],
    ],
    [
      'there is no destination',
      '- { name: one }',
      ['destination of one (transfers, line 1): is required, as in s3://my-bucket/data/'],
    ],
    [
      'there are too many',
      Array.from({ length: 51 }, (_, at) => `- { name: t${at}, destination: s3://bbb${at}/ }`).join(
        '\n',
      ),
      ['transfers: has 51 transfers, but at most 50 are allowed'],
    ],
  ])('%s', async (_, list, expected) => {
    expect(await of(list)).toEqual(expected)
  })

  test('what is wrong with the step itself is said once', async () => {
    const list = '[{name: one, destination: s3://bbb/}, {name: two, destination: s3://ccc/}]'
    expect(await of(list, { 'sse-kms-key-id': 'k', 'install-method': 'mirror' })).toEqual([
      's5cmd-url: is required with install-method: mirror',
      'sse-kms-key-id: has an effect only with sse: aws:kms',
    ])
  })

  test('a place beside it has no effect', async () => {
    const list = '[{name: one, source: s3://aaa/, destination: s3://bbb/}]'
    expect(await of(list, { destination: 's3://xxx/' })).toEqual([
      'destination: cannot be used together with transfers: remove it here, each transfer has its own',
      'source: has no effect, because each transfer has its own: remove it',
    ])
  })
})

describe('transfers that overlap', () => {
  const two = (one: string, other: string, more = '') =>
    of(
      `- { name: one, source: s3://aaa/1/, destination: ${one} }\n- { name: two, ${other}${more} }`,
      { source: '' },
    )

  test.each([
    [
      'in one destination',
      's3://bbb/x',
      'source: s3://aaa/2/, destination: s3://bbb/x/',
      'is also',
    ],
    [
      'in a destination inside another',
      's3://bbb/x/',
      'source: s3://aaa/2/, destination: s3://bbb/x/y',
      'lies inside',
    ],
    [
      'in a destination around another',
      's3://bbb/x/',
      'source: s3://aaa/2/, destination: s3://bbb',
      'contains',
    ],
  ])('are refused %s', async (_, one, other, relation) => {
    const [problem = '', ...others] = await two(one, other)
    expect(others).toEqual([])
    expect(problem).toMatch(/^destination of two \(transfers, line 2\): s3:\/\/bbb\//)
    expect(problem).toContain(
      `${relation} the destination of one (line 1): each transfer needs a destination of its own`,
    )
  })

  test.each([
    [
      'that is another source',
      's3://bbb/x/',
      'source: s3://bbb/x/, destination: s3://ccc/',
      'is also',
    ],
    [
      'inside another source',
      's3://bbb/x/y/',
      'source: s3://bbb/x/, destination: s3://ccc/',
      'lies inside',
    ],
    [
      'around another source',
      's3://bbb/',
      'source: s3://bbb/x/, destination: s3://ccc/',
      'contains',
    ],
  ])('are refused with a destination %s', async (_, one, other, relation) => {
    expect(await two(one, other)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^destination of one .* ${relation} the source of two \\(line 2\\): all transfers are planned`,
        ),
      ),
    ])
  })

  test.each([
    ['share a source', 's3://bbb/x/', 'source: s3://aaa/1/, destination: s3://bbb/y/'],
    [
      'have names that begin alike',
      's3://bbb/x/',
      'source: s3://aaa/2/, destination: s3://bbb/xy/',
    ],
    ['are in two buckets', 's3://bbb/x/', 'source: s3://aaa/2/, destination: s3://ccc/x/'],
  ])('are no such that %s', async (_, one, other) => {
    expect(await two(one, other)).toEqual([])
  })

  test.each([
    ['source: s3://aaa/2/, destination: /w/link', /contains the destination of one \(line 2\)/],
    ['source: /w/link/x/y, destination: s3://ccc/', /of one .* contains the source of two/],
  ])('are refused in folders that links lead to: %s', async (other, why) => {
    const transfers = `
- { name: one, source: s3://aaa/1/, destination: /w/out/x }
- { name: two, ${other} }`
    const env = { RUNNER_TEMP: '/tmp', GITHUB_WORKSPACE: '/w' }
    const realPath = async (path: string) => path.replace('/w/link', '/w/out')
    await expect(
      readStep(scriptedHost({ inputs: { transfers }, env }), { ...noFiles, realPath }),
    ).rejects.toThrow(why)
  })

  test('are no such at two services, where buckets have the same name', async () => {
    const at = 'destination-endpoint-url: https://s3.example.com'
    expect(
      await two('s3://bbb/x/', 'source: s3://aaa/2/, destination: s3://bbb/x/', `, ${at}`),
    ).toEqual([])
  })
})

test('an entry sets what is of one transfer, and not what the step has once', () => {
  const ofStep = INPUT_NAMES.filter((name) => INPUTS[name].transfer === 'no')
  expect(ofStep).toEqual([
    ...['transfers', 'mode', 'dry-run', 'preset', 'config', 'lock', 'numworkers', 'rate-limit'],
    ...['requests-per-second', 'max-duration', 's5cmd-version', 's5cmd-path', 's5cmd-url'],
    ...['s5cmd-sha256', 'install-method', 'log-level', 'json', 'report-dir', 'job-summary'],
    ...['cloudwatch-metrics', 'cloudwatch-namespace', 'plan-dir', 'shard', 'shards-dir', 'plan-id'],
    'fail-on',
  ])
})
