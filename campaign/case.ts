import type { FaultName } from './catalogue.ts'
import { asWritten, type Expected } from './expected.ts'
import { DIGEST } from './headers.ts'
import type { Act, Played, Seen } from './step.ts'
import { spelling } from './strange-services.ts'
import type { Held } from './world.ts'

/** One step beside what it had to do. */
export interface Case {
  readonly played: Played
  readonly seen: Seen
  readonly expected: Expected
  /** What somebody else did meanwhile. */
  readonly acts: readonly Act[]
}

/** Whether two objects are one and the same. */
export const same = (a: Held | undefined, b: Held | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

const sorted = (values: Readonly<Record<string, string>>) =>
  Object.entries(values)
    .filter(([name]) => name !== DIGEST)
    .sort()

/** Whether an object at the destination has all that its source gives it: all but ETag and time. */
export function alike(
  { played }: Pick<Case, 'played'>,
  to: string,
  [from, now]: readonly [Held | undefined, Held | undefined],
): boolean {
  const plain = (held: Held | undefined) =>
    held && [held.size, held.md5, sorted(held.headers), sorted(held.metadata), held.tags]
  const written = asWritten(played.schedule.request, to, from)
  return JSON.stringify(plain(written)) === JSON.stringify(plain(now))
}

/** What somebody else did to an object, in its order. */
export const actsOn = ({ acts }: Case, bucket: Act['bucket'], key: string): Act[] =>
  acts.filter((act) => act.bucket === bucket && act.key === key)

/** All that a source object was during the run. */
export const versionsOf = (one: Case, key: string): (Held | undefined)[] => [
  one.seen.before.src.get(key),
  ...actsOn(one, 'src', key).map(({ held }) => held),
]

/** The faults of a step. */
export const faultsOf = ({ played, seen }: Case): readonly FaultName[] =>
  seen.name === 'under faults' ? played.schedule.faults.map(({ name }) => name) : []

/** The copies that a step has to make, from and to: of a plan that somebody else had in hand only those that it still holds. */
export function copiesToMake(one: Case): readonly (readonly [string, string])[] {
  const { seen, expected } = one
  const all = [...expected.copies]
  if (seen.mode !== 'execute' || !faultsOf(one).includes('approved plan forged')) return all
  const held = new Set(seen.plan?.flatMap(({ op, key }) => (op === 'copy' ? [key] : [])))
  return all.filter(([from]) => held.has(from))
}

/** The names that the destination may have given to what was copied to a key. */
export const namesOf = (one: Case, to: string): readonly string[] =>
  faultsOf(one).includes('destination changes keys') ? [to, spelling(to)] : [to]

/** Whether the destination holds what a copy was to bring, or what somebody else put in its place. */
export const isThere = (one: Case, from: string, to: string): boolean =>
  namesOf(one, to).some((name) => stands(one, from, name))

function stands(one: Case, from: string, to: string): boolean {
  const now = one.seen.after.dst.get(to)
  const others = actsOn(one, 'dst', to)
  if (others.some(({ held }) => same(held, now))) return true
  return now !== undefined && versionsOf(one, from).some((held) => alike(one, to, [held, now]))
}
