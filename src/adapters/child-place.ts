import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

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

const absolute = (list: string): string =>
  list
    .split(path.delimiter)
    .map((file) => (file === '' || file.startsWith('~') ? file : path.resolve(file)))
    .join(path.delimiter)

/** The folders of a PATH that are the same wherever a program is started; others would lie in the checkout. */
export const absoluteFolders = (list: string): readonly string[] =>
  list.split(path.delimiter).filter((folder) => path.isAbsolute(folder))

/**
 * A fresh, empty folder to run a child in: many programs look for code and settings where they are started, and the
 * folder of a step is a checkout that others may have written.
 */
export function childPlace(env: Readonly<Record<string, string>>): ChildPlace {
  const parent = path.resolve(process.env['RUNNER_TEMP'] || os.tmpdir())
  mkdirSync(parent, { recursive: true })
  const cwd = mkdtempSync(path.join(parent, 's3-direct-sync-'))
  return {
    cwd,
    env: Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        FILE_VARIABLES.has(name) ? absolute(value) : value,
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
