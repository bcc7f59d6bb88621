// Writes the tables of the README and of docs/ from action.yml and the code: `npm run docs`, or `npm run docs -- --check` to fail when they are stale.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { isMap, isScalar, parseDocument } from 'yaml'
import { PRESETS } from '../src/inputs/presets.ts'
import { INPUTS, type InputName } from '../src/inputs/schema.ts'
import { COMPARISONS } from '../src/plan/decide.ts'

interface Described {
  readonly description?: string
}

type Section = 'first-inputs' | 'inputs' | 'outputs' | 'compare' | 'presets'

const root = path.dirname(import.meta.dirname)
const document = parseDocument(readFileSync(path.join(root, 'action.yml'), 'utf8'))
const action: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, Described>>>> =
  document.toJS()

/** What stands in which page. */
const PAGES: Readonly<Record<string, readonly Section[]>> = {
  'README.md': ['first-inputs'],
  'docs/inputs.md': ['presets', 'inputs'],
  'docs/outputs.md': ['outputs'],
  'docs/plan.md': ['compare'],
}

/** What most workflows set, in the order in which people ask for it. */
const FIRST: readonly InputName[] = [
  'source',
  'destination',
  'role-to-assume',
  'aws-region',
  'dry-run',
  'delete',
  'max-delete',
  'include',
  'exclude',
  'mode',
]

const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim()

function descriptionOf(name: string, { description }: Described): string {
  if (description?.trim()) return cell(description)
  throw new Error(`action.yml: ${name} has no description`)
}

const linked = (name: string): string => `[\`${name}\`](docs/inputs.md#${name})`

function inputRow(name: string, shown: string): string {
  const input = action.inputs[name] ?? {}
  const [meaning, fallback] = descriptionOf(name, input).split(/ Default: (`.*`)\.$/)
  const { preset, transfer } = INPUTS[name as InputName]
  return `| ${shown} | ${meaning} | ${fallback ?? ''} | ${preset} | ${transfer} |`
}

/** The inputs under the comments of action.yml that begin their groups; what an input is can be linked to by its name. */
function inputGroups(): readonly string[] {
  const inputs = document.get('inputs')
  if (!isMap(inputs)) throw new Error('action.yml has no inputs')
  return inputs.items.flatMap(({ key }, at) => {
    if (!isScalar(key)) throw new Error('action.yml: a name of an input is no text')
    const name = String(key.value)
    const row = inputRow(name, `<a id="${name}"></a>\`${name}\``)
    // A comment before the first one is, to the parser, one of all of them.
    const group = (at === 0 ? inputs : key).commentBefore?.trim()
    return group === undefined ? [row] : ['', `## ${group}`, '', ...INPUT_HEAD, row]
  })
}

const INPUT_HEAD = [
  '| Input | Meaning | Default | In a preset | In `transfers` |',
  '| --- | --- | --- | --- | --- |',
]

const outputRow = ([name, output]: [string, Described]): string =>
  `| \`${name}\` | ${descriptionOf(name, output)} |`

/** Its first sentence, which says what it is; the page of all inputs says the rest. */
function shortInputRow(name: string): string {
  const [meaning = '', fallback] = descriptionOf(name, action.inputs[name] ?? {}).split(
    / Default: (`.*`)\.$/,
  )
  const [sentence] = meaning.split(/(?<=\.) (?=[A-Z`])/)
  return `| ${linked(name)} | ${sentence} | ${fallback ?? ''} |`
}

const TABLES: Readonly<Record<Section, () => readonly string[]>> = {
  'first-inputs': () => [
    '| Input | Meaning | Default |',
    '| --- | --- | --- |',
    ...FIRST.map(shortInputRow),
  ],
  inputs: inputGroups,
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

function withTable(page: string, text: string, section: Section): string {
  const [open, close] = [`<!-- ${section}: npm run docs -->`, `<!-- /${section} -->`]
  const [start, end] = [text.indexOf(open), text.indexOf(close)]
  if (start < 0 || end < start) throw new Error(`${page} lacks ${open} … ${close}`)
  const table = TABLES[section]().join('\n')
  return `${text.slice(0, start + open.length)}\n${table}\n${text.slice(end)}`
}

/** Lines that only one of the texts has, marked as a diff marks them. */
function difference(before: string, after: string): string[] {
  const [old, current] = [before.split('\n'), after.split('\n')]
  const gone = old.filter((line) => !current.includes(line)).map((line) => `- ${line}`)
  return [...gone, ...current.filter((line) => !old.includes(line)).map((line) => `+ ${line}`)]
}

const stale = Object.entries(PAGES).flatMap(([page, sections]) => {
  const before = readFileSync(path.join(root, page), 'utf8')
  const after = sections.reduce((text, section) => withTable(page, text, section), before)
  return after === before ? [] : [{ page, before, after }]
})
if (!process.argv.includes('--check')) {
  for (const { page, after } of stale) writeFileSync(path.join(root, page), after)
} else if (stale.length > 0) {
  for (const { page, before, after } of stale)
    console.error([page, ...difference(before, after)].join('\n'))
  console.error(
    'The docs do not match action.yml and the code: run "npm run docs" and commit what it writes.',
  )
  process.exitCode = 1
}
