import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import type { ListedPlace } from '../listing/pages.ts'
import { ruledKey } from '../model/header-rules.ts'
import { isoTime } from '../model/iso-time.ts'
import { type KeyBytes, MOST_KEY_BYTES, toKeyBytes, toText } from '../model/key.ts'
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
import { OWN_KEYS } from '../model/own-keys.ts'
import { addressOf, type Place, s3Url } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { Files } from '../ports.ts'
import type { ComparedPair, ListedPair } from './checksum-looks.ts'
import { type Asking, type ChecksumVerdict, type Decision, decide } from './decide.ts'
import { type Doubt, differing } from './doubts.ts'
import type { WaitingExtra } from './extras-list.ts'
import type { Note, Shown } from './fate.ts'
import { isFolderMarker } from './file-names.ts'
import { LineFile } from './line-file.ts'
import type { PairScope } from './pair-scope.ts'
import { addSample, type Collected } from './samples.ts'
import { StandingLines } from './standing.ts'
import { count, countAt, type PlaceTallies, type Tallies } from './tallies.ts'

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

/** What the ops of a plan depend on, whatever an approved plan and checksums say. */
export type CommonRules = Omit<PartRules, 'checks' | 'isNoted'>

/** What one range of keys adds to a plan. */
export class Part {
  readonly reasons: Tallies = {}
  /** Objects listed, those out of scope included; a folder's own marker (`prefix/`) does not count. */
  readonly listed = { source: 0, destination: 0 }
  /** Objects at the destination that belong to the sync. */
  inScope = 0
  /** Objects of the source that do. */
  sourceInScope = 0
  /** Whether an object of the source would become SHA256SUMS. */
  hasSums = false
  /** A key of a copy that has more bytes than S3 takes. */
  tooLong: string | undefined
  /** A key that is not valid UTF-8, as it is shown, where an op would have one. */
  unnameable: string | undefined
  /** All keys of the source, where they count. */
  sourceKeys: KeyCount | undefined
  /** The copies of each wave. */
  readonly waves: PlaceTallies = []
  /** What is left as `differs-unproven` of each wave. */
  readonly unproven: PlaceTallies = []
  readonly samples: Collected = {}
  /** Copies that wait, of which a look decides whether they are made. */
  readonly doubts: Doubt<Note>[] = []
  readonly copies: LineFile<CopyOp>
  /** All extras, until it is known which of them wait. */
  deletes: LineFile<DeleteOp>
  /** In the order of their keys. */
  readonly waits: LineFile<WaitingExtra>
  readonly notes: LineFile<Note>
  /** What stays at the destination. */
  readonly standing: StandingLines

