import type { LocalRules } from './local.ts'
import type { LockRequest } from './lock.ts'
import type { LogLevel } from './log-level.ts'
import type { ManifestRequest } from './manifest.ts'
import type { WholeRunReason } from './outcome.ts'
import type { HostVariant, ServiceAddress } from './service.ts'
import type { ShardRequest } from './shard.ts'
import type { SharedFolder } from './shared-folder.ts'
import type { WaveRules } from './waves.ts'
import type { WriteOptions } from './write-options.ts'

/** How existing objects are compared; the table stands at `plan/decide.ts`. */
export type Compare = 'auto' | 'size' | 'newer' | 'etag' | 'checksum' | 'missing' | 'always'

/** Where a resolved value came from. */
export type Origin = 'transfer' | 'input' | 'preset' | 'environment' | 'config file' | 'default'

/** The value of one input as text, and where it came from; secrets are not shown. */
export interface Setting {
  readonly name: string
  readonly value: string
  readonly origin: Origin
}

/** A place as the user wrote it. */
export interface PlaceRequest {
  readonly bucket: string
  /** '' or as written; ends in '/' when the user wrote it so. */
  readonly path: string
  /** Path of a folder, or a file, of this runner, where that is the place; then bucket is '', and path '/' where a folder is named for sure. */
  readonly local?: string | undefined
}

/** A source that the rows of a manifest are to name. */
export const NO_BUCKET: PlaceRequest = { bucket: '', path: '' }

/** One side of the sync, as it is asked for first. */
export interface SideRequest extends PlaceRequest {
  /** URL of an S3-compatible service; undefined means AWS. */
  readonly endpoint?: string | undefined
  /** Where its bucket is looked for. */
  readonly region: string
  readonly variant: HostVariant
}

/** Who the run is. */
export interface AccessRequest {
  readonly roleArn?: string | undefined
  readonly sessionName: string
  readonly durationSeconds: number
  readonly externalId?: string | undefined
  readonly audience: string
  readonly inlinePolicy?: string | undefined
  readonly policyArns: readonly string[]
  readonly allowedAccountIds: readonly string[]
  readonly profile?: string | undefined
  readonly keys?:
    | {
        readonly accessKeyId: string
        readonly secretAccessKey: string
        readonly sessionToken?: string | undefined
      }
    | undefined
  readonly tokenFile?: string | undefined
  /** Where roles and names are asked for. */
  readonly sts: ServiceAddress
}

/** Where keys of the source go at the destination. */
export interface KeyRules {
  /** A regular expression over the relative key, with named groups; undefined: every key matches. */
  readonly pattern?: string | undefined
  /** The relative key at the destination, with parts such as `{name}`. */
  readonly template: string
  /** What becomes of keys that do not match. */
  readonly mismatch: 'keep' | 'skip' | 'fail'
}

/** Which objects, and when they are copied. */
export interface SelectionRequest {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly compare: Compare
  /** `never`: an object of the destination that is not the source's is a failure, and nothing is copied. */
  readonly overwrite: 'if-different' | 'never'
  /** `filtered`: only where objects are there, and the filters leave none. */
  readonly allowEmptySource: boolean | 'filtered'
  /** Whether objects that only the destination has are deleted. */
  readonly delete: boolean
  /** How long such objects stay after a run saw them so first; undefined: not at all. */
  readonly deleteAfterMs?: number | undefined
  readonly maxDelete: DeleteLimit
  /** undefined: every object keeps its relative key. */
  readonly keys?: KeyRules | undefined
  /** Where the source is a folder of this runner. */
  readonly local?: LocalRules | undefined
  /** The object that is the run's lock: it is none of those that are synced. */
  readonly lock?: Pick<LockRequest, 'bucket' | 'key'> | undefined
  /** What names the objects; undefined: all that lie under the source. */
  readonly manifest?: ManifestRequest | undefined
  /** undefined: all copies are one wave. */
  readonly waves?: WaveRules | undefined
  /** undefined: nobody wants to know the SHA-256 of objects. */
  readonly sums?: SumsRequest | undefined
}

/** What becomes of SHA256SUMS, beside the file in the report folder. */
export interface SumsRequest {
  /** It is published behind all copies. */
  readonly upload: boolean
  /** Objects whose SHA-256 nobody knows are read for it. */
  readonly read: boolean
}

/** Most deletes of a run: so many objects, such a part of those in scope at the destination, or the smaller of both. */
export interface DeleteLimit {
  readonly objects?: number | undefined
  readonly percent?: number | undefined
}

/** How s5cmd is installed. */
export interface InstallRequest {
  readonly version: string
  readonly path?: string | undefined
  readonly url?: string | undefined
  readonly sha256?: string | undefined
  readonly method: 'auto' | 'release' | 'mirror' | 'pip' | 'path' | 'go' | 'brew'
}

/** How ops are carried, and how objects are written. */
export interface TransferRequest {
  readonly engine: 'auto' | 's5cmd' | 'direct'
  /** Why it is `direct`, where it is. */
  readonly directBecause?: WholeRunReason | undefined
  readonly numworkers: number | 'auto'
  readonly retryCount: number
  readonly maxRetries: number
  readonly retryDelayMs: number
  readonly batchSize: number | 'auto'
  /** Bytes of a part, where bytes pass through the runner. */
  readonly partBytes: number | 'auto'
  /** Parts of one object in parallel. */
  readonly concurrency: number
  /** Most bytes and requests a second of all copies; undefined: as many as can be. */
  readonly bytesPerSecond?: number | undefined
  readonly requestsPerSecond?: number | undefined
  readonly requestTimeoutMs: number
  /** How long the run may go on to begin copies and deletes. */
  readonly maxDurationMs?: number | undefined
  /** Who pays for requests, where that is not the bucket's owner. */
  readonly requestPayer?: 'requester' | undefined
  readonly verify: 'auto' | 'outcomes' | 'listing'
  readonly write: WriteOptions
}

