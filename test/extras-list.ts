import { createHash } from 'node:crypto'
import type { Stage } from 's3-direct-sync-testkit/stage.ts'

/** Where the list of extras of a stage's destination lies. */
export const EXTRAS_LIST = 'copy/.s3-direct-sync-extras.ndjson'

/** A list of extras as a run writes it, of what the destination has; `since`: when each was seen first, ISO. */
export function extrasListOf(
  { kit }: Stage,
  since: Readonly<Record<string, string>>,
  place = { bucket: 'dst', prefix: 'copy/' },
): string {
  const lines = [
    { schema: 's3-direct-sync/extras/1', ...place },
    ...Object.entries(since).map(([key, time]) => {
      const facts = kit.store.facts('dst', `copy/${key}`)
      const lastModified = kit.store.lastModifiedMs('dst', `copy/${key}`) ?? 0
      return {
        key,
        size: facts?.size ?? 1,
        etag: facts?.etag ?? 'gone',
        lastModified: new Date(lastModified).toISOString(),
        since: time,
      }
    }),
  ]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('')
  const digest = createHash('sha256').update(lines).digest('hex')
  const extras = Object.keys(since).length
  return `${lines}${JSON.stringify({ trailer: true, extras, digest })}\n`
}
