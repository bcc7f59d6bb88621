import type { SizeClass } from './batch.ts'
import type { LockFacts } from './lock.ts'
import type { ManifestCounts, Samples, Tally } from './op.ts'
import type { CopyEngineName, RouteReason } from './outcome.ts'
import type { Place } from './place.ts'
import type { Setting } from './request.ts'
import type { JobPart } from './shard-schema.ts'
import type { Stage } from './stages.ts'
import type { Tuned, TuningRule } from './tuned.ts'

/** Version of report.json. */
export const REPORT_SCHEMA = 's3-direct-sync/report/1'

/** The one word for how a run ended. */
export type Result =
  | 'success'
  | 'nothing-to-do'
  | 'planned'
  | 'drift'
  | 'partial'
  | 'failed'
  | 'cancelled'

/** One stage that the run went through. */
export interface StageTiming {
  readonly stage: Stage
  readonly seconds: number
  /** The closing line of its log group. */
  readonly line: string
}

/** The s5cmd that was used. */
export interface Toolchain {
  /** Absolute. */
  readonly path: string
  /** The release that the binary says it is, or that Go built when asked for it, such as 2.3.0; 0.0.0 for one that somebody built. */
  readonly version: string
  /** As the binary prints it, such as v2.3.0-991c9fb. */
  readonly reported: string
  /** Hex, of the binary. */
  readonly sha256: string
  /** Whether it knows `cp --metadata-directive`. */
  readonly metadataDirective: boolean
  readonly origin: 'tool-cache' | 'release' | 'mirror' | 'pip' | 'path' | 'unpinned'
}

/** Why bytes pass through this process on their way from the source to the destination. */
export type Streamed = 'two-services' | 'two-identities' | 'local-files'

/** What is looked at before anything is begun. */
export type CheckName =
  | 's5cmd'
  | 'identity'
  | 'source-bucket'
  | 'source-listing'
  | 'source-reading'
  | 'source-encryption'
  | 'destination-bucket'
  | 'destination-listing'
  | 'destination-writing'
  | 'destination-encryption'
  | 'destination-versioning'
  | 'clock'
  | 'memory'
  | 'disk'

/** One of them, and what was found. */
export interface Check {
  readonly name: CheckName
  /** `not-known`: whether it holds could not be found out; `not-needed`: this run can do without. */
  readonly status: 'pass' | 'warn' | 'fail' | 'not-allowed' | 'not-known' | 'not-needed'
  readonly detail: string
}

/** How the run proved who it is. */
export interface IdentityFacts {
  readonly account?: string | undefined
  readonly arn?: string | undefined
  readonly roleArn?: string | undefined
  readonly source: 'oidc' | 'token-file' | 'role-by-keys' | 'inputs' | 'discovered' | 'none'
}

/** Facts of the engines. */
export interface EngineFacts {
  readonly used: readonly CopyEngineName[]
  readonly toolchain?: Toolchain | undefined
  /** Why s5cmd was not had, where the direct engine did all. */
  readonly toolchainProblem?: string | undefined
  /** Objects in parallel to start with, and why so many. */
  readonly numworkers: number
  readonly workersRule: TuningRule
  /** Objects at a time, of each engine and size class: to start with, and in the end. */
  readonly concurrency: readonly {
    readonly name: string
    readonly initial: number
    readonly final: number
  }[]
  readonly processes: number
  readonly crashes: number
  /** Single requests that were made again. */
  readonly requestRetries: number
  /** Times that fewer objects were copied at once, since S3 asked for fewer requests. */
  readonly slowdowns: number
  /** The destination did not know conditional writes, so that none were made. */
  readonly unconditional: boolean
  /** Tags of the source may not be read, so that none were written. */
  readonly tagsUnreadable: boolean
  /** Passes over failed rows after the first. */
  readonly extraPasses: number
  readonly batches: number
  /** Ops of a batch at most, by the size class of its objects. */
  readonly batchOps: Partial<Readonly<Record<SizeClass, Tuned>>>
  /** Bytes of the parts that objects were cut into on their way through the runner. */
  readonly partBytes: readonly Tuned[]
  /** How fast bytes came, as measured when an object was last cut into parts. */
  readonly linkBytesPerSecond?: number | undefined
}

/** What CloudFront was told. */
export interface InvalidationFacts {
  readonly distribution: string
  readonly id: string
  readonly paths: readonly string[]
}

/** What SHA256SUMS has. */
export interface SumsFacts {
  readonly lines: number
  /** Objects without a line: nobody knows their SHA-256, or no line can hold their names. */
  readonly unknown: number
  readonly unnamed: number
  /** Objects that were read for it. */
  readonly read: Tally
  /** URL that it was written to; undefined: it was not, or stood there already. */
  readonly published?: string | undefined
}

