import { type PackRules, pack } from '../batch/pack.ts'
import { serviceFailure } from '../errors.ts'
import type { Batch, RoutedOp } from '../model/batch.ts'
import type { Outcome } from '../model/outcome.ts'
import { holds } from '../model/proof.ts'
import type { Clock, Files, Log } from '../ports.ts'
import type { Engine } from './engine.ts'
import { jsonLines, type Ledger, mayHeal, type Spool } from './ledger.ts'
import type { Look } from './look.ts'
import { isThrottling, passDelayMs } from './pace.ts'
import { inParallel } from './parallel.ts'

/** What the passes over a plan work with. */
export interface PassGround {
  /** The engines of a pass, 0 being the first. */
  readonly engines: (pass: number) => readonly Engine[]
  readonly packRules: PackRules
  /** Called with every batch before an engine gets it. */
  readonly onBatch: (batch: Batch) => Promise<void>
  readonly ledger: Ledger
  readonly look: Look
  readonly files: Files
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** Stops all engines: our own files cannot be read or written any more. */
  readonly stop: () => void
  /** Folder for rows that wait for another pass. */
  readonly folder: string
  readonly maxRetries: number
  readonly retryDelayMs: number
}

/** Looks at the destination at a time. */
const LOOKS = 16

/** The work of a pass; every call reads it from the start. */
type Work = () => AsyncIterable<RoutedOp>

async function* ofEngine(work: Work, engine: Engine): AsyncGenerator<RoutedOp> {
  for await (const routed of work()) if (routed.engine === engine.name) yield routed
}

async function* announced(
  batches: AsyncIterable<Batch>,
  onBatch: PassGround['onBatch'],
): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    await onBatch(batch)
    yield batch
  }
}

const outcomeOf: (...ended: Parameters<Parameters<Engine['run']>[1]>) => Outcome = ({
  op,
  batch,
  ending,
}) => ({
  op: op.op,
  status: ending.status,
  engine: batch.engine,
  route: op.route,
  attempts: op.attempts + 1,
  batchBeganMs: batch.beganMs,
  ...(ending.status === 'done'
    ? { resultEtag: ending.etag }
    : { code: ending.code, message: ending.message }),
})

/** Runs all engines over the work; what may heal is kept for another look. */
async function runPass(work: Work, pass: number, ground: PassGround): Promise<Spool> {
  const open = await jsonLines(
    ground.files,
    ground.files.join(ground.folder, `pass-${pass}.ndjson`),
  )
  const carried = await Promise.allSettled(
    ground.engines(pass).map(async (engine) => {
      const batches = announced(pack(ofEngine(work, engine), ground.packRules), ground.onBatch)
      try {
        await engine.run(batches, (ended) => {
          const outcome = outcomeOf(ended)
          if (mayHeal(outcome)) open.add(outcome)
          else ground.ledger.settle(outcome)
        })
      } catch (error) {
        ground.stop()
        throw error
      }
    }),
  )
  const spool = await open.close()
  for (const end of carried) if (end.status === 'rejected') throw end.reason
  return spool
}

async function* read(files: Files, { path }: Spool): AsyncGenerator<Outcome> {
  for await (const line of files.lines(path)) yield JSON.parse(line) as Outcome
}

/** Whether an op that nothing was heard of stands at the destination all the same. */
async function stands(
  { op, batchBeganMs }: Outcome,
  { look, signal, log }: PassGround,
): Promise<boolean> {
  try {
    return holds({ etag: op.etag, size: op.size, batchBeganMs }, await look(op.to, signal))
  } catch (error) {
    log.line('debug', `The destination could not be looked at: ${serviceFailure(error).message}`)
    return false
  }
}

/** Looks up what is unknown; gives the rows that need another pass. */
async function lookUp(
  open: Spool,
  pass: number,
  ground: PassGround,
): Promise<Spool & { throttled: boolean }> {
  const rest = await jsonLines(
    ground.files,
    ground.files.join(ground.folder, `rest-${pass}.ndjson`),
  )
  let throttled = false
  await inParallel(read(ground.files, open), LOOKS, async (outcome) => {
    const unheard = outcome.status === 'unknown' && !ground.signal.aborted
    if (unheard && (await stands(outcome, ground)))
      ground.ledger.settle({ ...outcome, status: 'done', resultEtag: outcome.op.etag })
    else {
      throttled ||= isThrottling(outcome.code)
      rest.add(outcome)
    }
  })
  return { ...(await rest.close()), throttled }
}

async function* again(files: Files, rest: Spool): AsyncGenerator<RoutedOp> {
  for await (const { op, engine, route, attempts } of read(files, rest))
    yield { op, engine, route, attempts }
}

/**
 * Carries all work: a first pass, then passes over the rows that may heal, with less concurrency and
 * growing pauses. Gives how many passes followed the first.
 */
export async function runPasses(planned: Work, ground: PassGround): Promise<number> {
  const { files, clock, log, signal, maxRetries, retryDelayMs, ledger } = ground
  let work = planned
  for (let pass = 0; ; pass++) {
    const open = await runPass(work, pass, ground)
    const rest = await lookUp(open, pass, ground)
    if (rest.count === 0) return pass
    if (signal.aborted || pass === maxRetries) {
      for await (const outcome of read(files, rest)) ledger.settle(outcome)
      return pass
    }
    const delayMs = passDelayMs(pass + 1, rest.throttled, { retryDelayMs, random: clock.random })
    log.line('info', `${rest.count} objects did not make it yet; another pass in ${delayMs} ms.`)
    await clock.sleep(delayMs, signal)
    work = () => again(files, rest)
  }
}
