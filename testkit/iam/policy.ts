/** A statement of a policy in AWS's JSON, as far as this server reads it. */
export interface Statement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*' | { readonly [kind: string]: string | readonly string[] }
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  /** Operators: StringEquals, StringLike, StringNotEquals, StringNotLike, also with `ForAnyValue:`. */
  readonly Condition?: {
    readonly [operator: string]: { readonly [key: string]: string | readonly string[] }
  }
}

/** An identity, session or trust policy. */
export interface PolicyDocument {
  readonly Version?: string
  readonly Statement: Statement | readonly Statement[]
}

/** The facts that conditions look at, by lower-case key. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>

/** What somebody wants to do. */
export interface Access {
  readonly action: string
  readonly resource: string
  readonly context?: ConditionContext
  /** ARNs that stand for the caller in a trust policy. */
  readonly principals?: readonly string[]
}

/** A policy ready for many decisions; `undefined` means that it says nothing. */
export type Policy = (access: Access) => 'Allow' | 'Deny' | undefined

const list = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? value : [value as T]

/** Reads a policy; throws on what it does not know, so that no condition is skipped in silence. */
export function compilePolicy(document: PolicyDocument): Policy {
  const statements = list<Statement>(document.Statement).map((statement) => ({
    effect: statement.Effect,
    applies: compileStatement(statement),
  }))
  return (access) => {
    const effects = statements.filter(({ applies }) => applies(access)).map(({ effect }) => effect)
    return effects.includes('Deny') ? 'Deny' : effects[0]
  }
}

/** Several policies as one: a Deny anywhere wins. */
export const anyOf =
  (policies: readonly Policy[]): Policy =>
  (access) => {
    const effects = policies.map((policy) => policy(access))
    return effects.includes('Deny') ? 'Deny' : effects.find((effect) => effect === 'Allow')
  }

function compileStatement(statement: Statement): (access: Access) => boolean {
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    throw new Error('Syntax errors in policy.')
  }
  const action = anyPattern(list(statement.Action), 'i')
  const resource = anyPattern(list(statement.Resource ?? '*'), '')
  const principal = compilePrincipal(statement)
  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, block]) =>
    Object.entries(block).map(([key, values]) => compileCondition(operator, key, list(values))),
  )
  return (access) =>
    action.test(access.action) &&
    resource.test(access.resource) &&
    principal(access.principals) &&
    conditions.every((holds) => holds(access.context))
}

/** `*` and `?` as IAM reads them, over whole code points; `${*}`, `${?}` and `${$}` are the characters. */
function anyPattern(patterns: readonly string[], flags: '' | 'i'): RegExp {
  const sources = patterns.map((pattern) =>
    pattern.replace(/\$\{([*?$])\}|[\\^$.+()|[\]{}/*?]/g, (part, literal?: string) => {
      if (literal !== undefined) return `\\${literal}`
      if (part === '*') return '.*'
      return part === '?' ? '.' : `\\${part}`
    }),
  )
  return new RegExp(`^(?:${sources.join('|')})$`, `su${flags}`)
}

function compilePrincipal({ Principal }: Statement): (principals?: readonly string[]) => boolean {
  if (Principal === undefined || Principal === '*') return () => true
  const allowed = Object.values(Principal).flatMap(list)
  return (principals = []) =>
    allowed.includes('*') || allowed.some((arn) => principals.includes(arn))
}

function compileCondition(
  operator: string,
  key: string,
  values: readonly string[],
): (context?: ConditionContext) => boolean {
  const match = /^(?:ForAnyValue:)?String(Not)?(Equals|Like)$/.exec(operator)
  if (match === null) throw new Error(`Unsupported condition operator ${operator}`)
  const [, not, kind] = match
  const like = anyPattern(values, '')
  const holds = kind === 'Like' ? (value: string) => like.test(value) : isOneOf(values)
  return (context) => {
    const actual = context?.get(key.toLowerCase()) ?? []
    return not === undefined ? actual.some(holds) : !actual.some(holds)
  }
}

const isOneOf = (values: readonly string[]) => (value: string) => values.includes(value)
