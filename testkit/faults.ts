import { setTimeout as sleep } from 'node:timers/promises'
import { errorReply, s3ErrorXml } from './answer.ts'
import { errorWithStatus, type Reply } from './reply.ts'
import type { ServerRequest } from './request.ts'
import type { FirstSignal } from './runner-process.ts'

/** What a fault may look at, and bend, before the request is handled. */
export type RequestInfo = ServerRequest

/** A fault stands around the handling of a request: it may act before, instead of, or after `next`. */
export type Fault = (request: RequestInfo, next: () => Promise<Reply>) => Promise<Reply> | Reply

/** Which requests a rule is for: every given field must be equal; or any predicate. */
export type Match =
  | ((request: RequestInfo) => boolean)
  | { readonly operation?: string; readonly bucket?: string; readonly key?: string }

/** A fault for the matching requests, from the `nth` (1 = first) on, `times` of them (default: all). */
export interface Rule {
  readonly match: Match
  readonly nth?: number
  readonly times?: number
  readonly fault: Fault
}

/** The script of faults; rules stack, the one added first is outermost. */
export interface Faults {
  /** Adds a rule; the returned function tells how often it has struck. */
  readonly add: (rule: Rule) => () => number
  readonly clear: () => void
}

/** The side of the faults that the endpoint calls. */
export interface FaultRunner {
  readonly apply: (request: RequestInfo, handle: () => Promise<Reply>) => Promise<Reply>
}

/** A fault, and a promise of a signal that is kept when the fault strikes for the nth time. */
export function signalling(
  fault: Fault,
  nth = 1,
  signal: FirstSignal = 'SIGINT',
): { fault: Fault; endedBy: Promise<FirstSignal> } {
  const { promise, resolve } = Promise.withResolvers<FirstSignal>()
  let struck = 0
  return {
    fault: (request, next) => {
      struck += 1
      if (struck === nth) resolve(signal)
      return fault(request, next)
    },
    endedBy: promise,
  }
}

/** An empty script. */
export function createFaults(): Faults & FaultRunner {
  let rules: { readonly rule: Rule; seen: number; struck: number }[] = []
  return {
    add: (rule) => {
      const entry = { rule, seen: 0, struck: 0 }
      rules.push(entry)
      return () => entry.struck
    },
    clear: () => {
      rules = []
    },
    apply: async (request, handle) => {
      if (rules.length === 0) return handle()
      const striking = rules.filter((entry) => {
        const { rule } = entry
        if (!isMatch(rule.match, request)) return false
        entry.seen += 1
        const due = entry.seen >= (rule.nth ?? 1)
        if (!due || entry.struck >= (rule.times ?? Number.POSITIVE_INFINITY)) return false
        entry.struck += 1
        return true
      })
      const chain = striking.reduceRight<() => Promise<Reply>>(
        (next, { rule }) =>
          async () =>
            rule.fault(request, next),
        handle,
      )
      return chain()
    },
  }
}

function isMatch(match: Match, request: RequestInfo): boolean {
  if (typeof match === 'function') return match(request)
  const { operation, bucket, key } = match
  return (
    (operation === undefined || operation === request.operation) &&
    (bucket === undefined || bucket === request.bucket) &&
    (key === undefined || key === request.key)
  )
}

/** An error answer; the request has no effect. */
export const fail =
  (
    status: number,
    code: string,
    extra: { message?: string; retryAfterSeconds?: number } = {},
  ): Fault =>
  (request) => {
    const reply = errorReply(errorWithStatus(status, code, extra.message ?? code), request)
    const { retryAfterSeconds } = extra
    if (retryAfterSeconds === undefined) return reply
    return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfterSeconds) } }
  }

/** 200 with an error document, as CopyObject and CompleteMultipartUpload fail late; no effect. */
export const failIn200 =
  (code: string, message = code): Fault =>
  (request) => ({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: s3ErrorXml(errorWithStatus(200, code, message), request),
    errorCode: code,
  })

/** 200 with this body, whatever was asked; the request has no effect. */
export const answerWith =
  (body: string): Fault =>
  () => ({ status: 200, headers: { 'content-type': 'application/xml' }, body })

const noReply = (socket: 'reset' | 'stall'): Reply => ({
  status: 0,
  headers: {},
  body: undefined,
  socket,
  errorCode: socket,
})

/** Resets the connection; the request has no effect. */
export const reset: Fault = () => noReply('reset')

/** Does the work, then resets the connection: the client cannot know. */
export const loseReply: Fault = async (_request, next) => {
  await next()
  return noReply('reset')
}

/** Never answers; the request has no effect. */
export const stall: Fault = () => noReply('stall')

/** Answers with the whole head and a body of four bytes a second. */
export const trickle =
  (fault?: Fault): Fault =>
  async (request, next) => ({
    ...(await (fault ? fault(request, next) : next())),
    socket: 'trickle',
  })

/** So many requests a second and no more, saved up for `burst` of them at most; the others get SlowDown. */
export function cap(perSecond: number, burst = 1): Fault {
  const refuse = fail(503, 'SlowDown')
  let tokens = burst
  let atMs = performance.now()
  return (request, next) => {
    const nowMs = performance.now()
    tokens = Math.min(burst, tokens + ((nowMs - atMs) * perSecond) / 1000)
    atMs = nowMs
    if (tokens < 1) return refuse(request, next)
    tokens--
    return next()
  }
}

/** Waits, then answers as usual. */
export const delay =
  (delayMs: number): Fault =>
  async (_request, next) => {
    await sleep(delayMs)
    return next()
  }

/** Promises the whole body, sends its first bytes and closes the connection. */
export const cutBody =
  (afterBytes: number): Fault =>
  async (_request, next) => ({ ...(await next()), cutAtBytes: afterBytes })

/** Runs a callback before the request is handled, for example to change an object behind its back. */
export const before =
  (act: (request: RequestInfo) => void | Promise<void>): Fault =>
  async (request, next) => {
    await act(request)
    return next()
  }

/** What a listing can get wrong while it answers 200. */
export type ListAnomaly =
  | 'unordered'
  | 'repeated-token'
  | 'bad-key-count'
  | 'unclosed'
  | 'ignored-start-after'
  | 'ignored-encoding-type'
  | 'dropped-key'

/** A wrong listing. `dropped-key` leaves KeyCount alone; `repeated-token` starts with the second page. */
export const wrongList =
  (anomaly: ListAnomaly): Fault =>
  async (request, next) => {
    if (anomaly === 'ignored-start-after') request.query.delete('start-after')
    if (anomaly === 'ignored-encoding-type') request.query.delete('encoding-type')
    const reply = await next()
    if (typeof reply.body !== 'string') return reply
    return { ...reply, body: bendList(reply.body, anomaly, request) }
  }

function bendList(xml: string, anomaly: ListAnomaly, request: RequestInfo): string {
  const [first = '', second = ''] = xml.match(/<Contents>.*?<\/Contents>/gs) ?? []
  switch (anomaly) {
    case 'unordered':
      return xml.replace(first + second, () => second + first)
    case 'dropped-key':
      return xml.replace(first, '')
    case 'bad-key-count':
      return xml.replace(/(?<=<KeyCount>)\d+/, (count) => String(Number(count) + 1))
    case 'unclosed':
      return xml.replace('</ListBucketResult>', '')
    case 'repeated-token': {
      const token = request.query.get('continuation-token')
      return token === undefined
        ? xml
        : xml.replace(/(?<=<NextContinuationToken>)[^<]*/, () => token)
    }
    default:
      return xml
  }
}
