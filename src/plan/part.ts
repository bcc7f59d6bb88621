import { inParallel } from '../flow/pool.ts'
import type { ListedPlace } from '../listing/pages.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import { isArchived, type ObjectInfo, type SourceObject } from '../model/object-info.ts'
import {
  CHECKSUM_NOT_ASKED,
  type CopyOp,
  type CopyReason,
  type DeleteOp,
  type KeyCount,
  type Op,
  type SkipReason,
} from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { Files } from '../ports.ts'
import type { ComparedPair, ListedPair } from './checksum-looks.ts'
import { type Asking, type ChecksumVerdict, type Decision, decide, skipOfSame } from './decide.ts'
import type { Left, Shown } from './fate.ts'
import type { PairTaker } from './join.ts'
import { LineFile } from './line-file.ts'
import { addSample, type Collected } from './samples.ts'
import { StandingLines } from './standing.ts'
import { count, countAt, type PlaceTallies, type Tallies } from './tallies.ts'

/** What belongs to the sync. */
export interface PairScope {
  /** Whether all objects do, whatever their keys. */
  readonly hasAll: boolean
  /** Whether the objects under one key do. */
  has(from: SourceObject | undefined, to: ObjectInfo | undefined): boolean
  /** Whether it is told what stays at the destination. */
  readonly publishes: boolean
  /** Takes a planned delete, by its key relative to the listed part of the destination. */
  seeDelete(key: KeyBytes): void
  /** What all relative keys begin with, where only that part of both places is listed. */
  readonly within: KeyBytes
  /** undefined: all copies are one wave. */
  readonly waves: PairWaves | undefined
}

/** When what goes to a key is copied. */
export interface PairWaves {
  /** The wave of a key relative to the listed part of the destination. */
  of(key: KeyBytes): number
  /** Whether some glob took no key so far, so that each key has to be seen. */
  readonly hasIdle: boolean
}

/** Tells which pairs are asked for their checksums, and asks. */
export interface PairAsking {
  /** Whether checksums are to be asked for, and may tell anything. */
  askingOf(from: SourceObject, to: ObjectInfo): Asking
  /** The pair by its full keys; undefined where no request can name them. */
  pairOf(from: SourceObject, to: ObjectInfo): ListedPair<SourceObject> | undefined
  /** Takes a pair of which only some are asked for. Gives whether it is asked for at once. */
  offer(part: Part, pair: ListedPair<SourceObject>): boolean
  /** What the checksums of both say. */
  look(pair: ListedPair<SourceObject>): Promise<ComparedPair<SourceObject>>
}

/** What the ops of a plan depend on. */
export interface PartRules {
  readonly source: Place & ListedPlace
  readonly destination: Place & ListedPlace
  readonly rules: SelectionRequest
  readonly scope: PairScope
  /** How far the clock of the source's service is ahead of the destination's. */
  readonly skewMs: number
  /** Asks whether an archived object was restored; undefined where the listing told it. */
  readonly isRestored: ((key: string) => Promise<boolean>) | undefined
  /** Whether what both places have under a key is noted, by what is planned there. Keys are relative to the whole destination. */
  readonly isNoted: ((key: KeyBytes, planned: Op['op'] | undefined) => boolean) | undefined
  /** Tells which pairs are asked for their checksums; undefined: none. */
  readonly checks: PairAsking | undefined
}

/** What both places have under one key. */
export interface Note extends Left {
  /** Relative to the whole destination. */
  readonly key: KeyBytes
}

/** What one range of keys adds to a plan. */
export class Part {
  readonly reasons: Tallies = {}
  /** Objects listed, those out of scope included; a folder's own marker (`prefix/`) does not count. */
  readonly listed = { source: 0, destination: 0 }
  /** Objects at the destination that belong to the sync. */
  inScope = 0
  /** Objects of the source that do. */
  sourceInScope = 0
  /** A key that is not valid UTF-8, as it is shown, where an op would have one. */
  unnameable: string | undefined
  /** All keys of the source, where they count. */
  sourceKeys: KeyCount | undefined
  /** The copies of each wave. */
  readonly waves: PlaceTallies = []
  /** What is left as `differs-unproven` of each wave. */
  readonly unproven: PlaceTallies = []
  readonly samples: Collected = {}
  readonly copies: LineFile<CopyOp>
  readonly deletes: LineFile<DeleteOp>
  readonly notes: LineFile<Note>
  /** What stays at the destination. */
  readonly standing: StandingLines