/** What only the destination has and is deleted later. */
export interface WaitingFacts extends Tally {
  /** When the first and the last of them may be deleted at the earliest, ISO 8601; undefined where none waits. */
  readonly due?: { readonly first: string; readonly last: string } | undefined
  /** URL of the list that says since when; undefined where there are several. */
  readonly list?: string | undefined
}

/** Failed and unknown ops of one code. */
export interface ErrorGroup {
  readonly code: string
  readonly objects: number
  readonly resolution: string
  /** Where the documentation tells more. */
  readonly help: string
  /** A few source keys. */
  readonly examples: readonly string[]
  /** The first message. */
  readonly message: string
}

/** What was planned, and what became of it. */
export interface Totals {
  /** Copies. */
  readonly planned: Tally
  readonly copied: Tally
  readonly plannedDeletes: Tally
  readonly deleted: Tally
  /** Copies and deletes. */
  readonly failed: Tally
  readonly unknown: Tally
  /** Listed at the source and left as it is, filtered objects included. */
  readonly skipped: Tally
}

/** Requests that carrying out a plan takes at least. */
export interface PlannedRequests {
  /** One for each copy; objects in parts take more. */
  readonly copies: number
  /** Of up to 1,000 keys. */
  readonly deletes: number
  /** HEAD requests at the source, one for each delete. */
  readonly lookUps: number
  /** LIST requests at the source that stand in for them, where keys are organised anew. */
  readonly lookUpLists: number
  /** LIST requests at the source and at the destination that a run begins with. */
  readonly sourceLists: number
  readonly destinationLists: number
  /** HEAD requests that look up the rows of a manifest. */
  readonly rowLooks: { readonly source: number; readonly destination: number }
  /** HEAD requests at the source, one for each copy, where content types are kept and all else is replaced. */
  readonly typeLooks: number
  /** HEAD requests at the source, one for each copy of which rules replace some headers and keep the others. */
  readonly headerLooks: number
  /** HEAD requests at the destination, which a run begins with where there are rules for headers. */
  readonly headerCompares: number
  /** HEAD requests that were made, and are made again, to compare checksums; at the source and at the destination. */
  readonly checksumLooks: { readonly source: number; readonly destination: number }
}

/** Copies of one folder right below the source. */
export interface FolderRow {
  readonly folder: string
  readonly done: Tally
  /** Objects that failed, or of which nothing is known. */
  readonly failed: number
}

/** Copies that are made together, and what became of them. */
export interface WaveRow {
  readonly wave: number
  /** undefined for wave 0: it has what no glob matches. */
  readonly globs?: readonly string[] | undefined
  readonly planned: Tally
  readonly done: Tally
  /** Objects that failed, or of which nothing is known; those that were held back are not among them. */
  readonly failed: number
  /** Objects that waited for others that are not done. */
  readonly heldBack: number
}

/** A plan in parts. */
export interface PartsFacts {
  readonly planId: string
  readonly count: number
  /** What of it is for S3 Batch Operations, and what is not. */
  readonly job?: Pick<JobPart, 'ops' | 'bytes' | 'left'> | undefined
}

/** One shard of a plan, as it said itself. */
export interface ShardRow {
  /** 0: the job of S3 Batch Operations. */
  readonly shard: number
  /** undefined: it is lost; `reported`: a job reported it. */
  readonly result?: string | undefined
  /** Why it is lost. */
  readonly lost?: string | undefined
  readonly durationSeconds?: number | undefined
  readonly done: Tally
  /** Objects that failed, or of which nothing is known. */
  readonly failed: number
}

/** A copy that took its time. */
export interface SlowCopy {
  readonly key: string
  readonly bytes: number
  /** With s5cmd, its wait in the process is part of it. */
  readonly seconds: number
}

/** Copied objects of one size class. */
export type SizeClassTally = Readonly<Record<SizeClass, Tally>>

/** How the copies were proven. */
export interface VerificationFacts {
  readonly method: 'heads' | 'listing' | 'results' | 'none'
  readonly checked: number
  readonly mismatched: number
  /** Copies that a full-object checksum proves, where ETags do not. */
  readonly byChecksum: number
  /** Copies that no ETag and no checksum proves: they have the size, and were written since the copy began. */
  readonly bySizeAndTime: number
}

/** An error as people read it: in a few words, then what failed and why, and what to do; lines. */
export interface Told {
  readonly kind: string
  readonly title: string
  readonly text: string
}

