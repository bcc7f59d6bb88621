import {
  contradictions,
  isKilled,
  isLook,
  leaks,
  obeyed,
  silences,
  unaccounted,
} from './accounts.ts'
import { type Expected, expectedOf, type Held } from './expected.ts'
import type { Act, Played, Seen } from './step.ts'

/** What must hold whatever happens. */
export const INVARIANTS = [
  'nothing is lost',
  'no success is claimed that is not true',
  'every op is accounted for',
  'the user learns what to do',
  'text from outside stays text',
  'no secret is told',
  'the next run heals, and copies nothing that is there',
  'a signal ends it within 6 s',
] as const
export type Invariant = (typeof INVARIANTS)[number]

/** Where it did not hold. */
export interface Violation {
  readonly invariant: Invariant
  readonly step: string
  readonly what: string
}

/** One step beside what it had to do. */
interface Case {
  readonly played: Played
  readonly seen: Seen
  readonly expected: Expected
  /** What somebody else did meanwhile. */
  readonly acts: readonly Act[]
}

const SIGNAL_EXIT_MS = 6000

const same = (a: Held | undefined, b: Held | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

/** What a copy has of its source: all but ETag and time. */
function alike(a: Held | undefined, b: Held | undefined): boolean {
  const plain = (held: Held | undefined) =>
    held && [held.size, held.md5, held.headers, held.metadata, held.tags]
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b))
}

const actsOn = ({ acts }: Case, bucket: Act['bucket'], key: string): Act[] =>
  acts.filter((act) => act.bucket === bucket && act.key === key)

/** All that a source object was during the run. */
const versionsOf = (one: Case, key: string): (Held | undefined)[] => [
  one.seen.before.src.get(key),
  ...actsOn(one, 'src', key).map(({ held }) => held),
]

function changedSource(one: Case): string[] {
  const { before, after } = one.seen
  const keys = new Set([...before.src.keys(), ...after.src.keys()])
  return [...keys].flatMap((key) => {
    const last = actsOn(one, 'src', key).at(-1)
    const expected = last ? last.held : before.src.get(key)
    return same(expected, after.src.get(key)) ? [] : [`source ${JSON.stringify(key)} changed`]
  })
}

/** Whether a destination object may be as it is after the run. */
function isAllowed(one: Case, key: string, sourceKey: string | undefined): boolean {
  const { before, after } = one.seen
  const now = after.dst.get(key)
  const touches = actsOn(one, 'dst', key)
  const left = touches.length > 0 ? touches.map(({ held }) => held) : [before.dst.get(key)]
  if ([before.dst.get(key), ...left].some((held) => same(held, now))) return true
  if (isLook(one.seen)) return false
  if (now === undefined) return one.expected.deletes.has(key) && !isAtSource(one, key)
  return sourceKey !== undefined && versionsOf(one, sourceKey).some((held) => alike(held, now))
}