  /** Opens a part with files in `folder`; `name` is its own among all parts of a plan. */
  constructor(files: Files, folder: string, name: string) {
    this.copies = new LineFile(files, files.join(folder, `${name}-copies.ndjson`))
    this.deletes = new LineFile(files, files.join(folder, `${name}-deletes.ndjson`))
    this.notes = new LineFile(files, files.join(folder, `${name}-notes.ndjson`))
    this.standing = new StandingLines(files, files.join(folder, `${name}-standing.ndjson`))
  }

  /** Writes what waits in memory. */
  async flush(): Promise<void> {
    await this.copies.flush()
    await this.deletes.flush()
    await this.notes.flush()
    await this.standing.flush()
  }

  /** Closes the files; they can be read then. */
  async close(): Promise<void> {
    await this.copies.close()
    await this.deletes.close()
    await this.notes.close()
    await this.standing.close()
  }
}

const HEADS_AT_ONCE = 16

/** Where the listing could not tell it, asks of archived objects whether they were restored. */
export async function keepRestored(
  { copies }: Part,
  { isRestored }: Pick<PartRules, 'isRestored'>,
): Promise<void> {
  if (!isRestored) return
  const archived = copies.waiting.flatMap((op, at) => ('archived' in op ? [{ op, at }] : []))
  await inParallel(archived, HEADS_AT_ONCE, async ({ op, at }) => {
    const { archived: _archived, ...readable } = op
    if (await isRestored(op.key)) copies.waiting[at] = readable
  })
}

/** The text of a key; one that is not valid UTF-8 is shown with U+FFFD and can never be carried. */
function shown(part: Part, key: KeyBytes): string {
  const text = toText(key)
  if (text !== undefined) return text
  part.unnameable ??= Buffer.from(key, 'latin1').toString('utf8')
  return Buffer.from(key, 'latin1').toString('utf8')
}

const originOf = ({ key, origin = key }: SourceObject): KeyBytes => origin

/** By what an object that is to be overwritten is known again. */
const standing = ({ etag, size, modified }: ObjectInfo): Partial<CopyOp> =>
  etag === ''
    ? { toEtag: '', toSize: size, toLastModified: new Date(modified).toISOString() }
    : { toEtag: etag }

/** The wave of a copy; what no request can name is of wave 0. */
const waveIn = ({ waves }: PairScope, { key }: SourceObject): number =>
  waves && toText(key) !== undefined ? waves.of(key) : 0

/** Adds a copy to those that wait to be written. */
export function addCopy(
  part: Part,
  { source, destination, scope }: Pick<PartRules, 'source' | 'destination' | 'scope'>,
  [from, to, reason]: readonly [SourceObject, ObjectInfo | undefined, CopyReason],
): void {
  const relative = shown(part, originOf(from))
  const wave = waveIn(scope, from)
  addSample(part.samples, reason, { key: source.prefix + relative, size: from.size })
  const op: CopyOp = {
    op: 'copy',
    key: source.prefix + relative,
    to: destination.prefix + shown(part, from.key),
    size: from.size,
    etag: from.etag,
    lastModified: new Date(from.modified).toISOString(),
    ...(to ? standing(to) : {}),
    ...(from.storageClass ? { storageClass: from.storageClass } : {}),
    ...(from.version === undefined ? {} : { versionId: from.version }),
    ...(toText(from.key) === undefined ? { unnameable: true as const } : {}),
    ...(isArchived(from) ? { archived: true as const } : {}),
    ...(wave > 0 ? { wave } : {}),
    reason,
  }
  part.copies.add(op, op.size)
  if (scope.waves) countAt(part.waves, wave, { objects: 1, bytes: op.size })
}

