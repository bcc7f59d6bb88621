import type { Fault, RequestInfo, Rule } from '../faults.ts'
import type { Reply } from '../reply.ts'
import type { BucketOptions } from '../store.ts'
import type { TestkitOptions } from '../testkit.ts'

/** One way in which a service that speaks S3 differs from AWS: how its server is started, and what it answers. */
export interface Quirk {
  readonly options?: TestkitOptions
  /** How its buckets are made. */
  readonly buckets?: BucketOptions
  readonly rules?: readonly Rule[]
}

export const of =
  (...operations: readonly string[]) =>
  ({ operation }: RequestInfo): boolean =>
    operations.includes(operation)

export const having =
  (header: string, ...operations: readonly string[]) =>
  ({ operation, headers }: RequestInfo): boolean =>
    operations.includes(operation) && headers[header] !== undefined

export const rule = (match: Rule['match'], fault: Fault): Quirk => ({ rules: [{ match, fault }] })

/** An answer with other headers or another body, where it is no refusal. */
export const changed =
  (change: (reply: Reply, request: RequestInfo) => Reply): Fault =>
  async (request, next) => {
    const reply = await next()
    return reply.status < 300 ? change(reply, request) : reply
  }

export const withText = (change: (text: string) => string): Fault =>
  changed((reply) =>
    typeof reply.body === 'string' ? { ...reply, body: change(reply.body) } : reply,
  )

export function without({ headers, ...reply }: Reply, ...names: readonly string[]): Reply {
  const rest = Object.entries(headers).filter(([name]) => !names.includes(name))
  return { ...reply, headers: Object.fromEntries(rest) }
}

export const PAGE =
  '<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Hello</body></html>'

/** A page of whatever stands before the service. */
export const page =
  (status = 200): Fault =>
  () => ({ status, headers: { 'content-type': 'text/html' }, body: PAGE })

export const nothing: Fault = () => ({ status: 200, headers: {}, body: undefined })

export const LISTING =
  '<?xml version="1.0"?><ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated></ListBucketResult>'
export const listing: Fault = () => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: LISTING,
})

/** What reads objects. */
export const READS: readonly string[] = ['GetObject', 'HeadObject']
