import {
  contradictions,
  isKilled,
  isLook,
  leaks,
  obeyed,
  silences,
  unaccounted,
} from './accounts.ts'
import { actsOn, alike, type Case, copiesToMake, faultsOf, isThere } from './case.ts'
import { expectedOf } from './expected.ts'
import {
  changedSource,
  earlyDeletes,
  lostNames,
  lostObjects,
  replacedWrites,
  writesOfRefused,
} from './losses.ts'
import { earlyWaves, misplaced, overtaken } from './order.ts'
import type { Played, Seen } from './step.ts'
import { isMisled } from './strange-services.ts'

/** What must hold whatever happens. */
export const INVARIANTS = [
  'nothing is lost',
  'waves are written in order',
  'no false success',
  'every operation is accounted for',
  'the user learns what to do',
  'text from outside is not obeyed',
  'no secret is leaked',
  'the next run completes the work, and copies nothing again',
  'a signal ends the run within 6 s',
] as const
export type Invariant = (typeof INVARIANTS)[number]

/** Where it did not hold. */
export interface Violation {
  readonly invariant: Invariant
  readonly step: string
  readonly what: string
}

const SIGNAL_EXIT_MS = 6000

const isGone = (one: Case, key: string): boolean =>
  !one.seen.after.dst.has(key) || actsOn(one, 'dst', key).length > 0

const isIdle = ({ copies, deletes }: Case['expected']): boolean => copies.size + deletes.size === 0

/** What a check says of both places is so. */
function falseFindings({ seen: { result }, expected }: Case): string[] {
  const idle = isIdle(expected)
  const says = result.outputs['result']
  const wrong = says === (idle ? 'drift' : 'nothing-to-do')
  return wrong ? [`${says}, but there is ${idle ? 'nothing' : 'something'} to do`] : []
}

function falseSuccesses(one: Case): string[] {
  const { seen, expected } = one
  const { result } = seen.result.outputs
  const misled = isMisled(faultsOf(one))
  if (isLook(seen)) return misled ? [] : falseFindings(one)
  if (isKilled(seen)) return []
  const rows = (seen.results ?? []).filter(({ status }) => status === 'done')
  const untrueRows = rows.filter(({ op, key, to }) =>
    op === 'copy' ? !isThere(one, key, to ?? '') : !isGone(one, key),
  )
  const claims = !misled && (result === 'success' || result === 'nothing-to-do')
  const missing = claims ? copiesToMake(one).filter(([from, to]) => !isThere(one, from, to)) : []
  const left = claims ? [...expected.deletes].filter((key) => !isGone(one, key)) : []
  const idle = isIdle(expected)
  return [
    ...untrueRows.map(({ op, key }) => `${op} ${JSON.stringify(key)} is not done`),
    ...missing.map(([from]) => `${result}, but ${JSON.stringify(from)} is not copied`),
    ...left.map((key) => `${result}, but ${JSON.stringify(key)} is not deleted`),
    ...(claims && result === 'nothing-to-do' && !idle
      ? ['nothing-to-do, but there is something']
      : []),
  ]
}

/** Whether a row of a list could not be looked up, which refuses the run and has a row of its own. */
const isFlawed = ({ results, failed = [] }: Seen, from: string): boolean =>
  results === undefined && failed.some(({ key }) => key === from)

/** A plan holds what is to be done, no more and no less; one that somebody else had in hand may hold less. */
function wrongPlans(one: Case): string[] {
  const { played, seen, expected } = one
  const isForged = played.schedule.faults.some(({ name }) => name === 'approved plan forged')
  if (seen.plan === undefined || isMisled(faultsOf(one))) return []
  const mayLack = seen.mode === 'execute' && isForged
  // Where checksums are not told, as a fault strikes their HEADs, times decide.
  const isOpen = (from: string) =>
    !isClean(one) && (expected.byChecksum.has(from) || isFlawed(seen, from))
  // What cannot be carried out any more is in it for its row alone.
  const ops = seen.plan.filter((op) => !('outdated' in op))
  const copies = new Map(ops.flatMap((op) => (op.op === 'copy' ? [[op.key, op.to]] : [])))
  const deletes = new Set(ops.flatMap((op) => (op.op === 'delete' ? [op.key] : [])))
  const missing = mayLack
    ? []
    : [...expected.copies].filter(([from, to]) => copies.get(from) !== to && !isOpen(from))
  const surplus = [...copies.keys()].filter((from) => !expected.copies.has(from) && !isOpen(from))
  const deleted = [
    ...[...deletes].filter((key) => !expected.deletes.has(key)),
    ...(mayLack ? [] : [...expected.deletes].filter((key) => !deletes.has(key))),
  ]
  return [
    ...missing.map(([from]) => `${JSON.stringify(from)} is not planned`),
    ...surplus.map((from) => `${JSON.stringify(from)} is planned though it is not to be copied`),
    ...deleted.map((key) => `the delete of ${JSON.stringify(key)} is planned wrongly`),
  ]
}

