import { type Listening, listenOnLoopback, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OTHER_KINDS } from '../../campaign/hostile-answers.ts'
import { MOST_PAGE_BYTES } from '../../src/adapters/bounded.ts'
import { toldFailure } from '../../src/adapters/error-answer.ts'
import { stsIdentity } from '../../src/adapters/identity.ts'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { MOST_PARSED_BYTES } from '../../src/model/answer-room.ts'
import { toKeyBytes } from '../../src/model/key.ts'
import { serviceOf } from '../../src/model/service.ts'
import type { Identity } from '../../src/ports.ts'
import { Capabilities } from '../../src/storage/capabilities.ts'
import { firstKeys } from '../../src/storage/first-keys.ts'
import { s3Objects } from '../../src/storage/s3/objects.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import { scanPage } from '../../src/storage/s3/scan.ts'
import type { Store } from '../../src/storage/store.ts'

/** More than is read of any answer. */
const TOO_MANY_BYTES = 2 * MOST_PAGE_BYTES
/** Alone on a machine none takes half of it: other work beside a test makes each millisecond of a processor longer. */
const MOST_BLOCKED_MS = 200
const ATTEMPTS = 8

/** A text as often as it fits, between a beginning and an end. */
function filled(begin: string, text: string, end: string, bytes = MOST_PAGE_BYTES): string {
  const room = bytes - begin.length - end.length
  return begin + text.repeat(Math.floor(room / text.length)) + end
}

/** Processor time of this thread: the wall clock would tell of other processes. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The shortest of some attempts, as garbage of other tests counts too. */
async function shortestMs(attempt: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let times = 0; times < ATTEMPTS && least >= MOST_BLOCKED_MS; times++)
    least = Math.min(least, await attempt())
  return least
}

/** How long work takes that is done in one go. */
const blockedMs = (work: () => unknown): Promise<number> =>
  shortestMs(async () => {
    const begun = cpuMs()
    try {
      work()
    } catch {
      // A refusal is as good as an answer, if it comes soon.
    }
    return cpuMs() - begun
  })

/** The longest turn of the event loop while something goes on. */
const longestTurnMs = (work: () => Promise<unknown>): Promise<number> =>
  shortestMs(() => longestTurnOnceMs(work))

async function longestTurnOnceMs(work: () => Promise<unknown>): Promise<number> {
  let [longest, over, before] = [0, false, cpuMs()]
  const turn = (): void => {
    const now = cpuMs()
    longest = Math.max(longest, now - before)
    before = now
    if (!over) setImmediate(turn)
  }
  turn()
  await work()
  over = true
  turn()
  return longest
}

const ROOT = '<ListBucketResult><IsTruncated>false</IsTruncated>'
const END = '</ListBucketResult>'
const ENTRY =
  '<Contents><Key>a</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size></Contents>'

const PAGES: Readonly<Record<string, string>> = {
  'folders that do not end': filled(ROOT, '<CommonPrefixes>', END),
  'folders without end': filled(ROOT, '<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>', END),
  'ends of folders': filled(ROOT, '</CommonPrefixes>', END),
  'objects that do not end': filled(ROOT, '<Contents>', END),
  'objects without end': filled(ROOT, ENTRY, END),
  'empty objects': filled(ROOT, '<Contents></Contents>', END),
  'one key without end': filled(`${ROOT}<Contents><Key>`, 'k', `</Key></Contents>${END}`),
  'references in one key': filled(`${ROOT}<Contents><Key>`, '&amp;', `</Key></Contents>${END}`),
  'fields without end in one object': filled(
    `${ROOT}<Contents>`,
    '<Key>a</Key>',
    `</Contents>${END}`,
  ),
  'half references': filled(`${ROOT}<Contents><Key>`, '&#1', `</Key></Contents>${END}`),
  'a token without end': filled(
    '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>',
    '&amp;t',
    `</NextContinuationToken>${END}`,
  ),
  'tags of nobody': filled(ROOT, '<a>', END),
  'text between objects': filled(ROOT, `x${ENTRY}`, END),
}

