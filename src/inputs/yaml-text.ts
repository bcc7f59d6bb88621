import {
  type Alias,
  type Document,
  isAlias,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  visit,
} from 'yaml'

/** A document of YAML in which every value is text, as inputs are. */
export interface YamlText {
  readonly contents: ParsedNode | null
  /** What an alias stands for; every other node as it is. */
  resolved(node: unknown): unknown
  /** `file, line 3` of a node. */
  lineOf(node: ParsedNode): string
  /** What is wrong with it, each with its line. */
  readonly problems: readonly string[]
}

/** The text of a scalar: without a schema, all are text. */
export const textOf = (node: unknown): string | undefined =>
  isScalar<string>(node) && node.value !== '' ? node.value : undefined

const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === '' && !node.tag)

/** Why a value has no text: an unquoted glob such as `*.tmp` is an alias to YAML, `!a` a tag, `{a,b}` a mapping. */
export const whyNoText = (node: unknown): string =>
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

/** Reads YAML; `file` names it in what is told of it. */
export function readYaml(text: string, file: string): YamlText {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false })
  const where = (offset: number): string => `${file}, line ${lineCounter.linePos(offset).line}`
  const targets = targetsIn(document)
  return {
    contents: document.contents,
    resolved: (node) => (isAlias(node) ? targets.get(node) : node),
    lineOf: (node) => where(node.range[0]),
    problems: document.errors.map(({ message, pos }) => `${where(pos[0])}: ${message}`),
  }
}
