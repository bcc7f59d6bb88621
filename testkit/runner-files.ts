import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

const KINDS = ['OUTPUT', 'STATE', 'ENV', 'PATH', 'STEP_SUMMARY'] as const

/** The files a step writes its results to, by the name of the variable without GITHUB_. */
export type FileCommands = Readonly<Record<(typeof KINDS)[number], string>>

/** What a file of `key=value` lines holds, up to the line the runner cannot read. */
export interface KeyValues {
  readonly values: Readonly<Record<string, string>>
  /** Fails the step. */
  readonly problem?: string
}

/** Makes the empty files of one step. */
export async function makeFileCommands(folder: string): Promise<FileCommands> {
  await mkdir(folder, { recursive: true })
  const files = KINDS.map((kind) => [kind, path.join(folder, kind.toLowerCase())] as const)
  for (const [, file] of files) await writeFile(file, '')
  return Object.fromEntries(files) as Record<(typeof KINDS)[number], string>
}

/** Whether the runner that reads the files is one for Windows, where lines may end in \\r\\n. */
interface Reader {
  readonly isWindows: boolean
}

const OWN_READER: Reader = { isWindows: process.platform === 'win32' }

/** Reads the grammar of GITHUB_OUTPUT, GITHUB_STATE and GITHUB_ENV: `key=value`, or `key<<END`, lines, `END`. */
export function parseKeyValues(text: string, { isWindows } = OWN_READER): KeyValues {
  const values: Record<string, string> = {}
  const lines = text.split(isWindows ? /\r?\n/ : '\n')
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const [, name = '', sign, rest = ''] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? []
    if (name === '' || (sign === '<<' && rest === '')) {
      return { values, problem: `Invalid format '${line}'` }
    }
    if (sign === '=') {
      values[name] = rest
      continue
    }
    const end = lines.indexOf(rest, index + 1)
    if (end < 0) return { values, problem: `Matching delimiter not found '${rest}'` }
    values[name] = lines.slice(index + 1, end).join('\n')
    index = end
  }
  return { values }
}

// Above it the runner shows nothing of a job summary.
const SUMMARY_LIMIT_BYTES = 1024 * 1024

/** What a step left in its files. */
export interface FileResults {
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  /** Variables for later steps. */
  readonly exportedEnv: Readonly<Record<string, string>>
  /** Folders that later steps find programs in, in the order they were added. */
  readonly addedPaths: readonly string[]
  /** '' when it is too long. */
  readonly summary: string
  /** Spoils the summary, not the step. */
  readonly summaryTooLong: boolean
  readonly problems: readonly string[]
}

/** Reads the files of a step that has ended. */
export async function readFileCommands(
  files: FileCommands,
  reader = OWN_READER,
): Promise<FileResults> {
  const problems: string[] = []
  const summary = await readFile(files.STEP_SUMMARY)
  const summaryTooLong = summary.length > SUMMARY_LIMIT_BYTES
  const paths = await readFile(files.PATH, 'utf8')
  const read = async (file: string): Promise<KeyValues['values']> => {
    const { values, problem } = parseKeyValues(await readFile(file, 'utf8'), reader)
    if (problem) problems.push(`${path.basename(file)}: ${problem}`)
    return values
  }
  return {
    outputs: await read(files.OUTPUT),
    state: await read(files.STATE),
    exportedEnv: await read(files.ENV),
    addedPaths: paths.split(/\r\n|\r|\n/).filter((line) => line !== ''),
    summary: summaryTooLong ? '' : summary.toString('utf8'),
    summaryTooLong,
    problems,
  }
}
