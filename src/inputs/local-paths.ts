import { randomUUID } from 'node:crypto'
import type { Files, Host } from '../ports.ts'
import type { Problem } from './rules.ts'
import type { InputName, InputValues } from './schema.ts'
import { windowsRefuses } from './windows-names.ts'

const PATHS = ['report-dir', 'plan-dir', 's5cmd-path', 'web-identity-token-file'] as const
const FOLDERS: ReadonlySet<InputName> = new Set(['report-dir', 'plan-dir'])

/** Inputs whose paths are those of this machine, and what is wrong with them. */
export interface LocalPaths {
  readonly values: InputValues
  readonly problems: readonly Problem[]
}

type Surroundings = Pick<Host, 'env'> & { readonly files: Pick<Files, 'join'> }

const homeOf = ({ env }: Pick<Host, 'env'>): string => env['HOME'] || env['USERPROFILE'] || ''

/** The path, with the home of the user in place of a leading `~/`; undefined where there is no home. */
export function expanded(path: string, around: Surroundings): string | undefined {
  if (!/^~(?:[/\\]|$)/.test(path)) return path
  const home = homeOf(around)
  return home === '' ? undefined : around.files.join(home, path.slice(2))
}

/** A name that no other step has: steps of a matrix, and of composite actions, share their GITHUB_ACTION. */
function ownName({ env }: Pick<Host, 'env'>): string {
  const step = (env['GITHUB_ACTION'] || 'run').replace(/[^\w-]/g, '_').slice(0, 64)
  return `${step}-${randomUUID()}`
}

/** Where the files of the step go, absolute; '' where there is no place for them, which the paths are to blame for. */
export function reportDirOf(
  { 'report-dir': given }: InputValues,
  { env, files }: Surroundings,
): string {
  if (given) return files.join(given)
  const temp = env['RUNNER_TEMP']
  return temp ? files.join(temp, 's3-direct-sync', ownName({ env })) : ''
}

/** Makes the paths among the inputs those of this machine. */
export function toLocalPaths(read: InputValues, around: Surroundings): LocalPaths {
  const problems: Problem[] = []
  const values: { -readonly [Name in keyof InputValues]: InputValues[Name] } = { ...read }
  for (const input of PATHS) {
    const given = read[input]
    if (given === undefined) continue
    const path = expanded(given, around)
    const refused =
      path === undefined
        ? 'there is no HOME for ~ to stand for'
        : around.env['RUNNER_OS'] === 'Windows' && FOLDERS.has(input)
          ? windowsRefuses(path)
          : undefined
    values[input] = path
    if (refused !== undefined)
      problems.push({ input, text: `${JSON.stringify(given)}: ${refused}` })
  }
  if (read['report-dir'] === undefined && !around.env['RUNNER_TEMP'])
    problems.push({
      input: 'report-dir',
      text: 'there is no RUNNER_TEMP to put the report into: name a folder',
    })
  return { values, problems }
}
