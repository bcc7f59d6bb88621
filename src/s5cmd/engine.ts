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
import { processesFor, shareOf } from './workers.ts'

/** Which ops an engine carries, of those that s5cmd can. */
export type Share = SizeClass | 'all'

/** What an engine of s5cmd processes works with. */
export interface S5cmdDeps {
  readonly relay: RelayDeps
  readonly lineRules: LineRules
  /** Ops that there are for it, at most. */
  readonly copies: number
  readonly throttle: Throttle
  readonly ends: Ends
  /** Told of each batch, and of the lines of its ops, before the first is fed. */
  readonly onBatch: (batch: Batch, lines: readonly string[]) => Promise<void>
  /** Whether its processes stay open when it has nothing more to do, as it will have more. */
  readonly staysOpen: () => boolean
}

/** An op of a batch that waits for a process, and its line. */
interface Waiting {
  readonly op: RoutedOp
  readonly batch: Batch
  readonly line: string
}

/** What the processes of one run take their ops from, until all stop for one reason. */
interface Queue {
  readonly ops: AsyncGenerator<Waiting, void>
  stopped: Stopped | undefined
}

/** The engine that feeds real s5cmd processes with its share of the ops: some at a time, each takes what comes next. */
export class S5cmdEngine implements Engine {
  readonly name = 's5cmd'
  readonly #share: Share
  readonly #deps: S5cmdDeps
  /** Chains of processes that stayed open. */
  #resting: Relay[] = []

  constructor(share: Share, deps: S5cmdDeps) {
    this.#share = share
    this.#deps = deps
  }

  takes({ engine, op }: RoutedOp): boolean {
    const share = this.#share
    return engine === 's5cmd' && (share === 'all' || sizeClassOf(op.size) === share)
  }

  async run(next: NextBatch, onEnded: (ended: Ended) => void): Promise<Stopped | undefined> {
    const { relay: deps, copies, lineRules, onBatch } = this.#deps
    const queue: Queue = { ops: opsOf(), stopped: undefined }
    async function* opsOf(): AsyncGenerator<Waiting, void> {
      for (let batch = await next(); batch; batch = queue.stopped ? undefined : await next()) {
        const lines = batch.ops.map(({ op }) => copyLine(op, lineRules))
        await onBatch(batch, lines)
        for (const [at, op] of batch.ops.entries()) yield { op, batch, line: lines[at] ?? '' }
      }
    }
    const { workers } = deps
    const resting = this.#resting
    this.#resting = []
    const chains = resting.length || processesFor(workers.count(), copies)
    const open = Array.from({ length: chains }, (_, at) => at)
    const feeds = open.map(async (at) => {
      const share = () => shareOf(workers.count(), open.indexOf(at), open.length)
      const relay = resting[at] ?? new Relay(deps, share, onEnded)
      relay.resume(share, onEnded)
      const rests = await this.#feed(relay, share, queue, onEnded)
      open.splice(open.indexOf(at), 1)
      return rests ? [relay] : []
    })
    const ends = await Promise.allSettled(feeds)
    // In their order, so that each has the share that its process was started with.
    this.#resting = ends.flatMap((end) => (end.status === 'fulfilled' ? end.value : []))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return queue.stopped
  }

  /** Ends the processes that stayed open; settles when they are gone. */
  async close(): Promise<void> {
    await Promise.all(this.#resting.splice(0).map((relay) => relay.end()))
  }

  /** Feeds one chain of processes, until there is nothing more or its share of the workers is none; gives whether it stays open. */
  async #feed(
    relay: Relay,
    share: () => number,
    queue: Queue,
    onEnded: (ended: Ended) => void,
  ): Promise<boolean> {
    const { throttle, ends, staysOpen } = this.#deps
    let rests = false
    try {
      while (share() > 0) {
        const { value, done } = await queue.ops.next()
        rests = done === true && !queue.stopped && staysOpen()
        if (done) break
        const { op, batch } = value
        const turn = queue.stopped ? undefined : throttle(op.op.size)
        if (turn) await turn
        queue.stopped ??= stopOf(ends)
        const stopped = queue.stopped ?? (await relay.feed(this.#flightOf(value)))
        queue.stopped ??= stopped
        if (stopped) onEnded({ op, batch, ending: stopped, untried: true })
      }
    } finally {
      await (rests ? relay.rest() : relay.end())
    }
    return rests
  }

  #flightOf({ op, batch, line }: Waiting): Flight {
    const { from, to } = addresses(op.op, this.#deps.lineRules)
    return { op, batch, job: `${from} ${to}`, line }
  }
}
