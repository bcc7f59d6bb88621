import { inParallel } from '../flow/pool.ts'
import type { ListedPlace } from '../listing/pages.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { isArchived, type ObjectInfo } from '../model/object-info.ts'
import type { CopyOp, CopyReason, DeleteOp, KeyCount, Op, SkipReason } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { Files } from '../ports.ts'
import { decide, skipOfSame } from './decide.ts'
import type { Left, Shown } from './fate.ts'
import type { PairTaker } from './join.ts'
import { LineFile } from './line-file.ts'
import { addSample, type Collected } from './samples.ts'
import { count, countAt, type PlaceTallies, type Tallies } from './tallies.ts'

/** An object of the source, and where it stands among the keys of the destination. */
export interface SourceObject extends ObjectInfo {
  /** Its key in the source, where that is another. */
  readonly origin?: KeyBytes
  /** Whether the filters leave it out, where that cannot be told from `key`. */
  readonly out?: boolean
}

/** What belongs to the sync. */
export interface PairScope {
  /** Whether all objects do, whatever their keys. */
  readonly hasAll: boolean
  /** Whether the objects under one key do. */
  has(from: SourceObject | undefined, to: ObjectInfo | undefined): boolean
  /** Takes a planned delete, by its key relative to the listed part of the destination. */
  seeDelete(key: KeyBytes): void
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

/** What the ops of a plan depend on. */
export interface PartRules {
  readonly source: Place & ListedPlace
  readonly destination: Place & ListedPlace
  readonly rules: SelectionRequest
  readonly scope: PairScope
  /** How far the clock of the source's service is ahead of the destination's. */
  readonly skewMs: number
  /** What all relative keys begin with, where only that part of both places is listed. */
  readonly within: KeyBytes
  /** Asks whether an archived object was restored; undefined where the listing told it. */
  readonly isRestored: ((key: string) => Promise<boolean>) | undefined
  /** Whether what both places have under a key is noted, by what is planned there. Keys are relative to the whole destination. */
  readonly isNoted: ((key: KeyBytes, planned: Op['op'] | undefined) => boolean) | undefined
}

/** What both places have under one key. */
export interface Note extends Left {
  /** Relative to the whole destination. */
  readonly key: KeyBytes
  /** Why the source's object is left, where it has one. */
  readonly skip?: SkipReason | undefined
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

  /** Opens a part with files in `folder`; `name` is its own among all parts of a plan. */
  constructor(files: Files, folder: string, name: string) {
    this.copies = new LineFile(files, files.join(folder, `${name}-copies.ndjson`))
    this.deletes = new LineFile(files, files.join(folder, `${name}-deletes.ndjson`))
    this.notes = new LineFile(files, files.join(folder, `${name}-notes.ndjson`))
  }

  /** Writes what waits in memory. */
  async flush(): Promise<void> {
    await this.copies.flush()
    await this.deletes.flush()
    await this.notes.flush()
  }

  /** Closes the files; they can be read then. */
  async close(): Promise<void> {
    await this.copies.close()
    await this.deletes.close()
    await this.notes.close()
  }
}

const HEADS_AT_ONCE = 16

/** Where the listing could not tell it, asks of archived objects whether they were restored. */
async function keepRestored({ copies }: Part, { isRestored }: PartRules): Promise<void> {
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

function addCopy(
  part: Part,
  { source, destination, scope }: PartRules,
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
}

function noteOf(key: KeyBytes, { from, to }: Taken, { source }: PartRules): Note {
  const origin = from && toText(originOf(from))
  const named = from && origin !== undefined && { key: source.prefix + origin, ...shownOf(from) }
  return { key, from: named || undefined, to: to && shownOf(to) }
}

/** What is to be done under a key, or why an object of the source is left. */
interface Taking {
  readonly planned?: Op['op'] | undefined
  readonly skip?: SkipReason
}

/** Adds what is to be done to the part. */
function take(part: Part, around: PartRules, { from, to }: Taken): Taking {
  const { source, destination, rules, scope, within } = around
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
  const decision = decide(rules, from, to, around.skewMs)
  const reason = 'skip' in decision ? decision.skip : decision.copy
  count(part.reasons, reason, { objects: 1, bytes: from.size })
  if ('copy' in decision) {
    addCopy(part, around, [from, to, decision.copy])
    return { planned: 'copy' }
  }
  if (decision.skip === 'differs-unproven') {
    const origin = toText(originOf(from))
    addSample(part.samples, decision.skip, { key: source.prefix + origin, size: from.size })
    if (scope.waves) countAt(part.unproven, scope.waves.of(key), { objects: 1, bytes: from.size })
  }
  return { skip: decision.skip }
}

/** Counts what is the same on both sides, where it takes no more than that to know why it is left. */
function sameTaker(part: Part, { rules, scope, isNoted }: PartRules): PairTaker['takeSame'] {
  const left = skipOfSame(rules)
  if (!left || !scope.hasAll || isNoted) return undefined
  return (size) => {
    part.listed.source++
    part.listed.destination++
    part.inScope++
    part.sourceInScope++
    count(part.reasons, left, { objects: 1, bytes: size })
  }
}

/** Turns pairs into the lines and counts of a part. */
export function takerOf(part: Part, around: PartRules): PairTaker {
  const takeSame = sameTaker(part, around)
  return {
    // As long as some glob of the waves took no key, each has to be seen.
    get takeSame() {
      return around.scope.waves?.hasIdle ? undefined : takeSame
    },
    take: (from, to) => {
      const { planned, skip } = take(part, around, { from, to })
      const key = (around.within + ((from ?? to)?.key ?? '')) as KeyBytes
      if (!around.isNoted?.(key, planned)) return
      part.notes.add({ ...noteOf(key, { from, to }, around), skip }, 0)
    },
    pause: async () => {
      await keepRestored(part, around)
      await part.flush()
    },
  }
}