function takeExtra(part: Part, { destination, rules, scope }: PartRules, object: ObjectInfo): void {
  const reason = 'only-at-destination'
  count(part.reasons, reason, { objects: 1, bytes: object.size })
  if (!rules.delete) return
  scope.seeDelete(object.key)
  const key = destination.prefix + shown(part, object.key)
  addSample(part.samples, reason, { key, size: object.size })
  const op: DeleteOp = {
    op: 'delete',
    key,
    size: object.size,
    etag: object.etag,
    lastModified: new Date(object.modified).toISOString(),
    ...(toText(object.key) === undefined ? { unnameable: true as const } : {}),
    reason,
  }
  part.deletes.add(op, op.size)
}

const shownOf = ({ size, etag, modified }: ObjectInfo): Shown => ({ size, etag, modified })

/** Objects under one key; at least one side is there. */
interface Taken {
  readonly from: SourceObject | undefined
  readonly to: ObjectInfo | undefined
  /** What their checksums say. */
  readonly checksums: ChecksumVerdict
}

/** The reason of a decision. */
export const reasonOf = (decision: Decision): CopyReason | SkipReason =>
  'skip' in decision ? decision.skip : decision.copy

function noteOf(
  key: KeyBytes,
  { from, to }: Omit<Taken, 'checksums'>,
  { source }: PartRules,
): Note {
  const origin = from && toText(originOf(from))
  const named = from && origin !== undefined && { key: source.prefix + origin, ...shownOf(from) }
  return { key, from: named || undefined, to: to && shownOf(to) }
}

/** Relative to the whole destination; of a single object the name. */
export const wholeKey = (
  { scope: { within }, destination }: Pick<PartRules, 'scope' | 'destination'>,
  key: KeyBytes,
): KeyBytes =>
  destination.single
    ? toKeyBytes(destination.prefix.slice(destination.prefix.lastIndexOf('/') + 1))
    : ((within + key) as KeyBytes)

/** What is to be done under a key, or why an object of the source is left. */
interface Taking {
  readonly planned?: Op['op'] | undefined
  readonly skip?: SkipReason
}

/** Adds what is to be done to the part. */
function take(part: Part, around: PartRules, { from, to, checksums }: Taken): Taking {
  const { source, destination, rules, scope } = around
  const { within } = scope
  const key = (from ?? to)?.key as KeyBytes
  // The folder's own marker is no content: a folder that holds nothing else is empty.
  const counts = within + key !== '' || source.single
  if (from && counts) part.listed.source++
  if (to && counts) part.listed.destination++
  // The destination's own marker is not what a sync is about, and is never deleted.
  if (!from && !counts) return {}
  if (!scope.has(from, to)) {
    if (!from) return {}
    count(part.reasons, 'filtered', { objects: 1, bytes: from.size })
    return { skip: 'filtered' }
  }
  if (scope.waves?.hasIdle) scope.waves.of(key)
  if (to && counts) part.inScope++
  if (from && counts) part.sourceInScope++
  if (!from) {
    if (to) takeExtra(part, around, to)
    return { planned: rules.delete ? 'delete' : undefined }
  }
  // A bucket's root has no key that the marker of a source folder could be copied to.
  if (destination.prefix + key === '') return {}
  const decision = decide(rules, from, to, around.skewMs, checksums)
  const one = { objects: 1, bytes: from.size }
  count(part.reasons, reasonOf(decision), one)
  if (checksums === 'not-asked') count(part.reasons, CHECKSUM_NOT_ASKED, one)
  if ('copy' in decision) {
    addCopy(part, around, [from, to, decision.copy])
    return { planned: 'copy' }
  }
  if (to && scope.publishes) part.standing.add(wholeKey(around, to.key), to.size, to.etag)
  if (decision.skip === 'differs-unproven') {
    const origin = toText(originOf(from))
    addSample(part.samples, decision.skip, { key: source.prefix + origin, size: from.size })
    if (scope.waves) countAt(part.unproven, scope.waves.of(key), { objects: 1, bytes: from.size })
  }
  return { skip: decision.skip }
}

