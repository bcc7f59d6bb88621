import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const windows = process.platform === 'win32'

/** The pinned parts, in pip's format. */
export const requirementsFile = path.join(root, 'requirements-test.txt')

/** The virtual environment that holds the parts. */
export const venvFolder = path.join(root, '.parts', 'venv')

/** Tells what the environment holds; written last, so a broken-off install does not count. */
export const stampFile = path.join(venvFolder, 'installed.sha256')

/** Absolute paths of the real programs that tests run against. */
export interface Parts {
  readonly s5cmd: string
  /** SeaweedFS. */
  readonly weed: string
  readonly rclone: string
  readonly motoServer: string
}

/** What the stamp file holds when the parts are current: hex. A moved environment is not, its scripts name its path. */
export function currentStamp(): string {
  return createHash('sha256')
    .update(venvFolder)
    .update(readFileSync(requirementsFile))
    .digest('hex')
}

/** Whether the installed parts are those of the requirements file. */
export function partsAreCurrent(): boolean {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === currentStamp()
}

/** Path of a program in the environment's folder of programs. */
export function venvProgram(name: string): string {
  return windows
    ? path.join(venvFolder, 'Scripts', `${name}.exe`)
    : path.join(venvFolder, 'bin', name)
}

// The s5cmd of the folder of programs is a Python wrapper, which would get the signals meant for s5cmd.
function s5cmdBinary(): string {
  const binary = path.join('site-packages', 's5cmd', 'bin', windows ? 's5cmd.exe' : 's5cmd')
  if (windows) return path.join(venvFolder, 'Lib', binary)
  const versions = readdirSync(path.join(venvFolder, 'lib'))
  const version = versions.find((name) => name.startsWith('python3')) ?? 'python3'
  return path.join(venvFolder, 'lib', version, binary)
}

/** The parts as `npm run parts` installed them. Throws when they are missing or of another version. */
export function parts(): Parts {
  if (!partsAreCurrent()) {
    throw new Error('The parts that the tests run against are not installed: run `npm run parts`')
  }
  return {
    s5cmd: s5cmdBinary(),
    weed: venvProgram('weed'),
    rclone: venvProgram('rclone'),
    motoServer: venvProgram('moto_server'),
  }
}
