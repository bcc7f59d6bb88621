/** What a service or the network said when a request failed. */
export interface ServiceFailure {
  /** The service's error code; for the network RequestError, RequestTimeout, Cancelled and their like. */
  readonly code: string
  readonly message: string
  /** HTTP status, where an answer came. */
  readonly status: number | undefined
}

/** No service needs more to say what is wrong, and a hostile one must not fill memory and disk. */
const MOST_MESSAGE_CHARS = 500
/** Behind a long key stands why it is refused, and behind that the ids that s5cmd tells. */
const END_PART = 0.5

/** A text that somebody else wrote, no longer than is of use: its beginning and its end. */
export function shortened(text: string, mostChars = MOST_MESSAGE_CHARS): string {
  if (text.length <= mostChars) return text
  const endChars = Math.floor(mostChars * END_PART)
  // A word is left whole or out: half a secret would not be found when secrets are hidden.
  const begin = text.slice(0, mostChars - endChars - 1).replace(/\S*$/, '')
  const end = text.slice(-endChars).replace(/^\S*/, '')
  return `${begin}…${end}`
}

/** A request that failed: the one form of what the SDK, the network and our own requests throw. */
export class ServiceError extends Error implements ServiceFailure {
  /** The code, as the SDK has it. */
  override readonly name: string
  readonly code: string
  readonly status: number | undefined
  /** How long the service wants to be left alone; undefined: it does not say. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: string,
    message: string,
    details: {
      readonly status?: number | undefined
      readonly cause?: unknown
      readonly retryAfterMs?: number | undefined
    } = {},
  ) {
    const { status, cause, retryAfterMs } = details
    super(shortened(message), cause === undefined ? {} : { cause })
    this.name = code
    this.code = code
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** Who wants to be left alone for longer is asked all the same. */
const MOST_ASKED_MS = 20_000

/** How long a service asks to be left alone behind a failure, as far as that is respected; 0: it does not ask. */
export const askedWaitMs = ({ retryAfterMs = 0 }: Pick<ServiceError, 'retryAfterMs'>): number =>
  Math.min(retryAfterMs, MOST_ASKED_MS)
