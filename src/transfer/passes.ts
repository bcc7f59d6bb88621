import { isThrottling } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { CircuitBreaker, isUnreachable } from '../flow/circuit-breaker.ts'
import { passDelayMs } from '../flow/pace.ts'
import { inParallel } from '../flow/pool.ts'
import { lateness, type RowShare } from '../flow/shutdown.ts'
import { JsonLines, type Spool } from '../ledger/json-lines.ts'
import { mayHeal, type Recorder } from '../ledger/ledger.ts'
import type { Batch, RoutedOp } from '../model/batch.ts'
import type { Done, Ended, Engine, NextBatch } from '../model/engine.ts'
import type { Op } from '../model/op.ts'
import type { Outcome } from '../model/outcome.ts'
import type { TransferRequest } from '../model/request.ts'
import { humanObjects, humanSeconds } from '../model/units.ts'
import type { Files } from '../ports.ts'
import type { Halt, RunContext } from './context.ts'
import { FanOut } from './fan-out.ts'
import type { PassWork } from './wave.ts'

/** What the passes over a wave work with. */
export interface PassDeps {
  readonly context: RunContext
  readonly halt: Halt
  readonly ledger: Recorder
  readonly files: Files
  /** Folder for rows that wait for another pass. */
  readonly folder: string
  readonly retry: Pick<TransferRequest, 'maxRetries' | 'retryDelayMs'>
  /** What a cancel leaves for its rows. */
  readonly rowShare: RowShare
}

/** Looks at the destination at a time. */
const LOOKS = 16

/** The ops of a pass. */
type Ops<T extends Op> = () => AsyncIterable<RoutedOp<T>>

function outcomeOf<T extends Op>({ op, batch, ending, untried, tookMs }: Ended<T>): Outcome<T> {
  const done = ending.status === 'done' ? ending : undefined
  const stopped = ending.status === 'done' ? undefined : ending
  return {
    op: done?.as ?? op.op,
    status: ending.status,
    engine: batch.engine,
    route: op.route,
    attempts: op.attempts + (untried ? 0 : 1),
    batchBeganMs: batch.beganMs,
    tookMs,
    resultEtag: done?.etag,
    sha256: done?.sha256,
    code: stopped?.code,
    message: stopped?.message,
    httpStatus: stopped?.httpStatus,
  }
}

/** Rows that a pass left. */
interface Pass extends Spool {
  /** Whether some of them go to the direct engine now. */
  readonly diverted: boolean
}

/** Rows that need another pass, and what they tell of the service. */
interface Rest extends Spool {
  readonly throttled: boolean
  /** None of their requests came through. */
  readonly unreachable: boolean
}

/** A first pass over all ops of a wave, then passes over those that may heal. */
export class Passes<T extends Op> {
  readonly #work: PassWork<T>
  readonly #deps: PassDeps
  readonly #breaker: CircuitBreaker

  constructor(work: PassWork<T>, deps: PassDeps) {
    const { context, halt } = deps
    this.#work = work
    this.#deps = deps
    this.#breaker = new CircuitBreaker(context.clock, (why) => halt.giveUp(why))
  }

  /**
   * Carries all out: each further pass with less concurrency and after a longer pause. Another engine is no retry, so
   * that one more pass follows in any case where s5cmd is given up, and where it was first refused something. Gives
   * how many passes followed the first.
   */
  async run(): Promise<number> {
    const { context, retry } = this.#deps
    const { clock, log, signal, deadline } = context
    const { retryDelayMs } = retry
    let { maxRetries } = retry
    let ops: Ops<T> = () => this.#work.ops()
    let hasDiverted = false
    for (let pass = 0; ; pass++) {
      const before = this.#work.isGivenUp()
      const open = await this.#runPass(ops, pass)
      const rest = await this.#lookUpAll(open, pass)
      if (rest.count === 0) return pass
      const gaveUp: boolean = !before && this.#work.isGivenUp()
      const diverts: boolean = open.diverted && !hasDiverted
      hasDiverted ||= diverts
      if (gaveUp || diverts) maxRetries++
      if (gaveUp) log.line('warn', 's5cmd crashed twice: the direct engine copies the rest.')
      const isOver = this.#breaker.isOver(rest) && !gaveUp
      if (isOver) log.line('warn', 'The service stopped responding: no further retries.')
      if (isOver || signal.aborted || deadline.aborted || pass === maxRetries) {
        for await (const outcome of this.#read(rest)) this.#record(outcome)
        return pass
      }
      const delayMs = passDelayMs(pass + 1, rest.throttled, { retryDelayMs, random: clock.random })
      log.line(
        'info',
        `${humanObjects(rest.count)} not done yet; retrying in ${humanSeconds(delayMs / 1000)}.`,
      )
      await clock.sleep(delayMs, AbortSignal.any([signal, deadline]))
      ops = this.#again(rest)
    }
  }

  #record(outcome: Outcome<T>): void {
    if (outcome.status === 'done') this.#breaker.succeeded()
    this.#deps.ledger.record(outcome)
  }

