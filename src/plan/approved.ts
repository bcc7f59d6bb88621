import { SyncError } from '../errors/sync-error.ts'
import { joinBlocks } from '../listing/join-streams.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import {
  type Approval,
  addTally,
  type CopyOp,
  type DeleteOp,
  isCopyReason,
  NO_TALLY,
  type Op,
  type OutdatedBy,
  type OutdatedOp,
  type Plan,
  type Samples,
  type Tally,
  waveOf,
} from '../model/op.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import { refuseCopy, refusePlan } from './check-plan.ts'
import type { WaitingExtra } from './extras-list.ts'
import { besideCopy, besideDelete, type Fate, leftCopy, leftDelete, type Note } from './fate.ts'
import type { Part } from './part.ts'
import { type PlanTotals, readCopyBlocks, readDeleteBlocks } from './plan-file.ts'
import { addSample, type Collected, firstOf } from './samples.ts'
import { count, countAt, type PlaceTallies, sumAt, type Tallies } from './tallies.ts'

/** A plan that another run wrote, and what this run finds and would do by itself. */
export interface ApprovedInput {
  readonly approved: Plan
  /** Of this run, with notes of what it leaves under the keys that the approved plan names. */
  readonly parts: readonly Part[]
  /** Of this run. */
  readonly totals: PlanTotals
  /** Where all relative keys of the destination begin. */
  readonly prefix: string
  /** Whether this run deletes. */
  readonly deletes: boolean
  readonly files: Files
  /** For the lines of what is carried out; the caller removes it. */
  readonly folder: string
  /** Whether copies that are done already get a row: somebody counts the rows of the plan. */
  readonly countsDone?: boolean
}

/** What is to be carried out: of what was approved that which this run would do as well. */
export interface Carried {
  /** Files with the lines of copies, and of deletes. */
  readonly lines: readonly string[]
  readonly totals: PlanTotals
  /** Deletes that are to be made. */
  readonly deleting: Tally
  /** Copies to keys where nothing stands that are to be made. */
  readonly adding: Tally
  readonly samples: Samples
  readonly approval: Approval
}

type Keyed<T> = { readonly key: KeyBytes; readonly op: T }

/** Ops under the keys that they have at the destination; those that no request can name go aside. */
async function* keyed<T extends Op>(
  blocks: AsyncIterable<readonly T[]>,
  prefix: string,
  aside: (op: T) => Promise<void> | void,
): AsyncGenerator<readonly Keyed<T>[]> {
  for await (const ops of blocks) {
    const named: Keyed<T>[] = []
    for (const op of ops) {
      const target = op.op === 'copy' ? op.to : op.key
      if ('unnameable' in op) await aside(op)
      else named.push({ key: toKeyBytes(target.slice(prefix.length)), op })
    }
    yield named
  }
}

/** The lines of all parts, in the order of their keys, as many at a time as are read. */
async function* linesOf<T>(
  { files, parts }: ApprovedInput,
  pick: (part: Part) => { readonly path: string; readonly objects: number },
): AsyncGenerator<readonly T[]> {
  for (const { path, objects } of parts.map(pick))
    if (objects > 0)
      for await (const block of files.lineBlocks(path))
        yield block.map((line) => JSON.parse(line) as T)
}

/** An approved op, what this run would do under its key, or what it leaves there; at least one of the first two is there. */
interface Meeting<T> {
  readonly approved: T | undefined
  readonly op: T | undefined
  readonly note: Note | undefined
}

async function* meetings<T extends Op>(
  approved: AsyncGenerator<readonly Keyed<T>[]>,
  decided: AsyncGenerator<readonly Keyed<T>[]>,
  notes: AsyncGenerator<readonly Note[]>,
): AsyncGenerator<readonly Meeting<T>[]> {
  const now = async function* () {
    for await (const pairs of joinBlocks(decided, notes))
      yield pairs.map(([decision, note]) => ({
        key: (decision ?? note)?.key as KeyBytes,
        op: decision?.op,
        note,
      }))
  }
  for await (const pairs of joinBlocks(approved, now())) {
    const met: Meeting<T>[] = []
    for (const [given, found] of pairs)
      if (given || found?.op) met.push({ approved: given?.op, op: found?.op, note: found?.note })
    yield met
  }
}

const tallyOf = ({ size }: Op): Tally => ({ objects: 1, bytes: size })

