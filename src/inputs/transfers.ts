import { isMap, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import { windowsRefuses } from '../model/windows-names.ts'
import type { PresetValue } from './config.ts'
import { INPUTS, type InputName } from './schema.ts'
import { formerInput, inputNear } from './unknown-names.ts'
import { parseYamlText, scalarText, whyNoText, type YamlText } from './yaml-text.ts'

/** One transfer of a step, as the list says it: what it sets by itself goes before the step's inputs. */
export interface TransferEntry {
  readonly name: string
  /** Where it begins in the list, the first line being 1. */
  readonly line: number
  readonly values: ReadonlyMap<InputName, PresetValue>
}

/** The transfers in their order, and what is wrong with the list: each with its line. */
export interface TransferList {
  readonly entries: readonly TransferEntry[]
  readonly problems: readonly string[]
}

/** More in one step would be a fleet, and a folder for each. */
export const MOST_TRANSFERS = 50

const NAME = /^[a-z0-9-]{1,40}$/
const EXPECTED =
  'expected a transfer, such as - { name: docs, source: s3://stage/docs/, destination: s3://prod/docs/ }'

/** What a key that is no input may have been meant to be. */
function meantBy(key: string): string {
  if (key === '<<') return ': set what several transfers share next to transfers'
  const dashed = key.replaceAll('_', '-').toLowerCase()
  if (dashed === 'name' || Object.hasOwn(INPUTS, dashed)) return `; write ${dashed}`
  const near = inputNear(dashed)
  return near ? `; write ${near}` : ''
}

/** Why a key of an entry cannot stand there; undefined: it can. */
function problemOfKey(key: string): string | undefined {
  const former = formerInput(key)
  if (former) return `${key} ${former}`
  if (!Object.hasOwn(INPUTS, key))
    return `${JSON.stringify(key)} is not an input that a transfer can set${meantBy(key)}`
  return INPUTS[key as InputName].transfer === 'no'
    ? `${key} applies to the whole step: set it next to transfers`
    : undefined
}

/** Reads the entries of a list one after the other, and keeps what is wrong with them. */
class EntryReader {
  readonly problems: string[] = []
  readonly #yaml: YamlText
  /** Names, and the lines of their entries. */
  readonly #names = new Map<string, number>()

  constructor(yaml: YamlText) {
    this.#yaml = yaml
  }

  read(item: ParsedNode): TransferEntry | undefined {
    const line = this.#yaml.lineOf(item)
    const mapping = this.#yaml.resolved(item)
    if (!isMap<ParsedNode, ParsedNode | null>(mapping)) {
      this.#refuse(line, EXPECTED)
      return undefined
    }
    const name = this.#nameOf(mapping, line)
    return { name, line, values: this.#valuesOf(mapping) }
  }

  #refuse(line: number, text: string): void {
    this.problems.push(`line ${line}: ${text}`)
  }

  #nameOf({ items }: YAMLMap<ParsedNode, ParsedNode | null>, line: number): string {
    const given = items.find(({ key }) => scalarText(key) === 'name')
    const name = scalarText(this.#yaml.resolved(given?.value)) ?? ''
    const shown = given ? `name ${JSON.stringify(name)}` : 'the transfer has no name'
    const at = given ? this.#yaml.lineOf(given.key) : line
    const first = this.#names.get(name)
    if (!NAME.test(name)) this.#refuse(at, `${shown}: expected 1 to 40 of the characters a-z 0-9 -`)
    else if (windowsRefuses(name)) this.#refuse(at, `${shown}: ${windowsRefuses(name)}`)
    else if (first !== undefined)
      this.#refuse(
        at,
        `${shown} is already used by the transfer in line ${first}: names must be unique`,
      )
    else this.#names.set(name, line)
    return name
  }

  #valuesOf({ items }: YAMLMap<ParsedNode, ParsedNode | null>): TransferEntry['values'] {
    const values = new Map<InputName, PresetValue>()
    for (const { key, value } of items) {
      const input = scalarText(key) ?? ''
      if (input === 'name') continue
      const line = this.#yaml.lineOf(key)
      const problem = problemOfKey(input)
      const text = this.#yaml.valueText(value)?.trim()
      if (problem !== undefined) this.#refuse(line, problem)
      else if (!text) this.#refuse(line, `${input} ${whyNoText(value)}`)
      else values.set(input as InputName, { text, where: `transfers, line ${line}` })
    }
    return values
  }
}

/** Reads the input `transfers`: a YAML list of mappings, whose values are text as inputs are. */
export function readTransferList(text: string): TransferList {
  const yaml = parseYamlText(text)
  if (yaml.problems.length > 0) {
    // What stands there may be a secret.
    const problems = yaml.problems.map(
      ({ line, message }) => `line ${line}: ${message.replace(/: ".*$/s, '')}`,
    )
    return { entries: [], problems }
  }
  const { contents } = yaml
  if (!isSeq<ParsedNode>(contents) || contents.items.length === 0)
    return { entries: [], problems: [`line 1: ${EXPECTED}`] }
  const many = contents.items.length
  if (many > MOST_TRANSFERS) {
    const problem = `has ${many} transfers, but at most ${MOST_TRANSFERS} are allowed`
    return { entries: [], problems: [problem] }
  }
  const reader = new EntryReader(yaml)
  const entries = contents.items.flatMap((item) => reader.read(item) ?? [])
  return { entries, problems: reader.problems }
}
