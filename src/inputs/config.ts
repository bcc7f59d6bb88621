import { isMap, type ParsedNode, type YAMLMap } from 'yaml'
import { INPUTS, type InputName } from './schema.ts'
import { formerInput } from './unknown-names.ts'
import { parseYamlText, scalarText, whyNoText } from './yaml-text.ts'

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

/** Reads presets from YAML: a mapping of names to mappings of inputs. Every value is text, as inputs are. */
export function readConfig(text: string, file: string): Config {
  const yaml = parseYamlText(text)
  const where = (line: number): string => `${file}, line ${line}`
  const lineOf = (node: ParsedNode): string => where(yaml.lineOf(node))
  const problems = yaml.problems.map(({ line, message }) => `${where(line)}: ${message}`)

  function presetOf(mapping: YAMLMap<ParsedNode>): Preset {
    const preset = new Map<InputName, PresetValue>()
    for (const { key, value } of mapping.items) {
      const name = scalarText(key) ?? ''
      const input = inputNamed(name)
      const former = formerInput(name)
      const given = yaml.valueText(value)
      if (former) problems.push(`${lineOf(key)}: ${name} ${former}`)
      else if (!input)
        problems.push(
          `${lineOf(key)}: ${JSON.stringify(name)} is not an input that a preset can set`,
        )
      else if (INPUTS[input].preset === 'no')
        problems.push(`${lineOf(key)}: ${name} cannot be set in a preset: set it in the workflow`)
      else if (given === undefined) problems.push(`${lineOf(key)}: ${name} ${whyNoText(value)}`)
      else preset.set(input, { text: given, where: lineOf(key) })
    }
    return preset
  }

  const presets = new Map<string, Preset>()
  const { contents } = yaml
  if (problems.length > 0) return { presets, problems }
  if (!isMap<ParsedNode>(contents))
    return { presets, problems: [`${where(1)}: expected presets by name`] }
  for (const { key, value } of contents.items) {
    const name = scalarText(key)
    const mapping = yaml.resolved(value)
    if (name === undefined) problems.push(`${lineOf(key)}: expected the name of a preset`)
    else if (isMap<ParsedNode>(mapping)) presets.set(name, presetOf(mapping))
    else problems.push(`${lineOf(key)}: expected inputs and their values`)
  }
  return { presets, problems }
}
