import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { makeFolders } from './make-folders.ts'
import { pathsOf } from './platform.ts'

/** Variables that name files: written relative to where the action runs, which is not where its children run. */
const FILE_VARIABLES: ReadonlySet<string> = new Set([
  ...['AWS_CA_BUNDLE', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  ...['PIP_CERT', 'PIP_CONFIG_FILE', 'NETRC'],
  ...['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'],
])

/** A folder and an environment of a child process's own. */
export interface ChildPlace {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Removes the folder; one that cannot be removed is left to the runner. */
  remove(): void
}

/** Windows knows a variable by its name in any case. */
const namesFiles = (name: string, platform: NodeJS.Platform): boolean =>
  FILE_VARIABLES.has(platform === 'win32' ? name.toUpperCase() : name)

function absolute(list: string, platform: NodeJS.Platform): string {
  const { delimiter, resolve } = pathsOf(platform)
  return list
    .split(delimiter)
    .map((file) => (file === '' || file.startsWith('~') ? file : resolve(file)))
    .join(delimiter)
}

/**
 * A fresh, empty folder to run a child in: many programs look for code and settings where they are started, and the
 * folder of a step is a checkout that others may have written.
 */
export function childPlace(
  env: Readonly<Record<string, string>>,
  platform: NodeJS.Platform,
): ChildPlace {
  const parent = path.resolve(process.env['RUNNER_TEMP'] || os.tmpdir())
  makeFolders(parent)
  const cwd = mkdtempSync(path.join(parent, 's3-direct-sync-'))
  return {
    cwd,
    env: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        namesFiles(name, platform) ? absolute(value, platform) : value,
      ]),
    ),
    remove: () => {
      try {
        rmSync(cwd, { recursive: true, force: true })
      } catch {
        // What a killed program had started may still write there.
      }
    },
  }
}
