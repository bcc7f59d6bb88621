import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** The release whose programs other machines are made of: Wine and musl of the one before start no Node 24. */
const RELEASE = 'trixie'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Where apt keeps its lists. */
const APT = path.join(path.dirname(import.meta.dirname), '.parts', 'apt')

/** No package takes longer, nor does any program that only prepares something. */
const LIMIT_MS = 5 * 60_000

/** Runs a program silently. Throws with the end of what it said where it fails. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env = process.env,
): string {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  if (status === 0) return stdout
  const said = stderr?.trim().split('\n').at(-1) || `it ended with ${status}`
  throw new Error(`${command}: ${error?.message ?? said}`)
}

/** Where this machine, which is a Debian, has its own packages from. Throws where it is none. */
function mirror(): string {
  const release = readFileSync('/etc/os-release', 'utf8')
  const [, codename] = /^VERSION_CODENAME=(\w+)$/m.exec(release) ?? []
  if (!/^ID=debian$/m.test(release) || codename === undefined)
    throw new Error('it is made of packages of Debian, which this machine is not')
  const format = ['--no-release-info', '--format', '$(REPO_URI) $(RELEASE)']
  const sources = run('apt-get', ['indextargets', ...format], '/').split('\n')
  const [own] = sources.find((line) => line.endsWith(` ${codename}`))?.split(' ') ?? []
  if (own === undefined) throw new Error(`apt of this machine names no source of ${codename}`)
  return own
}

/** A configuration of apt by which nothing of this machine is read or written, but for the keys of Debian. */
function privateApt(): NodeJS.ProcessEnv {
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(path.join(APT, name), { recursive: true })
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(APT, name), text)
    return path.join(APT, name)
  }
  const source = `deb [arch=amd64,arm64 signed-by=${KEYRING}] ${mirror()} ${RELEASE} main\n`
  const settings = {
    'Dir::State': path.join(APT, 'state'),
    'Dir::State::status': file('status', ''),
    'Dir::Cache': path.join(APT, 'cache'),
    'Dir::Etc::sourcelist': file('sources.list', source),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': 'amd64',
    'Acquire::Languages': 'none',
    'APT::Sandbox::User': 'root',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`)
  const architectures = 'APT::Architectures { "amd64"; "arm64"; };\n'
  return { ...process.env, APT_CONFIG: file('apt.conf', lines.join('') + architectures) }
}

/**
 * Unpacks packages of Debian, such as `musl` or `libc6:arm64`, as they lie in a system; nothing is installed, and no
 * root is needed. Throws where this machine is no Debian.
 */
export function unpackDebian(packages: readonly string[], into: string): void {
  const archives = `${into}-packages`
  mkdirSync(archives, { recursive: true })
  const env = privateApt()
  run('apt-get', ['update', '-q'], archives, env)
  run('apt-get', ['download', '-q', ...packages], archives, env)
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
    mkdirSync(path.join(into, 'usr', name), { recursive: true })
    symlinkSync(`usr/${name}`, path.join(into, name))
  }
  for (const archive of globSync(path.join(archives, '*.deb')))
    run('dpkg', ['-x', archive, into], archives)
  rmSync(archives, { recursive: true })
}
