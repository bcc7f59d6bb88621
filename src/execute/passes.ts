import { type PackRules, pack } from '../batch/pack.ts'
import { isThrottling } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { JsonLines, type Spool } from '../ledger/json-lines.ts'
import { mayHeal, type Recorder } from '../ledger/ledger.ts'
import type { Batch, RoutedOp } from '../model/batch.ts'
import { lateness } from '../model/late.ts'
import type { Outcome } from '../model/outcome.ts'
import { type Found, holds } from '../model/proof.ts'
import type { Clock, Files, Log } from '../ports.ts'
import type { Ended, Engine, NextBatch, Stopped } from './engine.ts'
import type { Look } from './look.ts'
import { passDelayMs } from './pace.ts'
import { inParallel } from './parallel.ts'
import { createPatience, isUnreachable, type Patience } from './patience.ts'

/** What the passes over a plan work with. */
export interface PassGround {
  /** The engines of a pass, 0 being the first. */
  readonly engines: (pass: number) => readonly Engine[]
  readonly packRules: PackRules
  /** Called with every batch before an engine gets it. */
  readonly onBatch: (batch: Batch) => Promise<void>
  readonly ledger: Recorder
  readonly look: Look
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** No pass begins behind it. */
  readonly deadline: AbortSignal
  /** Stops all engines: our own files cannot be read or written any more. */
  readonly stop: () => void
  /** Folder for rows that wait for another pass. */
  readonly folder: string
  /** Whether s5cmd crashed so often that the direct engine carries what is left. */
  readonly isGivenUp: () => boolean
  /** Whether the direct engine may carry what s5cmd was refused. */
  readonly goesDirect: (outcome: Outcome) => boolean
  /** Ends the run in order: nobody answers any more. */
  readonly giveUp: (why: Stopped) => void
  readonly cancelledForMs: () => number
  readonly maxRetries: number
  readonly retryDelayMs: number
}

/** Looks at the destination at a time. */
const LOOKS = 16

/** The work of a pass; every call reads it from the start. */
type Work = () => AsyncIterable<RoutedOp>

async function* ofEngine(work: Work, engine: Engine): AsyncGenerator<RoutedOp> {
  for await (const routed of work()) if (engine.takes(routed)) yield routed
}

const outcomeOf = ({ op, batch, ending, untried, tookMs }: Ended): Outcome => ({
  op: (ending.status === 'done' ? ending.as : undefined) ?? op.op,
  status: ending.status,
  engine: batch.engine,
  route: op.route,
  attempts: op.attempts + (untried ? 0 : 1),
  batchBeganMs: batch.beganMs,
  tookMs,
  ...(ending.status === 'done'
    ? { resultEtag: ending.etag }
    : { code: ending.code, message: ending.message, httpStatus: ending.httpStatus }),
})

const spool = (name: string, { files, folder, stop }: PassGround) =>
  JsonLines.open(files, files.join(folder, `${name}.ndjson`), { onLost: stop })

interface Share {
  readonly work: Work
  readonly engine: Engine
  readonly take: (outcome: Outcome) => void
}

/** Lets an engine carry its share; what it leaves when it must stop is told as it says. */
async function carryShare({ work, engine, take }: Share, ground: PassGround): Promise<void> {
  const batches = pack(ofEngine(work, engine), ground.packRules)
  const next: NextBatch = async () => {
    const { value } = await batches.next()
    if (value) await ground.onBatch(value)
    return value
  }
  try {
    const stopped = await engine.run(next, (ended) => take(outcomeOf(ended)))
    if (!stopped) return
    const isLate = lateness(ground.cancelledForMs)
    for await (const batch of batches) {
      if (isLate()) return
      for (const op of batch.ops) take(outcomeOf({ op, batch, ending: stopped, untried: true }))
    }
  } catch (error) {
    ground.stop()
    throw error
  }
}

/** What the passes of one run have in common. */
interface Passing extends PassGround {
  readonly patience: Patience
}

/** Runs all engines over the work; what may heal is kept for another look, unless there will be none. */
async function runPass(work: Work, pass: number, ground: Passing): Promise<Spool> {
  const { ledger, patience, signal } = ground
  const open = await spool(`pass-${pass}`, ground)
  const take = (outcome: Outcome): void => {
    const isKept = mayHeal(outcome) || ground.goesDirect(outcome)
    if (signal.aborted || !isKept) ledger.record(outcome)
    else {
      patience.failed(outcome)
      void open.add(outcome)
    }
  }
  const shares = ground.engines(pass).map((engine) => carryShare({ work, engine, take }, ground))
  const ends = await Promise.allSettled(shares)
  const kept = await open.close()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return kept
}

