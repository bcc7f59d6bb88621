import { type DeleteEnd, unseenEnd } from '../ledger/delete-end.ts'
import { DeleteRows } from '../ledger/delete-rows.ts'
import { JsonLines } from '../ledger/json-lines.ts'
import { roomOf } from '../model/answer-room.ts'
import { lateness } from '../model/late.ts'
import type { Plan } from '../model/op.ts'
import type { SyncRequest } from '../model/request.ts'
import { readOutdated } from '../plan/plan-file.ts'
import type { Log, Ports } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { DeleteBatches } from './delete-batches.ts'
import { CANCELLED, type Ends, stopOf } from './engine.ts'
import { type Extra, extrasOf, withEnds } from './extras.ts'
import { findOtherNames, type OtherNames } from './other-names.ts'
import { endOfOutdated } from './outdated.ts'
import { inParallel } from './parallel.ts'
import { listSourceAgain } from './second-listing.ts'

/** What deletes are carried out with. */
export interface DeleteGround {
  readonly plan: Plan
  /** Whether every copy of the plan is done and proven: else nothing is deleted. */
  readonly copied: boolean
  readonly facts: Pick<Facts, 'source' | 'destination'>
  readonly request: Pick<SyncRequest, 'selection' | 'transfer'>
  readonly ports: Pick<Ports, 'files' | 'clock' | 'host' | 'system'>
  readonly resultsPath: string
  readonly log: Log
  readonly ends: Ends
}

/** What became of the deletes of a plan. */
export interface Deletion {
  readonly deleted: number
  readonly planned: number
  /** Full keys of copies that the destination does not show under their names. */
  readonly misnamed?: ReadonlySet<string> | undefined
}

const KEYS_PER_REQUEST = 1000
const BATCHES_AT_ONCE = 4

const HELD_BACK = {
  status: 'failed',
  code: 'CopiesFailed',
  message: 'Nothing was deleted, as not every copy is done.',
} as const

const MISNAMED =
  'Nothing was deleted, as the destination does not show every copied key under its own name.'

/**
 * As many as one request names and its answer can name; what ends without a request is settled on the way.
 */
async function* batchesOf(
  extras: AsyncIterable<Extra>,
  rows: DeleteRows,
): AsyncGenerator<readonly Extra[]> {
  let batch: Extra[] = []
  let room = 1
  for await (const extra of extras) {
    if (extra.end) {
      await rows.record(extra.op, extra.end, 0)
      continue
    }
    const wanted = roomOf(extra.op.key)
    if (batch.length === KEYS_PER_REQUEST || wanted > room) {
      yield batch
      batch = []
      room = 1
    }
    batch.push(extra)
    room -= wanted
  }
  if (batch.length > 0) yield batch
}

/** Why nothing is deleted, whatever it is. */
function heldBack({ copied, ends, log }: DeleteGround): DeleteEnd | undefined {
  if (ends.signal.aborted) return CANCELLED
  if (copied) return stopOf(ends)
  log.line('warn', HELD_BACK.message)
  return HELD_BACK
}

/** A copy that does not stand under its name is none that is done. */
async function* allHeldBack(extras: AsyncGenerator<Extra, void>): AsyncGenerator<Extra, void> {
  for await (const extra of extras)
    yield { ...extra, end: extra.end?.status === 'failed' ? extra.end : HELD_BACK }
}

/** What was seen before the first delete. */
interface Outlook {
  readonly extras: AsyncGenerator<Extra, void>
  readonly misnamed: OtherNames['misnamed']
}

/** Looks at what can only be seen for all deletes at once; gives how all of them end where it must not be so. */
async function lookAhead(ground: DeleteGround, folder: string): Promise<Outlook | DeleteEnd> {
  const { plan, facts, request, ports, ends, log } = ground
  const { source, destination } = facts
  const { files, clock } = ports
  const { signal } = ends
  const { selection: rules } = request
  try {
    const names = await findOtherNames({ plan, destination, files, folder, signal })
    const misnamed = names?.misnamed ?? new Set()
    const planned = extrasOf(plan, destination, files)
    const extras = names ? withEnds(planned, names.ends) : planned
    if (misnamed.size > 0) {
      log.line('warn', MISNAMED)
      return { extras: allHeldBack(extras), misnamed }
    }
    const { keys } = rules
    if (!keys) return { extras, misnamed }
    const again = { plan, source, rules, keys, files, folder, clock, signal }
    const listed = await listSourceAgain(again)
    return 'status' in listed ? listed : { extras: withEnds(extras, listed), misnamed }
  } catch (error) {
    return signal.aborted ? CANCELLED : unseenEnd(error)
  }
}

/** Ends the approved deletes that cannot be carried out any more; in a cancelled run as far as there is time. */
async function settleOutdated({ ports, plan }: DeleteGround, rows: DeleteRows): Promise<void> {
  const isLate = lateness(ports.host.cancelledForMs)
  for await (const op of readOutdated(ports.files, plan, 'delete')) {
    if (isLate()) return
    await rows.record(op, endOfOutdated(op), 0)
  }
}

/** Carries out batches; the first by itself, so that a service that answers strangely is found out early. */
async function carryBatches(
  extras: AsyncGenerator<Extra, void>,
  rows: DeleteRows,
  { facts, request, ports, ends }: DeleteGround,
): Promise<void> {
  const { source, destination } = facts
  ports.system.growYoungMemory()
  const work = new DeleteBatches({
    source,
    destination,
    transfer: request.transfer,
    lookUp: !request.selection.keys,
    clock: ports.clock,
    ends,
    settle: (op, end, attempts) => rows.record(op, end, attempts),
  })
  const batches = batchesOf(extras, rows)
  const { value: first } = await batches.next()
  if (first) await work.carry(first)
  await inParallel(batches, BATCHES_AT_ONCE, (batch) => work.carry(batch))
}

/**
 * Carries out the deletes of a plan: each looked up at the source just before, and pinned to its planned ETag
 * where the service heeds that. Every one becomes a row of results.ndjson. Rejects only when our own files cannot
 * be read or written.
 */
export async function carryDeletes(ground: DeleteGround): Promise<Deletion> {
  const { plan, facts, ports, resultsPath } = ground
  const { files, host } = ports
  const rows = new DeleteRows(await JsonLines.open(files, resultsPath, { mode: 'append' }), host)
  const scratch = await files.temporaryFolder()
  let misnamed: OtherNames['misnamed'] = new Set()
  try {
    await settleOutdated(ground, rows)
    const seen = heldBack(ground) ?? (await lookAhead(ground, scratch))
    if ('status' in seen)
      for await (const { op } of extrasOf(plan, facts.destination, files))
        await rows.record(op, seen, 0)
    else {
      misnamed = seen.misnamed
      await carryBatches(seen.extras, rows, ground)
    }
  } finally {
    await rows.close()
    await files.remove(scratch)
  }
  return { deleted: rows.deleted, planned: plan.trailer.deletes.objects, misnamed }
}
