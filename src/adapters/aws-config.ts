import { realpath } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { getHomeDir, loadSharedConfigFiles, parseKnownFiles } from '@smithy/core/config'
import type { AwsConfig, AwsFile } from '../ports.ts'
import { readText } from './regular-file.ts'

interface Named {
  readonly path: string
  /** Whether a variable names the file. */
  readonly asked: boolean
}

function named(variable: string, name: string): Named {
  const home = getHomeDir()
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

/** Why a file cannot be used; one that is not there is as good as an empty one. */
async function problemOf({ path: file, asked }: Named): Promise<string | undefined> {
  try {
    const line = malformedLine(await textOf(file))
    return line === 0 ? undefined : `line ${line} is neither a [section] nor name = value`
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    // Nobody asked for the home of somebody else, where a runner is not let in.
    const absent = asked ? ['ENOENT', 'ENOTDIR'] : ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']
    return absent.includes(code) ? undefined : message
  }
}

/** Both files as the SDK reads them; what is wrong with one stands beside it, and keeps the SDK from it. */
export async function readAwsConfig(): Promise<AwsConfig> {
  const config = named('AWS_CONFIG_FILE', 'config')
  const credentials = named('AWS_SHARED_CREDENTIALS_FILE', 'credentials')
  const problems = { config: await problemOf(config), credentials: await problemOf(credentials) }
  const { configFile, credentialsFile } = await loadSharedConfigFiles({
    // It would wait for a pipe for ever, and neither a cancel nor an exit ends that.
    configFilepath: problems.config === undefined ? config.path : os.devNull,
    filepath: problems.credentials === undefined ? credentials.path : os.devNull,
    ignoreCache: true,
  })
  const file = (
    at: Named,
    sections: AwsFile['sections'],
    problem: string | undefined,
  ): AwsFile => ({
    path: at.path,
    sections,
    problem,
  })
  return {
    config: file(config, configFile, problems.config),
    credentials: file(credentials, credentialsFile, problems.credentials),
  }
}

/** Settings of all profiles by their names, as the SDK's own providers merge both files and hold them. */
export const readProfiles = (): ReturnType<typeof parseKnownFiles> => parseKnownFiles({})
