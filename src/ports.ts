import type { LogLevel } from './model/log-level.ts'

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
  log(level: LogLevel): Log
  /** Hides a secret in all later output. */
  mask(secret: string): void
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
  /** A copy of a cached tool's folder; undefined when there is none. Throws when there is no tool cache. */
  restore(tool: string, version: string): Promise<string | undefined>
  /** Puts a copy of a folder into the tool cache. */
  save(folder: string, tool: string, version: string): Promise<void>
  /** Downloads a file and gives its path. An error of the server carries its status as `$metadata.httpStatusCode`. */
  download(url: string, limit: Limit): Promise<string>
  /** Unpacks an archive and gives the folder. */
  extract(archive: string, kind: 'tar.gz' | 'zip', limit: Limit): Promise<string>
  /** Downloads one wheel by pip, without what it depends on, and gives its path. */
  wheel(requirement: string, platformTag: string, limit: Limit): Promise<string>
}

/** Access keys as requests are signed with them. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
  /** Milliseconds since the epoch; undefined for keys that do not expire. */
  readonly expiresAtMs?: number | undefined
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
  /** Environment, profile, container, instance: the SDK's own order. */
  discover(profile: string | undefined): CredentialSource
}

/** How STS is reached. */
export interface IdentityAddress {
  readonly endpoint: string | undefined
  readonly region: string
  readonly timeoutMs: number
}

/** How one side's S3 is reached. */
export interface StoreAddress {
  /** undefined means AWS. */
  readonly endpoint: string | undefined
  readonly region: string
  readonly credentials: CredentialSource
  /** For requests that answer at once. */
  readonly timeoutMs: number
  readonly maxAttempts: number
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
}

export interface CopyRequest {
  readonly sourceBucket: string
  readonly sourceKey: string
  /** The copy is refused (PreconditionFailed) when the source has another ETag by now. */
  readonly sourceEtag: string
  readonly bucket: string
  readonly key: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** An object that is to be deleted while it has this ETag. */
export interface DeleteTarget {
  readonly key: string
  readonly etag: string
}

/** An object that was not deleted. */
export interface DeleteFailure {
  readonly key: string
  readonly code: string
  readonly message: string
}

/** S3. Listings of AWS tell which archived objects are restored; other services may not know that. Errors carry the service's code as `name` and its status as `$metadata.httpStatusCode`. */
export interface Store {
  /** Region of a bucket, undefined when the service does not tell. Throws when the bucket is missing or refused. */
  bucketRegion(bucket: string): Promise<string | undefined>
  /** Whether nothing lies under a prefix; a folder's own marker is nothing. */
  isEmpty(bucket: string, prefix: string): Promise<boolean>
  /** ListObjectsV2 with `encoding-type=url`. `read` gets the body, which may be anything and is gone after it; what it throws is thrown. */
  listPage<T>(query: ListQuery, read: (body: Uint8Array) => T): Promise<ListAnswer<T>>
  /** undefined when there is no such object. */
  head(bucket: string, key: string, signal?: AbortSignal): Promise<HeadResult | undefined>
  /** Server-side copy; gives the new object's ETag, without quotes. */
  copy(request: CopyRequest): Promise<string>
  /** Deletes up to 1,000 objects, each pinned to its ETag where the service knows how; gives those that stay. */
  deleteObjects(
    bucket: string,
    targets: readonly DeleteTarget[],
    signal: AbortSignal,
  ): Promise<readonly DeleteFailure[]>
  /** The service's clock, milliseconds since the epoch, never ahead of it; undefined before the first answer. */
  serverTimeMs(): number | undefined
  close(): void
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

export interface Files {
  makeFolder(path: string): Promise<void>
  /** A new empty folder for this run's own use. */
  temporaryFolder(): Promise<string>
  remove(path: string): Promise<void>
  exists(path: string): Promise<boolean>
  /** Names in a folder; none when there is no such folder. */
  names(folder: string): Promise<readonly string[]>
  readText(path: string): Promise<string>
  writeText(path: string, text: string): Promise<void>
  /** Replaces `to`, in one step. */
  rename(from: string, to: string): Promise<void>
  /** Replaces what is there, unless it is to append. */
  writer(path: string, mode?: 'append'): Promise<LineWriter>
  lines(path: string): AsyncIterable<string>
  /** The bytes of a file, piece by piece. */
  chunks(path: string): AsyncIterable<Uint8Array>
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
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves early, without an error, when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** From 0 (included) to 1. */
  random(): number
}

/** The doors to the outside; tests open them onto something else. */
export interface Ports {
  readonly host: Host
  readonly tools: Tools
  readonly identity: (address: IdentityAddress) => Promise<Identity>
  readonly store: (address: StoreAddress) => Promise<Store>
  readonly processes: Processes
  readonly files: Files
  readonly system: System
  readonly clock: Clock
}
