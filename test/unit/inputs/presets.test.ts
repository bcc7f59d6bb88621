import { describe, expect, it } from 'vitest'
import { readConfig } from '../../../src/inputs/config.ts'
import { readRequest } from '../../../src/inputs/inputs.ts'
import { noFiles, scriptedHost } from '../../ports.ts'

const MIB = 2 ** 20
const TEAM = `
nightly: &nightly
  # As the specification writes it.
  numworkers: 32
  part_size: 50MB
  delete: true
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
      const { how } = await read({ preset })
      expect(how).toMatchObject({ numworkers, partBytes, retryCount })
    },
  )

  it('production sends metrics, as the specification says, and the others do not', async () => {
    const { tell } = await read({ preset: 'production' })
    expect(tell.metricsNamespace).toBe('S3DirectSync')
    const quiet = { preset: 'production', 'cloudwatch-metrics': 'false' }
    for (const inputs of [{ preset: 'staging' }, { preset: 'development' }, quiet])
      expect((await read(inputs)).tell.metricsNamespace).toBeUndefined()
  })

  it('of a file may call that enable_monitoring', async () => {
    const yaml = 'team: { enable_monitoring: true, cloudwatch_namespace: Team/Mirror }'
    const { tell } = await read({ preset: 'team', config: 'team.yml' }, yaml)
    expect(tell.metricsNamespace).toBe('Team/Mirror')
  })

  it('stands behind the inputs and before the defaults, and is named as the origin', async () => {
    const request = await read({ preset: 'development', numworkers: '9' })
    expect(request.how).toMatchObject({ numworkers: 9, retryCount: 3, maxRetries: 3 })
    const origins = new Map(request.settings.map(({ name, origin }) => [name, origin]))
    expect(origins.get('numworkers')).toBe('input')
    expect(origins.get('retry-count')).toBe('preset')
    expect(origins.get('max-retries')).toBe('default')
  })

  it.each(['nightly', 'weekly'])('of a file is taken by its name: %s', async (preset) => {
    const { how, what } = await read({ preset, config: 'team.yml' })
    expect(how).toMatchObject({ numworkers: 32, partBytes: 48 * MIB })
    expect(what).toMatchObject({ delete: true, exclude: ['*.tmp', 'logs/**'] })
  })

  it('of a file comes before one of the same name that needs none', async () => {
    const { how } = await read({ preset: 'staging', config: 'team.yml' })
    expect(how).toMatchObject({ numworkers: 'auto', retryCount: 1 })
  })

  it('of a file may give a value that stands elsewhere in it', async () => {
    const yaml = 'a: { include: &both [x, y], exclude: *both }'
    const { what } = await read({ preset: 'a', config: 'team.yml' }, yaml)
    expect(what).toMatchObject({ include: ['x', 'y'], exclude: ['x', 'y'] })
  })

  it('may name both places', async () => {
    const yaml = 'mirror: { source: "s3://one/x/", destination: "s3://two/" }'
    const places = { source: '', destination: '', preset: 'mirror', config: 'team.yml' }
    const request = await read(places, yaml)
    expect(request.source).toMatchObject({ bucket: 'one', path: 'x/' })
  })
})

describe('is refused:', () => {
  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      'an unknown preset',
      { preset: 'prod' },
      'preset: "prod": expected one of development, staging, production',
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
      'a:\n  delete: true\n  numworker: 2\n  ? [x]\n  : 1\n  part.size: 3\n',
      'line 3: "numworker" is no input that a preset can set',
      'line 4: "" is no input that a preset can set',
      'line 6: "part.size" is no input that a preset can set',
    ],
    [
      'what every object has',
      'a:\n  constructor: 2\n',
      'line 2: "constructor" is no input that a preset can set',
    ],
    [
      'secrets, and what chooses the preset',
      'a:\n  aws-secret-access-key: hunter2\n  source_aws_session_token: x\n  preset: b\n  config: c\n',
      'line 2: "aws-secret-access-key" is no input that a preset can set',
      'line 3: "source_aws_session_token" is no input that a preset can set',
      'line 4: "preset" is no input that a preset can set',
      'line 5: "config" is no input that a preset can set',
    ],
    [
      'inputs without a value',
      'a:\n  numworkers:\n  part_size: ""\n  include: []\n  ? delete\n',
      'line 2: numworkers has no value',
      'line 3: part_size has no value',
      'line 4: include has no value',
      'line 5: delete has no value',
    ],
    [
      'values of many parts',
      'a:\n  numworkers: { a: 1 }\n  include: [x, [y]]\n  exclude: [x, ""]\n',
      'line 2: numworkers has no value',
      'line 3: include has no value',
      'line 4: exclude has no value',
    ],
  ])('a file with %s', (_what, yaml, ...expected) => {
    const said = readConfig(yaml, 'team.yml').problems
    expect(said).toEqual(expected.map((problem) => `team.yml, ${problem}`))
  })

  it('what is wrong with a file, together with the other inputs', async () => {
    const yaml = 'a: { numworker: 1, retry-count: many }'
    expect(await problems({ preset: 'a', config: 'team.yml', delete: '1' }, yaml)).toEqual([
      'config: team.yml, line 1: "numworker" is no input that a preset can set',
      'delete: "1": expected true or false',
      'retry-count: "many" (from team.yml, line 1): expected a whole number from 0 to 100',
    ])
  })

  it('a value, with the line where it stands', async () => {
    const yaml = '\na:\n  numworkers: many\n'
    expect(await problems({ config: 'team.yml', preset: 'a' }, yaml)).toEqual([
      'numworkers: "many" (from team.yml, line 3): expected auto, or a whole number from 1 to 1000',
    ])
  })

  it('a huge file, before it is read as YAML', async () => {
    const yaml = (chars: number) => 'a: { numworkers: 3 }\n#'.padEnd(chars, '-')
    const inputs = { config: 'team.yml', preset: 'a' }
    expect(await problems(inputs, yaml(262_144))).toEqual([])
    expect(await problems(inputs, yaml(262_145))).toEqual([
      'config: team.yml is longer than 256 KiB',
    ])
  })
})