/** Which distributions of CloudFront are told what changed. */
export interface CdnRequest {
  readonly distributions: readonly string[]
  /** Of one run and distribution. */
  readonly maxPaths: number
  /** What the keys begin with that they serve, in place of their own `/`: '' or text that ends in one. */
  readonly originPrefix: string
  /** URL of what stands in for CloudFront; undefined means AWS. */
  readonly endpoint?: string | undefined
}

/** What is told, and how loud. */
export interface ReportingRequest {
  readonly logLevel: LogLevel
  readonly logLines: 'text' | 'json'
  readonly reportDir: string
  readonly jobSummary: boolean
  /** Of CloudWatch; undefined: no metrics are sent. */
  readonly metricsNamespace?: string | undefined
  /** URL of what stands in for CloudWatch; undefined means AWS. */
  readonly metricsEndpoint?: string | undefined
  readonly failOn: 'failed' | 'never'
  /** undefined: nobody is told. */
  readonly cdn?: CdnRequest | undefined
}

/** Everything the user asked for of one transfer: resolved, frozen, no empty strings. */
export interface SyncRequest {
  /** As the input `transfers` calls it; undefined where that is not given. */
  readonly name?: string | undefined
  /** Which one of its step it is, the first being 0. */
  readonly at: number
  readonly source: SideRequest
  readonly destination: SideRequest
  readonly mode: 'sync' | 'plan' | 'execute' | 'finish' | 'check'
  readonly dryRun: boolean
  readonly access: AccessRequest
  /** Who reads the source, where that is somebody else; anonymous (unsigned requests). */
  readonly sourceAccess?: AccessRequest | 'anonymous' | undefined
  readonly selection: SelectionRequest
  readonly install: InstallRequest
  readonly transfer: TransferRequest
  readonly reporting: ReportingRequest
  /** What holds other runs back, at the service of the destination; undefined: nothing. */
  readonly lock?: LockRequest | undefined
  /** Where `mode: execute` and `mode: finish` find the plan, and `mode: plan` leaves it, where that is a bucket. */
  readonly planDir: SharedFolder
  /** undefined: the plan is one. */
  readonly shard?: ShardRequest | undefined
  /** Where `mode: finish` finds what the shards left, and each of them leaves it, where that is a bucket. */
  readonly shardsDir?: SharedFolder | undefined
  /** The plan in parts that has to be carried out; undefined: the one that is there. */
  readonly planId?: string | undefined
  /** Every input that has a value. */
  readonly settings: readonly Setting[]
  /** Names that the step was given and no input has. */
  readonly unknownInputs: readonly string[]
}

/** Everything the user asked for of a step. */
export interface StepRequest {
  /** In their order; the only one where `transfers` is not given. */
  readonly transfers: readonly [SyncRequest, ...SyncRequest[]]
  /** Where the files of the whole step go, absolute. */
  readonly reportDir: string
}

/** Whether a run may ask objects for their checksums; only with `compare: checksum` it has to. */
export const mayAskChecksums = ({
  compare,
  overwrite,
}: Pick<SelectionRequest, 'compare' | 'overwrite'>): boolean =>
  overwrite === 'never' || compare === 'auto' || compare === 'checksum'

/** Whether a run writes anything, if only to see that it can. */
export const writesOf = ({ mode, dryRun }: Pick<SyncRequest, 'mode' | 'dryRun'>): boolean =>
  (mode === 'sync' || mode === 'execute' || mode === 'finish') && !dryRun

/** Whether a run tells other services what it wrote: of a plan in parts the job that ends it tells of all. */
export const tellsServices = ({
  mode,
  dryRun,
  shard,
}: Pick<SyncRequest, 'mode' | 'dryRun' | 'shard'>): boolean => writesOf({ mode, dryRun }) && !shard

/** The lock that a run takes: one that writes nothing needs none, and the job that ends a plan in parts has that of all. */
export const lockOf = ({
  lock,
  mode,
  dryRun,
  shard,
}: Pick<SyncRequest, 'lock' | 'mode' | 'dryRun' | 'shard'>): LockRequest | undefined =>
  writesOf({ mode, dryRun }) && !shard ? lock : undefined

/** The side at whose service a run keeps what is its own, such as its lock: a folder of this runner is at none. */
export const serviceSideOf = ({
  destination,
}: Pick<SyncRequest, 'destination'>): 'source' | 'destination' =>
  destination.local === undefined ? 'destination' : 'source'

/** Whether a run only tells what a sync would do: a refusal does not end it then, but is told. */
export const previews = (request: Pick<SyncRequest, 'mode' | 'dryRun'>): boolean =>
  request.mode !== 'check' && !writesOf(request)

/** Whether a run looks at how both buckets keep objects: a check has no use for that. */
export const checksBuckets = ({ mode }: Pick<SyncRequest, 'mode'>): boolean => mode !== 'check'
