// Tells the mutation score of each room from the last `npm run mutate`; `-- --write` puts the table into docs/reliability.md.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

type Status = 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'Ignored' | 'RuntimeError'

interface MutationReport {
  readonly files: Readonly<
    Record<string, { readonly mutants: readonly { readonly status: Status }[] }>
  >
}

const root = path.dirname(import.meta.dirname)
const { files }: MutationReport = JSON.parse(
  readFileSync(path.join(root, '.stryker', 'mutation.json'), 'utf8'),
)

const roomOf = (file: string): string => file.split('/')[1] ?? ''

function row(name: string, statuses: readonly Status[]): string {
  const count = (...wanted: readonly Status[]) =>
    statuses.filter((status) => wanted.includes(status)).length
  const [found, missed] = [count('Killed', 'Timeout'), count('Survived', 'NoCoverage')]
  const score = ((100 * found) / Math.max(1, found + missed)).toFixed(1)
  return `| ${[name, found + missed, count('Killed'), count('Timeout'), count('Survived'), count('NoCoverage'), `${score} %`].join(' | ')} |`
}

const all = Object.entries(files).flatMap(([file, { mutants }]) =>
  mutants.map(({ status }) => ({ file, status })),
)
const statusesOf = (test: (file: string) => boolean): Status[] =>
  all.filter(({ file }) => test(file)).map(({ status }) => status)

const rooms = [...new Set(all.map(({ file }) => roomOf(file)))].sort()
const table = [
  '| room | mutants | killed | timed out | survived | no test reaches | score |',
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  ...rooms.map((room) =>
    row(
      `\`${room}\``,
      statusesOf((file) => roomOf(file) === room),
    ),
  ),
  row(
    'the guards (`plan/guard.ts`)',
    statusesOf((file) => file.endsWith('plan/guard.ts')),
  ),
  row(
    '**all**',
    statusesOf(() => true),
  ),
].join('\n')
console.log(table)

if (process.argv.includes('--write')) {
  const page = path.join(root, 'docs', 'reliability.md')
  const marked = /(?<=<!-- mutation -->\n)[\s\S]*(?=<!-- \/mutation -->)/
  writeFileSync(page, readFileSync(page, 'utf8').replace(marked, `${table}\n`))
}