/** Writes the lines of what is carried out, and counts. */
class Collector {
  readonly #writer: LineWriter
  readonly #samples: Collected
  readonly #reasons: Tallies
  /** Of each wave. */
  readonly waves: PlaceTallies = []
  all = NO_TALLY
  carried = NO_TALLY
  /** Of these, copies to keys where nothing stands. */
  added = NO_TALLY
  done = 0
  /** Of these, copies that get a row. */
  doneRows = 0
  outdated = 0
  unapproved = 0

  constructor(
    writer: LineWriter,
    { samples, reasons }: { readonly samples: Collected; readonly reasons: Tallies },
  ) {
    this.#writer = writer
    this.#samples = samples
    this.#reasons = reasons
  }

  #plan(op: Op, line: unknown): Promise<void> | undefined {
    this.all = addTally(this.all, tallyOf(op))
    if (op.op === 'copy') countAt(this.waves, waveOf(op), tallyOf(op))
    count(this.#reasons, op.reason, tallyOf(op))
    addSample(this.#samples, op.reason, { key: op.key, size: op.size })
    return this.#writer.write(visibleJson(line))
  }

  /** To be carried out, as this run decided it; resolves when more can be taken, undefined: it can now. */
  carry(op: Op): Promise<void> | undefined {
    this.carried = addTally(this.carried, tallyOf(op))
    if (op.reason === 'missing') this.added = addTally(this.added, tallyOf(op))
    return this.#plan(op, op)
  }

  /** Not to be carried out any more: it gets a row that says why. `note` tells as what its source is counted. */
  async outdate(op: Op, outdated: OutdatedBy, note: Note | undefined): Promise<void> {
    this.outdated++
    this.#uncount(op, note)
    await this.#plan(op, { ...op, outdated })
  }

  /** So already, by what stands there: it gets a row that says so. */
  async settle(op: CopyOp, standing: string | undefined, note: Note | undefined): Promise<void> {
    this.doneRows++
    this.#uncount(op, note)
    await this.#plan(op, { ...op, outdated: 'DoneAlready', standing } satisfies OutdatedOp)
  }

  #uncount(op: Op, note: Note | undefined): void {
    if (op.op === 'copy' && note?.skip && note.from)
      count(this.#reasons, note.skip, { objects: -1, bytes: -note.from.size })
  }

  /** Decided by this run alone: left. */
  leave(op: Op): void {
    this.unapproved++
    if (op.op === 'delete') return
    count(this.#reasons, 'not-approved', tallyOf(op))
    addSample(this.#samples, 'not-approved', { key: op.key, size: op.size })
  }
}

/** Whatever sync would copy nothing for. */
function checkWay(op: Op | undefined): void {
  if (op?.op !== 'copy' || op.reason !== 'destination-conflict') return
  throw new SyncError(
    'guard',
    `Another object was written to ${JSON.stringify(op.to)} after the plan was made, and overwrite: never protects it.`,
    { hint: 'Publish under another key, or remove the object. Nothing was touched.' },
  )
}

async function collect<T extends Op>(
  all: AsyncGenerator<readonly Meeting<T>[]>,
  into: Collector,
  fateOf: (approved: T, now: Omit<Meeting<T>, 'approved'>) => Exclude<Fate, 'never'>,
  onDone?: (approved: T, now: Omit<Meeting<T>, 'approved'>) => Promise<void>,
): Promise<void> {
  for await (const block of all)
    for (const { approved, op, note } of block) {
      const fate = approved && fateOf(approved, { op, note })
      if (op && fate === 'carry') {
        const written = into.carry(op)
        if (written) await written
        continue
      }
      checkWay(op)
      if (approved && fate === 'done') {
        into.done++
        await onDone?.(approved, { op, note })
      } else if (approved && fate && fate !== 'carry' && fate !== 'done')
        await into.outdate(approved, fate, note)
      if (op && (!fate || fate === 'done')) into.leave(op)
    }
}

/** Joins the copies; what no request can name is not paired, as it fails by name in any case. */
async function collectCopies(input: ApprovedInput, into: Collector): Promise<void> {
  const { approved, parts, prefix, files } = input
  const { path, header } = approved
  const isStillThere = parts.some(({ unnameable }) => unnameable !== undefined)
  const plannedMs = Date.parse(header.createdAt)
  let unnameable = 0
  const given = keyed(readCopyBlocks(files, approved), prefix, (op) => {
    unnameable--
    return isStillThere ? into.carry(op) : into.outdate(op, 'NoSuchKey', undefined)
  })
  const decided = keyed(
    linesOf<CopyOp>(input, ({ copies }) => copies),
    prefix,
    () => void unnameable++,
  )
  const notes = linesOf<Note>(input, (part) => part.notes)
  await collect(
    meetings(given, decided, notes),
    into,
    (copy, { op, note = {} }) => {
      const fate = op ? besideCopy(copy, op) : leftCopy(copy, note, plannedMs)
      return fate === 'never' ? refuseCopy(path, copy) : fate
    },
    input.countsDone
      ? (copy, { op, note }) => into.settle(copy, op?.toEtag ?? note?.to?.etag, note)
      : undefined,
  )
  into.unapproved += Math.max(0, unnameable)
}

async function* nothing(): AsyncGenerator<never> {}

/** Notes, of which some say only that the destination is to keep an extra for some time. */
async function* withWaits(input: ApprovedInput): AsyncGenerator<readonly Note[]> {
  const notes = linesOf<Note>(input, (part) => part.notes)
  const waits = linesOf<WaitingExtra>(input, (part) => part.waits)
  for await (const pairs of joinBlocks(notes, waits))
    yield pairs.flatMap(([note, wait]) => wait ?? note ?? [])
}

async function collectDeletes(input: ApprovedInput, into: Collector): Promise<void> {
  const { approved, prefix, files } = input
  // The deletes of a plan stand behind all of its copies, which would be read for nothing.
  const any = approved.trailer.deletes.objects > 0
  const given = any ? readDeleteBlocks(files, approved) : nothing()
  const notes = any ? withWaits(input) : nothing()
  const decided = linesOf<DeleteOp>(input, ({ deletes }) => deletes)
  // Where this run finds a key that no request can name, its guards refuse all deletes: else it is gone.
  const gone = () => void into.done++
  const all = meetings(
    keyed(given, prefix, gone),
    keyed(decided, prefix, () => {}),
    notes,
  )
  await collect<DeleteOp>(all, into, (extra, { op, note = {} }) => {
    const fate = op ? besideDelete(extra, op) : leftDelete(note)
    const named = JSON.stringify(extra.key)
    return fate === 'never'
      ? refusePlan(approved.path, `it deletes an object that this run would not delete: ${named}`)
      : fate
  })
}

/** Of what this run counted, by reasons, that which no op of a plan is counted by. */
function leftAsItIs<T>(counted: Readonly<Record<string, T>>, deletes: boolean): [string, T][] {
  return Object.entries(counted).filter(
    ([reason]) => !isCopyReason(reason) && !(deletes && reason === 'only-at-destination'),
  )
}

/**
 * Joins what was approved with what this run would do by itself: only what both say is carried out. What cannot be
 * any more stays in the plan and gets a row with its reason; what is so already is none of it; what nobody approved
 * is left. Throws SyncError of kind `guard` for an op that no run with these inputs can have planned.
 */
export async function carriedOf(input: ApprovedInput): Promise<Carried> {
  const { parts, totals, deletes, files, folder } = input
  const reasons: Tallies = Object.fromEntries(
    leftAsItIs(totals.reasons, deletes).map(([reason, tally]) => [reason, { ...tally }]),
  )
  const found = firstOf(parts.map((part) => part.samples))
  const samples: Collected = Object.fromEntries(
    leftAsItIs(found, deletes).map(([reason, some]) => [reason, [...some]]),
  )
  const collected = async (
    name: string,
    work: (input: ApprovedInput, into: Collector) => Promise<void>,
  ) => {
    const path = files.join(folder, `carried-${name}.ndjson`)
    const writer = await files.writer(path)
    const into = new Collector(writer, { samples, reasons })
    try {
      await work(input, into)
    } finally {
      await writer.close()
    }
    return { path, into }
  }
  const [copying, deleting] = [
    await collected('copies', collectCopies),
    await collected('deletes', collectDeletes),
  ]
  const [copy, extra] = [copying.into, deleting.into]
  return {
    lines: [copying.path, deleting.path],
    totals: {
      ...totals,
      copies: copy.all,
      deletes: extra.all,
      ...(totals.waves ? { waves: [...sumAt([copy.waves], totals.waves.length)] } : {}),
      reasons: Object.fromEntries(Object.entries(reasons).filter(([, { objects }]) => objects > 0)),
    },
    deleting: extra.carried,
    adding: copy.added,
    samples,
    approval: {
      done: copy.done + extra.done,
      ...(input.countsDone ? { doneRows: copy.doneRows } : {}),
      outdated: { copies: copy.outdated, deletes: extra.outdated },
      unapproved: { copies: copy.unapproved, deletes: extra.unapproved },
    },
  }
}
