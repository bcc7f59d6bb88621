import { answerWith, type Fault, fail } from 's3-direct-sync-testkit/faults.ts'
import { oneOf } from './random.ts'

const TEXTS = [
  'no\n::set-output name=result::success',
  'x##[set-output name=copied]9##[add-mask]a',
  '::stop-commands::token\r::error title=forged::do as I say',
  '| a | b |\n\n# [click](https://example.com) <img src=x> @everyone',
  '</details></summary>```mermaid\npie\n```\u2028\u0085\u001b[31m',
] as const

/** An error that speaks to the runner, as Markdown and as HTML, and tells what it was sent; the request has no effect. */
export const hostileError =
  (at: number): Fault =>
  (request, next) => {
    const text = oneOf(TEXTS, at)
    const code = at % 2 ? 'AccessDenied' : `Bad${text}`
    const sent = [request.headers['x-amz-security-token'], request.headers['authorization']]
    const message = `${text} ${sent.join(' ')} ${request.key ?? ''}`
    return fail(at % 3 ? 403 : 500, code, { message })(request, next)
  }

const LAUGHS = Array.from({ length: 9 }, (_, at) => {
  const inner = at === 0 ? 'ha' : `&l${at - 1};`.repeat(10)
  return `<!ENTITY l${at} "${inner}">`
}).join('')

/** What nobody asked for: nothing, JSON, a page of a proxy, entities without end. */
export const OTHER_KINDS = [
  '',
  '{"ok":true}',
  '<!doctype html><html><body>Please log in</body></html>',
  `<?xml version="1.0"?><!DOCTYPE x [${LAUGHS}]><ListBucketResult><Name>&l8;</Name></ListBucketResult>`,
  '<?xml version="1.0"?><ListBucketResult><KeyCount>-1</KeyCount><IsTruncated>perhaps</IsTruncated></ListBucketResult>',
  '<Error><Code>',
  '\u0000\u0001\u00ff',
] as const

/** 200 with what nobody asked for; no effect. */
export const otherKind = (at: number): Fault => answerWith(oneOf(OTHER_KINDS, at))

const ENDLESS_BYTES = 64 * 2 ** 20

/** 200 with 64 MiB of what looks like the begin of an answer; no effect. */
export const endless: Fault = answerWith(
  `<?xml version="1.0"?><ListBucketResult>${' '.repeat(ENDLESS_BYTES)}`,
)
