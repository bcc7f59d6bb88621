import type { Policy, Statement } from './policy.ts'

type Condition = NonNullable<Statement['Condition']>

const union = (one: readonly string[], other: readonly string[]): readonly string[] => [
  ...new Set([...one, ...other]),
]

const isAlike = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The prefixes of a listing, where that is all that its condition says. */
const prefixesIn = ({ Condition: condition = {} }: Statement): readonly string[] | undefined =>
  Object.keys(condition).join() === 'StringLike' &&
  Object.keys(condition['StringLike'] ?? {}).join() === 's3:prefix'
    ? condition['StringLike']?.['s3:prefix']
    : undefined

/** One statement that allows what two allow, and no more; undefined: there is none. */
function joined(one: Statement, other: Statement): Statement | undefined {
  if (!isAlike(one.Action, other.Action)) return undefined
  if (isAlike(one.Condition, other.Condition))
    return { ...one, Resource: union(one.Resource, other.Resource) }
  const [prefixes, others] = [prefixesIn(one), prefixesIn(other)]
  if (!isAlike(one.Resource, other.Resource) || !prefixes || !others) return undefined
  const condition: Condition = { StringLike: { 's3:prefix': union(prefixes, others) } }
  return { ...one, Condition: condition }
}

const bareSid = ({ Sid }: Statement): string => Sid.replace(/\d+$/, '')

/** One policy that allows what several allow together: each statement has a name of its own. */
export function mergedPolicy(policies: readonly [Policy, ...Policy[]]): Policy {
  const [only, ...others] = policies
  if (others.length === 0) return only
  const all: Statement[] = []
  for (const statement of policies.flatMap((policy) => policy.Statement)) {
    const sid = bareSid(statement)
    const alike = all.filter((one) => bareSid(one) === sid)
    const at = all.findIndex((one) => bareSid(one) === sid && joined(one, statement) !== undefined)
    const grown = at < 0 ? undefined : joined(all[at] ?? statement, statement)
    if (grown) all[at] = grown
    else all.push({ ...statement, Sid: alike.length === 0 ? sid : `${sid}${alike.length + 1}` })
  }
  return { Version: only.Version, Statement: all }
}
