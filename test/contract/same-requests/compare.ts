import { headerOf, type RecordedRequest } from 's3-direct-sync-testkit/recorder.ts'
import { parseAuthorization } from 's3-direct-sync-testkit/sigv4.ts'

/** A difference between our request and that of somebody else for the same thing. */
export interface Difference {
  readonly kind: 'only ours' | 'only theirs' | 'other'
  /** What of the request: `header etag`, `query x-id`, `path`, `body`, … */
  readonly field: string
  readonly ours: string | undefined
  readonly theirs: string | undefined
}

type Facts = ReadonlyMap<string, string>

function queryFacts(target: string): [string, string][] {
  const mark = target.indexOf('?')
  if (mark < 0) return []
  return target
    .slice(mark + 1)
    .split('&')
    .map((part) => {
      const equals = part.indexOf('=')
      return equals < 0
        ? ([`query ${part}`, 'a flag without ='] as [string, string])
        : ([`query ${part.slice(0, equals)}`, `=${part.slice(equals + 1)}`] as [string, string])
    })
}

/** What of a header counts: of times and signatures only the form, as their values differ from second to second. */
function headerValue(name: string, value: string): string {
  if (name === 'x-amz-date') return value.replace(/\d/g, '0')
  if (name === 'amz-sdk-invocation-id') return value.replace(/[0-9a-f]/g, '0')
  if (name !== 'authorization') return value
  const { accessKeyId, region, service } = parseAuthorization(value) ?? {}
  return `${accessKeyId} ${region} ${service}`
}

function signedFacts(request: RecordedRequest): [string, string][] {
  const { signedHeaders = [] } = parseAuthorization(headerOf(request, 'authorization')) ?? {}
  return signedHeaders.map((name) => [`signed ${name}`, 'yes'])
}

/** The bytes that were meant: botocore streams them to AWS in chunks of S3's own, with a checksum behind. */
function meantBytes(request: RecordedRequest): Buffer {
  if (headerOf(request, 'x-amz-decoded-content-length') === undefined) return request.body
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const line = request.body.indexOf('\r\n', at)
    const size = Number.parseInt(request.body.toString('latin1', at, line), 16)
    if (!(size > 0)) return Buffer.concat(chunks)
    chunks.push(request.body.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}

/** A body's parts that may stand in any order stand in one; what is said around them is told apart. */
function bodyFacts(request: RecordedRequest): [string, string][] {
  const text = meantBytes(request).toString('latin1')
  if (!text.startsWith('<')) return [['body', text]]
  const declaration = /^<\?xml.*?\?>\s*/.exec(text)?.[0]
  const namespace = /^<\w+ xmlns="([^"]*)">/.exec(text.slice(declaration?.length ?? 0))?.[1]
  const bare = text
    .slice(declaration?.length ?? 0)
    .replace(/^(<\w+) xmlns="[^"]*">/, '$1>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
  const sorted = bare.replace(/<(Part|Object)>(.*?)<\/\1>/gs, (_, name: string, inner: string) => {
    const members = [...inner.matchAll(/<(\w+)>.*?<\/\1>/gs)].map(([one]) => one).sort()
    return `<${name}>${members.join('')}</${name}>`
  })
  return [
    ['body', sorted],
    ...(sorted === bare ? [] : ([['body order', bare]] as [string, string][])),
    ...(declaration ? ([['body declaration', declaration]] as [string, string][]) : []),
    ...(namespace ? ([['body namespace', namespace]] as [string, string][]) : []),
  ]
}

function factsOf(request: RecordedRequest): Facts {
  const headers = request.headers.map(([name, value]): [string, string] => {
    const lower = name.toLowerCase()
    return [`header ${lower}`, headerValue(lower, value)]
  })
  return new Map([
    ['method', request.method],
    ['path', request.target.split('?')[0] ?? ''],
    ...queryFacts(request.target),
    ...headers,
    ...signedFacts(request),
    ...bodyFacts(request),
  ])
}

/** All that differs between two requests. */
export function differences(ours: RecordedRequest, theirs: RecordedRequest): Difference[] {
  const [a, b] = [factsOf(ours), factsOf(theirs)]
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((field) => {
    const [mine, their] = [a.get(field), b.get(field)]
    if (mine === their) return []
    // A header that only one of them has is told as such.
    const signed = /^signed (.*)/.exec(field)?.[1]
    if (signed && !(a.has(`header ${signed}`) && b.has(`header ${signed}`))) return []
    const kind = mine === undefined ? 'only theirs' : their === undefined ? 'only ours' : 'other'
    return [{ kind, field, ours: mine, theirs: their } as const]
  })
}
