import { addresses, copyLine, type LineRules } from '../../batch/line.ts'
import type { Batch, RoutedOp, SizeClass } from '../../model/batch.ts'
import { sizeClassOf } from '../../model/batch.ts'
import { type Ends, type Engine, type Stopped, stopOf } from '../engine.ts'
import type { Throttle } from '../throttle.ts'
import type { Flight } from './flights.ts'
import { createRelay, type RelayGround } from './relay.ts'

/** Which ops an engine carries, of those that s5cmd can. */
export type Share = SizeClass | 'all'

/** What an engine of s5cmd processes works with. */
export interface S5cmdGround extends RelayGround, Ends {
  readonly lineRules: LineRules
  readonly throttle: Throttle
}

/** The engine that feeds real s5cmd processes, one at a time, with its share of the ops. */
export function s5cmdEngine(share: Share, ground: S5cmdGround): Engine {
  const { lineRules, throttle } = ground
  const flightOf = (op: RoutedOp, batch: Batch): Flight => {
    const { from, to } = addresses(op.op, lineRules)
    return { op, batch, job: `${from} ${to}`, line: copyLine(op.op, lineRules) }
  }
  return {
    name: 's5cmd',
    takes: ({ engine, op }) =>
      engine === 's5cmd' && (share === 'all' || sizeClassOf(op.size) === share),
    run: async (next, onEnded) => {
      const relay = createRelay(ground, onEnded)
      let stopped: Stopped | undefined
      try {
        for (let batch = await next(); batch; batch = stopped ? undefined : await next())
          for (const op of batch.ops) {
            if (!stopped) await throttle(op.op.size)
            stopped ??= stopOf(ground) ?? (await relay.feed(flightOf(op, batch)))
            if (stopped) onEnded({ op, batch, ending: stopped, untried: true })
          }
      } finally {
        await relay.end()
      }
      return stopped
    },
  }
}
