import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { describe, expect, it } from 'vitest'

const src = resolve(import.meta.dirname, '../src')
const MOST_MEMBERS = 8
const MOST_PARAMETERS = 5
const MOST_LINES = 60
/** Types with many members that are no arguments: what the stages gave, and lines of files. */
const RECORDS: ReadonlySet<string> = new Set(['StageResults', 'ResultRow', 'Claim'])
/** Writers of records: what they are given leaves the process as it is. */
const WRITERS: ReadonlySet<string> = new Set(['visibleJson'])

/** A node of the syntax tree: what it has beside its kind depends on the kind. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [part: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
const nodesIn = (value: unknown): readonly Node[] =>
  (Array.isArray(value) ? value : [value]).filter(isNode)
const part = (node: Node | undefined, name: string): Node | undefined => nodesIn(node?.[name])[0]
const nameOf = (node: Node | undefined): string | undefined =>
  typeof node?.['name'] === 'string' ? node['name'] : undefined
const isFunction = (node: Node): boolean =>
  /^(ArrowFunctionExpression|FunctionExpression|FunctionDeclaration)$/.test(node.type)

function* walk(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) for (const child of nodesIn(value)) yield* walk(child)
}

/** A node and what is in it; of functions in it only the node itself. */
function* withoutFunctions(node: Node, root: Node = node): Generator<Node> {
  yield node
  if (node !== root && isFunction(node)) return
  for (const value of Object.values(node))
    for (const child of nodesIn(value)) yield* withoutFunctions(child, root)
}

/** One file of ours: its tree, what it takes from other files of ours, and the types it declares. */
interface Source {
  readonly file: string
  readonly text: string
  readonly tree: Node
  /** The file that a name comes from, by the name. */
  readonly imported: ReadonlyMap<string, string>
  readonly types: ReadonlyMap<string, Node>
}

function parsed(file: string, text: string): Source {
  const tree = parseAst(text, { lang: 'ts', sourceType: 'module' }) as unknown as Node
  const imported = new Map<string, string>()
  const types = new Map<string, Node>()
  for (const statement of nodesIn(tree['body'])) {
    const from = part(statement, 'source')?.['value']
    if (statement.type === 'ImportDeclaration' && typeof from === 'string' && from.startsWith('.'))
      for (const name of nodesIn(statement['specifiers']))
        imported.set(
          nameOf(part(name, 'local')) ?? '',
          relative(src, resolve(src, dirname(file), from)).replaceAll('\\', '/'),
        )
    const declared = part(statement, 'declaration') ?? statement
    if (/^TS(Interface|TypeAlias)Declaration$/.test(declared.type))
      types.set(nameOf(part(declared, 'id')) ?? '', declared)
  }
  return { file, text, tree, imported, types }
}

const sources = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => [file, parsed(file, readFileSync(join(src, file), 'utf8'))]),
)

/** Where one of the rules is broken, as a reader finds it. */
const at = ({ file, text }: Source, { start }: Node, what: string): string =>
  `src/${file}:${text.slice(0, start).split('\n').length} ${what}`

/** A call of what another file of ours exports, and an object literal it is given. */
interface Call {
  readonly callee: string
  readonly given: Node
}

/** Object literals by the names that hold them; `undefined`: the name holds something else here. */
type Literals = ReadonlyMap<string, Node | undefined>

/** Such calls in a node. A literal that first gets a name in the same function is followed by that name. */
function* foreignCalls(
  node: Node,
  imported: Source['imported'],
  outer: Literals = new Map(),
): Generator<Call> {
  const literals = new Map(outer)
  const note = (name: Node | undefined, value: Node | undefined): void => {
    literals.set(nameOf(name) ?? '', value?.type === 'ObjectExpression' ? value : undefined)
  }
  for (const parameter of nodesIn(node['params'])) note(parameter, undefined)
  for (const child of withoutFunctions(node))
    if (child.type === 'VariableDeclarator') note(part(child, 'id'), part(child, 'init'))
  for (const child of withoutFunctions(node)) {
    if (child !== node && isFunction(child)) yield* foreignCalls(child, imported, literals)
    const callee = nameOf(part(child, 'callee')) ?? ''
    if (!/^(Call|New)Expression$/.test(child.type) || !imported.has(callee)) continue
    for (const argument of nodesIn(child['arguments'])) {
      const given = literals.get(nameOf(argument) ?? '') ?? argument
      if (given.type === 'ObjectExpression') yield { callee, given }
    }
  }
}

