import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const PAGE = path.join(root, 'docs', 'scale.md')

const fileOf = (name: string): string => path.join(root, '.bench', `${name}.json`)

/** What was measured before, by the number of keys, the fewest first: sizes that take hours are measured one by one. */
export async function measuredBefore<T>(name: string): Promise<readonly [keys: number, T][]> {
  const text = await readFile(fileOf(name), 'utf8').catch(() => '{}')
  return Object.entries(JSON.parse(text) as Record<string, T>)
    .map(([keys, measured]): [number, T] => [Number(keys), measured])
    .sort(([one], [other]) => one - other)
}

/** Adds what was measured to what was before. */
export async function keep<T>(name: string, keys: number, measured: T): Promise<void> {
  const before = Object.fromEntries(await measuredBefore<T>(name))
  await mkdir(path.dirname(fileOf(name)), { recursive: true })
  const text = JSON.stringify({ ...before, [keys]: measured }, undefined, 2)
  await writeFile(fileOf(name), `${text}\n`)
}

/** The sizes among the arguments of a program. */
export const sizesIn = (argv: readonly string[]): number[] =>
  argv
    .slice(2)
    .map(Number)
    .filter((size) => size > 0)

/** A time as a table has it. */
export const inTime = (seconds: number): string =>
  seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`

/** One row of a table. */
export const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

/** Puts a table between its marks in docs/scale.md. */
export async function writeTable(name: string, text: string): Promise<void> {
  const page = await readFile(PAGE, 'utf8')
  const marked = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`)
  if (!marked.test(page)) throw new Error(`docs/scale.md has no table ${name}`)
  await writeFile(
    PAGE,
    page.replace(marked, () => `<!-- ${name} -->\n${text}\n<!-- /${name} -->`),
  )
}
