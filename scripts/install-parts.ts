// Installs the pinned programs of requirements-test.txt into .parts/: `npm run parts`. With `-- bench`, those of
// requirements-bench.txt too; with `-- cargo`, a peer of the benchmarks that is only there as source; with
// `-- platforms`, other machines, and the servers of requirements-platforms.txt, where there is Go; with `-- wine`, that
// machine alone.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  GO_SERVERS_FOLDER,
  goServerModules,
  hasGoServer,
} from 's3-direct-sync-testkit/go-servers.ts'
import { installMachine, MACHINES } from 's3-direct-sync-testkit/machines.ts'
import {
  benchParts,
  currentStamp,
  PART_SETS,
  type PartSet,
  parts,
  partsAreCurrent,
  S3SYNC,
  s3syncProgram,
  TLS_NAMES,
  tlsFolder,
  venvProgram,
} from 's3-direct-sync-testkit/parts.ts'

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

function run(command: string, args: readonly string[], env = process.env): void {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env })
  if (status === 0) return
  const reason = error?.message ?? `it ended with ${status}`
  throw new Error(
    `\`${command} ${args.join(' ')}\` failed: ${reason}. Then run \`npm run parts\` again.`,
  )
}

function install(set: PartSet): void {
  run(findPython(), ['-m', 'venv', '--clear', set.venvFolder])
  const quiet = ['--disable-pip-version-check', '-q']
  run(venvProgram(set, 'python'), ['-m', 'pip', 'install', ...quiet, '-r', set.requirementsFile])
  if (set === PART_SETS.test) makeCertificate(set)
  writeFileSync(`${set.stampFile}.new`, currentStamp(set))
  renameSync(`${set.stampFile}.new`, set.stampFile)
}

/** Made on each machine, so that no key is ever shared. */
function makeCertificate(set: PartSet): void {
  const folder = tlsFolder(set)
  mkdirSync(folder)
  run(venvProgram(set, 'python'), ['-m', 'trustme', '-q', '-d', folder, '-i', ...TLS_NAMES])
}

function requireEveryPart(set: PartSet): void {
  const all = set === PART_SETS.bench ? benchParts() : parts()
  const missing = Object.entries(all).filter(([, file]) => !existsSync(file))
  if (missing.length === 0) return
  rmSync(set.stampFile)
  const list = missing.map(([name, file]) => `${name} (${file})`).join(', ')
  throw new Error(`pip did not bring ${list}: this platform may have no wheel of it.`)
}

/** Builds the servers that are only there as source; without Go they stay away, and their tests are skipped. */
function installGoServers(): void {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    console.log('Skipped: MinIO and versitygw need Go, which is not installed')
    return
  }
  mkdirSync(GO_SERVERS_FOLDER, { recursive: true })
  const missing = (['minio', 'versitygw'] as const).filter((name) => !hasGoServer(name))
  for (const module of goServerModules())
    if (missing.some((name) => module.includes(`/${name}@`))) {
      console.log(`Building ${module} into .parts/go/ (several minutes)`)
      run('go', ['install', module], { ...process.env, GOBIN: GO_SERVERS_FOLDER })
    }
}

/** Builds the peer of the benchmarks that is only there as source; without cargo it stays away. */
function installS3sync(): void {
  const { crate, version, root } = S3SYNC
  if (s3syncProgram() !== undefined) return
  if (spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status !== 0) {
    console.log(`Skipped: ${crate} needs cargo, which is not installed`)
    return
  }
  console.log(`Building ${crate} ${version} into .parts/cargo/ (many minutes)`)
  run('cargo', ['install', crate, '--version', version, '--locked', '--root', root])
}

/** Brings other machines than this one; their tests are skipped where one cannot be installed. */
async function installMachines(names: typeof MACHINES): Promise<void> {
  for (const name of names)
    try {
      await installMachine(name)
    } catch (error) {
      console.log(`Skipped: ${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
}

try {
  const sets = [PART_SETS.test, ...(process.argv.includes('bench') ? [PART_SETS.bench] : [])]
  for (const set of sets)
    if (!partsAreCurrent(set)) {
      console.log(`Installing ${path.basename(set.requirementsFile)} into .parts/ (half a minute)`)
      install(set)
      requireEveryPart(set)
    }
  if (process.argv.includes('cargo')) installS3sync()
  if (process.argv.includes('platforms')) {
    await installMachines(MACHINES)
    installGoServers()
  }
  if (process.argv.includes('wine')) await installMachines(['wine'])
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
