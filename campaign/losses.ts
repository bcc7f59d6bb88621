import { isLook } from './accounts.ts'
import {
  actsOn,
  alike,
  type Case,
  copiesToMake,
  faultsOf,
  isThere,
  namesOf,
  same,
  versionsOf,
} from './case.ts'
import { isMisled } from './strange-services.ts'

const quoted = (key: string): string => JSON.stringify(key)

/** Objects of the source that are not as they were, or as somebody else left them. */
export function changedSource(one: Case): string[] {
  const { before, after } = one.seen
  const keys = new Set([...before.src.keys(), ...after.src.keys()])
  return [...keys].flatMap((key) => {
    const last = actsOn(one, 'src', key).at(-1)
    const expected = last ? last.held : before.src.get(key)
    return same(expected, after.src.get(key)) ? [] : [`source ${quoted(key)} changed`]
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
  return (
    sourceKey !== undefined &&
    versionsOf(one, sourceKey).some((held) => alike(one, key, [held, now]))
  )
}

/** Whether the source holds by now what the run deleted. */
function isAtSource({ seen, played }: Case, key: string): boolean {
  if (played.schedule.request['key-template'] !== undefined) return false
  return seen.after.src.has(key.replace(/^copy\//, 'data/'))
}

/** Objects of the destination that are what nothing asked for. */
export function lostObjects(one: Case): string[] {
  const { before, after, writes } = one.seen
  if (isLook(one.seen) && writes > 0) return [`it was to look, but wrote ${writes} times`]
  const sources = new Map(
    [...one.expected.copies].flatMap(([from, to]) => namesOf(one, to).map((name) => [name, from])),
  )
  const keys = new Set([...before.dst.keys(), ...after.dst.keys()])
  return [...keys].flatMap((key) =>
    isAllowed(one, key, sources.get(key))
      ? []
      : [`destination ${quoted(key)} is ${after.dst.has(key) ? 'another object' : 'gone'}`],
  )
}

/** What copies became under another name, and is gone with it. */
export function lostNames(one: Case): string[] {
  const { before, after } = one.seen
  return [...one.expected.copies.values()].flatMap((to) =>
    namesOf(one, to)
      .filter((name) => name !== to && before.dst.has(name) && !after.dst.has(name))
      .map((name) => `${quoted(to)} is gone, which stood as ${quoted(name)}`),
  )
}

/** Objects of the destination that are gone, and nobody else deleted last. */
function goneByUs(one: Case): string[] {
  const { before, after } = one.seen
  const keys = new Set([...before.dst.keys(), ...one.acts.map(({ key }) => key)])
  return [...keys].filter((key) => {
    const last = actsOn(one, 'dst', key).at(-1)
    const held = last ? last.held : before.dst.get(key)
    return held !== undefined && !after.dst.has(key)
  })
}

/** Deletes though a copy is not done, as the rows say it, or the destination where rows are missing. */
export function earlyDeletes(one: Case): string[] {
  const { results = [] } = one.seen
  const open = results.filter(({ op, status }) => op === 'copy' && status !== 'done')
  // What the run was not told of it cannot copy.
  const known = isMisled(faultsOf(one)) ? [] : copiesToMake(one)
  const missing = known.filter(([from, to]) => !isThere(one, from, to))
  const [undone] = [...open.map(({ key }) => key), ...missing.map(([from]) => from)]
  if (undone === undefined) return []
  const told = open.length === 0 ? [] : results.filter(({ op }) => op === 'delete')
  const done = told.filter(({ status }) => status === 'done').map(({ key }) => key)
  return [...new Set([...goneByUs(one), ...done])].map(
    (key) => `${quoted(key)} is deleted, though the copy of ${quoted(undone)} is not done`,
  )
}

/** Writes of a run that a guard had to refuse. */
export function writesOfRefused(one: Case): string[] {
  const { seen, expected } = one
  const refused = expected.refused === 'yes' && !isLook(seen) && !isMisled(faultsOf(one))
  return refused && seen.writes > 0
    ? [`a guard had to refuse it, but it wrote ${seen.writes} times`]
    : []
}

/** Whether our own engine carries all copies, so that each is bound to what the plan saw. */
const isBound = ({ schedule: { request, mode, who } }: Case['played']): boolean =>
  request['engine'] === 'direct' || mode === 'plan, execute' || who === 'two-identities'

/** What somebody else wrote last, and a copy of ours took the place of, or a delete of ours took away. */
export function replacedWrites(one: Case): string[] {
  const { after } = one.seen
  const keys = new Set(one.acts.filter(({ bucket }) => bucket === 'dst').map(({ key }) => key))
  return [...keys].flatMap((key) => {
    const written = actsOn(one, 'dst', key).at(-1)?.held
    const now = after.dst.get(key)
    if (written === undefined || same(written, now)) return []
    if (now === undefined) return [`${quoted(key)} is gone, though somebody else wrote it`]
    return isBound(one.played) ? [`${quoted(key)} of somebody else was replaced`] : []
  })
}
