import { CANCELLED, type Ended, type Engine, type NextBatch } from '../engine.ts'
import { inParallel } from '../parallel.ts'
import { type CarryGround, carry } from './carry.ts'

/** What the direct engine works with. */
export interface DirectGround extends CarryGround {
  /** Objects in parallel at most. */
  readonly mostWorkers: number
}

async function* opsOf(next: NextBatch, signal: AbortSignal): AsyncGenerator<Omit<Ended, 'ending'>> {
  for (let batch = await next(); batch; batch = signal.aborted ? undefined : await next())
    for (const op of batch.ops) yield { op, batch }
}

/** The engine in our own process: S3 copies server-side, or the bytes pass through, pinned on both sides. */
export const directEngine = (ground: DirectGround): Engine => ({
  name: 'direct',
  takes: ({ engine }) => engine === 'direct',
  run: async (next, onEnded) => {
    const { signal, mostWorkers } = ground
    await inParallel(opsOf(next, signal), mostWorkers, async ({ op, batch }) => {
      if (signal.aborted) onEnded({ op, batch, ending: CANCELLED, untried: true })
      else onEnded({ op, batch, ending: await carry(op.op, batch.beganMs, ground) })
    })
    return signal.aborted ? CANCELLED : undefined
  },
})
