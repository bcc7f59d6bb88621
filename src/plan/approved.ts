import { SyncError } from '../errors/sync-error.ts'
import { Head, joinBlocks } from '../listing/join-streams.ts'
import type { KeyBytes } from '../model/key.ts'
import {
  type Approval,
  type CopyOp,
  type DeleteOp,
  isCopyReason,
  type Op,
  type OutdatedBy,
  type OutdatedOp,
  type Samples,
  type Tally,
  waveOf,
} from '../model/op.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files } from '../ports.ts'
import { type CheckedPlan, refuseCopy, refusePlan } from './check-plan.ts'
import type { WaitingExtra } from './extras-list.ts'
import { besideCopy, besideDelete, type Fate, leftCopy, leftDelete, type Note } from './fate.ts'
import { blocksOf } from './line-file.ts'
import { OpLines } from './op-lines.ts'
import { OpStream } from './op-stream.ts'
import type { Part } from './part.ts'
import { unnameableOf } from './plan.ts'
import { changed, type PlanLines, type PlanTotals } from './plan-file.ts'
import { addSample, type Collected, firstOf, wantsSample } from './samples.ts'
import { Counter, count, countAt, type PlaceTallies, sumAt, type Tallies } from './tallies.ts'

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
  /** Take what is carried out. */
  readonly lines: PlanLines
  /** Whether copies that are done already get a row: somebody counts the rows of the plan. */
  readonly countsDone?: boolean
}

/** What is to be carried out: of what was approved that which this run would do as well. */
export interface Carried {
  readonly totals: PlanTotals
  /** Deletes that are to be made. */
  readonly deleting: Tally
  /** Copies to keys where nothing stands that are to be made. */
  readonly adding: Tally
  readonly samples: Samples
  readonly approval: Approval
}

type PartFile = (part: Part) => { readonly path: string; readonly objects: number }

/** The files of all parts, in the order of their keys. */
const filesOf = ({ parts }: ApprovedInput, pick: PartFile): readonly string[] =>
  parts.map(pick).flatMap(({ path, objects }) => (objects > 0 ? [path] : []))

/** The lines of files, as many at a time as are read. */
async function* bytesOf(files: Files, paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) yield* files.lineBytes(path)
}

/** What the lines of all parts say. */
async function* readLines<T>(input: ApprovedInput, pick: PartFile): AsyncGenerator<readonly T[]> {
  for (const path of filesOf(input, pick)) yield* blocksOf<T>(input.files, path)
}

/** What is noted under a key. Notes in front of it are passed over. */
async function noteAt(notes: Head<Note>, key: KeyBytes): Promise<Note | undefined> {
  for (;;) {
    await notes.fill()
    const note = notes.value
    if (!note || note.key >= key) return note?.key === key ? note : undefined
    notes.step()
  }
}

const tallyOf = ({ size }: Op): Tally => ({ objects: 1, bytes: size })

/** So many keys are remembered where nothing stands. */
const MOST_MISSING = 100_000

/** Writes the lines of what is carried out, and counts. */
class Collector {
  readonly #lines: PlanLines
  readonly #samples: Collected
  readonly #reasons: Tallies
  /** Of each wave. */
  readonly waves: PlaceTallies = []
  readonly all = new Counter()
  readonly carried = new Counter()
  /** Of these, copies to keys where nothing stands. */
  readonly added = new Counter()
  done = 0
  /** Of these, copies that get a row. */
  doneRows = 0
  outdated = 0
  unapproved = 0
  readonly missing: string[] = []

  /** Ops of the approved plan that were seen. */
  get approved(): number {
    return this.all.objects - this.doneRows + this.done
  }

  constructor(
    lines: PlanLines,
    { samples, reasons }: { readonly samples: Collected; readonly reasons: Tallies },
  ) {
    this.#lines = lines
    this.#samples = samples
    this.#reasons = reasons
  }

