import { z } from 'zod'
import type { SyncError } from '../errors/sync-error.ts'
import type { Globs } from './globs.ts'
import { MOST_WAVES } from './waves.ts'

/** Version of the plan file's lines. */
export const PLAN_SCHEMA = 's3-direct-sync/plan/1'

/** Why an object is copied; `headers-differ`: what it holds is the same, and the rules for headers say something else; `destination-conflict`: it cannot be, as overwrite: never keeps another one that stands there. */
export const copyReason = z.enum([
  'missing',
  'size-differs',
  'etag-differs',
  'checksum-differs',
  'no-common-checksum',
  'newer',
  'always',
  'headers-differ',
  'destination-conflict',
])
export type CopyReason = z.infer<typeof copyReason>

const skipReason = z.enum([
  'same-etag',
  'same-checksum',
  'same-size',
  'not-newer',
  'exists',
  'differs-unproven',
  'filtered',
  'folder-marker',
  'only-at-destination',
  'delete-later',
  'not-approved',
  'not-in-source',
  'duplicate',
  'noncurrent',
  'delete-marker',
])
/** Why an object stays as it is; `only-at-destination`: unless extra objects are to be deleted; `delete-later`: as they are not for long enough; `not-approved`: the plan that was approved does not copy it; the others are rows of a manifest that name no object of their own. */
export type SkipReason = z.infer<typeof skipReason>

/**
 * What is counted besides the reasons: pairs whose checksums could not be asked for, or were not, as there are more than
 * a run asks for. What is done with them has a reason of its own.
 */
export const CHECKSUM_NOT_ASKED = 'checksum-not-asked'