/** A manifest, and what its rows came to. */
export interface ManifestFacts extends ManifestCounts {
  /** As the user wrote it. */
  readonly name: string
  /** Hex, of its bytes. */
  readonly sha256: string
  readonly missing: 'fail' | 'skip'
}

/** One of the transfers of a step, in short; the file has the rest. */
export interface TransferRow {
  readonly name: string
  readonly result: Result
  readonly totals: Totals
  readonly durationSeconds: number
  /** The cause in a few words, where it missed its goal or would. */
  readonly cause?: string | undefined
  /** Absolute paths; undefined where the file does not exist. */
  readonly report?: string | undefined
  readonly plan?: string | undefined
  readonly failed?: string | undefined
}

/** The whole run, as report.json holds it; of a step with several transfers, what they come to together. Holds no secret. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA
  readonly result: Result
  readonly exitCode: 0 | 1
  readonly mode: string
  readonly dryRun: boolean
  readonly startedAt: string
  readonly durationSeconds: number
  /** Time of the stage copy; with `mode: finish` of all runners together, 0 where not all of them tell. */
  readonly copySeconds: number
  /** Of one runner in its best ten seconds of copying. */
  readonly peakBytesPerSecond: number
  readonly settings: readonly Setting[]
  readonly identity?: IdentityFacts | undefined
  /** Who read the source, where that is somebody else; anonymous: its requests were not signed. */
  readonly sourceIdentity?: IdentityFacts | 'anonymous' | undefined
  /** Who wrote the destination. */
  readonly writtenBy?: 'source' | 'destination' | undefined
  /** Why bytes passed through this process; undefined: the service copied. */
  readonly streamed?: Streamed | undefined
  readonly source?: Place | undefined
  readonly destination?: Place | undefined
  /** What was looked at before the start. */
  readonly checks: readonly Check[]
  /** Objects and bytes by the plan's reason, copies and skips. */
  readonly reasons: Readonly<Record<string, Tally>>
  /** The first objects that are copied, deleted or left without proof, by the plan's reason. */
  readonly samples: Samples
  readonly listed: { readonly source: number; readonly destination: number }
  readonly totals: Totals
  /** What became of the rows of a manifest, where one names the objects; by reason they are among `reasons`. */
  readonly manifest?: ManifestFacts | undefined
  /** What carrying out the plan takes; undefined where there is no plan. */
  readonly requests?: PlannedRequests | undefined
  readonly sizeClasses: SizeClassTally
  /** At most 20 folders by name, and `Other` for the rest. */
  readonly folders: readonly FolderRow[]
  /** The plan in parts that the run made, or took part in. */
  readonly parts?: PartsFacts | undefined
  /** What its shards came to, in the run that ends it. */
  readonly shards?: readonly ShardRow[] | undefined
  /** Wave by wave; undefined where all copies are one. */
  readonly waves?: readonly WaveRow[] | undefined
  /** The ten copies that took longest, the slowest first. */
  readonly slowest: readonly SlowCopy[]
  readonly stages: readonly StageTiming[]
  readonly engine?: EngineFacts | undefined
  /** Ops that the direct engine carried, by reason. */
  readonly routes: Readonly<Partial<Record<RouteReason, number>>>
  readonly verification?: VerificationFacts | undefined
  /** What is deleted later; undefined where extras do not wait. */
  readonly waiting?: WaitingFacts | undefined
  /** undefined where it was not written. */
  readonly sha256sums?: SumsFacts | undefined
  /** The lock that the run had; undefined: none. */
  readonly lock?: LockFacts | undefined
  /** What CloudFront was told; undefined where nothing was to be. */
  readonly invalidations?: readonly InvalidationFacts[] | undefined
  readonly errors: readonly ErrorGroup[]
  readonly warnings: readonly string[]
  readonly failure?: Told | undefined
  /** Why a guard refuses to carry the plan out; a plan and a dry run go on all the same. */
  readonly refused?: Told | undefined
  readonly peakMemoryBytes: number
  /** Of a step with a list of them, in their order. */
  readonly transfers?: readonly TransferRow[] | undefined
  /** Absolute paths of the files that were written. */
  readonly files: {
    /** Where all of them are; undefined where nothing was written. */
    readonly folder?: string | undefined
    readonly report: string
    readonly plan?: string | undefined
    readonly results?: string | undefined
    readonly failed?: string | undefined
    readonly notInSource?: string | undefined
    readonly published?: string | undefined
    readonly sums?: string | undefined
    readonly batches?: string | undefined
    readonly policy?: string | undefined
    readonly summary?: string | undefined
    readonly changed?: string | undefined
  }
}