  /** To be carried out, as this run decided it: whole lines. Resolves when more can be taken, undefined: it can now. */
  carry(block: Buffer): Promise<void> | undefined {
    for (const lines = new OpLines(block); lines.next(); ) {
      const { size, wave, reason = '' } = lines
      this.carried.add(size)
      if (reason === 'missing') this.added.add(size)
      this.#count(reason, wave, size)
      if (wantsSample(this.#samples, reason))
        addSample(this.#samples, reason, { key: lines.op?.key ?? '', size })
    }
    return this.#lines.append(block)
  }

  /** Not to be carried out any more: it gets a row that says why. `note` tells as what its source is counted. */
  async outdate(op: Op, outdated: OutdatedBy, note: Note | undefined): Promise<void> {
    this.outdated++
    await this.#tell({ ...op, outdated }, note)
  }

  /** So already, by what stands there: it gets a row that says so. */
  async settle(op: CopyOp, standing: string | undefined, note: Note | undefined): Promise<void> {
    this.doneRows++
    await this.#tell({ ...op, outdated: 'DoneAlready', standing }, note)
  }

  async #tell(op: OutdatedOp, note: Note | undefined): Promise<void> {
    if (op.op === 'copy' && note?.skip && note.from)
      count(this.#reasons, note.skip, { objects: -1, bytes: -note.from.size })
    this.#count(op.reason, op.op === 'copy' ? waveOf(op) : 0, op.size)
    addSample(this.#samples, op.reason, { key: op.key, size: op.size })
    await this.#lines.write(visibleJson(op))
  }

  #count(reason: string, wave: number, size: number): void {
    this.all.add(size)
    const tally = { objects: 1, bytes: size }
    count(this.#reasons, reason, tally)
    countAt(this.waves, wave, tally)
  }

  /** Decided by this run alone: left. */
  leave(op: Op): void {
    this.unapproved++
    if (op.op === 'delete') return
    if (op.reason === 'missing' && this.missing.length < MOST_MISSING) this.missing.push(op.to)
    count(this.#reasons, 'not-approved', tallyOf(op))
    addSample(this.#samples, 'not-approved', { key: op.key, size: op.size })
  }
}

/** The first key of two streams, at least one of which has one. */
const firstKey = <T extends Op>({ key: a }: OpStream<T>, { key: b }: OpStream<T>): KeyBytes =>
  (a !== undefined && b !== undefined && b < a ? b : (a ?? b)) as KeyBytes

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

/** Ops of one kind: those that were approved, those that this run would do, and notes of what it leaves. */
interface Joined<T extends Op> {
  readonly approved: OpStream<T>
  readonly decided: OpStream<T>
  readonly notes: Head<Note>
}

/** What becomes of approved ops, and what else is to be done with those that are done already. */
interface Fates<T> {
  of(approved: T, now: Now<T>): Exclude<Fate, 'never'>
  readonly onDone?: ((approved: T, now: Now<T>) => Promise<void>) | undefined
}

/** Carries over what both have alike, and asks for the fate of what only one has, or both have otherwise. */
async function collect<T extends Op>(
  { approved, decided, notes }: Joined<T>,
  into: Collector,
  fates: Fates<T>,
): Promise<void> {
  try {
    for (;;) {
      const [isGiven, isDecided] = [await approved.fill(), await decided.fill()]
      if (!isGiven && !isDecided) return
      const alike = approved.alike(decided)
      if (alike > 0) {
        approved.take(alike)
        await into.carry(decided.take(alike))
        continue
      }
      const key = firstKey(approved, decided)
      const given = approved.key === key ? approved.op : undefined
      const op = decided.key === key ? decided.op : undefined
      const now: Now<T> = { op, note: await noteAt(notes, key) }
      const fate = given && fates.of(given, now)
      if (op && fate === 'carry') await into.carry(decided.line)
      else {
        checkWay(op)
        if (given && fate === 'done') {
          into.done++
          await fates.onDone?.(given, now)
        } else if (given && fate && fate !== 'carry' && fate !== 'done')
          await into.outdate(given, fate, now.note)
        if (op && (!fate || fate === 'done')) into.leave(op)
      }
      if (given) approved.take()
      if (op) decided.take()
    }
  } finally {
    await Promise.all([approved.close(), decided.close(), notes.close()])
  }
}

/** Joins the copies; what no request can name is not paired, as it fails by name in any case. */
async function collectCopies(input: ApprovedInput, into: Collector): Promise<void> {
  const { approved, parts, prefix, files } = input
  const { path, header } = approved
  const isStillThere = unnameableOf(parts) !== undefined
  const plannedMs = Date.parse(header.createdAt)
  let unnameable = 0
  const leave = (op: CopyOp, line: Buffer) => {
    unnameable--
    return isStillThere ? into.carry(line) : into.outdate(op, 'NoSuchKey', undefined)
  }
  const joined: Joined<CopyOp> = {
    approved: new OpStream({
      blocks: bytesOf(files, [path]),
      kind: 'copy',
      prefix,
      aside: approved.hasUnnameable ? leave : undefined,
    }),
    decided: new OpStream({
      blocks: bytesOf(
        files,
        filesOf(input, ({ copies }) => copies),
      ),
      kind: 'copy',
      prefix,
      aside: isStillThere ? () => void unnameable++ : undefined,
    }),
    notes: new Head(readLines<Note>(input, (part) => part.notes)),
  }
  await collect(joined, into, {
    of: (copy, { op, note = {} }) => {
      const fate = op ? besideCopy(copy, op) : leftCopy(copy, note, plannedMs)
      return fate === 'never' ? refuseCopy(path, copy) : fate
    },
    onDone: input.countsDone
      ? (copy, { op, note }) => into.settle(copy, op?.toEtag ?? note?.to?.etag, note)
      : undefined,
  })
  if (into.approved !== approved.trailer.copies.objects) throw changed('copies')
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
  // Where this run finds a key that no request can name, its guards refuse all deletes: else it is gone.
  const gone = () => void into.done++
  const joined: Joined<DeleteOp> = {
    approved: new OpStream({
      blocks: any ? bytesOf(files, [approved.path]) : nothing(),
      kind: 'delete',
      prefix,
      aside: approved.hasUnnameable ? gone : undefined,
    }),
    decided: new OpStream({
      blocks: bytesOf(
        files,
        filesOf(input, ({ deletes }) => deletes),
      ),
      kind: 'delete',
      prefix,
      aside: unnameableOf(parts) === undefined ? undefined : () => {},
    }),
    notes: new Head(any ? withWaits(input) : nothing()),
  }
  await collect(joined, into, {
    of: (extra, { op, note = {} }) => {
      const fate = op ? besideDelete(extra, op) : leftDelete(note)
      const named = JSON.stringify(extra.key)
      return fate === 'never'
        ? refusePlan(approved.path, `it deletes an object that this run would not delete: ${named}`)
        : fate
    },
  })
  if (into.approved !== approved.trailer.deletes.objects) throw changed('deletes')
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
  const { parts, totals, deletes, lines } = input
  const reasons: Tallies = Object.fromEntries(
    leftAsItIs(totals.reasons, deletes).map(([reason, tally]) => [reason, { ...tally }]),
  )
  const found = firstOf(parts.map((part) => part.samples))
  const samples: Collected = Object.fromEntries(
    leftAsItIs(found, deletes).map(([reason, some]) => [reason, [...some]]),
  )
  const [copy, extra] = [
    new Collector(lines, { samples, reasons }),
    new Collector(lines, { samples, reasons }),
  ]
  await collectCopies(input, copy)
  await collectDeletes(input, extra)
  return {
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
      ...(copy.missing.length > 0 ? { missing: copy.missing } : {}),
    },
  }
}