/** A key as requests can name it. */
const keyText = z.string().refine((key) => key.isWellFormed())
/** An ETag as a condition can name it, without quotes; '' where the service told none. */
const etagText = z.string().regex(/^[^\s"*]*$/)

/** A copy to be made: one line of the plan file. Keys are full keys. */
export const copyOp = z.strictObject({
  op: z.literal('copy'),
  key: keyText,
  to: keyText,
  /** Bytes. */
  size: z.number().int().nonnegative(),
  etag: etagText,
  lastModified: z.iso.datetime(),
  /** ETag of the object that stands at the destination, where one does. */
  toEtag: etagText.optional(),
  /** Bytes and time of that object, where the service told no ETag of it. */
  toSize: z.number().int().nonnegative().optional(),
  toLastModified: z.iso.datetime().optional(),
  storageClass: z.string().optional(),
  /** The version that is copied, where a manifest names it. */
  versionId: z
    .string()
    .regex(/^[\x21-\x7e]{1,1024}$/)
    .optional(),
  /** Hex: what its bytes have to be, where a manifest says it and no stored checksum proves it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** The key is not valid UTF-8: it is shown with U+FFFD, and no request can name it. */
  unnameable: z.literal(true).optional(),
  /** The object is archived and not restored, so that nothing can read it. */
  archived: z.literal(true).optional(),
  /** When it is made; without one it is of wave 0, which goes first. */
  wave: z.number().int().min(1).max(MOST_WAVES).optional(),
  reason: copyReason,
})
export type CopyOp = z.infer<typeof copyOp>

const COPY_REASONS: ReadonlySet<string> = new Set(copyReason.options)

const REASONS: ReadonlySet<string> = new Set([
  ...copyReason.options,
  ...skipReason.options,
  CHECKSUM_NOT_ASKED,
])

/** Whether a reason of a plan is one to copy. */
export const isCopyReason = (reason: string): boolean => COPY_REASONS.has(reason)

/** Objects that the source does not have. */
const EXTRA_REASONS: ReadonlySet<string> = new Set(['only-at-destination', 'delete-later'])

/** Whether a reason is one to leave an object of the source as it is. */
export const isSkipReason = (reason: string): boolean =>
  !isCopyReason(reason) && !EXTRA_REASONS.has(reason) && reason !== CHECKSUM_NOT_ASKED

/** An object that only the destination has, to be deleted: one line of the plan file. */
export const deleteOp = z.strictObject({
  op: z.literal('delete'),
  key: keyText,
  /** Bytes. */
  size: z.number().int().nonnegative(),
  etag: etagText,
  /** By it and the size an object is known again where nobody tells its ETag; plans of before have none. */
  lastModified: z.iso.datetime().optional(),
  /** The key is not valid UTF-8: it is shown with U+FFFD, and may be that of another object. */
  unnameable: z.literal(true).optional(),
  reason: z.literal('only-at-destination'),
})
export type DeleteOp = z.infer<typeof deleteOp>

/** What the plan file holds between header and trailer: first all copies, then all deletes. */
export type Op = CopyOp | DeleteOp

/** The wave of an op that may have none: 0 goes first. */
export const waveOf = ({ wave = 0 }: { readonly wave?: number | undefined }): number => wave

/** Waves that follow one another, both ends included. */
export interface WaveRange {
  readonly first: number
  readonly last: number
}

/** Why an approved op cannot be carried out any more. */
export type OutdatedBy =
  | 'NoSuchKey'
  | 'SourceChanged'
  | 'DestinationChanged'
  | 'ExistsAtSource'
  | 'DeleteNotDue'
  | 'ChecksumUnknown'

/** A line of the plan that a run carries out, for an approved op that it does not carry out. */
export type OutdatedOp<T extends Op = Op> = T & {
  /** Why it cannot be any more; `DoneAlready`: what it was to bring about is so. */
  readonly outdated: OutdatedBy | 'DoneAlready'
  /** ETag of what stands at the destination, where that is it. */
  readonly standing?: string | undefined
}

const placeLine = z.strictObject({
  endpoint: z.string().optional(),
  region: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  single: z.boolean(),
  folder: z.string().optional(),
})

/** First line of a plan file. */
export const planHeader = z.strictObject({
  schema: z.literal(PLAN_SCHEMA),
  source: placeLine,
  destination: placeLine,
  compare: z.string(),
  delete: z.boolean(),
  /** sha256 of the manifest that names the objects, where one does. */
  manifest: z.string().optional(),
  /** sha256 of places, filters, waves, compare, overwrite, delete, write options and the manifest: a plan belongs to one request. */
  requestDigest: z.string(),
  createdAt: z.iso.datetime(),
})
export type PlanHeader = z.infer<typeof planHeader>

const count = z.number().int().nonnegative()
const tally = z.strictObject({ objects: count, bytes: count })

/** A number of objects and their bytes. */
export type Tally = z.infer<typeof tally>

/** No objects. */
export const NO_TALLY: Tally = { objects: 0, bytes: 0 }

/** Both together. */
export const addTally = (a: Tally, b: Tally): Tally => ({
  objects: a.objects + b.objects,
  bytes: a.bytes + b.bytes,
})

const checksumLooks = z.strictObject({ pairs: count, source: count, destination: count })

/** Pairs of objects whose checksums were asked for, and the HEADs that they took on each side. */
export type ChecksumCount = z.infer<typeof checksumLooks>

const keyCount = z.strictObject({ objects: count, digest: z.string() })

/** How many keys were listed, and a digest of them all. */
export type KeyCount = z.infer<typeof keyCount>

const asked = z.strictObject({ heads: count, lists: count })

const manifestCounts = z.strictObject({
  /** Those that were read, duplicates and filtered ones included. */
  rows: count,
  /** Rows whose SHA-256 nothing proves: no such checksum is stored. */
  sha256Unproven: count,
  /** Requests that looked the rows up. */
  lookUps: z.strictObject({ source: asked, destination: asked }),
})

/** What the rows of a manifest came to, beside their reasons. */
export type ManifestCounts = z.infer<typeof manifestCounts>

/** Last line of a plan file; a file without it is not a plan. */
export const planTrailer = z.strictObject({
  trailer: z.literal(true),
  copies: tally,
  deletes: tally,
  /** The copies of wave 0, 1 and so on; undefined where all are one wave. */
  waves: z
    .array(tally)
    .max(MOST_WAVES + 1)
    .optional(),
  /** Objects and bytes by reason, copies and skips alike. */
  reasons: z.record(
    z.string().refine((reason) => REASONS.has(reason)),
    tally,
  ),
  listed: z.strictObject({ source: count, destination: count }),
  /** Objects at the destination that the filters leave in. */
  inScope: count,
  /** Where there are rules for headers: objects whose headers were compared, and were not; copies whose source is looked at first. */
  headers: z.strictObject({ compared: count, notCompared: count, sourceLooks: count }).optional(),
  /** All keys of the source, where it is listed once more before deletes. */
  sourceKeys: keyCount.optional(),
  /** Where checksums were asked for. */
  checksums: checksumLooks.optional(),
  manifest: manifestCounts.optional(),
  /** sha256 over all lines before the trailer. */
  digest: z.string(),
})
export type PlanTrailer = z.infer<typeof planTrailer>

/** Objects that stand at the destination as the source has them, as far as the rules say so. */
export const standingBy = (reasons: PlanTrailer['reasons']): Tally =>
  (['same-etag', 'same-checksum', 'same-size', 'not-newer', 'exists', 'differs-unproven'] as const)
    .map((reason) => reasons[reason] ?? NO_TALLY)
    .reduce(addTally, NO_TALLY)

/** Objects of the source that a plan leaves as they are, filtered ones included. */
export const skippedBy = (reasons: PlanTrailer['reasons']): Tally =>
  Object.entries(reasons)
    .filter(([reason]) => isSkipReason(reason))
    .reduce((total, [, tally]) => addTally(total, tally), NO_TALLY)

/** One object of a plan, as an example. */
export interface Sample {
  /** Full key: of the source, or of the destination where only that has it. */
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** When it may be deleted at the earliest, where it waits for that; ISO 8601. */
  readonly due?: string | undefined
}

/** The first objects of each reason. */
export type Samples = Readonly<Record<string, readonly Sample[]>>

/** What a run made of a plan that was approved. */
export interface Approval {
  /** Approved ops that are none any more, as what they were to bring about is so already. */
  readonly done: number
  /** Of these, copies that have a row all the same, as somebody counts the rows. */
  readonly doneRows?: number
  /** Approved ops that cannot be carried out any more: of these the copies, and the deletes. */
  readonly outdated: { readonly copies: number; readonly deletes: number }
  /** What this run would do and nobody approved, so that it is left: copies, and deletes. */
  readonly unapproved: { readonly copies: number; readonly deletes: number }
}

/** What was seen of the waves when both places were compared. */
export interface WaveFindings {
  /** Globs that matched no key on either side. */
  readonly idle: readonly string[]
  /** Objects of each wave that are left, though it is not proven that they are the source's. */
  readonly unproven: readonly Tally[]
}

/** What only the destination has and is deleted later, and what is known of it. */
export interface WaitingExtras {
  readonly waiting: Tally
  /** When the first and the last of them may be deleted at the earliest, ISO 8601; undefined where none waits. */
  readonly due?: { readonly first: string; readonly last: string } | undefined
  /** File with a line for each extra, those that are deleted now included, and for what the list says of others. */
  readonly path: string
  /** Of the list that the destination has; undefined: it has none. */
  readonly listEtag: string | undefined
  /** Why that list could not be believed; undefined: it was, or there is none. */
  readonly flaw: string | undefined
  /** Whether the destination has to get another list. */
  readonly isNews: boolean
}

/** A finished plan: where its file is, its first and last line, and what it says in examples. */
export interface Plan {
  readonly path: string
  readonly header: PlanHeader
  readonly trailer: PlanTrailer
  readonly samples: Samples
  /** Globs that matched nothing on either side, where both were compared. */
  readonly idleGlobs?: Globs | undefined
  /** Why headers could not be compared, in a sentence; undefined: all that were to be were. */
  readonly headersRefused?: string | undefined
  /** Globs of rules for headers that matched no object of the source. */
  readonly idleHeaderGlobs?: readonly string[] | undefined
  /** undefined where all copies are one wave. */
  readonly waveFindings?: WaveFindings | undefined
  /** Why no run may carry it out, where a guard says so. */
  readonly refused?: SyncError | undefined
  /** Where it was made from a plan that another run wrote. */
  readonly approval?: Approval | undefined
  /** What a person should know of its places. */
  readonly doubt?: string | undefined
  /** undefined where extras are deleted at once, or not at all. */
  readonly extras?: WaitingExtras | undefined
  /** Where it is what is left of a plan that others carried out in parts: the end of all of that. */
  readonly whole?: PlanTrailer | undefined
}
