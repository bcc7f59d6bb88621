import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/inputs/config.ts'
import { PRESETS } from '../../../src/inputs/presets.ts'
import { INPUT_NAMES, INPUTS, type InputName } from '../../../src/inputs/schema.ts'
import { noFiles, scriptedHost } from '../../ports.ts'
import { readRequest } from './reading.ts'

/** As the contract lists them, and what is where or who beside them. */
const FOR_THE_WORKFLOW = [
  ...['source', 'destination', 'mode', 'dry-run', 'preset', 'config', 'fail-on'],
  ...['role-to-assume', 'role-session-name', 'role-duration-seconds', 'role-external-id'],
  ...['audience', 'inline-session-policy', 'managed-session-policies', 'allowed-account-ids'],
  ...['aws-region', 'aws-profile', 'aws-access-key-id', 'aws-secret-access-key'],
  ...['aws-session-token', 'web-identity-token-file', 'sts-endpoint', 'endpoint-url'],
  ...['source-role-to-assume', 'source-region', 'source-endpoint-url', 'source-no-sign-request'],
  ...['source-profile', 'source-aws-access-key-id', 'source-aws-secret-access-key'],
  ...['source-aws-session-token', 'destination-region', 'destination-endpoint-url'],
  ...['request-payer', 'overwrite', 'delete', 'max-delete', 'allow-empty-source', 'acl'],
  ...['key-pattern', 'key-template', 'key-mismatch', 's5cmd-version', 's5cmd-path', 's5cmd-url'],
  ...['s5cmd-sha256', 'install-method', 'report-dir', 'plan-dir'],
] as const satisfies readonly InputName[]

const MIB = 2 ** 20
const TEAM = `
nightly: &nightly
  # As the specification writes it.
  numworkers: 32
  part_size: 50MB
  exclude:
    - '*.tmp'
    - logs/**
staging:
  retry-count: 1
weekly: *nightly
`

const read = (inputs: Readonly<Record<string, string>>, yaml = TEAM) =>
  readRequest(
    scriptedHost({
      inputs: { source: 's3://src/a/', destination: 's3://dst/b/', ...inputs },
      env: { RUNNER_TEMP: '/tmp' },
    }),
    {
      ...noFiles,
      realPath: async (path) => path,
      readText: async (path) => {
        if (path !== 'team.yml') throw new Error('no such file')
        return yaml
      },
    },
  )
/** The lines of a refusal, one for each problem; none when there is no refusal. */
const problems = (inputs: Readonly<Record<string, string>>, yaml?: string): Promise<string[]> =>
  read(inputs, yaml).then(
    () => [],
    (error: unknown) => (error as Error).message.split('\n- ').slice(1),
  )

