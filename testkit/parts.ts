import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const windows = process.platform === 'win32'

/** Programs from PyPI that are installed together, in a virtual environment of their own. */
export interface PartSet {
  /** The pinned packages, in pip's format. */
  readonly requirementsFile: string
  readonly venvFolder: string
  /** Tells what the environment holds; written last, so a broken-off install does not count. */
  readonly stampFile: string
  /** What is run to install it. */
  readonly command: string
}

function partSet(requirements: string, folder: string, command: string): PartSet {
  const venvFolder = path.join(root, '.parts', folder)
  return {
    requirementsFile: path.join(root, requirements),
    venvFolder,
    stampFile: path.join(venvFolder, 'installed.sha256'),
    command,
  }
}

/** What tests run against, and what benchmarks are compared with. */
export const PART_SETS = {
  test: partSet('requirements-test.txt', 'venv', 'npm run parts'),
  bench: partSet('requirements-bench.txt', 'bench', 'npm run parts -- bench'),
  lint: partSet('requirements-lint.txt', 'lint', 'npm run lint:workflows'),
} as const

/** Absolute paths of the real programs that tests run against, and of a certificate for servers on loopback. */
export interface Parts {
  readonly s5cmd: string
  /** SeaweedFS. */
  readonly weed: string
  readonly rclone: string
  readonly motoServer: string
  /** Python with moto's botocore, the SDK that the AWS CLI is made of. */
  readonly python: string
  readonly tlsKey: string
  readonly tlsCertificate: string
  /** The CA that signed the certificate. */
  readonly tlsCa: string
}

/** Whom the certificate of loopback stands for: itself, hosts that only a test's proxy knows, and AWS in us-east-1. */
export const TLS_NAMES = [
  'localhost',
  '127.0.0.1',
  '*.internal.test',
  '*.us-east-1.amazonaws.com',
  '*.s3.us-east-1.amazonaws.com',
  '*.s3-fips.us-east-1.amazonaws.com',
  '*.s3.dualstack.us-east-1.amazonaws.com',
  '*.us-east-1.api.aws',
] as const

/** What the stamp file holds when the parts are current: hex. A moved environment is not, its scripts name its path. */
export function currentStamp({ venvFolder, requirementsFile }: PartSet): string {
  return createHash('sha256')
    .update(venvFolder)
    .update(readFileSync(requirementsFile))
    .update(TLS_NAMES.join())
    .digest('hex')
}

/** Whether the installed parts are those of the requirements file. */
export function partsAreCurrent(set: PartSet): boolean {
  return existsSync(set.stampFile) && readFileSync(set.stampFile, 'utf8') === currentStamp(set)
}

/** Path of a program in the environment's folder of programs. */
export function venvProgram({ venvFolder }: PartSet, name: string): string {
  return windows
    ? path.join(venvFolder, 'Scripts', `${name}.exe`)
    : path.join(venvFolder, 'bin', name)
}

// The s5cmd of the folder of programs is a Python wrapper, which would get the signals meant for s5cmd.
function s5cmdBinary({ venvFolder }: PartSet): string {
  const binary = path.join('site-packages', 's5cmd', 'bin', windows ? 's5cmd.exe' : 's5cmd')
  if (windows) return path.join(venvFolder, 'Lib', binary)
  const versions = readdirSync(path.join(venvFolder, 'lib'))
  const version = versions.find((name) => name.startsWith('python3')) ?? 'python3'
  return path.join(venvFolder, 'lib', version, binary)
}

/** Where the certificate is, under the names that trustme gives. */
export const tlsFolder = ({ venvFolder }: PartSet): string => path.join(venvFolder, 'tls')

function installed(set: PartSet): PartSet {
  if (partsAreCurrent(set)) return set
  throw new Error(`Programs that this runs against are not installed: run \`${set.command}\``)
}

/** The parts as `npm run parts` installed them. Throws when they are missing or of another version. */
export function parts(): Parts {
  const set = installed(PART_SETS.test)
  return {
    s5cmd: s5cmdBinary(set),
    weed: venvProgram(set, 'weed'),
    rclone: venvProgram(set, 'rclone'),
    motoServer: venvProgram(set, 'moto_server'),
    python: venvProgram(set, 'python'),
    tlsKey: path.join(tlsFolder(set), 'server.key'),
    tlsCertificate: path.join(tlsFolder(set), 'server.pem'),
    tlsCa: path.join(tlsFolder(set), 'client.pem'),
  }
}

/** Absolute paths of the programs that only benchmarks need. Throws when they are missing or of another version. */
export function benchParts(): { readonly aws: string; readonly juicefs: string } {
  const set = installed(PART_SETS.bench)
  return { aws: venvProgram(set, 'aws'), juicefs: venvProgram(set, 'juicefs') }
}

/** What only cargo brings, which takes many minutes: crate, version, and where it is installed. */
export const S3SYNC = {
  crate: 's3sync',
  version: '1.62.4',
  root: path.join(root, '.parts', 'cargo'),
} as const

/** The peer that is built by `npm run parts -- cargo`; undefined where it was not. */
export function s3syncProgram(): string | undefined {
  const program = path.join(S3SYNC.root, 'bin', windows ? 's3sync.exe' : 's3sync')
  return existsSync(program) ? program : undefined
}
