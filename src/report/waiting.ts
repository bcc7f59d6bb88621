import { addTally, NO_TALLY, type Plan, type Sample } from '../model/op.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import { s3Url } from '../model/place.ts'
import type { Report, WaitingFacts } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects, humanTime, untilWhen } from '../model/units.ts'
import { code, details, section } from './markdown.ts'

/** The reason of what only the destination has and is deleted later. */
export const LATER = 'delete-later'

/** What waits to be deleted, for a report; undefined where extras do not wait. */
export function waitingFacts(plan: Plan | undefined): WaitingFacts | undefined {
  if (!plan?.extras) return undefined
  const { waiting, due } = plan.extras
  const { bucket, prefix } = plan.header.destination
  return { ...waiting, due, list: s3Url(bucket, prefix + OWN_KEYS.extras) }
}

/** The same of several transfers together; each has a list of its own. */
export function waitingOfAll(reports: readonly Report[]): WaitingFacts | undefined {
  const all = reports.flatMap(({ waiting }) => waiting ?? [])
  const [only] = all
  if (all.length < 2) return only
  const dues = all.flatMap(({ due }) => due ?? [])
  const [first = ''] = dues.map((due) => due.first).sort()
  const last =
    dues
      .map((due) => due.last)
      .sort()
      .at(-1) ?? ''
  const sum = all.map(({ objects, bytes }) => ({ objects, bytes })).reduce(addTally, NO_TALLY)
  return { ...sum, due: dues.length > 0 ? { first, last } : undefined }
}

const line = ({ key, size, due }: Sample): string =>
  `- ${code(key)} ${humanBytes(size)}${due === undefined ? '' : `, until ${humanTime(due)}`}`

/** What only the destination has and waits to be deleted, and until when. */
export function waiting({ waiting: facts, samples }: Report): string {
  if (!facts?.due) return ''
  const { objects, bytes, due, list } = facts
  const shown = samples[LATER] ?? []
  const more = objects - shown.length
  const told = `${humanObjects(objects)} (${humanBytes(bytes)}) that ${objects === 1 ? 'exists' : 'exist'} only at the destination ${objects === 1 ? 'is' : 'are'} kept (${untilWhen(due)}). The first run after that deletes what the source still does not have.`
  const where = list === undefined ? '' : ` The list ${code(list)} says since when.`
  const lines = [
    ...shown.map(line),
    ...(more > 0 ? [`- and ${humanObjects(more, 'more object')}`] : []),
  ]
  return section(
    `Deleted later (${humanCount(objects)})`,
    told + where,
    details('The first of them', lines.join('\n')),
  )
}