/** Counts what is the same on both sides, where it takes no more than that to know why it is left. */
function sameTaker(part: Part, around: PartRules): PairTaker['takeSame'] {
  const { rules, scope, isNoted } = around
  const left = skipOfSame(rules)
  if (!left || !scope.hasAll || isNoted) return undefined
  return (objects, row) => {
    const size = objects.size(row)
    part.listed.source++
    part.listed.destination++
    part.inScope++
    part.sourceInScope++
    count(part.reasons, left, { objects: 1, bytes: size })
    if (scope.publishes)
      part.standing.add(wholeKey(around, objects.key(row)), size, objects.etag(row))
  }
}

/** What is taken once the checksums of those that stand before it are known. */
interface Waiting {
  readonly from: SourceObject | undefined
  readonly to: ObjectInfo | undefined
  /** How it is asked for; undefined: it only keeps its place. */
  readonly pair: ListedPair<SourceObject> | undefined
}

/** Pairs of a range that are asked for at a time; what all ranges ask for waits for its turn. */
const PAIRS_AT_ONCE = 32

/** Turns the pairs of a range into the lines and counts of a part, in their order. */
class PartTaker implements PairTaker {
  readonly #takeSame: PairTaker['takeSame']
  readonly #part: Part
  readonly #around: PartRules
  #waiting: Waiting[] = []

  constructor(part: Part, around: PartRules) {
    this.#part = part
    this.#around = around
    this.#takeSame = sameTaker(part, around)
  }

  /** As long as some glob of the waves took no key, each has to be seen. */
  get takeSame(): PairTaker['takeSame'] {
    return this.#around.scope.waves?.hasIdle ? undefined : this.#takeSame
  }

  take(from: SourceObject | undefined, to: ObjectInfo | undefined): void {
    const pair = from && to && this.#asked(from, to)
    if (pair || this.#waiting.length > 0) this.#waiting.push({ from, to, pair })
    else this.#settle({ from, to, checksums: 'none' })
  }

  async pause(): Promise<void> {
    if (this.#waiting.length > 0) await this.#settleAll()
    await keepRestored(this.#part, this.#around)
    await this.#part.flush()
  }

  /** The pair, where it is asked for now. */
  #asked(from: SourceObject, to: ObjectInfo): ListedPair<SourceObject> | undefined {
    const { checks, scope } = this.#around
    const asking = checks?.askingOf(from, to)
    if (!checks || !asking || !scope.has(from, to)) return undefined
    const pair = checks.pairOf(from, to)
    if (!pair) return undefined
    if (asking === 'all') return pair
    // Behind all others it is known which of these are asked for.
    return checks.offer(this.#part, pair) ? pair : undefined
  }

  async #settleAll(): Promise<void> {
    const { checks } = this.#around
    const all = this.#waiting
    this.#waiting = []
    const looked = new Map<Waiting, ComparedPair<SourceObject>>()
    await inParallel(all, PAIRS_AT_ONCE, async (waiting) => {
      if (waiting.pair && checks) looked.set(waiting, await checks.look(waiting.pair))
    })
    for (const waiting of all) {
      const { from, to, verdict } = looked.get(waiting) ?? { ...waiting, verdict: 'none' as const }
      this.#settle({ from, to, checksums: verdict })
    }
  }

  #settle(taken: Taken): void {
    const { from, to } = taken
    const { isNoted, scope } = this.#around
    const { planned, skip } = take(this.#part, this.#around, taken)
    const key = (scope.within + ((from ?? to)?.key ?? '')) as KeyBytes
    if (!isNoted?.(key, planned)) return
    this.#part.notes.add({ ...noteOf(key, taken, this.#around), skip }, 0)
  }
}

/** Turns pairs into the lines and counts of a part. */
export const takerOf = (part: Part, around: PartRules): PairTaker => new PartTaker(part, around)
