import { failureKind, isThrottling } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import { lateness } from '../model/late.ts'
import type { DeleteOp, Plan } from '../model/op.ts'
import type { OutcomeStatus, ResultRow } from '../model/outcome.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'
import { moverOf } from '../plan/moved.ts'
import { readDeletes, readOutdated } from '../plan/plan-file.ts'
import type { Clock, DeleteFailure, Files, Host, Log, Store } from '../ports.ts'
import { CANCELLED, type Ends, stopOf } from './engine.ts'
import { lookAtEach } from './look.ts'
import { endOfOutdated } from './outdated.ts'
import { passDelayMs } from './pace.ts'
import { inParallel } from './parallel.ts'

/** What deletes are carried out with. */
export interface DeleteGround extends Ends {
  readonly plan: Plan
  readonly source: Place & { readonly store: Store }
  readonly destination: Place & { readonly store: Store }
  readonly rules: PlanRules
  /** Whether every copy of the plan is done and proven: else nothing is deleted. */
  readonly copied: boolean
  readonly files: Files
  readonly resultsPath: string
  readonly maxRetries: number
  readonly retryDelayMs: number
  readonly clock: Clock
  readonly log: Log
  readonly host: Pick<Host, 'hide' | 'cancelledForMs'>
}

/** What became of the deletes of a plan. */
export interface Deletion {
  readonly deleted: number
  readonly planned: number
}

/** How one delete ended. */
interface End {
  readonly status: OutcomeStatus
  readonly code?: string
  readonly message?: string
}

const KEYS_PER_REQUEST = 1000
const REQUESTS_AT_ONCE = 4
const MESSAGE_CHARS = 500

const DONE: End = { status: 'done' }
const HELD_BACK: End = {
  status: 'failed',
  code: 'CopiesFailed',
  message: 'Nothing was deleted, as not every copy is done.',
}

const AT_SOURCE: End = {
  status: 'failed',
  code: 'ExistsAtSource',
  message: 'The source has this object by now, so it is not deleted.',
}

