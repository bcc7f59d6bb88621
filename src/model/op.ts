import type { SyncError } from '../errors/sync-error.ts'
import type { Globs } from './globs.ts'
import type { CopyOp, DeleteOp, PlanHeader, PlanTrailer, Tally } from './plan-schema.ts'
import { isSkipReason, type SkipReason } from './plan-words.ts'

export type {
  ChecksumCount,
  CopyOp,
  DeleteOp,
  KeyCount,
  ManifestCounts,
  PlanHeader,
  PlanTrailer,
  Tally,
} from './plan-schema.ts'
export {
  CHECKSUM_NOT_ASKED,
  type CopyReason,
  isCopyReason,
  isSkipReason,
  PLAN_SCHEMA,
  type SkipReason,
} from './plan-words.ts'

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

/** No objects. */
export const NO_TALLY: Tally = { objects: 0, bytes: 0 }

/** Both together. */
export const addTally = (a: Tally, b: Tally): Tally => ({
  objects: a.objects + b.objects,
  bytes: a.bytes + b.bytes,
})

/** Objects that stand at the destination as the source has them, as far as the rules say so. */
export const standingBy = (reasons: PlanTrailer['reasons']): Tally =>
  sumOf(reasons, [
    'same-etag',
    'same-checksum',
    'same-size',
    'not-newer',
    'exists',
    'differs-unproven',
  ])

/** Objects of the source that a plan leaves as they are, filtered ones included. */
export const skippedBy = (reasons: PlanTrailer['reasons']): Tally =>
  Object.entries(reasons)
    .filter(([reason]) => isSkipReason(reason))
    .reduce((total, [, tally]) => addTally(total, tally), NO_TALLY)

const sumOf = (reasons: PlanTrailer['reasons'], names: readonly SkipReason[]): Tally =>
  names.map((name) => reasons[name] ?? NO_TALLY).reduce(addTally, NO_TALLY)

/** What a plan does not copy and has not compared either, filtered objects apart. */
export const leftOutBy = (reasons: PlanTrailer['reasons']): Tally =>
  sumOf(reasons, [
    'folder-marker',
    'not-approved',
    'not-in-source',
    'duplicate',
    'noncurrent',
    'delete-marker',
  ])

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
  /** Full keys at the destination of such copies where nothing stands; the first of them. */
  readonly missing?: readonly string[]
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
  /** Why objects may have other headers than their rules say, in a sentence; undefined: nothing speaks for it. */
  readonly headersDoubt?: string | undefined
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
