import type { ListedPlace } from '../inventory/pages.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { isArchived, type ObjectInfo } from '../model/object-info.ts'
import type { CopyOp, CopyReason, DeleteOp, KeyCount } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'
import type { Files, LineWriter } from '../ports.ts'
import { decide } from './decide.ts'
import type { PairTaker } from './join.ts'
import { addSample, type Collected } from './samples.ts'
import { count, type Tallies } from './tallies.ts'

/** An object of the source, and where it stands among the keys of the destination. */
export interface SourceObject extends ObjectInfo {
  /** Its key in the source, where that is another. */
  readonly origin?: KeyBytes
  /** Whether the filters leave it out, where that cannot be told from `key`. */
  readonly out?: boolean
}

/** Whether the objects under one key belong to the sync. */
export type PairScope = (from: SourceObject | undefined, to: ObjectInfo | undefined) => boolean

/** What the ops of a plan depend on. */
export interface PartRules {
  readonly source: Place & ListedPlace
  readonly destination: Place & ListedPlace
  readonly rules: PlanRules
  readonly inScope: PairScope
  /** What all relative keys begin with, where only that part of both places is listed. */
  readonly within: KeyBytes
  /** Asks whether an archived object was restored; undefined where the listing told it. */
  readonly isRestored: ((key: string) => Promise<boolean>) | undefined
  readonly files: Files
  readonly folder: string
}

/** What one range of keys adds to a plan. */
export interface Part {
  readonly reasons: Tallies
  /** Objects listed, those out of scope included; a folder's own marker (`prefix/`) does not count. */
  readonly listed: { source: number; destination: number }
  /** Objects at the destination that belong to the sync. */
  inScope: number
  /** A key that is not valid UTF-8, as it is shown, where an op would have one. */
  unnameable: string | undefined
  /** All keys of the source, where they count. */
  sourceKeys: KeyCount | undefined
  readonly samples: Collected
  readonly copies: Lines
  readonly deletes: Lines
}

/** Lines for a file that is made when the first one comes. */
export interface Lines {
  readonly path: string
  objects: number
  bytes: number
  waiting: (CopyOp | DeleteOp)[]
  writer: LineWriter | undefined
}

const newLines = (path: string): Lines => ({
  path,
  objects: 0,
  bytes: 0,
  waiting: [],
  writer: undefined,
})

/** Opens a part; `name` is its own among all parts of a plan. */
export const newPart = ({ files, folder }: PartRules, name: string): Part => ({
  reasons: {},
  listed: { source: 0, destination: 0 },
  inScope: 0,
  unnameable: undefined,
  sourceKeys: undefined,
  samples: {},
  copies: newLines(files.join(folder, `${name}-copies.ndjson`)),
  deletes: newLines(files.join(folder, `${name}-deletes.ndjson`)),
})

function addLine(lines: Lines, op: CopyOp | DeleteOp): void {
  lines.objects++
  lines.bytes += op.size
  lines.waiting.push(op)
}

const HEADS_AT_ONCE = 16

/** Where the listing could not tell it, asks of archived objects whether they were restored. */
async function settleArchived({ copies }: Part, { isRestored }: PartRules): Promise<void> {
  if (!isRestored) return
  const archived = copies.waiting.flatMap((op, at) => ('archived' in op ? [{ op, at }] : []))
  const next = archived.values()
  const ask = async (): Promise<void> => {
    for (const { op, at } of next) {
      const { archived: _archived, ...readable } = op
      if (await isRestored(op.key)) copies.waiting[at] = readable
    }
  }
  await Promise.all(Array.from({ length: HEADS_AT_ONCE }, ask))
}

async function writeOut(lines: Lines, files: Files): Promise<void> {
  if (lines.waiting.length === 0) return
  const text = lines.waiting.map((op) => JSON.stringify(op)).join('\n')
  lines.waiting = []
  lines.writer ??= await files.writer(lines.path)
  await lines.writer.write(text)
}

/** The text of a key; one that is not valid UTF-8 is shown with U+FFFD and can never be carried. */
function shown(part: Part, key: KeyBytes): string {
  const text = toText(key)
  if (text !== undefined) return text
  part.unnameable ??= Buffer.from(key, 'latin1').toString('utf8')
  return Buffer.from(key, 'latin1').toString('utf8')
}

const originOf = ({ key, origin = key }: SourceObject): KeyBytes => origin

function addCopy(
  part: Part,
  { source, destination }: PartRules,
  [from, to, reason]: readonly [SourceObject, ObjectInfo | undefined, CopyReason],
): void {
  const relative = shown(part, originOf(from))
  addSample(part.samples, reason, { key: source.prefix + relative, size: from.size })
  addLine(part.copies, {
    op: 'copy',
    key: source.prefix + relative,
    to: destination.prefix + shown(part, from.key),
    size: from.size,
    etag: from.etag,
    lastModified: new Date(from.modified).toISOString(),
    ...(to ? { toEtag: to.etag } : {}),
    ...(from.storageClass ? { storageClass: from.storageClass } : {}),
    ...(toText(from.key) === undefined ? { unnameable: true as const } : {}),
    ...(isArchived(from) ? { archived: true as const } : {}),
    reason,
  })
}

function takeExtra(part: Part, { destination, rules }: PartRules, object: ObjectInfo): void {
  const reason = 'only-at-destination'
  count(part.reasons, reason, { objects: 1, bytes: object.size })
  if (!rules.delete) return
  const key = destination.prefix + shown(part, object.key)
  addSample(part.samples, reason, { key, size: object.size })
  addLine(part.deletes, { op: 'delete', key, size: object.size, etag: object.etag, reason })
}

function take(
  part: Part,
  around: PartRules,
  [from, to]: readonly [SourceObject | undefined, ObjectInfo | undefined],
): void {
  const { source, destination, rules, inScope, within } = around
  const key = (from ?? to)?.key as KeyBytes
  // The folder's own marker is no content: a folder that holds nothing else is empty.
  const counts = within + key !== '' || source.single
  if (from && counts) part.listed.source++
  if (to && counts) part.listed.destination++
  // The destination's own marker is not what a sync is about, and is never deleted.
  if (!from && !counts) return
  if (!inScope(from, to)) {
    if (from) count(part.reasons, 'filtered', { objects: 1, bytes: from.size })
    return
  }
  if (to && counts) part.inScope++
  if (!from) {
    if (to) takeExtra(part, around, to)
    return
  }
  // A bucket's root has no key that the marker of a source folder could be copied to.
  if (destination.prefix + key === '') return
  const decision = decide(rules, from, to)
  const reason = 'skip' in decision ? decision.skip : decision.copy
  count(part.reasons, reason, { objects: 1, bytes: from.size })
  if ('copy' in decision) addCopy(part, around, [from, to, decision.copy])
  else if (decision.skip === 'differs-unproven')
    addSample(part.samples, decision.skip, {
      key: source.prefix + toText(originOf(from)),
      size: from.size,
    })
}

/** Turns pairs into the lines and counts of a part. */
export const takerOf = (part: Part, around: PartRules): PairTaker => ({
  take: (from, to) => take(part, around, [from, to]),
  pause: async () => {
    await settleArchived(part, around)
    await writeOut(part.copies, around.files)
    await writeOut(part.deletes, around.files)
  },
})

/** Closes the files of a part; they can be read then. */
export async function closePart({ copies, deletes }: Part): Promise<void> {
  await copies.writer?.close()
  await deletes.writer?.close()
}