async function* read(files: Files, { path }: Spool): AsyncGenerator<Outcome> {
  for await (const line of files.lines(path)) yield JSON.parse(line) as Outcome
}

/** The copy of an op that nothing was heard of, where it stands at the destination all the same. */
async function standing(
  { op, engine, batchBeganMs }: Outcome,
  { look, signal, log }: PassGround,
): Promise<Found | undefined> {
  try {
    const { etag, size, toEtag: stood } = op
    const found = await look(op.to, signal)
    const oneRequest = engine === 's5cmd'
    return holds({ etag, size, stood, batchBeganMs, oneRequest }, found) ? found : undefined
  } catch (error) {
    log.line('debug', `The destination could not be looked at: ${serviceFailure(error).message}`)
    return undefined
  }
}

/** Rows that need another pass, and what they tell of the service. */
interface Rest extends Spool {
  readonly throttled: boolean
  /** None of their requests came through. */
  readonly unreachable: boolean
}

/** Looks up what is unknown; gives the rows that need another pass. */
async function lookUp(open: Spool, pass: number, ground: PassGround): Promise<Rest> {
  const rest = await spool(`rest-${pass}`, ground)
  let throttled = false
  let unreachable = true
  await inParallel(read(ground.files, open), LOOKS, async (outcome) => {
    const unheard = outcome.status === 'unknown' && outcome.attempts > 0 && !ground.signal.aborted
    const found = unheard ? await standing(outcome, ground) : undefined
    if (found) ground.ledger.record({ ...outcome, status: 'done', resultEtag: found.etag })
    else {
      throttled ||= isThrottling(outcome.code)
      unreachable &&= isUnreachable(outcome)
      void rest.add(outcome)
    }
  })
  return { ...(await rest.close()), throttled, unreachable }
}

/** The rows that are tried again; what s5cmd left goes to the direct engine once it is given up. */
function again(rest: Spool, { files, isGivenUp, goesDirect }: PassGround): Work {
  // Decided for the whole pass: each engine reads the rows by itself, and all must see the same routes.
  const givenUp = isGivenUp()
  return async function* () {
    for await (const outcome of read(files, rest)) {
      const { op, engine, route, attempts } = outcome
      if (engine === 's5cmd' && givenUp)
        yield { op, engine: 'direct', route: 's5cmd-crashed', attempts }
      else if (goesDirect(outcome)) yield { op, engine: 'direct', route: 's5cmd-refused', attempts }
      else yield { op, engine, route, attempts }
    }
  }
}

/**
 * Carries all work: a first pass, then passes over the rows that may heal, with less concurrency and
 * growing pauses. Giving up s5cmd is no retry, so that one more pass follows it in any case. Gives how
 * many passes followed the first.
 */
export async function runPasses(planned: Work, outer: PassGround): Promise<number> {
  const patience = createPatience(outer)
  const ground = { ...outer, ledger: patience.ledger, patience }
  const { files, clock, log, signal, deadline, retryDelayMs, ledger, isGivenUp } = ground
  let { maxRetries } = ground
  let work = planned
  for (let pass = 0; ; pass++) {
    const before = isGivenUp()
    const open = await runPass(work, pass, ground)
    const rest = await lookUp(open, pass, ground)
    if (rest.count === 0) return pass
    const gaveUp = !before && isGivenUp()
    if (gaveUp) {
      maxRetries++
      log.line('warn', 's5cmd crashed twice: the direct engine carries what is left.')
    }
    const over = patience.isOver(rest) && !gaveUp
    if (over) log.line('warn', 'The service does not answer any more: no further pass.')
    if (over || signal.aborted || deadline.aborted || pass === maxRetries) {
      for await (const outcome of read(files, rest)) ledger.record(outcome)
      return pass
    }
    const delayMs = passDelayMs(pass + 1, rest.throttled, { retryDelayMs, random: clock.random })
    log.line('info', `${rest.count} objects did not make it yet; another pass in ${delayMs} ms.`)
    await clock.sleep(delayMs, AbortSignal.any([signal, deadline]))
    work = again(rest, ground)
  }
}
