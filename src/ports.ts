import type { LogLevel } from './model/log-level.ts'
import type { ServiceAddress } from './model/service.ts'

/** The log of a step. Every line is made safe for the runner before it is printed. */
export interface Log {
  line(level: LogLevel, text: string): void
  /** Runs `work` in a collapsible group. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
}

/** The GitHub runner. */
export interface Host {
  /** Raw inputs by name, trimmed; '' when not given. */
  input(name: string): string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by SIGINT and SIGTERM; the reason is a SyncError of kind `cancelled`. */
  readonly cancelled: AbortSignal
  /** Milliseconds since `cancelled`; 0 while there is no cancel. */
  cancelledForMs(): number
  /** From this level on; `lines` as text in groups, or as JSON objects. */
  log(level: LogLevel, lines?: 'text' | 'json'): Log
  /** Hides a secret in all later output of this host; lines of it that are shorter than 8 characters by `hide` alone. */
  mask(secret: string): void
  /** A text from outside without any secret, however short: a service may send back what it was sent. */
  hide(text: string): string
  /** A text of our own without the secrets that are masked in the log: a shorter one is a word, or a count, there. */
  hideMasked(text: string): string
  annotate(level: 'error' | 'warning', title: string, text: string): void
  output(name: string, value: string): void
  /** Replaces the job summary of this step. */
  summary(markdown: string): Promise<void>
  /** Keeps a value for the post step. */
  saveState(name: string, value: string): void
  /** What the main step kept; '' when nothing. */
  state(name: string): string
  /** A fresh OIDC token of this job. Throws SyncError with a hint when the runner gives none. */
  idToken(audience: string, timeoutMs: number): Promise<string>
}

/** How long something may take. */
export interface Limit {
  readonly timeoutMs: number
  /** Ends it early, with the signal's reason as the error. */
  readonly signal?: AbortSignal | undefined
}

/** The runner's tool cache, downloads, archives and pip. All paths are absolute; what is made is in temporary folders. */
export interface Tools {
  /**
   * A folder with copies of the named files of a cached tool, those that are there; undefined when there is no such
   * tool. Throws when there is no tool cache, and where one is no regular file, or larger than any of ours.
   */
  restore(tool: string, version: string, names: readonly string[]): Promise<string | undefined>
  /** Puts a copy of a folder into the tool cache. */
  save(folder: string, tool: string, version: string): Promise<void>
  /** Downloads a file into a folder of its own, and gives its path. An error of the server is a ServiceError with its status. */
  download(url: string, limit: Limit): Promise<string>
  /** Unpacks an archive and gives the folder. */
  extract(archive: string, kind: 'tar.gz' | 'zip', limit: Limit): Promise<string>
  /** Downloads one wheel by pip into a folder of its own, without what it depends on, and gives its path. */
  wheel(requirement: string, platformTag: string, limit: Limit): Promise<string>
}

/** Access keys as requests are signed with them. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Milliseconds since the epoch; undefined for keys that do not expire. */
  readonly expiresAtMs?: number | undefined
  /** `inputs`, `environment` or another place, for people; undefined where STS gave them. */
  readonly foundIn?: string | undefined
}

export type CredentialSource = () => Promise<Credentials>

/** What both AssumeRole calls take. */
export interface RoleRequest {
  readonly roleArn: string
  readonly sessionName: string
  readonly durationSeconds: number
  readonly externalId?: string | undefined
  readonly policy?: string | undefined
  readonly policyArns?: readonly string[] | undefined
}

/** Who the credentials belong to. */
export interface Caller {
  readonly account: string
  readonly arn: string
}

/** AWS STS, and the places where the AWS SDK finds credentials. Errors carry the service's code as `name`. */
export interface Identity {
  /** Unsigned. */
  assumeRoleWithWebIdentity(role: RoleRequest, token: string): Promise<Credentials>
  assumeRole(role: RoleRequest, base: CredentialSource): Promise<Credentials>
  callerIdentity(credentials: CredentialSource): Promise<Caller>
  /**
   * What the profile gives; without one environment, default profile, token file, container, instance: the SDK's own
   * order. Every call looks anew. Throws an error with a line for every place that was looked at, or the reason of the signal.
   */
  discover(profile: string | undefined, cancelled: AbortSignal): CredentialSource
}

/** How STS is reached. */
export interface IdentityAddress {
  readonly service: ServiceAddress
  readonly timeoutMs: number
}

/** How one side's S3 is reached. */
export interface StoreAddress {
  readonly service: ServiceAddress
  /** undefined: requests are not signed. */
  readonly credentials: CredentialSource | undefined
  /** Told when the service says that these credentials have run out. */
  readonly onExpired: (credentials: Credentials) => void
  /** For requests that answer at once. */
  readonly timeoutMs: number
  readonly maxAttempts: number
  /** Who pays for requests, where that is not the bucket's owner. */
  readonly requestPayer?: 'requester' | undefined
  /** Requests at a time. */
  readonly maxSockets: number
}

