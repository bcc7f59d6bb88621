import { Readable } from 'node:stream'
import { ServiceError } from '../errors/service-error.ts'
import { isTransient } from '../errors/service-failure.ts'
import { MOST_PARSED_BYTES, MOST_PARSED_MARKS } from '../model/answer-room.ts'
import { type Agents, closeAgents } from './agents.ts'
import { MOST_ERROR_BYTES, tooLong } from './bounded.ts'
import { toldFailure } from './error-answer.ts'
import { escapeUri } from './escape-uri.ts'
import { ask, type WireAnswer, type WireRequest } from './wire.ts'

/** A request as the SDK hands it over, signed. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number | undefined
  readonly path: string
  readonly method: string
  readonly query: Readonly<Record<string, string | readonly string[] | null>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface SdkAnswer {
  readonly response: {
    readonly statusCode: number
    readonly headers: Record<string, string>
    readonly body: Readable
  }
}

/** How requests of the SDK are made. */
export interface SdkRules {
  readonly agents: Agents
  /** For one attempt, the body of its answer included. */
  readonly timeoutMs: number
}

const CONNECT_MS = 10_000
const MARKS = ['<', '&'].map((mark) => Buffer.from(mark))
const EXCLAMATION = 0x21
const [LOWER_D, TO_LOWER] = [0x64, 0x20]

function targetOf({ path, query }: SdkRequest): string {
  const pairs = Object.entries(query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one: string | null) =>
        one === null ? escapeUri(name) : `${escapeUri(name)}=${escapeUri(one)}`,
      ),
    )
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

function wireRequestOf(request: SdkRequest): WireRequest {
  const { protocol, hostname, port, method, headers, body } = request
  if (
    body !== undefined &&
    body !== null &&
    typeof body !== 'string' &&
    !(body instanceof Uint8Array)
  )
    throw new TypeError('A request of the SDK has a body that is a stream.')
  return {
    base: new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`),
    method,
    target: targetOf(request),
    headers,
    body: body ?? undefined,
    mostBytes: MOST_PARSED_BYTES,
    connectMs: CONNECT_MS,
  }
}

const headersOf = ({ headers }: Pick<WireAnswer, 'headers'>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )

/** Whether a declaration of a document's type begins here. */
const isDoctype = (body: Buffer, at: number): boolean =>
  body[at + 1] === EXCLAMATION && ((body[at + 2] ?? 0) | TO_LOWER) === LOWER_D

/** Throws where the SDK's parser would hold up all else, or never end. */
function refuseEndless(answer: WireAnswer): void {
  const { status, body } = answer
  if (status >= 300 && body.length >= MOST_ERROR_BYTES) throw toldFailure(answer).error
  let [marks, doctypes] = [0, 0]
  for (const mark of MARKS)
    for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) {
      // For each of them the parser writes the whole text in small letters; a document has one at most.
      if (isDoctype(body, at)) doctypes++
      if (++marks > MOST_PARSED_MARKS || doctypes > 1) throw tooLong(status)
    }
}

/**
 * Sends the SDK's requests by the rules of our own: one limit on the whole time of an attempt, one on the
 * size of its answer, and a cancel is heard at once, in the body too.
 */
export class SdkHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  readonly #rules: SdkRules

  constructor(rules: SdkRules) {
    this.#rules = rules
  }

  /** Makes one attempt. Throws what the network did, ServiceError, or the signal's reason. */
  async handle(
    request: SdkRequest,
    { abortSignal }: { readonly abortSignal?: unknown } = {},
  ): Promise<SdkAnswer> {
    const { agents, timeoutMs } = this.#rules
    // The SDK has a type of its own for what is Node's.
    const signal = abortSignal as AbortSignal | undefined
    try {
      const wireRequest = wireRequestOf(request)
      const answer = await ask(wireRequest, agents, { timeoutMs, signal })
      refuseEndless(answer)
      const { status: statusCode, body } = answer
      return { response: { statusCode, headers: headersOf(answer), body: Readable.from([body]) } }
    } catch (error) {
      // The catalogue decides for the SDK, too, what is worth another attempt.
      if (error instanceof ServiceError && isTransient(error))
        throw Object.assign(error, { $retryable: {} })
      throw error
    }
  }

  /** Closes its connections. */
  destroy(): void {
    closeAgents(this.#rules.agents)
  }

  /** Nothing of it is the SDK's to change. */
  updateHttpClientConfig(): void {}

  /** Nothing of it is the SDK's to know. */
  httpHandlerConfigs(): Record<string, never> {
    return {}
  }
}
