import type { ServerRequest } from '../request.ts'
import { etagOf, type StoredObject } from '../store.ts'

/** A condition on a read, by the name that S3 gives it in its answers. */
export type Condition = 'If-Match' | 'If-Unmodified-Since' | 'If-None-Match' | 'If-Modified-Since'

/** What conditions are judged against. */
export interface Judged {
  readonly object: StoredObject
  readonly nowMs: number
}

/** Compares a condition header with an ETag; quotes are optional, `*` matches everything. */
export const matchesEtag = (condition: string, etag: string): boolean =>
  condition.split(',').some((part) => {
    const wanted = part.trim().replace(/^"|"$/g, '')
    return wanted === '*' || wanted === etag
  })

/** A date of HTTP, or of ISO 8601 as S3 takes it too. */
const DATE =
  /^(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/

/** The time of a date header; S3 passes over one that is malformed or still to come. */
function timeOf(date: string | undefined, nowMs: number): number | undefined {
  if (date === undefined || !DATE.test(date)) return undefined
  const timeMs = Date.parse(date)
  return timeMs <= nowMs ? timeMs : undefined
}

/** The conditions that do not hold, in the order in which they decide; those on ETags outweigh those on dates. */
export function failedConditions(
  headers: ServerRequest['headers'],
  prefix: '' | 'x-amz-copy-source-',
  { object, nowMs }: Judged,
): readonly Condition[] {
  const ifMatch = headers[`${prefix}if-match`]
  const ifNoneMatch = headers[`${prefix}if-none-match`]
  const unmodified = timeOf(headers[`${prefix}if-unmodified-since`], nowMs)
  const modified = timeOf(headers[`${prefix}if-modified-since`], nowMs)
  const changedMs = object.lastModifiedMs
  const failed: Condition[] = []
  if (ifMatch === undefined) {
    if (unmodified !== undefined && changedMs > unmodified) failed.push('If-Unmodified-Since')
  } else if (!matchesEtag(ifMatch, etagOf(object))) failed.push('If-Match')
  if (ifNoneMatch === undefined) {
    if (modified !== undefined && changedMs <= modified) failed.push('If-Modified-Since')
  } else if (matchesEtag(ifNoneMatch, etagOf(object))) failed.push('If-None-Match')
  return failed
}
