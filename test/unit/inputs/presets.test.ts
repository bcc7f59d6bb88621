import { describe, expect, it } from 'vitest'
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
const refusal = (inputs: Readonly<Record<string, string>>, yaml?: string): Promise<string> =>
  read(inputs, yaml).then(
    () => '',
    (error: unknown) => (error as Error).message,
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

  it('may name both places', async () => {
    const yaml = 'mirror: { source: "s3://one/x/", destination: "s3://two/" }'
    const places = { source: '', destination: '', preset: 'mirror', config: 'team.yml' }
    const request = await read(places, yaml)
    expect(request.source).toMatchObject({ bucket: 'one', path: 'x/' })
  })
})

describe('is refused:', () => {
  it.each<[string, Readonly<Record<string, string>>, string | undefined, string]>([
    [
      'an unknown preset',
      { preset: 'prod' },
      undefined,
      '"prod": expected one of development, staging, production',
    ],
    [
      'one that the file does not have',
      { preset: 'x', config: 'team.yml' },
      undefined,
      'production, nightly, weekly',
    ],
    ['a file that is not there', { config: 'other.yml' }, undefined, '"other.yml" cannot be read'],
    ['bad YAML', { config: 'team.yml' }, 'a:\n  b: [1\nc: 2\n', 'team.yml, line 3'],
    [
      'a key twice',
      { config: 'team.yml' },
      'a:\n  numworkers: 1\n  numworkers: 2\n',
      'team.yml, line 3',
    ],
    [
      'an unknown input',
      { config: 'team.yml' },
      'a:\n  delete: true\n  numworker: 2\n',
      'team.yml, line 3: "numworker" is no input',
    ],
    [
      'what every object has',
      { config: 'team.yml' },
      'a:\n  constructor: 2\n',
      '"constructor" is no input',
    ],
    [
      'a secret',
      { config: 'team.yml' },
      'a:\n  aws-secret-access-key: hunter2\n',
      '"aws-secret-access-key" is no input',
    ],
    [
      'an input without a value',
      { config: 'team.yml' },
      'a:\n  region:\n  numworkers:\n',
      'team.yml, line 3: numworkers has no value',
    ],
    [
      'a value of many parts',
      { config: 'team.yml' },
      'a:\n  numworkers: { a: 1 }\n',
      'numworkers has no value',
    ],
    ['a list', { config: 'team.yml' }, '- a\n', 'team.yml, line 1: expected presets by name'],
    [
      'a preset that is text',
      { config: 'team.yml' },
      'a: b\n',
      'team.yml, line 1: expected inputs',
    ],
    ['an alias of itself', { config: 'team.yml' }, 'a: &a *a\n', 'team.yml, line 1'],
    [
      'a value',
      { config: 'team.yml', preset: 'a' },
      '\na:\n  numworkers: many\n',
      'numworkers: "many" (from team.yml, line 3): expected auto',
    ],
    ['a huge file', { config: 'team.yml' }, ' '.repeat(300_000), 'longer than 256 KiB'],
  ])('%s', async (_what, ...[inputs, yaml, words]) => {
    const said = await refusal(inputs, yaml)
    expect(said).toContain(words)
    expect(said).not.toContain('hunter2')
  })
})
