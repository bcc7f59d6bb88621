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

/** What is wrong at a line, the first being 1. */
export interface YamlProblem {
  readonly line: number
  readonly message: string
}

/** YAML in which every value is text, as inputs are. */
export interface YamlText {
  readonly contents: ParsedNode | null
  /** Why it is no YAML; nothing else is to be believed then. */
  readonly problems: readonly YamlProblem[]
  lineOf(node: ParsedNode): number
  /** What an alias stands for; other nodes as they are. */
  resolved(node: unknown): unknown
  /** The text of a value; a list is one value a line. undefined where it has none: `whyNoText` says why. */
  valueText(node: unknown): string | undefined
}

/** The text of a scalar: without a schema, all are text but those with a tag such as `!!binary`. */
export const scalarText = (node: unknown): string | undefined =>
  isScalar(node) && typeof node.value === 'string' && node.value !== '' ? node.value : undefined

const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === '' && !node.tag)

/** Why a value has no text: an unquoted glob such as `*.tmp` is an alias to YAML, `!a` a tag, `{a,b}` a mapping. */
export const whyNoText = (node: unknown): string =>
  (isSeq(node) ? node.items : [node]).every(
    (part) => scalarText(part) !== undefined || isEmpty(part),
  )
    ? 'has no value'
    : "is not a plain text in YAML: put it in quotes, as in '*.tmp'"

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

/** Editors of Windows begin a file with it, and the library takes no list behind it. */
const BYTE_ORDER_MARK = /^\ufeff/

/** Reads YAML that a user wrote. */
export function parseYamlText(given: string): YamlText {
  const text = given.replace(BYTE_ORDER_MARK, '')
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false })
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line
  const targets = targetsIn(document)
  const resolved = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node)
  return {
    contents: document.contents,
    problems: document.errors.map(({ message, pos }) => ({ line: lineAt(pos[0]), message })),
    lineOf: (node) => lineAt(node.range[0]),
    resolved,
    valueText: (node) => {
      const value = resolved(node)
      if (!isSeq(value)) return scalarText(value)
      const lines = value.items.map((item) => scalarText(resolved(item)))
      return lines.length > 0 && lines.every((line) => line !== undefined)
        ? lines.join('\n')
        : undefined
    },
  }
}
