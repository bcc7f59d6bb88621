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
  type Scalar,
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

/** A glob such as `!keep.txt a` without quotes: the library would take only what stands behind the blank. */
const hasOwnTag = ({ tag }: Scalar): boolean => tag?.startsWith('!') === true

/** The text of a scalar: without a schema, all are text but those with a tag such as `!!binary`. */
export const scalarText = (node: unknown): string | undefined =>
  isScalar(node) && !hasOwnTag(node) && typeof node.value === 'string' && node.value !== ''
    ? node.value
    : undefined

const isEmpty = (node: unknown): boolean =>
  node === null || (isScalar(node) && node.value === '' && !node.tag)

/** Whether something is a mapping of names to values, and no glob such as `{a,b}`. */
const isStructure = (node: unknown): boolean =>
  isMap(node) && node.items.some(({ value }) => value !== null && !isEmpty(value))

/** Why a value has no text: an unquoted glob such as `*.tmp` is an alias to YAML, `!a` a tag, `{a,b}` a mapping. */
export function whyNoText(node: unknown): string {
  const parts: readonly unknown[] = isSeq(node) ? node.items : [node]
  if (parts.every((part) => scalarText(part) !== undefined || isEmpty(part))) return 'has no value'
  return parts.some(isStructure)
    ? 'is a mapping in YAML, but must be text: write | after its colon, and its lines further indented'
    : "is not a plain text in YAML: put it in quotes, as in '*.tmp'"
}

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

const TABBED = 'Tabs are not allowed as indentation'

/** Reads YAML that a user wrote. */
export function parseYamlText(given: string): YamlText {
  const text = given.replace(BYTE_ORDER_MARK, '')
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'failsafe', lineCounter, prettyErrors: false })
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line
  const targets = targetsIn(document)
  const resolved = (node: unknown): unknown => (isAlias(node) ? targets.get(node) : node)
  const lines = text.split('\n')
  const problems = document.errors.map(({ message, pos }) => {
    const line = lineAt(pos[0])
    // Of a tab behind a value the library says only, and several times, that something is not expected.
    const isTabbed = /^ *\t/.test(lines[line - 1] ?? '')
    return { line, message: isTabbed ? TABBED : message }
  })
  const isRepeated = ({ line, message }: YamlProblem, at: number): boolean =>
    message === TABBED && problems.findIndex((one) => one.line === line) < at
  return {
    contents: document.contents,
    problems: problems.filter((problem, at) => !isRepeated(problem, at)),
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
