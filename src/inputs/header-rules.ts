import { isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from 'yaml'
import { HEADERS_DIGEST, type HeaderRule } from '../model/header-rules.ts'
import { isOneSlipFrom } from '../model/one-slip.ts'
import { PART_SIZE } from '../model/part-size.ts'
import { ACLS, STORAGE_CLASSES } from './schema.ts'
import { parseYamlText, scalarText, whyNoText, type YamlText } from './yaml-text.ts'

/** Where the text of rules stands. */
export interface RulesText {
  readonly text: string
  /** The file it stands in; '' where it stands in the input. */
  readonly name: string
  /** Whether it is the workflow's own, and no file that a pull request changes. */
  readonly isWorkflow: boolean
}

/** Rules for headers, and what is wrong with them: each with its line. */
export interface ReadRules {
  readonly rules: readonly HeaderRule[]
  readonly problems: readonly string[]
}

const HEADERS = [
  'cache-control',
  'content-type',
  'content-disposition',
  'content-language',
  'content-encoding',
] as const
const FIELDS = ['files', ...HEADERS, 'metadata', 'storage-class', 'acl', 'tags'] as const
type Field = (typeof FIELDS)[number]

/** What a name that is no field may have been meant to be, as the end of a message. */
function meantBy(name: string): string {
  const dashed = name.replaceAll('_', '-').toLowerCase()
  const near = FIELDS.find((field) => field === dashed || isOneSlipFrom(dashed, field))
  return near ? `; write ${near}` : ''
}

/** What is wrong with a name; `isTail`: it follows a comma within { }, and nothing follows it. */
function problemOfName(name: string, isTail: boolean): string {
  const quoted = JSON.stringify(name)
  return isTail
    ? `${quoted} has no value: within { } quote a value that contains a comma, as in 'public, max-age=60'`
    : `${quoted} is not one of ${FIELDS.join(', ')}${meantBy(name)}`
}

/** A field of a rule as it was given. */
interface Given {
  readonly at: ParsedNode
  readonly value: unknown
}

const VISIBLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/
const TOKEN = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
const META = 'x-amz-meta-'
/** Of system-defined headers together, and of user metadata, names and values: S3 takes no more. */
const MOST_BYTES = 2048
/** What our own entries take of it: the digest, and the size of the parts, which has ten digits at most. */
const OWN_BYTES = HEADERS_DIGEST.length - META.length + 16 + PART_SIZE.length + 10

const MOST_TAGS = 10
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

const bytesOf = (pairs: readonly (readonly [string, string])[]): number =>
  pairs.reduce((sum, [name, value]) => sum + name.length + value.length, 0)

/** Why a text cannot be the value of a header; undefined: it can. */
function headerFlaw(name: string, value: string): string | undefined {
  if (name === 'content-type' && !value.includes('/'))
    return 'expected a type such as text/html; without it, the type is that of the source, or of the file name'
  if (VISIBLE.test(value)) return undefined
  if (/^\s|\s$/.test(value)) return 'begins or ends with a space'
  const remedy =
    name === 'content-disposition'
      ? "write other characters as in filename*=UTF-8''na%C3%AFve.txt"
      : 'write other characters as in =?UTF-8?Q?na=C3=AFve?='
  return `takes printable ASCII alone: ${remedy}`
}

/** Why a text cannot be the name of user metadata. */
function metadataFlaw(name: string): string | undefined {
  if (name.startsWith(META)) return `is written without ${META}`
  if (META + name === HEADERS_DIGEST || name === PART_SIZE) return 'is reserved for this action'
  return TOKEN.test(name) ? undefined : 'contains a character that is not allowed in a header name'
}

function tagFlaw(name: string, value: string): string | undefined {
  if (name.length < 1 || name.length > 128 || value.length > 256)
    return 'a name has 1 to 128 characters, a value at most 256'
  if (/^aws:/i.test(name)) return 'names that begin with aws: are reserved'
  return TAG.test(name) && TAG.test(value)
    ? undefined
    : 'names and values may contain letters, digits, spaces and _ . : / = + - @'
}

/** Reads one document; what is wrong is collected. */
class RulesReader {
  readonly #yaml: YamlText
  readonly #name: string
  readonly #isWorkflow: boolean
  readonly problems: string[]

  constructor({ text, name, isWorkflow }: RulesText) {
    this.#yaml = parseYamlText(text)
    this.#name = name
    this.#isWorkflow = isWorkflow
    this.problems = this.#yaml.problems.map(({ line, message }) => this.#at(line, message))
  }

  #at(line: number, text: string): string {
    return this.#name === '' ? `line ${line}: ${text}` : `${this.#name}, line ${line}: ${text}`
  }

  #refuse(at: ParsedNode, text: string): undefined {
    this.problems.push(this.#at(this.#yaml.lineOf(at), text))
  }

  /** Text, or lines of text. */
  #globs(field: Given | undefined): readonly string[] {
    if (!field) return []
    const { at, value } = field
    const nodes = isSeq(value) ? value.items.map((item) => this.#yaml.resolved(item)) : [value]
    const texts = nodes.map(scalarText)
    if (texts.length > 0 && texts.every((text) => text !== undefined))
      return texts.flatMap((text) => text.split('\n')).filter((glob) => glob.trim() !== '')
    this.#refuse(at, `files ${whyNoText(value)}`)
    return []
  }

  /** Names and values; a value that is quoted may be empty. */
  #pairs(field: Field, { at, value }: Given): readonly (readonly [string, string])[] {
    if (!isMap<ParsedNode>(value)) {
      this.#refuse(at, `${field} takes names and values, as in ${field}: { build: '7' }`)
      return []
    }
    return value.items.flatMap(({ key, value: given }) => {
      const name = scalarText(key) ?? ''
      const node = this.#yaml.resolved(given)
      const isQuoted = isScalar(node) && node.type !== 'PLAIN' && node.value === ''
      const text = isQuoted ? '' : scalarText(node)
      if (text !== undefined) return [[name, text] as const]
      this.#refuse(key, `${field} ${JSON.stringify(name)} ${whyNoText(node)}`)
      return []
    })
  }

  #header(name: Field, field: Given | undefined): string | undefined {
    if (!field) return undefined
    const { at, value } = field
    const text = scalarText(value)
    if (text === undefined) return this.#refuse(at, `${name} ${whyNoText(value)}`)
    const flaw = headerFlaw(name, text)
    return flaw ? this.#refuse(at, `${name} ${flaw}`) : text
  }

  #metadata(field: Given | undefined): Record<string, string> {
    if (!field) return {}
    const { at } = field
    const pairs = this.#pairs('metadata', field).map(
      ([name, text]) => [name.toLowerCase(), text] as const,
    )
    for (const [name, text] of pairs) {
      const flaw = metadataFlaw(name) ?? (text === '' ? undefined : headerFlaw(name, text))
      if (flaw) this.#refuse(at, `metadata ${JSON.stringify(name)} ${flaw}`)
    }
    const all = Object.fromEntries(pairs.map(([name, text]) => [META + name, text]))
    if (Object.keys(all).length < pairs.length)
      this.#refuse(at, 'metadata has a duplicate name (names are not case-sensitive)')
    if (bytesOf(pairs) + OWN_BYTES > MOST_BYTES)
      this.#refuse(
        at,
        `metadata is too long: S3 takes ${MOST_BYTES - OWN_BYTES} bytes beside our own`,
      )
    return all
  }

  #tags(field: Given | undefined): string | undefined {
    if (!field) return undefined
    const { at } = field
    const pairs = this.#pairs('tags', field)
    if (pairs.length > MOST_TAGS) this.#refuse(at, `tags: an object has at most ${MOST_TAGS}`)
    for (const [name, text] of pairs) {
      const flaw = tagFlaw(name, text)
      if (flaw) this.#refuse(at, `tags ${JSON.stringify(name)}: ${flaw}`)
    }
    // One spelling for one set: a digest is taken of it.
    return pairs
      .map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('='))
      .sort()
      .join('&')
  }

  #oneOf(name: Field, words: readonly string[], field: Given | undefined): string | undefined {
    if (!field) return undefined
    const text = scalarText(field.value)
    if (text !== undefined && words.includes(text)) return text
    return this.#refuse(field.at, `${name}: expected one of ${words.join(', ')}`)
  }

  #acl(field: Given | undefined): string | undefined {
    if (this.#isWorkflow || !field) return this.#oneOf('acl', ACLS, field)
    return this.#refuse(field.at, 'acl can only be set in the workflow: move headers there')
  }

  /** One rule. */
  rule(mapping: YAMLMap<ParsedNode>): HeaderRule {
    const given = new Map<Field, Given>()
    for (const { key, value } of mapping.items) {
      const field = FIELDS.find((name) => name === scalarText(key))
      if (field) given.set(field, { at: key, value: this.#yaml.resolved(value) })
      else this.#refuse(key, problemOfName(scalarText(key) ?? '', mapping.flow === true && !value))
    }
    const start = mapping as ParsedNode
    if (!given.has('files')) this.#refuse(start, 'a rule needs files: the globs that it applies to')
    else if (mapping.items.length === 1) this.#refuse(start, 'a rule sets nothing besides files')
    const described = Object.fromEntries(
      HEADERS.flatMap((name) => {
        const text = this.#header(name, given.get(name))
        return text === undefined ? [] : [[name, text]]
      }),
    )
    if (bytesOf(Object.entries(described)) > MOST_BYTES)
      this.#refuse(start, `headers are too long: S3 takes ${MOST_BYTES} bytes`)
    return {
      files: this.#globs(given.get('files')),
      headers: { ...described, ...this.#metadata(given.get('metadata')) },
      storageClass: this.#oneOf('storage-class', STORAGE_CLASSES, given.get('storage-class')),
      acl: this.#acl(given.get('acl')),
      tags: this.#tags(given.get('tags')),
    }
  }

  /** All rules of the document; what is no YAML has none. */
  rules(): readonly HeaderRule[] {
    if (this.problems.length > 0) return []
    const { contents, resolved } = this.#yaml
    const nodes = isSeq<ParsedNode>(contents) ? contents.items : []
    if (nodes.length === 0)
      this.problems.push(this.#name === '' ? NO_LIST : `${this.#name}: ${NO_LIST}`)
    return nodes.flatMap((node) => {
      const mapping = resolved(node)
      if (isMap<ParsedNode>(mapping)) return [this.rule(mapping as YAMLMap<ParsedNode>)]
      this.#refuse(node, "expected a rule, as in - files: ['*.html']")
      return []
    })
  }
}

const NO_LIST = "expected a list of rules, as in - files: ['*.html']"

/** Reads rules for headers from YAML: a list of mappings. Every value is text, as inputs are. */
export function readHeaderRules(given: RulesText): ReadRules {
  const reader = new RulesReader(given)
  const rules = reader.rules()
  return { rules, problems: reader.problems }
}
