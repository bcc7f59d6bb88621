import {
  type Ended,
  type Ends,
  type Engine,
  type NextBatch,
  type Stopped,
  stopOf,
} from '../engine.ts'
import { inParallel } from '../parallel.ts'
import { type CarryGround, carry } from './carry.ts'

/** What the direct engine works with. */
export interface DirectGround extends CarryGround, Ends {
  /** Objects in parallel at most. */
  readonly mostWorkers: number
}

type Stop = () => Stopped | undefined

async function* opsOf(next: NextBatch, stop: Stop): AsyncGenerator<Omit<Ended, 'ending'>> {
  for (let batch = await next(); batch; batch = stop() ? undefined : await next())
    for (const op of batch.ops) yield { op, batch }
}

/** The engine in our own process: S3 copies server-side, or the bytes pass through, pinned on both sides. */
export const directEngine = (ground: DirectGround): Engine => ({
  name: 'direct',
  takes: ({ engine }) => engine === 'direct',
  run: async (next, onEnded) => {
    const { mostWorkers, clock } = ground
    const stop: Stop = () => stopOf(ground)
    await inParallel(opsOf(next, stop), mostWorkers, async ({ op, batch }) => {
      const stopped = stop()
      if (stopped) onEnded({ op, batch, ending: stopped, untried: true })
      else {
        const sinceMs = clock.now()
        const ending = await carry(op.op, batch.beganMs, ground)
        onEnded({ op, batch, ending, tookMs: clock.now() - sinceMs })
      }
    })
    return stop()
  },
})