describe('a page as large as any that is read', () => {
  it.each(Object.keys(PAGES))('never holds up the process as a listing: %s', async (name) => {
    const page = Buffer.from(PAGES[name] ?? '')
    expect(page.length).toBeGreaterThan(MOST_PAGE_BYTES * 0.99)
    expect(await blockedMs(() => scanPage(page, toKeyBytes('')))).toBeLessThan(MOST_BLOCKED_MS)
  })

  it.each(Object.keys(PAGES))('never holds up the process as a first look: %s', async (name) => {
    const page = Buffer.from(PAGES[name] ?? '')
    const lister = {
      page: async () => ({ ...scanPage(page, toKeyBytes('p/')), attempts: 1 }),
    }
    const look = () => firstKeys(lister, 'b', 'p/').catch(() => {})
    expect(await longestTurnMs(look)).toBeLessThan(MOST_BLOCKED_MS)
  })

  it.each([
    ['messages', '<Message>'],
    ['codes', '<Code>'],
    ['references', '<Code>&amp;'],
  ])('never holds up the process as an error: %s', async (_what, text) => {
    const page = Buffer.from(filled('<Error>', text, '</Error>'))
    const told = () => toldFailure({ status: 500, headers: {}, body: page })
    expect(await blockedMs(told)).toBeLessThan(MOST_BLOCKED_MS)
  })

  it.each(['<Tag>', '<Tag><Key>', '<Tag><Key>k</Key><Value>v</Value></Tag>', '</Tag>'])(
    'is never read as tags by its square: %s',
    async (text) => {
      const body = Buffer.from(filled('<Tagging>', text, '</Tagging>', 2 ** 20))
      const objects = s3Objects(
        async () => ({ status: 200, headers: {}, body }),
        new Capabilities(),
      )
      const read = () => objects.tags({ bucket: 'b', key: 'k' }, { timeoutMs: 1000 })
      expect(await longestTurnMs(read)).toBeLessThan(MOST_BLOCKED_MS)
    },
  )
})

/** What the server answers to every request but a HEAD. */
let answer = { status: 200, body: '' }
/** What HEAD tells beside an ETag. */
let told: Readonly<Record<string, string>> = {}
let server: Listening
let store: Store
let identity: Identity
beforeAll(async () => {
  server = await listenOnLoopback(
    webServer(false).on('request', (request, response) => {
      request.resume()
      response.on('error', () => {})
      // A delete is asked for only where the object is as it was.
      if (request.method === 'HEAD') response.writeHead(200, { etag: '"e"', ...told }).end()
      else response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body)
    }),
  )
  const service = serviceOf({ endpoint: server.url, region: 'us-east-1' })
  const address = { service, timeoutMs: 20_000 }
  const keys = async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' })
  const ends = { onExpired: () => {}, maxAttempts: 1, maxSockets: 4 }
  store = s3Store({ ...address, credentials: keys, ...ends })
  identity = stsIdentity(address)
})
afterAll(async () => {
  store.close()
  await server.close()
})

it.each(['<Error>', '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'])(
  'a write that fails behind its 200 says why: %s',
  async (begin) => {
    const body = `${begin}<Code>SlowDown</Code><Message>wait</Message></Error>`
    answer = { status: 200, body: `<?xml version="1.0"?>\n \n${body}` }
    const failure = await DOORS['copy']?.().catch((error: unknown) => serviceFailure(error))
    expect(failure).toMatchObject({ code: 'SlowDown', message: 'wait' })
  },
)

describe('the region that a bucket is said to be in', () => {
  it.each(['', ' ', '.evil.example/', 'us-east-1@evil.example', 'a'.repeat(65), 'us-east-1\t'])(
    'is not known where it can be none: %j',
    async (region) => {
      told = { 'x-amz-bucket-region': region }
      const found = await store.findBucket('b')
      expect([undefined, 'us-east-1']).toContain(found.region)
      expect(found.region === undefined).toBe(region.trim() !== 'us-east-1')
    },
  )

  it('is any that can be one', async () => {
    told = { 'x-amz-bucket-region': 'eu-central-1' }
    expect((await store.findBucket('b')).region).toBe('eu-central-1')
  })
})

