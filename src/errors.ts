/** What went wrong, by the room that noticed it. */
export type ErrorKind =
  | 'input'
  | 'install'
  | 'credentials'
  | 'preflight'
  | 'listing'
  | 'guard'
  | 'execute'
  | 'cancelled'
  | 'internal'

interface Details {
  /** What the user does next. */
  readonly hint?: string
  /** Whether the same step can succeed when it is tried again. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/** The one error of the project: what failed and why (`message`), and what to do next (`hint`). */
export class SyncError extends Error {
  override readonly name = 'SyncError'
  readonly kind: ErrorKind
  readonly hint: string | undefined
  readonly retryable: boolean

  constructor(kind: ErrorKind, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.kind = kind
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

const TITLES: Readonly<Record<ErrorKind, string>> = {
  input: 'Inputs need a change',
  install: 's5cmd could not be installed',
  credentials: 'No usable AWS credentials',
  preflight: 'The run is not ready to start',
  listing: 'A listing is not complete',
  guard: 'Refused to protect your data',
  execute: 'The copy did not finish',
  cancelled: 'Cancelled',
  internal: 'Unexpected error',
}

/** Title and text of any error; one that is not a SyncError is a fault of this action and says so. */
export function explain(error: unknown): Explanation {
  if (error instanceof SyncError) {
    const text = error.hint ? `${error.message}\n${error.hint}` : error.message
    return { kind: error.kind, title: TITLES[error.kind], text }
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    kind: 'internal',
    title: TITLES.internal,
    text: `${reason}\nThis is a fault of the action: please open an issue with this message.`,
  }
}
