import type { CredentialSource, Credentials, CurrentCredentials } from './model/credentials.ts'
import type { FileKind, Folder, WritableFolder } from './model/folder.ts'
import type { Limit } from './model/limit.ts'
import type { LogLevel } from './model/log-level.ts'
import type { ServiceAddress } from './model/service.ts'
import type { Store, StoreAddress } from './storage/store.ts'

/** The log of a step. Every line is made safe for the runner before it is printed. */
export interface Log {
  line(level: LogLevel, text: string): void
  /**
   * Begins a group; what it gives ends it with its closing line. That is the title of the lines between, which are
   * folded below it, or stands alone where there are none. Of work that takes long the lines stand as they come.
   */
  group(): (closing: string) => void
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
  callerIdentity(credentials: CurrentCredentials): Promise<Caller>
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

/** How CloudWatch is reached. */
export interface MetricsAddress {
  readonly service: ServiceAddress
  readonly credentials: CurrentCredentials
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

/** How a CDN is reached. */
export interface CdnAddress {
  /** URL of what stands in for CloudFront; undefined means AWS. */
  readonly endpoint: string | undefined
  /** Of the destination: a part of the world may have a CloudFront of its own. */
  readonly region: string
  readonly credentials: CurrentCredentials
}

/** What one distribution is to fetch anew. */
export interface Invalidation {
  readonly distribution: string
  /** Escaped; a `*` at the end stands for all that begins so. */
  readonly paths: readonly string[]
  /** By it the same one is known that is asked for once more. */
  readonly reference: string
}

/** A CDN. Errors are ServiceErrors. */
export interface Cdn {
  /** Begins one, and gives its id. */
  invalidate(invalidation: Invalidation, limit: Limit): Promise<string>
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
  /** Resolves when the writer can take more; undefined: it can now. Lines are kept in the order of the calls. */
  write(line: string): Promise<void> | undefined
  /** Appends bytes as they are. */
  append(bytes: Uint8Array): Promise<void>
  /** Appends a regular file as it is; `see` gets each of its pieces, which is gone with the next one. */
  appendFile(path: string, see?: (piece: Uint8Array) => void): Promise<void>
  close(): Promise<void>
}

/** One of the two files that the AWS tools share. */
export interface AwsFile {
  readonly path: string
  /** Settings by the name of their section: of a profile as it is, of `[services x]` as `services.x`; nested ones as `s3.endpoint_url`. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, string | undefined>>>>
  /** Why it cannot be used; undefined also where the file does not exist. */
  readonly problem: string | undefined
}

/** The config and the credentials file of this runner, as the AWS SDK finds and reads them. */
export interface AwsConfig {
  readonly config: AwsFile
  readonly credentials: AwsFile
}

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
  /** The path without symbolic links; where nothing is there yet, without those on the way to it. */
  realPath(path: string): Promise<string>
  /** Names in a folder; none when there is no such folder. */
  names(folder: string): Promise<readonly string[]>
  /** Throws where it is not a regular file, or has more bytes than `mostBytes`, before it is read. */
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
  /** The same lines, as many at a time as are read: a step for each of a million costs more than what it holds. */
  lineBlocks(path: string): AsyncIterable<readonly string[]>
  /** The same as bytes, with their ends; gone with the next ones. One of more than 64 KiB comes in pieces. Throws where it is no regular file. */
  lineBytes(path: string): AsyncIterable<Buffer>
  /** The bytes of a regular file, piece by piece, each of which is gone with the next one. Throws where it is a folder, a device or a pipe. */
  chunks(path: string): AsyncIterable<Uint8Array>
  /** What the bytes of a regular file are unpacked to by gzip, piece by piece. Throws where they are damaged. */
  gunzipped(path: string): AsyncIterable<Uint8Array>
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
  /** Milliseconds since some moment: nobody sets it, and a suspended machine does not count. */
  steadyMs(): number
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
  readonly cdn: (address: CdnAddress) => Promise<Cdn>
  readonly processes: Processes
  readonly files: Files
  /** Of an absolute path. */
  readonly folder: (path: string) => Folder
  /** The same, of a folder that need not be there yet. */
  readonly writableFolder: (path: string) => WritableFolder
  readonly system: System
  readonly clock: Clock
}