const GOOD = new Set(['success', 'nothing-to-do', 'planned'])

/** Whether nothing broke in the run. */
const isClean = ({ played, seen }: Case): boolean =>
  seen.name !== 'under faults' ||
  (!played.lostPatience && played.struck.every((times) => times === 0))

/** A plan that a guard refuses is shown all the same, and a look at it tells of the refusal. */
function hidden(one: Case): string[] {
  const { played, seen, expected } = one
  const { outputs } = seen.result
  const look = seen.mode === 'plan'
  // What stands in the way of overwrite: never fails object by object, where it is not only looked at.
  const guards = look || (played.schedule.request['overwrite'] !== 'never' && seen.mode === '')
  if (!isClean(one) || !guards || expected.refused === 'maybe') return []
  const refused = expected.refused === 'yes'
  const kind = outputs['failure-kind'] === 'guard'
  const deletes = String(expected.deletes.size)
  return [
    ...(refused !== kind && (refused || look)
      ? [`failure-kind is ${outputs['failure-kind']}`]
      : []),
    ...(refused && look && outputs['result'] !== 'planned' ? ['the plan is not one'] : []),
    ...(refused && seen.plan === undefined ? ['the refused plan is not there'] : []),
    ...(refused && outputs['planned-deletes'] !== deletes ? [`${deletes} deletes are hidden`] : []),
  ]
}

/** A run without faults does its work, or is refused by a guard. */
function unhealed(one: Case): string[] {
  const { seen, expected } = one
  if (!isClean(one)) return []
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
function isSettled({ steps, acts, schedule }: Played, { name }: Seen): boolean {
  const misled = isMisled(schedule.faults.map((fault) => fault.name))
  const before = steps.find((step) => step.name === 'under faults')
  if (name === 'third') return true
  return !!before && isGood(before) && !isLook(before) && acts.length === 0 && !misled
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
    const otherEtag = from?.etag !== to?.etag
    if (compare === 'always' || (compare === 'etag' && otherEtag)) return false
    const shared = from?.whole.some((name) => to?.whole.includes(name)) ?? false
    if (compare === 'checksum' && otherEtag && !shared) return false
    // What was not copied yet may hold the same by chance.
    const untouched = compare === 'newer' && (from?.modifiedMs ?? 0) > (to?.modifiedMs ?? 0)
    return settled || (alike({ played }, op.to, [from, to]) && !untouched)
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
  ['nothing is lost', lostNames],
  ['nothing is lost', earlyDeletes],
  ['nothing is lost', writesOfRefused],
  ['nothing is lost', replacedWrites],
  ['waves are written in order', misplaced],
  ['waves are written in order', earlyWaves],
  ['waves are written in order', overtaken],
  ['no false success', falseSuccesses],
  ['no false success', wrongPlans],
  ['no false success', ({ played, seen }) => contradictions(played, seen)],
  ['every operation is accounted for', ({ played, seen }) => unaccounted(played, seen)],
  ['the user learns what to do', ({ seen }) => silences(seen)],
  ['the user learns what to do', hidden],
  ['text from outside is not obeyed', ({ seen }) => obeyed(seen)],
  ['no secret is leaked', ({ played, seen }) => leaks(played, seen)],
  ['the next run completes the work, and copies nothing again', unhealed],
  ['the next run completes the work, and copies nothing again', copiedAgain],
  ['a signal ends the run within 6 s', lateEnds],
]

/** Every violation in what was seen; none is what all is about. */
export function judge(played: Played): Violation[] {
  return played.steps.flatMap((seen) => {
    const acts = seen.name === 'under faults' ? played.acts : []
    const { list, request } = played.schedule
    const first = played.steps[0]?.before
    const expected = expectedOf(request, seen.before, list && first && { list, first })
    const one: Case = { played, seen, expected, acts }
    return CHECKS.flatMap(([invariant, check]) =>
      check(one).map((what) => ({ invariant, step: seen.name, what })),
    )
  })
}
