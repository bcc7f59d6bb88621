import {
  headerOf,
  type RecordedAnswer,
  type RecordedRequest,
  type Recorder,
  startRecorder,
} from 's3-direct-sync-testkit/recorder.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toldFailure } from '../../src/adapters/error-answer.ts'
import { stsIdentity } from '../../src/adapters/identity.ts'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { explain } from '../../src/errors/sync-error.ts'
import { serviceOf } from '../../src/model/service.ts'
import { openBucket } from '../../src/preflight/buckets.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { codeOf } from './store-suite.ts'

const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
const FIRST = { bucket: 'src', prefix: '' }
const PAGE =
  '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>'
const CALLER =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>'

const errorOf = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>told</Message></Error>`

type Answer = (request: RecordedRequest, n: number) => RecordedAnswer

let answer: Answer
let asked = 0
let recorder: Recorder
let store: Store

const service = () =>
  serviceOf({ endpoint: `http://127.0.0.1:${recorder.port}`, region: 'us-east-1' })
const open = (maxAttempts = 3): Store =>
  s3Store({
    service: service(),
    credentials: () => KEYS,
    onExpired: () => {},
    timeoutMs: 5000,
    maxAttempts,
    maxSockets: 2,
  })
const callerIdentity = () =>
  stsIdentity({ service: service(), timeoutMs: 5000 }).callerIdentity(async () => KEYS)

beforeEach(async () => {
  asked = 0
  recorder = await startRecorder(loopbackTls(), (request) => answer(request, ++asked))
  store = open()
})
afterEach(async () => {
  store.close()
  await recorder[Symbol.asyncDispose]()
})

/** As a service refuses signatures of another time, in its own words; it answers by its own clock. */
const anHourAhead =
  (status: number, code: string): Answer =>
  (request) => {
    const nowMs = Date.now() + 3_600_000
    const headers = { date: new Date(nowMs).toUTCString() }
    const signed = (headerOf(request, 'x-amz-date') ?? '').replace(
      /^(....)(..)(..T..)(..)(..Z)$/,
      '$1-$2-$3:$4:$5',
    )
    if (Math.abs(Date.parse(signed) - nowMs) < 15 * 60_000)
      return { status: 200, headers, body: PAGE }
    return { status, headers, body: errorOf(code) }
  }

describe('a runner whose clock is wrong lists as any other', () => {
  it.each([
    [403, 'RequestTimeTooSkewed'],
    [403, 'AccessDenied'],
    [403, 'SignatureDoesNotMatch'],
    [403, 'RequestInTheFuture'],
    [401, 'Unauthorized'],
    [400, 'InvalidArgument'],
  ])('where the service calls it %i %s, even with retry-count: 0', async (status, code) => {
    answer = anHourAhead(status, code)
    store.close()
    store = open(1)
    await store.page(FIRST)
    expect(recorder.take().map(({ target }) => target.includes('encoding-type=url'))).toEqual([
      true,
      true,
    ])
    // What is refused for the time tells nothing of what the service knows.
    expect(store.capabilities.encodesKeys).toBe(true)
    await store.page(FIRST)
    expect(recorder.take()).toHaveLength(1)
  })

  it('but a refusal that has another reason stands', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    answer = () => ({ status: 403, headers: { date }, body: errorOf('AccessDenied') })
    expect(await codeOf(store.page(FIRST))).toBe('AccessDenied')
    expect(recorder.take()).toHaveLength(2)
  })
})

it('the first of two Dates is the time of a service', async () => {
  const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
  answer = () => ({
    status: 200,
    headers: { date: `${date}, Thu, 01 Jan 2026 00:00:01 GMT` },
    body: PAGE,
  })
  await store.page(FIRST)
  const aheadMs = (store.serverTimeMs() ?? 0) - Date.parse(date)
  expect(aheadMs).toBeGreaterThanOrEqual(0)
  expect(aheadMs).toBeLessThan(60_000)
})

describe('when a service says that it wants to be asked again', () => {
  const waitMs = (value: string, date?: string) => {
    const headers = { 'retry-after': value, ...(date === undefined ? {} : { date }) }
    return toldFailure({ status: 503, headers, body: Buffer.from(errorOf('SlowDown')) }).error
      .retryAfterMs
  }

  it('may be told in seconds, or as a time of its own clock', () => {
    expect(waitMs('2')).toBe(2000)
    expect(waitMs('Thu, 01 Jan 2026 00:00:02 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT')).toBe(2000)
    expect(waitMs('Thu, 01 Jan 1970 00:00:00 GMT')).toBe(0)
    expect(['', 'soon', '1e3', '1'.repeat(10)].map((value) => waitMs(value) ?? 0)).toEqual([
      0, 0, 0, 0,
    ])
  })

  it('is waited for by who asks for a page', async () => {
    const headers = { 'retry-after': '2' }
    answer = (_request, n) =>
      n === 1 ? { status: 503, headers, body: errorOf('SlowDown') } : { status: 200, body: PAGE }
    const startedMs = performance.now()
    await store.page(FIRST)
    expect(performance.now() - startedMs).toBeGreaterThan(1990)
  })
})

it('what a bucket is asked for beside its objects is asked for again where that may help', async () => {
  const documents = [
    '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
    '<ServerSideEncryptionConfiguration><SSEAlgorithm>AES256</SSEAlgorithm></ServerSideEncryptionConfiguration>',
  ]
  answer = (_request, n) =>
    n % 2 === 1
      ? { status: 500, body: errorOf('InternalError') }
      : { status: 200, body: documents.shift() ?? '' }
  expect(await store.isVersioned('src')).toBe(true)
  expect(await store.bucketEncryption('src')).toMatchObject({ algorithm: 'AES256' })
})