  /** Runs all engines over the ops; what may heal is kept for another look, unless there will be none. */
  async #runPass(ops: Ops<T>, pass: number): Promise<Pass> {
    const { signal } = this.#deps.context
    const open = await this.#spool(`pass-${pass}`)
    let diverted = false
    const take = (outcome: Outcome<T>): void => {
      const goesDirect = !signal.aborted && this.#work.goesDirect(outcome)
      diverted ||= goesDirect
      if (signal.aborted || !(mayHeal(outcome) || goesDirect)) {
        this.#record(outcome)
        return
      }
      // Who refuses what another engine may carry has answered.
      if (goesDirect) this.#breaker.succeeded()
      else this.#breaker.failed(outcome)
      void open.add(outcome)
    }
    const { files, folder } = this.#deps
    const engines = this.#work.engines(pass)
    const handedOver = (batch: Batch<T>) => this.#work.handedOver(batch)
    const batches = this.#work.pack(ops())
    const fanOut = new FanOut(batches, engines, { files, folder, handedOver })
    const shares = engines.map((engine) => this.#runEngine(engine, () => fanOut.next(engine), take))
    const ends = await Promise.allSettled(shares)
    await fanOut.close()
    const kept = await open.close()
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    return { ...kept, diverted }
  }

  /** Lets an engine carry out its share; what it leaves when it must stop is told as it says. */
  async #runEngine(
    engine: Engine<T>,
    next: NextBatch<T>,
    take: (outcome: Outcome<T>) => void,
  ): Promise<void> {
    const { context, halt, rowShare } = this.#deps
    try {
      const stopped = await engine.run(
        next,
        (ended) => take(outcomeOf(ended)),
        () => this.#breaker.succeeded(),
      )
      if (!stopped) return
      const isLate = lateness(context.cancelledForMs, rowShare)
      for (let batch = await next(); batch; batch = await next()) {
        if (isLate()) return
        for (const op of batch.ops) take(outcomeOf({ op, batch, ending: stopped, untried: true }))
      }
    } catch (error) {
      halt.stop()
      throw error
    }
  }

  /** Looks up what is unknown; gives the rows that need another pass. */
  async #lookUpAll(open: Spool, pass: number): Promise<Rest> {
    const rest = await this.#spool(`rest-${pass}`)
    let throttled = false
    let unreachable = true
    await inParallel(this.#read(open), LOOKS, async (outcome) => {
      const done = await this.#lookUp(outcome)
      if (done) this.#record({ ...outcome, status: 'done', resultEtag: done.etag })
      else {
        throttled ||= isThrottling(outcome.code)
        unreachable &&= isUnreachable(outcome)
        void rest.add(outcome)
      }
    })
    return { ...(await rest.close()), throttled, unreachable }
  }

  /** The end of an op that an engine lost, where it is done all the same. */
  async #lookUp(outcome: Outcome<T>): Promise<Done<T> | undefined> {
    const { log, signal } = this.#deps.context
    if (outcome.status !== 'unknown' || outcome.attempts === 0 || signal.aborted) return undefined
    try {
      return await this.#work.lookUp(outcome, signal)
    } catch (error) {
      log.line('debug', `The destination could not be checked: ${serviceFailure(error).message}`)
      return undefined
    }
  }

  /** The rows that are tried again; what s5cmd left goes to the direct engine once it is given up. */
  #again(rest: Spool): Ops<T> {
    // Decided for the whole pass, as its engines are.
    const givenUp = this.#work.isGivenUp()
    const read = () => this.#read(rest)
    const goesDirect = (outcome: Outcome<T>) => this.#work.goesDirect(outcome)
    return async function* () {
      for await (const outcome of read()) {
        const { op, engine, route, attempts } = outcome
        if (engine === 's5cmd' && givenUp)
          yield { op, engine: 'direct', route: 's5cmd-crashed', attempts }
        else if (goesDirect(outcome))
          yield { op, engine: 'direct', route: 's5cmd-refused', attempts }
        else yield { op, engine, route, attempts }
      }
    }
  }

  #spool(name: string): Promise<JsonLines> {
    const { files, folder, halt } = this.#deps
    const onLost = () => halt.stop()
    return JsonLines.open(files, files.join(folder, `${name}.ndjson`), { onLost })
  }

  async *#read({ path }: Spool): AsyncGenerator<Outcome<T>> {
    for await (const line of this.#deps.files.lines(path)) yield JSON.parse(line) as Outcome<T>
  }
}
