import { ServiceError } from '../errors/service-error.ts'
import { answeredFailure, ofPage } from '../errors/service-failure.ts'
import type { WireAnswer } from './wire-request.ts'
import { element, plainText, rootAt, rootOf } from './xml.ts'

const [CDATA, CDATA_END] = ['<![CDATA[', ']]>']

/** Some services write texts as they are, in a section of their own. */
const decoded = (text: string): string =>
  Buffer.from(
    text.startsWith(CDATA) && text.endsWith(CDATA_END)
      ? text.slice(CDATA.length, -CDATA_END.length)
      : plainText(text),
    'latin1',
  ).toString()

/** Text of the first element of a kind in a body that was read as latin1. */
export const textOf = (xml: string, name: string): string | undefined => {
  const text = element(xml, name)
  return text === undefined ? undefined : decoded(text)
}

/** A failure, and the code that the answer told. */
export interface ToldFailure {
  readonly said: string | undefined
  readonly error: ServiceError
}

/** Whether a text that was read as latin1 begins as what browsers show. */
export const isWebPage = (text: string): boolean =>
  /^<(?:!doctype html|html)\b/i.test(text.slice(rootAt(text)))

/** An answer that tells of a failure. */
export type FailingAnswer = Pick<WireAnswer, 'status' | 'headers' | 'body'>

/** How long a service wants to be left alone: a number of seconds, or a time of its own clock. */
export function retryAfterMs({ headers }: Pick<FailingAnswer, 'headers'>): number | undefined {
  const { 'retry-after': text, date = '' } = headers
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const [untilMs, nowMs] = [Date.parse(text), Date.parse(date)]
  const ms = untilMs - (Number.isNaN(nowMs) ? Date.now() : nowMs)
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** Where an answer sends whoever asked, without a word about a bucket: then it is none of S3. */
function redirectIn({ status, headers }: FailingAnswer): ServiceError | undefined {
  const { location } = headers
  if (status < 300 || status >= 400 || location === undefined) return undefined
  if (headers['x-amz-bucket-region'] !== undefined) return undefined
  const where = URL.canParse(location) ? new URL(location).origin : 'another path there'
  return new ServiceError('Redirected', `HTTP status ${status}: redirect to ${where}.`, { status })
}

/** What an answer says is wrong; its body may be cut off behind its beginning. */
export function toldFailure(answer: FailingAnswer): ToldFailure {
  const { status, body } = answer
  const whole = body.toString('latin1')
  const text = rootOf(whole, 'Error') ?? rootOf(whole, 'ErrorResponse') ?? whole
  const code = textOf(text, 'Code')?.trim() || undefined
  const redirected = code === undefined ? redirectIn(answer) : undefined
  if (redirected) return { said: undefined, error: redirected }
  const [, open = ''] = text.split('<Message>', 2)
  const told = decoded(open.split('</Message>', 1)[0] ?? '').trim()
  const message = isWebPage(whole) ? ofPage(status) : told
  const error = answeredFailure({ status, code, message, retryAfterMs: retryAfterMs(answer) })
  return { said: code, error }
}
