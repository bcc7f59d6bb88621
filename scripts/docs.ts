// Writes the README's tables from action.yml and the code: `npm run docs`, or `npm run docs -- --check` to fail when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { PRESETS } from '../src/inputs/presets.ts'
import { INPUTS, type InputName } from '../src/inputs/schema.ts'
import { COMPARISONS } from '../src/plan/decide.ts'

interface Described {
  readonly description?: string
  readonly required?: boolean
}

type Section = 'inputs' | 'outputs' | 'compare' | 'presets'

const root = path.dirname(import.meta.dirname)
const readme = path.join(root, 'README.md')
const action: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, Described>>>> = parse(
  readFileSync(path.join(root, 'action.yml'), 'utf8'),
)

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim()

function descriptionOf(name: string, { description }: Described): string {
  if (description?.trim()) return cell(description)
  throw new Error(`action.yml: ${name} has no description`)
}

function inputRow([name, input]: [string, Described]): string {
  const [meaning, fallback] = descriptionOf(name, input).split(/ Default: (`.*`)\.$/)
  const { preset } = INPUTS[name as InputName]
  return `| \`${name}\` | ${meaning} | ${input.required ? '**required**' : (fallback ?? '')} | ${preset} |`
}

const outputRow = ([name, output]: [string, Described]): string =>
  `| \`${name}\` | ${descriptionOf(name, output)} |`

const TABLES: Readonly<Record<Section, () => readonly string[]>> = {
  inputs: () => [
    '| Input | Meaning | Default | In a preset |',
    '| --- | --- | --- | --- |',
    ...Object.entries(action.inputs).map(inputRow),
  ],
  outputs: () => [
    '| Output | Meaning |',
    '| --- | --- |',
    ...Object.entries(action.outputs).map(outputRow),
  ],
  presets: () => [
    '| `preset` | sets |',
    '| --- | --- |',
    ...Object.entries(PRESETS).map(
      ([name, values]) =>
        `| \`${name}\` | ${Object.entries(values)
          .map(([input, text]) => `\`${input}: ${text}\``)
          .join(', ')} |`,
    ),
  ],
  compare: () => [
    '| `compare` | An object on both sides is copied when | else it is left as |',
    '| --- | --- | --- |',
    ...Object.entries(COMPARISONS).map(
      ([name, { copied, left }]) =>
        `| \`${name}\` | ${copied} | ${left.map((reason) => `\`${reason}\``).join(', ')} |`,
    ),
  ],
}

function withTable(text: string, section: Section): string {
  const [open, close] = [`<!-- ${section}: npm run docs -->`, `<!-- /${section} -->`]
  const [start, end] = [text.indexOf(open), text.indexOf(close)]
  if (start < 0 || end < start) throw new Error(`README.md lacks ${open} … ${close}`)
  const table = TABLES[section]().join('\n')
  return `${text.slice(0, start + open.length)}\n${table}\n${text.slice(end)}`
}

/** Lines that only one of the texts has, marked as a diff marks them. */
function difference(before: string, after: string): string[] {
  const [old, current] = [before.split('\n'), after.split('\n')]
  const gone = old.filter((line) => !current.includes(line)).map((line) => `- ${line}`)
  return [...gone, ...current.filter((line) => !old.includes(line)).map((line) => `+ ${line}`)]
}

const before = readFileSync(readme, 'utf8')
const after = (['inputs', 'outputs', 'compare', 'presets'] as const).reduce(withTable, before)
if (!process.argv.includes('--check')) {
  writeFileSync(readme, after)
} else if (after !== before) {
  console.error(['README.md', ...difference(before, after)].join('\n'))
  console.error(
    'The README does not match action.yml and the code: run "npm run docs" and commit it.',
  )
  process.exitCode = 1
}
