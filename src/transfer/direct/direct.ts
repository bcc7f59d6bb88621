import { inParallel } from '../../flow/pool.ts'
import type { RoutedOp } from '../../model/batch.ts'
import {
  type Ended,
  type Ends,
  type Engine,
  type NextBatch,
  type Stopped,
  stopOf,
} from '../../model/engine.ts'
import type { Clock } from '../../ports.ts'
import type { Copier } from './copier.ts'

/** How the direct engine goes about its work. */
export interface DirectRules extends Ends {
  /** Objects in parallel at most. */
  readonly mostWorkers: number
  readonly clock: Pick<Clock, 'now'>
}

type Stop = () => Stopped | undefined

async function* opsOf(next: NextBatch, stop: Stop): AsyncGenerator<Omit<Ended, 'ending'>> {
  for (let batch = await next(); batch; batch = stop() ? undefined : await next())
    for (const op of batch.ops) yield { op, batch }
}

/** The engine in our own process: S3 copies server-side, or the bytes pass through, pinned on both sides. */
export class DirectEngine implements Engine {
  readonly name = 'direct'
  readonly #copier: Copier
  readonly #rules: DirectRules

  constructor(copier: Copier, rules: DirectRules) {
    this.#copier = copier
    this.#rules = rules
  }

  takes({ engine }: RoutedOp): boolean {
    return engine === 'direct'
  }

  async run(next: NextBatch, onEnded: (ended: Ended) => void): Promise<Stopped | undefined> {
    const { mostWorkers, clock } = this.#rules
    const stop: Stop = () => stopOf(this.#rules)
    await inParallel(opsOf(next, stop), mostWorkers, async ({ op, batch }) => {
      const stopped = stop()
      if (stopped) onEnded({ op, batch, ending: stopped, untried: true })
      else {
        const sinceMs = clock.now()
        const ending = await this.#copier.copy(op.op, batch.beganMs)
        onEnded({ op, batch, ending, tookMs: clock.now() - sinceMs })
      }
    })
    return stop()
  }
}
