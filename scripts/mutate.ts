// Tries the tests of the pure rooms with mutants, each a small change of the code that a test should notice:
// `npm run mutate`, or `npm run mutate -- plan verify` for some rooms. The table tells of all rooms that were tried so far;
// with `--write` it goes into docs/internals/reliability.md.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

const ROOMS = ['inputs', 'plan', 's5cmd', 'transfer', 'verify', 'report']
/** Of rooms that also run processes and requests, the files that do not. */
const PURE_FILES: Readonly<Record<string, string>> = {
  s5cmd: '{quote,line,batch-file}.ts',
  transfer: '{router,batcher,workload,tuning}.ts',
}

type Status = 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'RuntimeError'

interface Mutant {
  readonly file: string
  readonly status: Status
}

interface MutationReport {
  readonly files: Readonly<
    Record<string, { readonly mutants: readonly { readonly status: Status }[] }>
  >
}

const root = path.dirname(import.meta.dirname)

const resultsOf = (room: string): string => path.join(root, '.stryker', `${room}.json`)

/** Tries the tests of one room with all mutants of it. */
function mutate(room: string): void {
  // Properties are tried with a few cases each: they run again for every mutant.
  const env = { ...process.env, ROOM: room, SCHEDULES: '40' }
  const args = ['run', '--mutate', `src/${room}/${PURE_FILES[room] ?? '**/*.ts'}`]
  const { status } = spawnSync('stryker', args, { cwd: root, env, stdio: 'inherit' })
  // It has said which mutants live, and that they are too many.
  if (status !== 0) process.exitCode = 1
  renameSync(path.join(root, '.stryker', 'mutation.json'), resultsOf(room))
}

function mutantsOf(room: string): Mutant[] {
  const { files }: MutationReport = JSON.parse(readFileSync(resultsOf(room), 'utf8'))
  return Object.entries(files).flatMap(([file, { mutants }]) =>
    mutants.map((mutant) => ({ file, status: mutant.status })),
  )
}

function row(name: string, mutants: readonly Mutant[]): string {
  const count = (...wanted: readonly Status[]) =>
    mutants.filter(({ status }) => wanted.includes(status)).length
  const [found, missed] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')]
  const score = ((100 * found) / Math.max(1, found + missed)).toFixed(1)
  return `| ${[name, found + missed, count('Killed'), count('Timeout'), count('Survived'), count('NoCoverage'), `${score} %`].join(' | ')} |`
}

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
})
for (const room of positionals.length > 0 ? positionals : ROOMS) mutate(room)
const tried = ROOMS.filter((room) => existsSync(resultsOf(room))).map((room) => ({
  room,
  mutants: mutantsOf(room),
}))
const all = tried.flatMap(({ mutants }) => mutants)
const guards = all.filter(({ file }) => file.endsWith('plan/guard.ts'))
const table = [
  '| folder | mutants | killed | timed out | survived | no test reaches | score |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ...tried.map(({ room, mutants }) => row(`\`${room}\``, mutants)),
  ...(guards.length > 0 ? [row('of these the guards', guards)] : []),
  row('**all**', all),
].join('\n')
console.log(table)

if (values.write) {
  const page = path.join(root, 'docs', 'internals', 'reliability.md')
  const marked = /(?<=<!-- mutation -->\n)[\s\S]*(?=<!-- \/mutation -->)/
  writeFileSync(
    page,
    readFileSync(page, 'utf8').replace(marked, () => `${table}\n`),
  )
}
