import { SyncError } from '../errors/sync-error.ts'
import { joinBlocks } from '../listing/join-streams.ts'
import type { KeyBytes } from '../model/key.ts'
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
  type Samples,
  type Tally,
  waveOf,
} from '../model/op.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import { type CheckedPlan, refuseCopy, refusePlan } from './check-plan.ts'
import type { WaitingExtra } from './extras-list.ts'
import { besideCopy, besideDelete, type Fate, leftCopy, leftDelete, type Note } from './fate.ts'
import { OpLine } from './op-line.ts'
import type { Part } from './part.ts'
import { unnameableOf } from './plan.ts'
import { type PlanTotals, readOpLines } from './plan-file.ts'
import { addSample, type Collected, firstOf } from './samples.ts'
import { count, countAt, type PlaceTallies, sumAt, type Tallies } from './tallies.ts'

/** A plan that another run wrote, and what this run finds and would do by itself. */
export interface ApprovedInput {
  readonly approved: CheckedPlan
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

/** The lines of ops by the keys that they have at the destination; those that no request can name go aside, where there may be any. */
async function* keyed<T extends Op>(
  blocks: AsyncIterable<readonly string[]>,
  prefix: string,
  aside: ((line: OpLine<T>) => Promise<void> | void) | undefined,
): AsyncGenerator<readonly OpLine<T>[]> {
  for await (const block of blocks) {
    const lines = block.map((text) => new OpLine<T>(text, prefix))
    if (aside) for (const line of lines) if (line.isUnnameable) await aside(line)
    yield aside ? lines.filter(({ isUnnameable }) => !isUnnameable) : lines
  }
}

type PartFile = (part: Part) => { readonly path: string; readonly objects: number }

/** The lines of all parts, in the order of their keys, as many at a time as are read. */
async function* linesOf(
  { files, parts }: ApprovedInput,
  pick: PartFile,
): AsyncGenerator<readonly string[]> {
  for (const { path, objects } of parts.map(pick)) if (objects > 0) yield* files.lineBlocks(path)
}

/** What they say. */
async function* readLines<T>(input: ApprovedInput, pick: PartFile): AsyncGenerator<readonly T[]> {
  for await (const block of linesOf(input, pick)) yield block.map((line) => JSON.parse(line) as T)
}

/** What this run would do under a key, or what it leaves there; at least one is there. */
class Found<T extends Op> {
  readonly line: OpLine<T> | undefined
  readonly note: Note | undefined

  constructor(line: OpLine<T> | undefined, note: Note | undefined) {
    this.line = line
    this.note = note
  }

  get key(): KeyBytes {
    return (this.line ?? this.note)?.key as KeyBytes
  }
}

/** An approved op, and what is found under its key; at least one op is there. */
type Meeting<T extends Op> = readonly [approved: OpLine<T> | undefined, found: Found<T> | undefined]

async function* meetings<T extends Op>(
  approved: AsyncGenerator<readonly OpLine<T>[]>,
  decided: AsyncGenerator<readonly OpLine<T>[]>,
  notes: AsyncGenerator<readonly Note[]>,
): AsyncGenerator<readonly Meeting<T>[]> {
  const now = async function* () {
    for await (const pairs of joinBlocks(decided, notes))
      yield pairs.map(([line, note]) => new Found(line, note))
  }
  for await (const pairs of joinBlocks(approved, now(), isAsApproved))
    yield pairs.filter(([given, found]) => given || found?.line)
}

/** Whether this run would do what was approved, to the letter. */
const isAsApproved = <T extends Op>({ text }: OpLine<T>, { line }: Found<T>): boolean =>
  text === line?.text

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