describe('a preset', () => {
  it.each([
    ['development', 4, 24 * MIB, 3],
    ['staging', 8, 48 * MIB, 5],
    ['production', 16, 96 * MIB, 5],
  ])(
    '%s has the values of the specification',
    async (preset, ...[numworkers, partBytes, retryCount]) => {
      const { transfer } = await read({ preset })
      expect(transfer).toMatchObject({ numworkers, partBytes, retryCount })
    },
  )

  it('production sends metrics, as the specification says, and the others do not', async () => {
    const { reporting } = await read({ preset: 'production' })
    expect(reporting.metricsNamespace).toBe('S3DirectSync')
    const quiet = { preset: 'production', 'cloudwatch-metrics': 'false' }
    for (const inputs of [{ preset: 'staging' }, { preset: 'development' }, quiet])
      expect((await read(inputs)).reporting.metricsNamespace).toBeUndefined()
  })

  it('of a file may call that enable_monitoring', async () => {
    const yaml = 'team: { enable_monitoring: true, cloudwatch_namespace: Team/Mirror }'
    const { reporting } = await read({ preset: 'team', config: 'team.yml' }, yaml)
    expect(reporting.metricsNamespace).toBe('Team/Mirror')
  })

  it('stands behind the inputs and before the defaults, and is named as the origin', async () => {
    const request = await read({ preset: 'development', numworkers: '9' })
    expect(request.transfer).toMatchObject({ numworkers: 9, retryCount: 3, maxRetries: 3 })
    const origins = new Map(request.settings.map(({ name, origin }) => [name, origin]))
    expect(origins.get('numworkers')).toBe('input')
    expect(origins.get('retry-count')).toBe('preset')
    expect(origins.get('max-retries')).toBe('default')
  })

  it.each(['nightly', 'weekly'])('of a file is taken by its name: %s', async (preset) => {
    const { transfer, selection } = await read({ preset, config: 'team.yml' })
    expect(transfer).toMatchObject({ numworkers: 32, partBytes: 48 * MIB })
    expect(selection).toMatchObject({ exclude: ['*.tmp', 'logs/**'] })
  })

  it('of a file comes before one of the same name that needs none', async () => {
    const { transfer } = await read({ preset: 'staging', config: 'team.yml' })
    expect(transfer).toMatchObject({ numworkers: 'auto', retryCount: 1 })
  })

  it('of a file of thousands that share a value is read at once', () => {
    const shared = Array.from({ length: 3000 }, (_, at) => `b${at}: {include: *a}`)
    const { presets, problems } = readConfig(
      `a: {include: &a [x]}\n${shared.join('\n')}`,
      'team.yml',
    )
    expect(problems).toEqual([])
    expect(presets.get('b2999')?.get('include')?.text).toBe('x')
  })

  it('of a file has the value that was given last before it, where two have one name', () => {
    const yaml = 'a: {include: &a [x]}\nb: {include: *a}\nc: {include: &a [y]}\nd: {include: *a}'
    const { presets } = readConfig(yaml, 'team.yml')
    expect(['b', 'd'].map((name) => presets.get(name)?.get('include')?.text)).toEqual(['x', 'y'])
  })

  it('of a file may give a value that stands elsewhere in it', async () => {
    const yaml = 'a: { include: &both [x, y], exclude: *both }'
    const { selection } = await read({ preset: 'a', config: 'team.yml' }, yaml)
    expect(selection).toMatchObject({ include: ['x', 'y'], exclude: ['x', 'y'] })
  })

  it.each(INPUT_NAMES.filter((name) => INPUTS[name].preset === 'yes'))('may set %s', (name) => {
    const { presets, problems } = readConfig(`a: { ${name}: x }`, 'team.yml')
    expect(problems).toEqual([])
    expect(presets.get('a')?.get(name)).toEqual({ text: 'x', where: 'team.yml, line 1' })
  })

  it.each(FOR_THE_WORKFLOW)('may not set %s', (name) => {
    const { presets, problems } = readConfig(`a:\n  numworkers: 1\n  ${name}: x\n`, 'team.yml')
    expect(problems).toEqual([
      `team.yml, line 3: ${name} cannot be set in a preset: set it in the workflow`,
    ])
    expect([...(presets.get('a')?.keys() ?? [])]).toEqual(['numworkers'])
  })

  it('sets nothing that is for the workflow, where it needs no file', () => {
    const set = Object.values(PRESETS).flatMap((values) => Object.keys(values) as InputName[])
    expect(set.filter((name) => INPUTS[name].preset === 'no')).toEqual([])
  })
})