describe('the KMS key that a service names, which goes into a policy,', () => {
  const keysTold = async (key: string) => {
    told = { 'x-amz-server-side-encryption-aws-kms-key-id': key }
    const rule = `<SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>${key}</KMSMasterKeyID>`
    const root = 'ServerSideEncryptionConfiguration'
    answer = { status: 200, body: `<${root}><Rule>${rule}</Rule></${root}>` }
    const [object, bucket] = [await store.stat(on), await store.bucketEncryption('b')]
    return [object?.kmsKey, bucket?.kmsKey]
  }

  it.each([
    '*',
    'key/*',
    'arn:aws:kms:*:*:key/*',
    'arn:aws:kms:us-east-1:123456789012:key/*',
    'arn:aws:s3:::dst/secret',
    'arn:aws:iam::123456789012:role/Admin',
    '1234?',
    `${'a'.repeat(300)}`,
  ])('is none where it may stand for others: %s', async (key) => {
    expect(await keysTold(key)).toEqual([undefined, undefined])
  })

  it.each([
    'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd',
    'arn:aws:kms:us-east-1:123456789012:alias/my/key',
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'alias/aws/s3',
  ])('is taken where it names one: %s', async (key) => {
    expect(await keysTold(key)).toEqual([key, key])
  })
})

const signal = new AbortController().signal
const on = { bucket: 'b', key: 'k' }
const LIMIT = { timeoutMs: 20_000 }

/** Every way in which the SDK or our own requests read an answer. */
const DOORS: Readonly<Record<string, () => Promise<unknown>>> = {
  encryption: () => store.bucketEncryption('b'),
  versioning: () => store.isVersioned('b'),
  uploads: () => store.uploads({ bucket: 'b', prefix: '' }, signal)[Symbol.asyncIterator]().next(),
  deletes: () =>
    store.deleteObjects('b', [{ key: 'k', etag: 'e' }], { signal, pace: async () => {} }),
  'caller identity': () =>
    identity.callerIdentity(async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 's' })),
  tags: () => store.objects.tags(on, LIMIT),
  listing: () => store.objects.page({ bucket: 'b', prefix: '' }, LIMIT),
  copy: () =>
    store.objects.copy(
      { ...on, etag: 'e', size: 1 },
      { to: on, only: undefined, headers: {} },
      LIMIT,
    ),
}

describe.each(OTHER_KINDS)('an answer of another kind proves nothing: %j', (body) => {
  it('as a page', () => {
    expect(() => scanPage(Buffer.from(body), toKeyBytes(''))).toThrow()
  })

  it('as the answer to a delete', async () => {
    answer = { status: 200, body }
    const failures = await DOORS['deletes']?.().catch((error: unknown) => [serviceFailure(error)])
    expect(failures).toHaveLength(1)
  })
})

describe.each(Object.keys(DOORS))('the answer to "%s"', (door) => {
  const hear = async () => serviceFailure(await DOORS[door]?.().catch((error: unknown) => error))

  it('of 16 MiB is refused before it holds up the process', async () => {
    for (const text of ['<a/>', 'text ', '<a b="c" d="e">x</a>']) {
      answer = { status: 200, body: filled('<Result>', text, '</Result>', TOO_MANY_BYTES) }
      const failure = await hear()
      expect([text, failure.code]).toEqual([text, 'AnswerTooLong'])
    }
  })

  it.each([
    ['tags', '<Result><A>', '<Deleted><Key>k</Key></Deleted>'],
    ['text', '<Result><A>', 'text '],
    ['references', '<Result><A>', '&amp;'],
    ['nested tags', '<Result>', `<a b="c">${'x'.repeat(150)}`],
    ['attributes', '<Result ', 'a="b" '],
    ['types of documents', '', `<!DOCTYPE a${' '.repeat(50)}>`],
    ['types of documents in small letters', '', `<!doctype a${' '.repeat(50)}>`],
  ])('that is almost too long never holds up the process: %s', async (_what, begin, text) => {
    answer = { status: 200, body: filled(begin, text, '', MOST_PARSED_BYTES - 1000) }
    await hear()
    expect(await longestTurnMs(hear)).toBeLessThan(MOST_BLOCKED_MS)
  })

  it('that says why it failed in 16 MiB is read as far as it is of use', async () => {
    const begin = '<Error><Code>AccessDenied</Code><Message>'
    const error = filled(begin, 'no ', '</Message></Error>', TOO_MANY_BYTES)
    answer = { status: 403, body: error }
    const failure = await hear()
    expect(failure).toMatchObject({ code: 'AccessDenied', status: 403 })
    expect(failure.message).toMatch(/^no no .*… no .*no/)
    expect(failure.message.length).toBeLessThanOrEqual(501)
  })
})