  #plan(op: Op, text: string): Promise<void> | undefined {
    this.all = addTally(this.all, tallyOf(op))
    if (op.op === 'copy') countAt(this.waves, waveOf(op), tallyOf(op))
    count(this.#reasons, op.reason, tallyOf(op))
    addSample(this.#samples, op.reason, { key: op.key, size: op.size })
    return this.#writer.write(text)
  }

  /** To be carried out, as this run decided it; resolves when more can be taken, undefined: it can now. */
  carry({ op, text }: OpLine<Op>): Promise<void> | undefined {
    this.carried = addTally(this.carried, tallyOf(op))
    if (op.reason === 'missing') this.added = addTally(this.added, tallyOf(op))
    return this.#plan(op, text)
  }

  /** Not to be carried out any more: it gets a row that says why. `note` tells as what its source is counted. */
  async outdate(op: Op, outdated: OutdatedBy, note: Note | undefined): Promise<void> {
    this.outdated++
    this.#uncount(op, note)
    await this.#plan(op, visibleJson({ ...op, outdated } satisfies OutdatedOp))
  }

  /** So already, by what stands there: it gets a row that says so. */
  async settle(op: CopyOp, standing: string | undefined, note: Note | undefined): Promise<void> {
    this.doneRows++
    this.#uncount(op, note)
    const row: OutdatedOp = { ...op, outdated: 'DoneAlready', standing }
    await this.#plan(op, visibleJson(row))
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

/** What is found under the key of an approved op. */
interface Now<T> {
  readonly op: T | undefined
  readonly note: Note | undefined
}

async function collect<T extends Op>(
  all: AsyncGenerator<readonly Meeting<T>[]>,
  into: Collector,
  fateOf: (approved: T, now: Now<T>) => Exclude<Fate, 'never'>,
  onDone?: (approved: T, now: Now<T>) => Promise<void>,
): Promise<void> {
  for await (const block of all)
    for (const [given, found] of block) {
      const line = found?.line
      if (given && line && given.text === line.text) {
        const written = into.carry(line)
        if (written) await written
        continue
      }
      const approved: T | undefined = given?.op
      const now: Now<T> = { op: line?.op, note: found?.note }
      const fate = approved && fateOf(approved, now)
      if (line && fate === 'carry') {
        await into.carry(line)
        continue
      }
      checkWay(now.op)
      if (approved && fate === 'done') {
        into.done++
        await onDone?.(approved, now)
      } else if (approved && fate && fate !== 'carry' && fate !== 'done')
        await into.outdate(approved, fate, now.note)
      if (now.op && (!fate || fate === 'done')) into.leave(now.op)
    }
}

/** Joins the copies; what no request can name is not paired, as it fails by name in any case. */
async function collectCopies(input: ApprovedInput, into: Collector): Promise<void> {
  const { approved, parts, prefix, files } = input
  const { path, header } = approved
  const isStillThere = unnameableOf(parts) !== undefined
  const plannedMs = Date.parse(header.createdAt)
  let unnameable = 0
  const leave = (line: OpLine<CopyOp>) => {
    unnameable--
    return isStillThere ? into.carry(line) : into.outdate(line.op, 'NoSuchKey', undefined)
  }
  const theirs = readOpLines(files, approved, 'copy')
  const ours = linesOf(input, ({ copies }) => copies)
  const given = keyed(theirs, prefix, approved.hasUnnameable ? leave : undefined)
  const decided = keyed<CopyOp>(ours, prefix, isStillThere ? () => void unnameable++ : undefined)
  const notes = readLines<Note>(input, (part) => part.notes)
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
  const notes = readLines<Note>(input, (part) => part.notes)
  const waits = readLines<WaitingExtra>(input, (part) => part.waits)
  for await (const pairs of joinBlocks(notes, waits))
    yield pairs.flatMap(([note, wait]) => wait ?? note ?? [])
}

async function collectDeletes(input: ApprovedInput, into: Collector): Promise<void> {
  const { approved, parts, prefix, files } = input
  // The deletes of a plan stand behind all of its copies, which would be read for nothing.
  const any = approved.trailer.deletes.objects > 0
  const given = any ? readOpLines(files, approved, 'delete') : nothing()
  const notes = any ? withWaits(input) : nothing()
  const decided = linesOf(input, ({ deletes }) => deletes)
  // Where this run finds a key that no request can name, its guards refuse all deletes: else it is gone.
  const gone = () => void into.done++
  const all = meetings(
    keyed<DeleteOp>(given, prefix, approved.hasUnnameable ? gone : undefined),
    keyed<DeleteOp>(decided, prefix, unnameableOf(parts) === undefined ? undefined : () => {}),
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