describe('is refused:', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'an unknown preset',
      { preset: 'prod' },
      'preset: "prod": expected one of development, staging, production, or a preset of your own together with config',
    ],
    [
      'one that the file does not have',
      { preset: 'x', config: 'team.yml' },
      'preset: "x": expected one of development, staging, production, nightly, weekly',
    ],
    [
      'a file that is not there',
      { preset: 'x', config: 'other.yml' },
      'config: "other.yml" cannot be read: no such file',
    ],
    ['a file without a preset', { config: 'team.yml' }, 'config: has an effect only with preset'],
  ])('%s', async (_what, inputs, problem) => {
    expect(await problems(inputs)).toEqual([problem])
  })

  const NO_TEXT = "is not a plain text in YAML: put it in quotes, as in '*.tmp'"
  const NO_PRESET = 'line 1: expected inputs and their values'

  it.each<[string, string, ...string[]]>([
    ['nothing', '', 'line 1: expected presets by name'],
    ['a list', '- a\n', 'line 1: expected presets by name'],
    ['text', 'a', 'line 1: expected presets by name'],
    ['a preset that is text', 'a: b\n', NO_PRESET],
    ['a preset without inputs', 'a:\n', NO_PRESET],
    [
      'a preset that is only named',
      'a: { numworkers: 1 }\n? b\n',
      'line 2: expected inputs and their values',
    ],
    ['a preset without a name', '"":\n  numworkers: 1\n', 'line 1: expected the name of a preset'],
    [
      'a preset whose name is a list',
      'a: { numworkers: 1 }\n? [x, y]\n: { numworkers: 1 }\n',
      'line 2: expected the name of a preset',
    ],
    [
      'bad YAML',
      'a:\n  b: [1\nc: 2\n',
      'line 3: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['a key twice', 'a:\n  numworkers: 1\n  numworkers: 2\n', 'line 3: Map keys must be unique'],
    ['an alias of itself', 'a: &a *a\n', 'line 1: An alias node must not specify any properties'],
    ['an alias of nothing', 'a: *b\n', NO_PRESET],
    [
      'unknown inputs, each with its line',
      'a:\n  json: true\n  numworker: 2\n  ? [x]\n  : 1\n  part.size: 3\n',
      'line 3: "numworker" is not an input that a preset can set',
      'line 4: "" is not an input that a preset can set',
      'line 6: "part.size" is not an input that a preset can set',
    ],
    [
      'what was an input',
      'a:\n  content_encoding: br\n',
      "line 2: content_encoding is no longer an input: set it with headers, such as - { files: ['*'], content-encoding: gzip }",
    ],
    [
      'what every object has',
      'a:\n  constructor: 2\n',
      'line 2: "constructor" is not an input that a preset can set',
    ],
    [
      'secrets, and what chooses the preset',
      'a:\n  aws-secret-access-key: hunter2\n  source_aws_session_token: x\n  preset: b\n  config: c\n',
      'line 2: aws-secret-access-key cannot be set in a preset: set it in the workflow',
      'line 3: source_aws_session_token cannot be set in a preset: set it in the workflow',
      'line 4: preset cannot be set in a preset: set it in the workflow',
      'line 5: config cannot be set in a preset: set it in the workflow',
    ],
    [
      'inputs without a value',
      'a:\n  numworkers:\n  part_size: ""\n  include: []\n  ? json\n',
      'line 2: numworkers has no value',
      'line 3: part_size has no value',
      'line 4: include has no value',
      'line 5: json has no value',
    ],
    [
      'values of many parts',
      'a:\n  numworkers: { a: 1 }\n  include: [x, [y]]\n  exclude: [x, ""]\n',
      'line 2: numworkers is a mapping in YAML, but must be text: write | after its colon, and its lines further indented',
      `line 3: include ${NO_TEXT}`,
      'line 4: exclude has no value',
    ],
    [
      'globs that are something else in YAML without quotes',
      'a:\n  include: *.csv\n  exclude:\n    - *.tmp\nb:\n  exclude: [ok, **/x]\nc:\n  exclude: !keep\nd:\n  exclude: {a,b}\n',
      ...[2, 3, 6, 8, 10].map(
        (line) => `line ${line}: ${line === 2 ? 'include' : 'exclude'} ${NO_TEXT}`,
      ),
    ],
  ])('a file with %s', (_what, yaml, ...expected) => {
    const said = readConfig(yaml, 'team.yml').problems
    expect(said).toEqual(expected.map((problem) => `team.yml, ${problem}`))
  })

  it('what is wrong with a file, together with the other inputs', async () => {
    const yaml = 'a: { numworker: 1, retry-count: many }'
    expect(await problems({ preset: 'a', config: 'team.yml', delete: '1' }, yaml)).toEqual([
      'config: team.yml, line 1: "numworker" is not an input that a preset can set',
      'delete: "1": expected true or false',
      'retry-count: "many" (from team.yml, line 1): expected a whole number from 0 to 100',
    ])
  })

  it('a file in UTF-16, as PowerShell writes it', async () => {
    const bytes = Buffer.from('\ufeffa:\n  numworkers: 4\n', 'utf16le')
    expect((await problems({ config: 'team.yml', preset: 'a' }, bytes.toString()))[0]).toContain(
      'it is not UTF-8',
    )
  })

  it('a value, with the line where it stands', async () => {
    const yaml = '\na:\n  numworkers: many\n'
    expect(await problems({ config: 'team.yml', preset: 'a' }, yaml)).toEqual([
      'numworkers: "many" (from team.yml, line 3): expected auto, or a whole number from 1 to 1000',
    ])
  })

  it('more than 20 problems by the first 20 and a count', async () => {
    const yaml = `a:\n${Array.from({ length: 30 }, (_, at) => `  x${at}: 1\n`).join('')}`
    const told = await problems({ config: 'team.yml', preset: 'a', delete: 'x' }, yaml)
    expect(told.length).toBe(21)
    expect(told[19]).toBe('config: team.yml, line 21: "x19" is not an input that a preset can set')
    expect(told[20]).toBe('and 11 more')
  })

  it('a path with a variable in it, which nothing stands in for', async () => {
    expect((await problems({ config: '$HOME/team.yml', preset: 'a' }))[0]).toMatch(
      /^config: "\$HOME\/team.yml": variables are not expanded here: .*\$\{\{ runner.temp \}\}/,
    )
  })
})
