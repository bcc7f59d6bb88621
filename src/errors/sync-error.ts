import type { Stage } from '../model/stages.ts'

/** What went wrong: the stage that failed, or why a run was ended that did not fail. */
export type ErrorKind = Stage | 'guard' | 'lock' | 'cancelled' | 'lost-shard' | 'internal'

interface Details {
  /** The cause in a few words, for the one line that is read first; else the first sentence of the message. */
  readonly title?: string | undefined
  /** What the user does next. */
  readonly hint?: string | undefined
  /** Whether the same step can succeed when it is tried again. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/** The one error of the project: what failed and why (`message`), and what to do next (`hint`). */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly kind: ErrorKind
  readonly title: string | undefined
  readonly hint: string | undefined
  readonly retryable: boolean

  constructor(kind: ErrorKind, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.kind = kind
    this.title = details.title
    this.hint = details.hint
    this.retryable = details.retryable ?? false
  }
}

/** An error as people read it. */
export interface Explanation {
  readonly kind: ErrorKind
  readonly title: string
  /** What failed and why, then what to do. */
  readonly text: string
}

/** The first sentence of a message, which says the cause. */
function causeIn(message: string): string {
  const [line = ''] = message.split('\n', 1)
  const [sentence = line] = /^.*?(?=\.\s+[A-Z])/s.exec(line) ?? []
  return sentence.replace(/[.:\s]+$/, '')
}

/** The cause of an error in a few words. */
export const titleOf = ({ title, kind, message }: SyncError): string =>
  title ?? (kind === 'cancelled' ? 'Cancelled' : causeIn(message))

/** What a file system refuses for reasons that lie outside of the action. */
const FILE_CODES = new Set([
  ...['EACCES', 'EBUSY', 'EDQUOT', 'EEXIST', 'EINVAL', 'EIO', 'EISDIR', 'ELOOP', 'EMFILE'],
  ...['ENAMETOOLONG', 'ENFILE', 'ENODEV', 'ENOENT', 'ENOSPC', 'ENOTDIR', 'ENOTEMPTY', 'EPERM'],
  ...['EROFS', 'ESTALE', 'ETXTBSY', 'EXDEV', 'UNKNOWN'],
])

/** Calls whose refusals are the network's, by the same names. */
const NETWORK_CALLS: ReadonlySet<unknown> = new Set(['connect', 'bind', 'listen', 'getaddrinfo'])

const isFileFailure = (error: unknown): error is Error & { readonly code: string } =>
  error instanceof Error &&
  'syscall' in error &&
  !NETWORK_CALLS.has(error.syscall) &&
  'code' in error &&
  FILE_CODES.has(String(error.code))

const IN_THE_WAY =
  'There is probably a folder or a link where a file should be: remove it or set report-dir to another folder, and run again.'
const TOO_MANY =
  'The limit of open files is too low: raise it (ulimit -n) or lower numworkers, and run again.'
const HELD =
  'Another program has locked the file, such as a virus scanner or an editor: stop it, or exclude report-dir and RUNNER_TEMP from it, and run again.'
const NAME =
  'The path is too long, or contains a name that this system does not allow: set report-dir to a shorter or simpler path, and run again.'
const DENIED =
  'This job has no permission to write there, or another program has locked the file, such as a virus scanner on Windows: set report-dir to another folder, and run again.'
const FULL =
  'Check that nothing else fills the disk or removes report-dir, set report-dir to another folder if needed, and run again.'

const NO_SPACE =
  'Check that nothing else fills the disk, free some of it before this step, or set report-dir to a folder on a larger disk, and run again.'

const FILE_HINTS: Readonly<Record<string, string>> = {
  ...{ ENOSPC: NO_SPACE, EDQUOT: NO_SPACE },
  ...{ EMFILE: TOO_MANY, ENFILE: TOO_MANY },
  ...{ EEXIST: IN_THE_WAY, EISDIR: IN_THE_WAY, ELOOP: IN_THE_WAY, ENOTEMPTY: IN_THE_WAY },
  // UNKNOWN is what Node says where a virus scanner of Windows keeps it from a file.
  ...{ EBUSY: HELD, ETXTBSY: HELD, UNKNOWN: HELD },
  ...{ EINVAL: NAME, ENAMETOOLONG: NAME },
  ...{ EACCES: DENIED, EPERM: DENIED, EROFS: DENIED },
}

/** What a file system says, as far as a few words of ours say it better. */
const FILE_TITLES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk of the runner is full',
  EDQUOT: 'The disk quota of the runner is exceeded',
  EROFS: 'The disk of the runner is not writable',
  EMFILE: 'Too many files are open',
  ENFILE: 'Too many files are open',
}

const fileHint = (code: string): string => FILE_HINTS[code] ?? FULL

/**
 * Kind, title and text of any error; one that nobody else can be blamed for is a fault of this action and says so.
 * `during`: the stage that it ended, for what the file system refuses.
 */
export function explain(error: unknown, during: Stage): Explanation {
  if (error instanceof SyncError) {
    const text = error.hint ? `${error.message}\n${error.hint}` : error.message
    return { kind: error.kind, title: titleOf(error), text }
  }
  if (isFileFailure(error))
    return {
      kind: during,
      title: Object.hasOwn(FILE_TITLES, error.code)
        ? `${FILE_TITLES[error.code]} (${error.code})`
        : `A file could not be read or written: ${error.code}`,
      text: `${error.message}\n${fileHint(error.code)}`,
    }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    kind: 'internal',
    title: `Unexpected error: ${causeIn(reason)}`,
    text: `${reason}\nThis is a bug in the action: please open an issue with this message.`,
  }
}

/** The stack of an error and of all its causes, for the debug log. */
export function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? `${error.name}: ${error.message}`
  return error.cause === undefined ? own : `${own}\nCaused by: ${traceOf(error.cause)}`
}