  /** Opens a part with files in `folder`; `name` is its own among all parts of a plan. */
  constructor(files: Files, folder: string, name: string) {
    this.copies = new LineFile(files, files.join(folder, `${name}-copies.ndjson`))
    this.deletes = new LineFile(files, files.join(folder, `${name}-deletes.ndjson`))
    this.waits = new LineFile(files, files.join(folder, `${name}-waits.ndjson`))
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
  const archived = copies.waiting.flatMap((op, at) => (op.archived ? [{ op, at }] : []))
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

/** The wave of a copy; what no request can name is of wave 0. */
const waveIn = ({ waves }: PairScope, { key }: SourceObject): number =>
  waves && toText(key) !== undefined ? waves.of(key) : 0

function copyOf(
  part: Part,
  { source, destination, scope }: Pick<PartRules, 'source' | 'destination' | 'scope'>,
  [from, to, reason]: readonly [SourceObject, ObjectInfo | undefined, CopyReason],
): CopyOp {
  const wave = waveIn(scope, from)
  // By what an object that is to be overwritten is known again, where nobody tells its ETag.
  const untagged = to?.etag === '' ? to : undefined
  // By the million: to leave out what is undefined would take several times as long.
  return {
    op: 'copy',
    key: source.prefix + shown(part, originOf(from)),
    to: destination.prefix + shown(part, from.key),
    size: from.size,
    etag: from.etag,
    lastModified: isoTime(from.modified),
    toEtag: to?.etag,
    toSize: untagged?.size,
    toLastModified: untagged && isoTime(untagged.modified),
    storageClass: from.storageClass || undefined,
    versionId: from.version,
    pinned: from.pinned,
    sha256: from.expectedSha256,
    unnameable: toText(from.key) === undefined ? true : undefined,
    archived: isArchived(from) ? true : undefined,
    wave: wave > 0 ? wave : undefined,
    reason,
  }
}

/** What a copy of the plan is counted by, beside its reason. */
function tellCopy(
  part: Part,
  around: Pick<PartRules, 'destination' | 'scope'>,
  { key, to, size, reason, wave = 0 }: CopyOp,
): void {
  const { waves, headers } = around.scope
  if (waves) countAt(part.waves, wave, { objects: 1, bytes: size })
  headers?.copies(ruledAt(around, to))
  addSample(part.samples, reason, { key, size })
}

/** Adds a copy to those that wait to be written. */
export function addCopy(
  part: Part,
  around: Pick<PartRules, 'source' | 'destination' | 'scope'>,
  copied: readonly [SourceObject, ObjectInfo | undefined, CopyReason],
): void {
  const op = copyOf(part, around, copied)
  const isKey = around.destination.folder === undefined
  // No character has more than three bytes for each of its units.
  const mayBeLong = op.to.length > MOST_KEY_BYTES / 3
  if (isKey && mayBeLong && Buffer.byteLength(op.to) > MOST_KEY_BYTES) part.tooLong ??= op.to
  part.copies.add(op, op.size)
  tellCopy(part, around, op)
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
    lastModified: isoTime(object.modified),
    unnameable: toText(object.key) === undefined ? true : undefined,
    reason,
  }
  part.deletes.add(op, op.size)
}

const shownOf = ({ size, etag, modified }: ObjectInfo): Shown => ({ size, etag, modified })

/** Objects under one key; at least one side is there. */
export interface Taken {
  readonly from: SourceObject | undefined
  readonly to: ObjectInfo | undefined
  /** What their checksums say. */
  readonly checksums: ChecksumVerdict
}

/** The reason of a decision. */
export const reasonOf = (decision: Decision): CopyReason | SkipReason =>
  'skip' in decision ? decision.skip : decision.copy

export function noteOf(
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
export interface Taking {
  readonly planned?: Op['op'] | undefined
  readonly skip?: SkipReason
  /** Where a look decides between both. */
  readonly doubt?: Doubt<Note> | undefined
}

/** Looks at the objects whose headers may be others, and leaves those whose are not. */
export async function settleDoubts(part: Part, around: CommonRules): Promise<void> {
  const doubts = part.doubts.splice(0)
  const { headers } = around.scope
  if (!headers || doubts.length === 0) return
  const copied = await differing(doubts, headers, around)
  for (const doubt of doubts) {
    const { op, skip, note } = doubt
    const isCopied = copied.has(doubt)
    if (isCopied) {
      tellCopy(part, around, op)
      const key = toKeyBytes(op.to.slice(around.destination.prefix.length))
      part.standing.withdraw(wholeKey(around, key))
    } else part.copies.replace(op, op.size)
    if (isCopied && note) part.notes.replace(note.left, 0, note.copied)
    count(part.reasons, isCopied ? op.reason : skip, { objects: 1, bytes: op.size })
  }
}

/** A full key of the destination as rules for headers read it. */
const ruledAt = (
  { destination, scope }: Pick<PartRules, 'destination' | 'scope'>,
  to: string,
): string => (destination.single ? '' : (toText(scope.within) ?? '')) + ruledKey(destination, to)

/** A copy that is made only if a look shows other headers; undefined where none is taken. */
export function doubtOf(
  part: Part,
  around: CommonRules,
  [from, to, skip]: readonly [SourceObject, ObjectInfo | undefined, SkipReason],
): Doubt<Note> | undefined {
  const { headers } = around.scope
  const isText = toText(from.key) !== undefined
  if (!headers || !to || !isText || around.rules.overwrite === 'never') return undefined
  const op = copyOf(part, around, [from, to, 'headers-differ'])
  const key = ruledAt(around, op.to)
  if (!headers.wants({ key, from, to, skip })) return undefined
  const doubt = { op, skip, key }
  part.copies.add(op, op.size)
  part.doubts.push(doubt)
  return doubt
}

/** A bucket's root has no key for the object of the source's own folder: refuses what is more than a marker. */
function refuseNameless({ bucket, prefix }: Place, { size }: SourceObject): void {
  if (size === 0) return
  const what = `${s3Url(bucket, prefix)} cannot be copied: at the root of a bucket its key is empty.`
  const hint = `It is an object of ${size} bytes whose key is the prefix itself. Set a prefix in destination, or move the object. Nothing was touched.`
  throw new SyncError('plan', what, { hint })
}

/** An object would take the place of the lock of this run. */
function refuseUnderLock({ source, rules }: PartRules, from: SourceObject): void {
  const { bucket, key } = rules.lock ?? { bucket: '', key: '' }
  const origin = addressOf(source, source.prefix + toText(originOf(from)))
  const what = `${s3Url(bucket, key)} is the lock of this run, and the place of ${origin}.`
  const title = 'The key of the lock is where an object goes'
  const hint = 'Set another key for lock, or exclude the object. Nothing was touched.'
  throw new SyncError('plan', what, { title, hint })
}

/** Adds what is to be done to the part. */
export function take(part: Part, around: PartRules, { from, to, checksums }: Taken): Taking {
  const { source, destination, rules, scope } = around
  const { within } = scope
  const key = (from ?? to)?.key as KeyBytes
  const lock = scope.lockAt(from, key)
  if (lock === 'lock') return {}
  // The folder's own marker is no content: a folder that holds nothing else is empty.
  const counts = within + key !== '' || source.single
  if (from && counts) part.listed.source++
  if (to && counts && !lock) part.listed.destination++
  // The destination's own marker is not what a sync is about, and is never deleted.
  if (!from && !counts) return {}
  if (!scope.has(from, to)) {
    if (!from) return {}
    count(part.reasons, 'filtered', { objects: 1, bytes: from.size })
    return { skip: 'filtered' }
  }
  if (lock && from) refuseUnderLock(around, from)
  if (scope.waves?.hasIdle) scope.waves.of(key)
  if (to && counts) part.inScope++
  if (from && counts) part.sourceInScope++
  if (from && within + key === OWN_KEYS.sums) part.hasSums = true
  if (!from) {
    if (to) takeExtra(part, around, to)
    return { planned: rules.delete ? 'delete' : undefined }
  }
  if (destination.folder !== undefined && isFolderMarker(destination.prefix + key, from.size)) {
    count(part.reasons, 'folder-marker', { objects: 1, bytes: 0 })
    return { skip: 'folder-marker' }
  }
  if (destination.prefix + key === '') {
    // What no file can be named is told of all files together.
    if (destination.folder !== undefined) return {}
    refuseNameless(source, from)
    count(part.reasons, 'folder-marker', { objects: 1, bytes: 0 })
    return { skip: 'folder-marker' }
  }
  if (scope.headers && toText(key) !== undefined)
    scope.headers.see(ruledAt(around, destination.prefix + toText(key)))
  const decision = decide(rules, from, to, around.skewMs, checksums)
  const one = { objects: 1, bytes: from.size }
  if (checksums === 'not-asked') count(part.reasons, CHECKSUM_NOT_ASKED, one)
  const doubt = 'skip' in decision ? doubtOf(part, around, [from, to, decision.skip]) : undefined
  if (!doubt) count(part.reasons, reasonOf(decision), one)
  if ('copy' in decision) {
    addCopy(part, around, [from, to, decision.copy])
    return { planned: 'copy' }
  }
  const { skip } = decision
  // Only by its ETag a file is known to be what the object is.
  const sha256 = skip === 'same-etag' ? from.sha256 : undefined
  if (to && scope.publishes) part.standing.add(wholeKey(around, to.key), to.size, to.etag, sha256)
  if (skip === 'differs-unproven') {
    const origin = toText(originOf(from))
    addSample(part.samples, skip, { key: source.prefix + origin, size: from.size })
    if (scope.waves) countAt(part.unproven, scope.waves.of(key), { objects: 1, bytes: from.size })
  }
  return { skip, doubt }
}
