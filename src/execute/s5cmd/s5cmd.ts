import { addresses, copyLine, type LineRules } from '../../batch/line.ts'
import { sizeClassOf } from '../../batch/tuning.ts'
import type { Batch, RoutedOp, SizeClass } from '../../model/batch.ts'
import type { Engine, Stopped } from '../engine.ts'
import type { Flight } from './flights.ts'
import { createRelay, type RelayGround } from './relay.ts'

/** Which ops an engine carries, of those that s5cmd can. */
export type Share = SizeClass | 'all'

/** The engine that feeds real s5cmd processes, one at a time, with its share of the ops. */
export function s5cmdEngine(share: Share, lineRules: LineRules, ground: RelayGround): Engine {
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
            stopped ??= await relay.feed(flightOf(op, batch))
            if (stopped) onEnded({ op, batch, ending: stopped, untried: true })
          }
      } finally {
        await relay.end()
      }
      return stopped
    },
  }
}
