import type { Throttle } from '../flow/throttle.ts'
import type { Batch, RoutedOp, SizeClass } from '../model/batch.ts'
import { sizeClassOf } from '../model/batch.ts'
import {
  type Ended,
  type Ends,
  type Engine,
  type NextBatch,
  type Stopped,
  stopOf,
} from '../model/engine.ts'
import type { Flight } from './flights.ts'
import { addresses, copyLine, type LineRules } from './line.ts'
import { Relay, type RelayDeps } from './relay.ts'

/** Which ops an engine carries, of those that s5cmd can. */
export type Share = SizeClass | 'all'

/** What an engine of s5cmd processes works with. */
export interface S5cmdDeps {
  readonly relay: RelayDeps
  readonly lineRules: LineRules
  readonly throttle: Throttle
  readonly ends: Ends
  /** Told of each batch before its first op is fed. */
  readonly onBatch: (batch: Batch) => Promise<void>
}

/** The engine that feeds real s5cmd processes, one at a time, with its share of the ops. */
export class S5cmdEngine implements Engine {
  readonly name = 's5cmd'
  readonly #share: Share
  readonly #deps: S5cmdDeps

  constructor(share: Share, deps: S5cmdDeps) {
    this.#share = share
    this.#deps = deps
  }

  takes({ engine, op }: RoutedOp): boolean {
    const share = this.#share
    return engine === 's5cmd' && (share === 'all' || sizeClassOf(op.size) === share)
  }

  async run(next: NextBatch, onEnded: (ended: Ended) => void): Promise<Stopped | undefined> {
    const { throttle, ends, onBatch } = this.#deps
    const relay = new Relay(this.#deps.relay, onEnded)
    let stopped: Stopped | undefined
    try {
      for (let batch = await next(); batch; batch = stopped ? undefined : await next()) {
        await onBatch(batch)
        for (const op of batch.ops) {
          if (!stopped) await throttle(op.op.size)
          stopped ??= stopOf(ends) ?? (await relay.feed(this.#flightOf(op, batch)))
          if (stopped) onEnded({ op, batch, ending: stopped, untried: true })
        }
      }
    } finally {
      await relay.end()
    }
    return stopped
  }

  #flightOf(op: RoutedOp, batch: Batch): Flight {
    const { lineRules } = this.#deps
    const { from, to } = addresses(op.op, lineRules)
    return { op, batch, job: `${from} ${to}`, line: copyLine(op.op, lineRules) }
  }
}