/** Whether the source holds by now what the run deleted. */
function isAtSource({ seen, played }: Case, key: string): boolean {
  if (played.schedule.request['key-template'] !== undefined) return false
  return seen.after.src.has(key.replace(/^copy\//, 'data/'))
}

function lostObjects(one: Case): string[] {
  const { before, after, writes } = one.seen
  if (isLook(one.seen) && writes > 0) return [`it was to look, but wrote ${writes} times`]
  const sources = new Map([...one.expected.copies].map(([from, to]) => [to, from]))
  const keys = new Set([...before.dst.keys(), ...after.dst.keys()])
  return [...keys].flatMap((key) =>
    isAllowed(one, key, sources.get(key))
      ? []
      : [`destination ${JSON.stringify(key)} is ${after.dst.has(key) ? 'another object' : 'gone'}`],
  )
}

/** Whether the destination holds what a copy was to bring, or what somebody else put in its place. */
function isThere(one: Case, from: string, to: string): boolean {
  const now = one.seen.after.dst.get(to)
  const others = actsOn(one, 'dst', to)
  if (others.some(({ held }) => same(held, now))) return true
  return now !== undefined && versionsOf(one, from).some((held) => alike(held, now))
}

const isGone = (one: Case, key: string): boolean =>
  !one.seen.after.dst.has(key) || actsOn(one, 'dst', key).length > 0

/** What a check says of both places is so. */
function falseFindings({ seen: { result }, expected }: Case): string[] {
  const idle = expected.copies.size + expected.deletes.size === 0
  const says = result.outputs['result']
  const wrong = says === (idle ? 'drift' : 'nothing-to-do')
  return wrong ? [`${says}, but there is ${idle ? 'nothing' : 'something'} to do`] : []
}

function falseSuccesses(one: Case): string[] {
  const { seen, expected } = one
  const { result } = seen.result.outputs
  if (isLook(seen)) return falseFindings(one)
  if (isKilled(seen)) return []
  const rows = (seen.results ?? []).filter(({ status }) => status === 'done')
  const untrueRows = rows.filter(({ op, key, to }) =>
    op === 'copy' ? !isThere(one, key, to ?? '') : !isGone(one, key),
  )
  const claims = result === 'success' || result === 'nothing-to-do'
  const missing = claims ? [...expected.copies].filter(([from, to]) => !isThere(one, from, to)) : []
  const left = claims ? [...expected.deletes].filter((key) => !isGone(one, key)) : []
  const idle = expected.copies.size + expected.deletes.size === 0
  return [
    ...untrueRows.map(({ op, key }) => `${op} ${JSON.stringify(key)} is not done`),
    ...missing.map(([from]) => `${result}, but ${JSON.stringify(from)} is not copied`),
    ...left.map((key) => `${result}, but ${JSON.stringify(key)} is not deleted`),
    ...(result === 'nothing-to-do' && !idle ? ['nothing-to-do, but there is something'] : []),
  ]
}

/** A plan that was written holds what is to be done, no more and no less; what somebody else wrote may hold anything. */
function wrongPlans({ played, seen, expected }: Case): string[] {
  const isForged = played.schedule.faults.some(({ name }) => name === 'approved plan forged')
  if (seen.plan === undefined || (seen.mode === 'execute' && isForged)) return []
  const copies = new Map(seen.plan.flatMap((op) => (op.op === 'copy' ? [[op.key, op.to]] : [])))
  const deletes = new Set(seen.plan.flatMap((op) => (op.op === 'delete' ? [op.key] : [])))
  const missing = [...expected.copies].filter(([from, to]) => copies.get(from) !== to)
  const surplus = [...copies.keys()].filter((from) => !expected.copies.has(from))
  const deleted = [
    ...[...deletes].filter((key) => !expected.deletes.has(key)),
    ...[...expected.deletes].filter((key) => !deletes.has(key)),
  ]
  return [
    ...missing.map(([from]) => `${JSON.stringify(from)} is not planned`),
    ...surplus.map((from) => `${JSON.stringify(from)} is planned though it is not to be copied`),
    ...deleted.map((key) => `the delete of ${JSON.stringify(key)} is planned wrongly`),
  ]
}

const GOOD = new Set(['success', 'nothing-to-do', 'planned'])

/** A run without faults does its work, or is refused by a guard. */
function unhealed({ played, seen, expected }: Case): string[] {
  const clean = seen.name !== 'under faults' || played.struck.every((times) => times === 0)
  if (!clean) return []
  const { result = 'nothing', 'failure-message': message } = seen.result.outputs
  // A plan that nothing could be made of is not there to be executed.
  const refused = result === 'failed' && expected.refused !== 'no'
  // A check is not judged by the guards of what it does not do.
  const free = expected.refused !== 'yes' || isLook(seen)
  const good = (GOOD.has(result) || result === 'drift') && free
  return good || refused ? [] : [`the result is ${result}: ${message}`]
}

const isGood = ({ result }: Seen): boolean => GOOD.has(result.outputs['result'] ?? '')

/** Whether nothing can be left to do: the run before did all, and nobody else did anything. */
function isSettled({ steps, acts }: Played, { name }: Seen): boolean {
  const before = steps.find((step) => step.name === 'under faults')
  return name === 'third' || (!!before && isGood(before) && !isLook(before) && acts.length === 0)
}

/** What is there is not copied again, not even after SIGKILL, and after a run that ended well there is nothing to do. */
function copiedAgain({ played, seen }: Case): string[] {
  const { name, before, plan = [] } = seen
  const later = name === 'second' || name === 'third'
  if (!later || !isGood(seen)) return []
  const settled = isSettled(played, seen)
  const { compare } = played.schedule.request
  const again = plan.filter((op) => {
    if (op.op === 'delete') return settled
    const [from, to] = [before.src.get(op.key), before.dst.get(op.to)]
    // These are never equal to their source.
    if (compare === 'always' || (compare === 'etag' && from?.etag !== to?.etag)) return false
    // What was not copied yet may hold the same by chance.
    const untouched = compare === 'newer' && (from?.modifiedMs ?? 0) > (to?.modifiedMs ?? 0)
    return settled || (alike(from, to) && !untouched)
  })
  return again.map(({ op, key }) => `${op} ${JSON.stringify(key)} is planned in the ${name} run`)
}

function lateEnds({ seen }: Case): string[] {
  const { exitedWithinMs, leftovers } = seen.result
  if (isKilled(seen)) return []
  return [
    ...(exitedWithinMs !== undefined && exitedWithinMs > SIGNAL_EXIT_MS
      ? [`it took ${Math.round(exitedWithinMs)} ms`]
      : []),
    ...leftovers.map(({ command }) => `${command} is left over`),
  ]
}

const CHECKS: readonly (readonly [Invariant, (one: Case) => readonly string[]])[] = [
  ['nothing is lost', changedSource],
  ['nothing is lost', lostObjects],
  ['no success is claimed that is not true', falseSuccesses],
  ['no success is claimed that is not true', wrongPlans],
  ['no success is claimed that is not true', ({ played, seen }) => contradictions(played, seen)],
  ['every op is accounted for', ({ played, seen }) => unaccounted(played, seen)],
  ['the user learns what to do', ({ seen }) => silences(seen)],
  ['text from outside stays text', ({ seen }) => obeyed(seen)],
  ['no secret is told', ({ played, seen }) => leaks(played, seen)],
  ['the next run heals, and copies nothing that is there', unhealed],
  ['the next run heals, and copies nothing that is there', copiedAgain],
  ['a signal ends it within 6 s', lateEnds],
]

/** Every violation in what was seen; none is what all is about. */
export function judge(played: Played): Violation[] {
  return played.steps.flatMap((seen) => {
    const acts = seen.name === 'under faults' ? played.acts : []
    const expected = expectedOf(played.schedule.request, seen.before)
    const one: Case = { played, seen, expected, acts }
    return CHECKS.flatMap(([invariant, check]) =>
      check(one).map((what) => ({ invariant, step: seen.name, what })),
    )
  })
}
