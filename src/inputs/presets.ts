import type { Files, Host } from '../ports.ts'
import type { Config, Preset, PresetValue } from './config.ts'
import type { Problem } from './problem.ts'
import type { InputName } from './schema.ts'
import { readWorkspaceFile } from './workspace-file.ts'

type Values = Readonly<Partial<Record<InputName, string>>>

/** Presets that need no file; the table of docs/inputs.md is made from them. */
export const PRESETS: Readonly<Record<string, Values>> = {
  development: { numworkers: '4', 'part-size': '25MB', 'retry-count': '3' },
  staging: { numworkers: '8', 'part-size': '50MB', 'retry-count': '5' },
  production: {
    numworkers: '16',
    'part-size': '100MB',
    'retry-count': '5',
    'cloudwatch-metrics': 'true',
  },
}

const builtIn = (values: Values): Preset =>
  new Map(
    Object.entries(values).map(([input, text]): [InputName, PresetValue] => [
      input as InputName,
      { text },
    ]),
  )

const NO_CONFIG: Config = { presets: new Map(), problems: [] }

async function configAt(
  file: string,
  env: Host['env'],
  files: Pick<Files, 'join' | 'readText' | 'realPath'>,
): Promise<Config> {
  if (file === '') return NO_CONFIG
  const read = await readWorkspaceFile(file, env, files)
  if ('problem' in read) return { ...NO_CONFIG, problems: [read.problem] }
  // Only who has such a file needs the YAML reader.
  const { readConfig } = await import('./config.ts')
  return readConfig(read.text, file)
}

/** The values of the preset that was asked for, a team's own before those that need no file; and what is wrong. */
export async function readPreset(
  host: Pick<Host, 'input' | 'env'>,
  files: Pick<Files, 'join' | 'readText' | 'realPath'>,
): Promise<{ readonly preset: Preset; readonly problems: readonly Problem[] }> {
  const config = await configAt(host.input('config'), host.env, files)
  const problems = config.problems.map((text): Problem => ({ input: 'config', text }))
  const presets = new Map([
    ...Object.entries(PRESETS).map(([name, values]) => [name, builtIn(values)] as const),
    ...config.presets,
  ])
  const name = host.input('preset')
  if (name === '' && host.input('config') !== '')
    problems.push({ input: 'config', text: 'has an effect only with preset' })
  const preset = presets.get(name)
  if (name !== '' && !preset && problems.length === 0) {
    const known = [...presets.keys()].join(', ')
    const more = host.input('config') === '' ? ', or a preset of your own together with config' : ''
    const text = `${JSON.stringify(name)}: expected one of ${known}${more}`
    problems.push({ input: 'preset', text })
  }
  return { preset: preset ?? new Map(), problems }
}