/** The spreads in an object literal and in the literals within it. */
const spreadsIn = (literal: Node): Node[] =>
  nodesIn(literal['properties']).flatMap((property) => {
    if (property.type === 'SpreadElement') return [property]
    const value = part(property, 'value')
    return value?.type === 'ObjectExpression' ? spreadsIn(value) : []
  })

/** Spreads in what a call of another file is given. */
const spreads = (source: Source): string[] =>
  [...foreignCalls(source.tree, source.imported)]
    .filter(({ callee }) => !WRITERS.has(callee))
    .flatMap(({ callee, given }) =>
      spreadsIn(given).map((spread) => at(source, spread, `spreads into ${callee}()`)),
    )

/** Object literals that are built for one call of another file and hold more than one can keep in mind. */
function largeLiterals(source: Source): string[] {
  return [...foreignCalls(source.tree, source.imported)]
    .filter(({ given }) => nodesIn(given['properties']).length > MOST_MEMBERS)
    .map(({ callee, given }) =>
      at(source, given, `${nodesIn(given['properties']).length} members for ${callee}()`),
    )
}

const literalNames = (node: Node | undefined): string[] =>
  node === undefined
    ? []
    : [...walk(node)].flatMap(({ type, value }) =>
        type === 'Literal' && typeof value === 'string' ? [value] : [],
      )

/** The members of a type, inherited ones too; none for what is no object type of ours. */
function membersOf(type: Node | undefined, source: Source): ReadonlySet<string> {
  if (type === undefined) return new Set()
  const all = (nodes: readonly Node[]) =>
    new Set(nodes.flatMap((node) => [...membersOf(node, source)]))
  switch (type.type) {
    case 'TSTypeAnnotation':
    case 'TSTypeAliasDeclaration':
      return membersOf(part(type, 'typeAnnotation'), source)
    case 'TSTypeLiteral':
      return new Set(nodesIn(type['members']).map((member) => nameOf(part(member, 'key')) ?? '?'))
    case 'TSInterfaceDeclaration': {
      const own = nodesIn(part(type, 'body')?.['body'])
      const names = own.map((member) => nameOf(part(member, 'key')) ?? '?')
      return new Set([...names, ...all(nodesIn(type['extends']))])
    }
    case 'TSIntersectionType':
      return all(nodesIn(type['types']))
    case 'TSInterfaceHeritage':
    case 'TSTypeReference':
      return membersOfName(type, source)
    default:
      return new Set()
  }
}

function membersOfName(type: Node, source: Source): ReadonlySet<string> {
  const name = nameOf(part(type, 'typeName') ?? part(type, 'expression')) ?? ''
  const given = nodesIn(part(type, 'typeArguments')?.['params'])
  if (name === 'Pick') return new Set(literalNames(given[1]))
  const [first] = given
  if (name === 'Omit') {
    const left = literalNames(given[1])
    return new Set([...membersOf(first, source)].filter((member) => !left.includes(member)))
  }
  if (name === 'Readonly' || name === 'Partial' || name === 'Required')
    return membersOf(first, source)
  const declared = source.types.get(name)
  if (declared) return membersOf(declared, source)
  const home = sources.get(source.imported.get(name) ?? '')
  return home ? membersOf(home.types.get(name), home) : new Set()
}

/** What is a value of its own wherever it goes, and is not built for a call: the model, the ports, the store, and records. */
const isValue = (annotation: Node | undefined, { file, imported }: Source): boolean => {
  const named = part(annotation, 'typeAnnotation')
  const name =
    nameOf(part(named, 'typeName')) === 'Partial'
      ? nameOf(part(part(part(named, 'typeArguments'), 'params'), 'typeName'))
      : nameOf(part(named, 'typeName'))
  const home = imported.get(name ?? '') ?? file
  return (
    home === 'ports.ts' ||
    home === 'storage/store.ts' ||
    home.startsWith('model/') ||
    RECORDS.has(name ?? '')
  )
}

/** Functions and constructors that a file exports, each with its name. */
function* exportedFunctions({ tree }: Source): Generator<{ name: string; of: Node }> {
  for (const statement of nodesIn(tree['body'])) {
    if (statement.type !== 'ExportNamedDeclaration') continue
    const declared = part(statement, 'declaration')
    const name = nameOf(part(declared, 'id')) ?? ''
    if (declared?.type === 'FunctionDeclaration') yield { name, of: declared }
    if (declared?.type === 'ClassDeclaration')
      for (const member of nodesIn(part(declared, 'body')?.['body'])) {
        const value = part(member, 'value')
        if (value && isFunction(value) && part(member, 'key')?.type !== 'PrivateIdentifier')
          yield { name, of: value }
      }
    if (declared?.type === 'VariableDeclaration')
      for (const each of nodesIn(declared['declarations'])) {
        const init = part(each, 'init')
        if (init && isFunction(init)) yield { name: nameOf(part(each, 'id')) ?? '', of: init }
      }
  }
}

