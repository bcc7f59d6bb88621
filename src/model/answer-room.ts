/** Bytes of an answer that is parsed as a whole; a longer one is not read. */
export const MOST_PARSED_BYTES = 2 ** 20
/** A parser takes its time for tags and references: one with more of them is not read. */
export const MOST_PARSED_MARKS = 20_000

/** What some service writes as a reference. */
const REFERRED = /[^\x20-\x7e]|[&<>"']/gu
/** `&#x1f600;`, or two such ones. */
const REFERENCE_BYTES = 16
/** Tags of a row, with a message of usual length. */
const ROW_MARKS = 12
const ROW_BYTES = 600

/** How much of the answer to a delete of many objects is one key's at most, which a failure may name twice: 1 is all. */
export function roomOf(key: string): number {
  const references = key.match(REFERRED)?.length ?? 0
  const marks = ROW_MARKS + 2 * references
  const bytes = ROW_BYTES + 2 * (key.length + REFERENCE_BYTES * references)
  return Math.max(marks / MOST_PARSED_MARKS, bytes / MOST_PARSED_BYTES)
}
