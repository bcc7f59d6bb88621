import { realpath } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { AwsConfig, AwsFile } from '../ports.ts'
import { homeFolder } from './home.ts'
import { readText } from './regular-file.ts'

interface Named {
  readonly path: string
  /** Whether a variable names the file. */
  readonly asked: boolean
}

function named(variable: string, name: string): Named {
  const home = homeFolder()
  const given = process.env[variable]
  if (!given) return { path: path.join(home, '.aws', name), asked: false }
  return { path: given.startsWith('~/') ? path.join(home, given.slice(2)) : given, asked: true }
}

/** Number of the first line that says nothing, as every line is read over in silence that the SDK cannot read. */
function malformedLine(text: string): number {
  let inSection = false
  const at = text.split(/\r?\n/).findIndex((line) => {
    const said = line.split(/(^|\s)[;#]/)[0]?.trim() ?? ''
    if (said === '') return false
    if (said.startsWith('[')) {
      inSection = true
      return !said.endsWith(']')
    }
    return !inSection || (!/^\s/.test(line) && said.indexOf('=') < 1)
  })
  return at + 1
}

// Thousands of profiles have less.
const MOST_BYTES = 4 * 2 ** 20

/** Many say by this file that there is none; that of Windows has no real path, and is written in any case. */
const isNull = async (file: string): Promise<boolean> =>
  file.toLowerCase() === os.devNull || (await realpath(file)) === os.devNull

const textOf = async (file: string): Promise<string> =>
  (await isNull(file)) ? '' : readText(file, MOST_BYTES)

/** What a file is good for. */
interface Look {
  /** Why it cannot be used. */
  readonly problem: string | undefined
  readonly saysNothing: boolean
}

/** One that is not there is as good as an empty one. */
async function lookAt({ path: file, asked }: Named): Promise<Look> {
  try {
    const text = await textOf(file)
    const line = malformedLine(text)
    const problem = line === 0 ? undefined : `line ${line} is neither a [section] nor name = value`
    return { problem, saysNothing: problem === undefined && text.trim() === '' }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    // Nobody asked for the home of somebody else, where a runner is not let in.
    const absent = asked ? ['ENOENT', 'ENOTDIR'] : ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']
    const saysNothing = absent.includes(code)
    return { problem: saysNothing ? undefined : message, saysNothing }
  }
}

/** Both files as the SDK reads them; what is wrong with one stands beside it, and keeps the SDK from it. */
export async function readAwsConfig(): Promise<AwsConfig> {
  const config = named('AWS_CONFIG_FILE', 'config')
  const credentials = named('AWS_SHARED_CREDENTIALS_FILE', 'credentials')
  const looks = { config: await lookAt(config), credentials: await lookAt(credentials) }
  // It would wait for a pipe for ever, and neither a cancel nor an exit ends that.
  const pathOf = ({ path }: Named, { problem }: Look): string =>
    problem === undefined ? path : os.devNull
  // Most machines have neither, and the SDK takes longer to load than all the rest of reading the inputs.
  const { configFile, credentialsFile } =
    looks.config.saysNothing && looks.credentials.saysNothing
      ? { configFile: {}, credentialsFile: {} }
      : await (await import('./aws-profiles.ts')).readSections({
          config: pathOf(config, looks.config),
          credentials: pathOf(credentials, looks.credentials),
        })
  const file = (at: Named, sections: AwsFile['sections'], { problem }: Look): AwsFile => ({
    path: at.path,
    sections,
    problem,
  })
  return {
    config: file(config, configFile, looks.config),
    credentials: file(credentials, credentialsFile, looks.credentials),
  }
}