/** Parameters of exported functions whose type has more members than one can keep in mind. */
function largeParameters(source: Source): string[] {
  return [...exportedFunctions(source)].flatMap(({ name, of }) =>
    nodesIn(of['params']).flatMap((parameter) => {
      const type = part(parameter, 'typeAnnotation')
      const members = membersOf(type, source)
      return members.size <= MOST_MEMBERS || isValue(type, source)
        ? []
        : [at(source, parameter, `${name}() takes ${members.size} members in one parameter`)]
    }),
  )
}

const functionsOf = ({ tree }: Source): Node[] => [...walk(tree)].filter(isFunction)

const manyParameters = (source: Source): string[] =>
  functionsOf(source)
    .filter((node) => nodesIn(node['params']).length > MOST_PARAMETERS)
    .map((node) => at(source, node, `${nodesIn(node['params']).length} parameters`))

const longFunctions = (source: Source): string[] =>
  functionsOf(source).flatMap((node) => {
    const lines = source.text.slice(node.start, node.end).split('\n').length
    return lines > MOST_LINES ? [at(source, node, `${lines} lines`)] : []
  })

const everywhere = (rule: (source: Source) => readonly string[]): string[] =>
  [...sources.values()].flatMap((source) => rule(source))

describe('one can follow a value', () => {
  it('as no object is spread into a call of another file', () => {
    expect(everywhere(spreads)).toEqual([])
  })

  it('as what is built for one call of another file has at most 8 members', () => {
    expect(everywhere(largeLiterals)).toEqual([])
  })

  it('as a parameter has at most 8 members, those counted that it inherits', () => {
    expect(everywhere(largeParameters)).toEqual([])
  })

  it('as a function has at most 5 parameters', () => {
    expect(everywhere(manyParameters)).toEqual([])
  })

  it('as a function has at most 60 lines', () => {
    expect(everywhere(longFunctions)).toEqual([])
  })

  const finds = (rule: (source: Source) => readonly string[], text: string): number =>
    rule(parsed('made-up.ts', `import { f } from "./other.ts"\n${text}`)).length

  it.each([
    ['a spread', 'f({ ...a, b })', 1],
    ['one that depends on something', 'f({ ...(c && { d }) })', 1],
    ['one within what is given', 'f({ a: { ...b } })', 1],
    ['one by a name', 'const a = { ...b }\nf(a)', 1],
    [
      'one by a name of an outer function',
      'function g() { const a = { ...b }; return () => f(a) }',
      1,
    ],
    ['no other value of that name', 'const a = { ...b }\nfunction g(a) { return f(a) }', 0],
    ['none in a call of the same file', 'const g = (a) => a\ng({ ...b })', 0],
    ['none in a list of arguments', 'f(...a)', 0],
  ])('sees %s', (_what, text, count) => {
    expect(finds(spreads, text)).toBe(count)
  })

  it('sees members that a parameter inherits, picks and leaves out', () => {
    const types = `interface A { a: 1; b: 1; c: 1; d: 1; e: 1 }
      interface B extends A { f: 1; g: 1; h: 1; i: 1 }`
    const taking = (type: string) => `${types}\nexport const g = (given: ${type}) => given`
    expect(finds(largeParameters, taking('A'))).toBe(0)
    expect(finds(largeParameters, taking('B'))).toBe(1)
    expect(finds(largeParameters, taking("A & Omit<B, 'i'>"))).toBe(0)
    expect(finds(largeParameters, taking("Pick<B, 'a'>"))).toBe(0)
  })

  it('sees large literals, long functions and many parameters', () => {
    expect(finds(largeLiterals, 'f({ a, b, c, d, e, f, g, h, i })')).toBe(1)
    expect(finds(largeLiterals, 'f({ a, b, c, d, e, f, g, h })')).toBe(0)
    expect(finds(longFunctions, `function g() {${'\n'.repeat(60)}}`)).toBe(1)
    expect(finds(manyParameters, 'const g = (a, b, c, d, e, f) => a')).toBe(1)
  })
})
