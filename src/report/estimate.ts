import { sizeClassOf } from '../model/batch.ts'
import type { Tally } from '../model/op.ts'
import { humanBytes, humanObjects } from '../model/units.ts'
import { WORKERS } from '../transfer/tuning.ts'

/** One CopyObject of a small object within AWS, seconds: 100 to 200 ms are seen. */
const COPY_SECONDS = 0.15
/** What the service copies of one object in a second, bytes. */
const COPIED_BYTES = 50_000_000
/** What a runner reads and writes again in a second, bytes. */
const STREAMED_BYTES = 50_000_000

/** How long a plan may take, and by which rates. */
export interface Estimate {
  readonly seconds: number
  readonly assumed: string
}

/** Of all copies of a plan; `asked`: objects at a time that were asked for, NaN where nothing fixes them. */
export function estimateOf(
  { objects, bytes }: Tally,
  { asked, streamed }: { readonly asked: number; readonly streamed: boolean },
): Estimate {
  const wanted = asked > 0 ? asked : WORKERS[sizeClassOf(bytes / Math.max(1, objects))]
  const workers = Math.min(wanted, Math.max(1, objects))
  const perCopy = (objects * COPY_SECONDS) / workers
  const byBytes = streamed ? bytes / STREAMED_BYTES : bytes / (COPIED_BYTES * workers)
  const rate = `${humanBytes(streamed ? STREAMED_BYTES : COPIED_BYTES)}/s`
  return {
    seconds: perCopy + byBytes,
    assumed: `${humanObjects(workers, 'object')} in parallel, ${COPY_SECONDS} s per object plus its bytes at ${rate}${streamed ? ' for all' : ''}`,
  }
}