describe('a document that says 200 and is an error', () => {
  it('is that error, which heals as others do', async () => {
    answer = (_request, n) => ({ status: 200, body: n === 1 ? errorOf('SlowDown') : PAGE })
    expect((await store.page(FIRST)).attempts).toBe(2)
    answer = () => ({ status: 200, body: errorOf('AccessDenied') })
    expect(await codeOf(store.page(FIRST))).toBe('AccessDenied')
    expect(await codeOf(store.isVersioned('src'))).toBe('AccessDenied')
  })

  it('is no error where somebody stored it', async () => {
    const body = errorOf('SlowDown')
    answer = () => ({ status: 200, body })
    const object = { bucket: 'src', key: 'error.xml', etag: '' }
    const read = await store.objects.read(object, { bytes: body.length }, { timeoutMs: 5000 })
    expect(read.bytes.toString()).toBe(body)
  })
})

describe('an answer in another spelling is read all the same', () => {
  const prefixed = (xml: string): string => xml.replace(/<(\/?)(?=[A-Z])/g, '<$1ns2:')
  const SPELLINGS: Readonly<Record<string, (xml: string) => string>> = {
    'a byte order mark': (xml) => `\xef\xbb\xbf${xml}`,
    'a comment in front': (xml) => `<!-- a <b> -->\n${xml.replace(/^<\?xml[^>]*\?>\n/, '')}`,
    'a comment behind the declaration': (xml) =>
      xml.startsWith('<?xml')
        ? xml.replace('?>', '?><!-- -->')
        : `<?xml version='1.0'?><!-- -->${xml}`,
    'names with a prefix': prefixed,
    'an old encoding': (xml) => xml.replace('UTF-8', 'utf-8').replaceAll('"', "'"),
  }

  it.each(Object.keys(SPELLINGS))('%s', async (name) => {
    const spell = SPELLINGS[name] ?? String
    answer = () => ({ status: 200, body: spell(PAGE) })
    expect((await store.page(FIRST)).objects.count).toBe(0)
    answer = () => ({ status: 200, body: spell(CALLER) })
    expect((await callerIdentity()).account).toBe('123456789012')
    answer = () => ({
      status: 200,
      body: spell('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'),
    })
    expect(await store.isVersioned('src')).toBe(true)
    answer = () => ({ status: 404, body: spell(errorOf('NoSuchBucket')) })
    expect(await codeOf(store.page(FIRST))).toBe('NoSuchBucket')
  })

  it.each([
    '<Error><Code><![CDATA[NoSuchBucket]]></Code><Message><![CDATA[a < b & c]]></Message></Error>',
    '<Error>\n  <Code>\n    NoSuchBucket\n  </Code>\n  <Message>\n    a &lt; b &amp; c\n  </Message>\n</Error>',
  ])('a code and a message in sections or lines of their own: %j', async (body) => {
    answer = () => ({ status: 404, body })
    const failure = serviceFailure(await store.page(FIRST).catch((error: unknown) => error))
    expect([failure.code, failure.message]).toEqual(['NoSuchBucket', 'a < b & c'])
  })

  it.each(['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x"><html>', '\xef\xbb\xbf<html>'])(
    'a page of a proxy, as that: %j',
    async (page) => {
      answer = () => ({ status: 403, body: `${page}<body>Blocked</body></html>` })
      await expect(store.page(FIRST)).rejects.toThrow('a page of a proxy')
    },
  )
})

describe('an answer that sends elsewhere', () => {
  it.each([301, 307, 400])('to another region is followed there: %i', async (status) => {
    const headers = { 'x-amz-bucket-region': 'eu-west-1', location: 'https://elsewhere.example/' }
    answer = (request) =>
      headerOf(request, 'authorization')?.includes('/eu-west-1/')
        ? { status: 200, body: PAGE }
        : { status, headers, body: errorOf('TemporaryRedirect') }
    await store.page(FIRST)
    expect(store.regionOf('src')).toBe('eu-west-1')
  })

  it('to a region that the endpoint does not serve is told by what to change', async () => {
    answer = () => ({ status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } })
    const { endpoint = '', region, variant } = service()
    const opened = openBucket(
      'source',
      {
        side: { bucket: 'src', path: '', endpoint, region, variant },
        session: undefined,
        folder: undefined,
      },
      {
        transfer: { requestTimeoutMs: 5000, retryCount: 0, requestPayer: undefined, numworkers: 1 },
        openStore: async (address) => s3Store(address),
      },
    )
    const told = await opened.catch((error: unknown) => explain(error, 'preflight').text)
    expect(told).toContain(`it is in eu-west-1, which ${endpoint} does not serve`)
    expect(told).toContain('remove endpoint-url')
  })

  it('to another address is told by where it leads, whoever is asked', async () => {
    answer = () => ({ status: 302, headers: { location: 'https://login.example/?token=secret' } })
    const told = {
      code: 'Redirected',
      message: 'HTTP status 302: redirect to https://login.example.',
    }
    await expect(store.page(FIRST)).rejects.toMatchObject(told)
    await expect(store.findBucket('src')).rejects.toMatchObject(told)
    await expect(callerIdentity()).rejects.toMatchObject(told)
  })
})
