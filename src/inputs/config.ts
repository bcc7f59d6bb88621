import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml'
import { INPUTS, type InputName } from './schema.ts'

/** What a preset gives an input: text as a user could have written it, and where it stands in a file. */
export interface PresetValue {
  readonly text: string
  readonly where?: string
}

export type Preset = ReadonlyMap<InputName, PresetValue>

/** Presets by name, and what is wrong with the file: each with its line. */
export interface Config {
  readonly presets: ReadonlyMap<string, Preset>
  readonly problems: readonly string[]
}

/** Names that say what an input is for, and the input. */
const OTHER_NAMES: ReadonlyMap<string, InputName> = new Map([
  ['enable-monitoring', 'cloudwatch-metrics'],
])

/** The input that a name of a preset means: `part_size` is `part-size`. */
function inputNamed(name: string): InputName | undefined {
  const dashed = name.replaceAll('_', '-')
  const input = OTHER_NAMES.get(dashed) ?? dashed
  return Object.hasOwn(INPUTS, input) ? (input as InputName) : undefined
}

/** The text of a scalar: without a schema, all are text. */
const textOf = (node: unknown): string | undefined =>
  isScalar<string>(node) && node.value !== '' ? node.value : undefined

/** The text of a value; a list is one value a line. */
function valueText(node: unknown, resolved: (node: unknown) => unknown): string | undefined {
  if (!isSeq(node)) return textOf(node)
  const lines = node.items.map((item) => textOf(resolved(item)))
  return lines.length > 0 && lines.every((line) => line !== undefined)
    ? lines.join('\n')
    : undefined
}

const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === '' && !node.tag)

/** Why a value has no text: an unquoted glob such as `*.tmp` is an alias to YAML, `!a` a tag, `{a,b}` a mapping. */
const whyNoText = (node: unknown): string =>
  (isSeq(node) ? node.items : [node]).every((part) => textOf(part) !== undefined || isEmpty(part))
    ? 'has no value'
    : "holds what is no text to YAML: put it in quotes, as in '*.tmp'"

/** What each alias stands for: found in one walk, where the library would take one for each alias. */
function targetsIn(document: Document.Parsed): ReadonlyMap<Alias, unknown> {
  const anchors = new Map<string, unknown>()
  const targets = new Map<Alias, unknown>()
  visit(document, {
    Alias: (_key, alias) => void targets.set(alias, anchors.get(alias.source)),
    Value: (_key, node) => void (node.anchor && anchors.set(node.anchor, node)),
  })
  return targets
}

/** Reads presets from YAML: a mapping of names to mappings of inputs. Every value is text, as inputs are. */
export function readConfig(text: string, file: string): Config {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false })
  const where = (offset: number): string => `${file}, line ${lineCounter.linePos(offset).line}`
  const lineOf = (node: ParsedNode): string => where(node.range[0])
  const targets = targetsIn(document)
  const resolved = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node)
  const problems = document.errors.map(({ message, pos }) => `${where(pos[0])}: ${message}`)

  function presetOf(mapping: YAMLMap<ParsedNode>): Preset {
    const preset = new Map<InputName, PresetValue>()
    for (const { key, value } of mapping.items) {
      const name = textOf(key) ?? ''
      const input = inputNamed(name)
      const given = valueText(resolved(value), resolved)
      if (!input)
        problems.push(`${lineOf(key)}: ${JSON.stringify(name)} is no input that a preset can set`)
      else if (INPUTS[input].preset === 'no')
        problems.push(`${lineOf(key)}: ${name} cannot be set by a preset: set it in the workflow`)
      else if (given === undefined) problems.push(`${lineOf(key)}: ${name} ${whyNoText(value)}`)
      else preset.set(input, { text: given, where: lineOf(key) })
    }
    return preset
  }

  const presets = new Map<string, Preset>()
  const { contents } = document
  if (problems.length > 0) return { presets, problems }
  if (!isMap<ParsedNode>(contents))
    return { presets, problems: [`${where(0)}: expected presets by name`] }
  for (const { key, value } of contents.items) {
    const name = textOf(key)
    const mapping = resolved(value)
    if (name === undefined) problems.push(`${lineOf(key)}: expected the name of a preset`)
    else if (isMap<ParsedNode>(mapping)) presets.set(name, presetOf(mapping))
    else problems.push(`${lineOf(key)}: expected inputs and their values`)
  }
  return { presets, problems }
}