export interface ListQuery {
  readonly bucket: string
  readonly prefix: string
  /** Where the page before said that this one begins. */
  readonly token?: string | undefined
  /** Keys up to this one are left out; counts only without `token`. */
  readonly startAfter?: string | undefined
  /** Keys are folded into common prefixes that end with it. */
  readonly delimiter?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was read from an answer. */
export interface ListAnswer<T> {
  readonly value: T
  /** Requests that it took. */
  readonly attempts: number
}

/** What HEAD tells of an object. */
export interface HeadResult {
  readonly size: number
  readonly etag: string
  /** ISO 8601. */
  readonly modified: string
  /** Whether a readable copy of an archived object was restored. */
  readonly restored: boolean
  /** ARN of the customer's key that it is encrypted with, where there is one. */
  readonly kmsKey?: string | undefined
  /** Whether its encryption leaves the ETag an MD5: not with SSE-KMS, DSSE-KMS and SSE-C. */
  readonly etagIsMd5?: boolean | undefined
}

/** The full-object checksums that are stored with an object. */
export interface ObjectChecksums {
  readonly etag: string
  /** By algorithm, as S3 names it (CRC64NVME, SHA256, …); base64. */
  readonly values: ReadonlyMap<string, string>
}

/** What HeadBucket tells of a name. */
export interface BucketFacts {
  /** undefined when the service does not tell. */
  readonly region: string | undefined
  /** Whether the service says that the name is one of an access point, and not of a bucket. */
  readonly isAlias: boolean
}

/** What objects of a bucket are encrypted with where nothing else is asked for. */
export interface BucketEncryption {
  /** As S3 names it: AES256, aws:kms, … */
  readonly algorithm: string
  /** The customer's key, where there is one. */
  readonly kmsKey?: string | undefined
}

/** Where an object is. */
export interface ObjectAddress {
  readonly bucket: string
  readonly key: string
}

/** An object in the state that a listing showed: with another ETag it is refused (PreconditionFailed). */
export interface PinnedObject extends ObjectAddress {
  readonly etag: string
}

/** What must stand at the destination for a write to be made: nothing, or an object with this ETag. */
export type WriteCondition = 'absent' | { readonly etag: string }

/** HTTP headers as S3 names them, in lower case; values as they stand on the wire (latin1). */
export type ObjectHeaders = Readonly<Record<string, string>>

/** A write of a whole object. */
export interface ObjectWrite {
  readonly to: ObjectAddress
  /** undefined: whatever stands there is overwritten. */
  readonly only: WriteCondition | undefined
  readonly headers: ObjectHeaders
}

/** An unfinished multipart upload. */
export interface Upload extends ObjectAddress {
  readonly uploadId: string
}

/** An unfinished upload as a listing tells of it. */
export interface FoundUpload extends Upload {
  /** ARN of who began it, where the service tells. */
  readonly initiator: string | undefined
}

/** A part of an unfinished upload; parts count from 1. */
export interface UploadPart {
  readonly upload: Upload
  readonly number: number
}

/** Bytes of an object, first and last included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** What an object is, beside its content. */
export interface Described {
  /** Of the whole object, bytes. */
  readonly size: number
  readonly etag: string
  readonly headers: ObjectHeaders
}

/**
 * Reads and writes objects. Every call is one request: nothing is tried again. Errors are as the
 * store's; ETags are without quotes.
 */
export interface Objects {
  /** Server-side copy; gives the new object's ETag. */
  copy(from: PinnedObject, write: ObjectWrite, limit: Limit): Promise<string>
  /** HEAD; undefined when there is no such object. What is encrypted by whom is not told. */
  find(object: ObjectAddress, limit: Limit): Promise<HeadResult | undefined>
  /** The first page of ListObjectsV2, with `encoding-type=url`, of keys that begin with the object's. `read` gets the body. */
  list<T>(object: ObjectAddress, limit: Limit, read: (body: Uint8Array) => T): Promise<T>
  /** HEAD, of the whole object or its first part. Throws NotFound when there is no such object. */
  describe(object: PinnedObject, limit: Limit, what?: 'first-part'): Promise<Described>
  /** Tags as the header `x-amz-tagging` takes them; '' for none. */
  tags(object: ObjectAddress, limit: Limit): Promise<string>
  /** Reads so many bytes: all, or those of a range. Throws InvalidRange when others come. */
  read(
    object: PinnedObject,
    what: { readonly bytes: number; readonly range?: ByteRange | undefined },
    limit: Limit,
  ): Promise<Content>
  /** Gives the new object's ETag. */
  put(write: ObjectWrite, bytes: Uint8Array, limit: Limit): Promise<string>
  startUpload(write: ObjectWrite, limit: Limit): Promise<Upload>
  /** Server-side copy of some bytes; gives the part's ETag. */
  copyPart(
    part: UploadPart,
    from: PinnedObject & { readonly range: ByteRange },
    limit: Limit,
  ): Promise<string>
  /** Gives the part's ETag. */
  putPart(part: UploadPart, bytes: Uint8Array, limit: Limit): Promise<string>
  /** Puts the parts together, in order; gives the new object's ETag. */
  completeUpload(
    upload: Upload,
    parts: { readonly etags: readonly string[]; readonly only: WriteCondition | undefined },
    limit: Limit,
  ): Promise<string>
  /** An upload that is gone already is not an error. */
  abortUpload(upload: Upload, limit: Limit): Promise<void>
}

/** Some or all bytes of an object. */
export interface Content extends Described {
  readonly bytes: Uint8Array
}

/** An object that is to be deleted while it has this ETag. */
export interface DeleteTarget {
  readonly key: string
  readonly etag: string
}

/** How deletes are kept to the pace of the run. */
export interface DeleteLimits {
  readonly signal: AbortSignal
  /** Resolves when one more request may begin. */
  readonly pace: () => Promise<void>
}

/** An object that was not deleted, as far as the service says. */
export interface DeleteFailure {
  readonly key: string
  readonly code: string
  readonly message: string
  /** Nothing was heard of it: it may be gone all the same. */
  readonly unheard?: boolean
}

/** S3. Listings of AWS tell which archived objects are restored; other services may not know that. Errors are ServiceErrors, or what `serviceFailure` makes one of. */
export interface Store {
  /** HeadBucket. Throws when the bucket is missing or refused. */
  findBucket(bucket: string): Promise<BucketFacts>
  /** Up to three keys that are the first under a prefix, without the folder's own marker; none when nothing lies there. */
  firstKeys(bucket: string, prefix: string): Promise<readonly string[]>
  /** undefined when nothing is encrypted unless it is asked for. */
  bucketEncryption(bucket: string): Promise<BucketEncryption | undefined>
  /** Whether what is overwritten or deleted stays as an older version. */
  isVersioned(bucket: string): Promise<boolean>
  /** ListObjectsV2 with `encoding-type=url`. `read` gets the body, which may be anything and is gone after it; what it throws is thrown. */
  listPage<T>(query: ListQuery, read: (body: Uint8Array) => T): Promise<ListAnswer<T>>
  /** undefined when there is no such object. */
  head(bucket: string, key: string, signal?: AbortSignal): Promise<HeadResult | undefined>
  /** undefined when there is no such object; no values where none of the whole object is stored. */
  checksums(bucket: string, key: string, signal?: AbortSignal): Promise<ObjectChecksums | undefined>
  /**
   * Deletes up to 1,000 objects, each pinned to its ETag where the service heeds that; gives those that stay.
   * Throws OtherKeysNamed when the answer names a key that was not asked for.
   */
  deleteObjects(
    bucket: string,
    targets: readonly DeleteTarget[],
    limit: DeleteLimits,
  ): Promise<readonly DeleteFailure[]>
  /** Unfinished uploads of keys that begin with the prefix. Throws where the service leads in circles, or never comes to an end. */
  uploads(
    place: { readonly bucket: string; readonly prefix: string },
    signal: AbortSignal,
  ): AsyncIterable<FoundUpload>
  readonly objects: Objects
  /** The service's clock, milliseconds since the epoch, never ahead of it; undefined before the first answer. */
  serverTimeMs(): number | undefined
  close(): void
}

/** How CloudWatch is reached. */
export interface MetricsAddress {
  readonly service: ServiceAddress
  readonly credentials: CredentialSource
}

/** One value of a metric, in CloudWatch's units. */
export interface Metric {
  readonly name: string
  readonly value: number
  readonly unit: 'Bytes' | 'Count' | 'Seconds' | 'None'
}

/** Metrics that share a namespace and dimensions. */
export interface MetricData {
  readonly namespace: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly metrics: readonly Metric[]
}

/** CloudWatch. Errors carry the service's code as `name`. */
export interface Metrics {
  /** PutMetricData, tried again within the limit. */
  put(data: MetricData, limit: Limit): Promise<void>
}

/** How a child process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/** A running child process whose lines are read as they come. */
export interface Child {
  /** Settles when the process has ended and both its pipes are drained; never rejects. */
  readonly exit: Promise<Exit>
  /** Resolves when the pipe can take more; writing to a process that is gone is not an error. */
  write(text: string): Promise<void>
  endInput(): void
  /** SIGTERM asks it to end, by the end of its input where the system knows nothing softer than SIGKILL. */
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

export interface ProcessSpec {
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>
}

export interface Processes {
  /** Runs to the end, without input. Throws when it cannot be started, takes too long or prints more than 1 MiB. */
  run(
    spec: ProcessSpec,
    limit: Limit,
  ): Promise<Exit & { readonly stdout: string; readonly stderr: string }>
  /** Starts a process that is fed by stdin. */
  spawn(spec: ProcessSpec, onLine: (stream: 'stdout' | 'stderr', line: string) => void): Child
}

/** Appends lines to a file with back-pressure. */
export interface LineWriter {
  /** Resolves when the writer can take more. */
  write(line: string): Promise<void>
  /** Appends bytes as they are. */
  append(bytes: Uint8Array): Promise<void>
  close(): Promise<void>
}

/** One of the two files that the AWS tools share. */
export interface AwsFile {
  readonly path: string
  /** Settings by the name of their section: of a profile as it is, of `[services x]` as `services.x`; nested ones as `s3.endpoint_url`. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>
  /** Why it cannot be used; undefined also where there is no such file. */
  readonly problem: string | undefined
}

/** The config and the credentials file of this runner, as the AWS SDK finds and reads them. */
export interface AwsConfig {
  readonly config: AwsFile
  readonly credentials: AwsFile
}

/** What a path leads to without following links. */
export type FileKind = 'file' | 'folder' | 'link' | 'other'

export interface Files {
  makeFolder(path: string): Promise<void>
  /** A new empty folder for this run's own use. */
  temporaryFolder(): Promise<string>
  /** Removes a folder that this run made itself, with all in it, or a file in such a folder. */
  remove(path: string): Promise<void>
  /** Removes a file or a link, and never a folder; that there is none is no failure. */
  removeFile(path: string): Promise<void>
  /** What is at a path itself, be it a link; undefined where nothing is. */
  kindOf(path: string): Promise<FileKind | undefined>
  /** The text at the start of a regular file, at most so many bytes of it. Throws where a link is. */
  startOf(path: string, mostBytes: number): Promise<string>
  /** Whether there is anything, be it a file or a folder. */
  exists(path: string): Promise<boolean>
  isFile(path: string): Promise<boolean>
  /** The path without symbolic links; as it is where nothing is there. */
  realPath(path: string): Promise<string>
  /** Names in a folder; none when there is no such folder. */
  names(folder: string): Promise<readonly string[]>
  /** Throws where it is no regular file, or has more bytes than `mostBytes`, before it is read. */
  readText(path: string, mostBytes?: number): Promise<string>
  /** What is wrong with them is told, not thrown. */
  awsConfig(): Promise<AwsConfig>
  /** Replaces a file or a link in one step, and follows no link. */
  writeText(path: string, text: string): Promise<void>
  /** Replaces `to`, in one step. */
  rename(from: string, to: string): Promise<void>
  /** Makes a new file in place of a file or a link, unless it is to append; follows no link. */
  writer(path: string, mode?: 'append'): Promise<LineWriter>
  lines(path: string): AsyncIterable<string>
  /** The bytes of a file, piece by piece. */
  chunks(path: string): AsyncIterable<Uint8Array>
  /** Of the disk that a folder lies on. */
  diskSpace(folder: string): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>
  /** Hex. */
  sha256(path: string): Promise<string>
  makeExecutable(path: string): Promise<void>
  /** Absolute path from parts, the platform's way. */
  join(...parts: readonly string[]): string
}

/** The machine. */
export interface System {
  /** As Node names them: linux, darwin, win32; x64, arm64, … */
  readonly platform: string
  readonly arch: string
  /** Highest resident memory of this process so far, bytes. */
  peakMemoryBytes(): number
  /** The part of the time since the last call that this process computed, from 0 to 1. */
  busyPart(): number
  /** Processors that this process may use. */
  cores(): number
  /** Memory of the machine, or as much as this process is allowed, bytes. */
  totalMemoryBytes(): number
  /** Memory that this process can still have, bytes; undefined where the system does not tell. */
  availableMemoryBytes(): number | undefined
  /** Files and connections that a child process may hold open; undefined when that is not known. */
  openFiles(): number | undefined
  /** Makes room for the memory of many requests under way. */
  growYoungMemory(): void
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves early, without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** From 0 (included) to 1. */
  random(): number
  /** Does work that waits for nothing; undefined when it took longer, wherever it was. */
  within<T extends object>(limitMs: number, work: () => T): T | undefined
}

/** The doors to the outside; tests open them onto something else. */
export interface Ports {
  readonly host: Host
  readonly tools: Tools
  readonly identity: (address: IdentityAddress) => Promise<Identity>
  readonly store: (address: StoreAddress) => Promise<Store>
  readonly metrics: (address: MetricsAddress) => Promise<Metrics>
  readonly processes: Processes
  readonly files: Files
  readonly system: System
  readonly clock: Clock
}