async function* chunksOf(ops: AsyncIterable<DeleteOp>): AsyncGenerator<DeleteOp[]> {
  let chunk: DeleteOp[] = []
  for await (const op of ops) {
    chunk.push(op)
    if (chunk.length < KEYS_PER_REQUEST) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

/** An object that is gone already is what was wanted. */
const endOf = (failure: DeleteFailure | undefined): End =>
  !failure || failure.code === 'NoSuchKey'
    ? DONE
    : { status: 'failed', code: failure.code, message: failure.message }

const failed = (error: unknown): End => {
  const { code, message, status } = serviceFailure(error)
  // A request that got no answer may have been carried out all the same.
  return { status: status === undefined ? 'unknown' : 'failed', code, message }
}

/** One request for some objects; gives how each ended. */
async function attempt(
  ops: readonly DeleteOp[],
  { destination, signal }: DeleteGround,
): Promise<(op: DeleteOp) => End> {
  try {
    const failures = await destination.store.deleteObjects(destination.bucket, ops, signal)
    const byKey = new Map(failures.map((failure) => [failure.key, failure]))
    return (op) => endOf(byKey.get(op.key))
  } catch (error) {
    if (signal.aborted) return () => CANCELLED
    const end = failed(error)
    return () => end
  }
}

const mayHeal = ({ status, code }: End): boolean => status !== 'done' && failureKind(code).retryable

type Settle = (op: DeleteOp, end: End, attempts: number) => Promise<void>

/** Deletes some objects, those that may heal again and again; tells the end of each exactly once. */
async function deleteChunk(
  chunk: readonly DeleteOp[],
  ground: DeleteGround,
  settle: Settle,
): Promise<void> {
  const { signal, maxRetries, retryDelayMs, clock } = ground
  let open = chunk
  for (let pass = 1; open.length > 0; pass++) {
    const stopped = stopOf(ground)
    if (stopped) {
      for (const op of open) await settle(op, stopped, pass - 1)
      return
    }
    const ends = await attempt(open, ground)
    const again = pass <= maxRetries && !signal.aborted
    const rest: DeleteOp[] = []
    let throttled = false
    for (const op of open) {
      const end = ends(op)
      throttled ||= isThrottling(end.code)
      if (again && mayHeal(end)) rest.push(op)
      else await settle(op, end, pass)
    }
    open = rest
    const delayMs = passDelayMs(pass, throttled, { retryDelayMs, random: clock.random })
    if (open.length > 0) await clock.sleep(delayMs, signal)
  }
}

/** A planned delete, and its key relative to both places. */
interface Extra {
  readonly key: KeyBytes
  readonly op: DeleteOp
}

async function* extrasOf({ files, plan, destination }: DeleteGround): AsyncGenerator<Extra> {
  for await (const op of readDeletes(files, plan))
    yield { key: toKeyBytes(op.key.slice(destination.prefix.length)), op }
}

type Seen = Awaited<ReturnType<typeof lookAtEach<Extra>>>

/** What the source has by now of all that is to be deleted; how all of it ends where that cannot be seen. */
async function lookAtSource(ground: DeleteGround, scratch: string): Promise<Seen | End> {
  const { copied, signal, plan, source, rules, clock, log } = ground
  if (signal.aborted) return CANCELLED
  if (!copied) log.line('warn', HELD_BACK.message ?? '')
  const held = copied ? stopOf(ground) : HELD_BACK
  if (held) return held
  try {
    const sought = { records: extrasOf(ground), count: plan.trailer.deletes.objects }
    const { keys } = rules
    const move = keys && moverOf(ground, { ...keys, mismatch: 'keep' }, clock)
    return await lookAtEach({ ...ground, place: source, scratch, move }, sought)
  } catch (error) {
    return signal.aborted ? CANCELLED : { ...failed(error), status: 'failed' }
  }
}

/** Those that still nobody but the destination has; the others end here. */
async function* onlyAtDestination(seen: Seen, settle: Settle): AsyncGenerator<DeleteOp> {
  for await (const [extra, found] of seen) {
    if (extra && found) await settle(extra.op, AT_SOURCE, 0)
    else if (extra) yield extra.op
  }
}

const rowOf = (op: DeleteOp, end: End, attempts: number): ResultRow => ({
  op: 'delete',
  key: op.key,
  size: op.size,
  status: end.status,
  engine: 'direct',
  attempts,
  ...(end.status === 'done'
    ? {}
    : { code: end.code, message: end.message?.slice(0, MESSAGE_CHARS) }),
})

/** Ends the approved deletes that cannot be carried out any more; in a cancelled run as far as there is time. */
async function settleOutdated({ files, plan, host }: DeleteGround, settle: Settle): Promise<void> {
  const isLate = lateness(host.cancelledForMs)
  for await (const op of readOutdated(files, plan, 'delete')) {
    if (isLate()) return
    await settle(op, endOfOutdated(op), 0)
  }
}

/** Ends all deletes alike; in a cancelled run as far as there is time. */
async function settleAll(ground: DeleteGround, end: End, settle: Settle): Promise<void> {
  const isLate = lateness(ground.host.cancelledForMs)
  for await (const { op } of extrasOf(ground)) {
    if (isLate()) return
    await settle(op, end, 0)
  }
}

/**
 * Carries out the deletes of a plan, each pinned to its planned ETag where the service can, and none of
 * an object that came back to the source. Every one becomes a row of results.ndjson. Rejects only when
 * our own files cannot be read or written.
 */
export async function carryDeletes(ground: DeleteGround): Promise<Deletion> {
  const { plan, files, resultsPath, host } = ground
  const writer = await files.writer(resultsPath, 'append')
  const scratch = await files.temporaryFolder()
  let deleted = 0
  const settle: Settle = async (op, end, attempts) => {
    if (end.status === 'done') deleted++
    const { code = '', message = '' } = end
    const said = { code: host.hide(code), message: host.hide(message) }
    await writer.write(JSON.stringify(rowOf(op, { ...end, ...said }, attempts)))
  }
  try {
    await settleOutdated(ground, settle)
    const seen = await lookAtSource(ground, scratch)
    if ('status' in seen) await settleAll(ground, seen, settle)
    else
      await inParallel(chunksOf(onlyAtDestination(seen, settle)), REQUESTS_AT_ONCE, (chunk) =>
        deleteChunk(chunk, ground, settle),
      )
  } finally {
    await writer.close()
    await files.remove(scratch)
  }
  return { deleted, planned: plan.trailer.deletes.objects }
}
