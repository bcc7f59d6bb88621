// Lints the workflows, action.yml and the examples: `npm run lint:workflows`. A linter that this machine cannot install is
// skipped, and that is printed; with `-- --required`, as in the workflow of CI, it fails.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GO_SERVERS_FOLDER } from 's3-direct-sync-testkit/go-servers.ts'
import {
  currentStamp,
  PART_SETS,
  partsAreCurrent,
  venvProgram,
} from 's3-direct-sync-testkit/parts.ts'

const root = path.dirname(import.meta.dirname)
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'
/** Longer than this a registry that does not answer holds nobody up. */
const INSTALL_MS = 180_000

/** Runs a program whose output is of no interest while it succeeds; gives why it failed. */
function quietly(command: string, args: readonly string[], env = process.env): string | undefined {
  const ended = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_MS, env })
  if (ended.status === 0) return undefined
  const said = ended.error?.message ?? ended.stderr.trim().split('\n').at(-1)
  return `\`${command} ${args.join(' ')}\`: ${said || `it ended with ${ended.status}`}`
}

/** Installs zizmor into an environment of its own, unless it is there; gives why it could not. */
function installZizmor(): string | undefined {
  const set = PART_SETS.lint
  if (partsAreCurrent(set)) return undefined
  const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '-q', '-r']
  const why =
    quietly('python3', ['-m', 'venv', '--clear', set.venvFolder]) ??
    quietly(venvProgram(set, 'python'), [...pip, set.requirementsFile])
  if (why !== undefined) return why
  writeFileSync(`${set.stampFile}.new`, currentStamp(set))
  renameSync(`${set.stampFile}.new`, set.stampFile)
  return undefined
}

const [, version = ''] = ACTIONLINT.split('@')
const goFolder = path.join(GO_SERVERS_FOLDER, `actionlint-${version}`)
const actionlint = path.join(
  goFolder,
  process.platform === 'win32' ? 'actionlint.exe' : 'actionlint',
)

const installActionlint = (): string | undefined =>
  existsSync(actionlint)
    ? undefined
    : quietly('go', ['install', ACTIONLINT], { ...process.env, GOBIN: goFolder })

const files = (pattern: string): readonly string[] => globSync(pattern, { cwd: root }).sort()
const workflows = files('.github/workflows/*.yml')
const examples = files('docs/examples/*.yml')

const LINTERS = [
  {
    name: 'actionlint',
    install: installActionlint,
    command: actionlint,
    args: [...workflows, ...examples],
  },
  {
    name: 'zizmor',
    install: installZizmor,
    command: venvProgram(PART_SETS.lint, 'zizmor'),
    args: [
      ...['--offline', '--no-progress', '--quiet', '--persona', 'pedantic'],
      ...['--config', '.github/zizmor.yml', 'action.yml', '.github', ...examples],
    ],
  },
] as const

const required = process.argv.includes('--required')
for (const { name, install, command, args } of LINTERS) {
  const why = install()
  if (why !== undefined) {
    console.log(`${required ? 'Missing' : 'Skipped'}: ${name} could not be installed here. ${why}`)
    if (required) process.exitCode = 1
    continue
  }
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  console.log(status === 0 ? `${name}: clean` : `${name}: ended with ${status}`)
  if (status !== 0) process.exitCode = 1
}
