import { text as textOf } from 'node:stream/consumers'
import { type Listening, listenOnLoopback, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../../src/model/batch.ts'
import type { DeleteOp } from '../../src/model/op.ts'
import { serviceOf } from '../../src/model/service.ts'
import { keyAt } from '../../src/storage/object-page.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { FoundUpload, Store } from '../../src/storage/store.ts'
import { packDeletes } from '../../src/transfer/delete/pack.ts'

const KEYS = 1000
/** Of a key and of a prefix, in UTF-8. */
const MOST_KEY_BYTES = 1024

/** A thousand keys of a thousand bytes, of nothing but this text. */
function longKeys(text: string): readonly string[] {
  const filler = text.repeat(Math.floor((MOST_KEY_BYTES - 4) / Buffer.byteLength(text)))
  return Array.from({ length: KEYS }, (_, at) => filler + String(at).padStart(4, '0'))
}

const inXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&apos;')
/** Who writes from a role whose names are as long as IAM has them. */
const ARN = `arn:aws:sts::123456789012:assumed-role/${'r'.repeat(64)}/${'s'.repeat(64)}`
const WHO = `<ID>${ARN}</ID><DisplayName>${ARN}</DisplayName>`

/** All that S3 tells of an object that was archived and restored. */
const entry = (key: string): string =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;${'e'.repeat(32)}-10000&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Size>50000000000000</Size><Owner>${WHO}</Owner><StorageClass>DEEP_ARCHIVE</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-01-02T03:04:05.000Z</RestoreExpiryDate></RestoreStatus></Contents>`

const page = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>${KEYS}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated><NextContinuationToken>${'t'.repeat(2048)}</NextContinuationToken>${inside}</ListBucketResult>`

const upload = (key: string): string =>
  `<Upload><Key>${key}</Key><UploadId>${'u'.repeat(256)}</UploadId><Initiator>${WHO}</Initiator><Owner>${WHO}</Owner><StorageClass>INTELLIGENT_TIERING</StorageClass><Initiated>2026-01-02T03:04:05.000Z</Initiated><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType></Upload>`

/** The answer to a delete of many, of which none is allowed; `written`: the key as the request has it. */
const denied = (written: string): string =>
  `<Error><Key>${written}</Key><Code>AccessDenied</Code><Message>User: ${ARN} is not authorized to perform: s3:DeleteObject on resource: &quot;arn:aws:s3:::bucket/${written}&quot; because no identity-based policy allows the s3:DeleteObject action</Message></Error>`
const changed = (written: string): string =>
  `<Error><Key>${written}</Key><Code>PreconditionFailed</Code><Message>At least one of the pre-conditions you specified did not hold</Message></Error>`

/** The answer to a request, by its query and body. */
let answer: (query: URLSearchParams, body: string) => string
let server: Listening
let store: Store
beforeAll(async () => {
  server = await listenOnLoopback(
    webServer(false).on('request', async (request, response) => {
      const body = await textOf(request)
      if (request.method === 'HEAD') response.writeHead(200, { etag: '"e"' }).end()
      else response.end(answer(new URL(request.url ?? '', 'http://s').searchParams, body))
    }),
  )
  store = s3Store({
    service: serviceOf({ endpoint: server.url, region: 'us-east-1' }),
    timeoutMs: 20_000,
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
    onExpired: () => {},
    maxAttempts: 1,
    maxSockets: 4,
  })
})
afterAll(async () => {
  store.close()
  await server.close()
})

const { signal } = new AbortController()
const LIMIT = { timeoutMs: 20_000 }

const TEXTS = { letters: 'k', quotes: '"', 'Chinese characters': '語' }
const NAMES = Object.keys(TEXTS) as (keyof typeof TEXTS)[]

describe.each(NAMES)('the largest answer with keys of %s is read', (name) => {
  const keys = longKeys(TEXTS[name])
  const list = () => store.objects.page({ bucket: 'b', prefix: '' }, LIMIT)

  it.each([
    ['as they stand in a URL', '<EncodingType>url</EncodingType>', encodeURIComponent],
    ['as they stand in XML', '', inXml],
  ])('as a page of a listing that writes them %s', async (_how, encoding, written) => {
    const objects = page(encoding + keys.map((key) => entry(written(key))).join(''))
    answer = () => objects
    const listed = await list()
    expect(listed.objects.count).toBe(KEYS)
    expect(Buffer.from(keyAt(listed.objects, KEYS - 1), 'latin1').toString()).toBe(keys.at(-1))

    const folders = keys.map(
      (key) => `<CommonPrefixes><Prefix>${written(key)}</Prefix></CommonPrefixes>`,
    )
    answer = () => page(encoding + folders.join(''))
    expect((await list()).folders).toHaveLength(KEYS)
  })

  it('as a page of unfinished uploads', async () => {
    answer = (query) => {
      const most = Number(query.get('max-uploads'))
      const uploads = keys.slice(0, most).map((key) => upload(encodeURIComponent(key)))
      return `<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${uploads.join('')}</ListMultipartUploadsResult>`
    }
    const found: FoundUpload[] = []
    for await (const one of store.uploads({ bucket: 'b', prefix: '' }, signal)) found.push(one)
    expect(found.length).toBeGreaterThanOrEqual(100)
    expect(found.map(({ key }) => key)).toEqual(keys.slice(0, found.length))
  })

  it('as what became of so many deletes as are asked for at a time', async () => {
    answer = (_query, body) => {
      const rows = [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, written = '']) =>
        body.includes('000000') ? changed(written) : denied(written),
      )
      return `<DeleteResult>${rows.join('')}</DeleteResult>`
    }
    const [batch] = await packed(keys)
    const targets = (batch?.ops ?? []).map(({ op }) => ({ key: op.key, etag: 'e' }))
    const limits = { signal, pace: async () => {} }
    const failures = await store.deleteObjects('b', targets, limits)
    expect(failures.map(({ key }) => key)).toEqual(targets.map(({ key }) => key))
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['AccessDenied']))
  })
})

async function packed(keys: readonly string[]): Promise<readonly Batch<DeleteOp>[]> {
  const ops = async function* () {
    for (const key of keys) {
      const op = { op: 'delete', key, size: 1, etag: 'e', reason: 'only-at-destination' } as const
      yield { op, engine: 'delete', attempts: 0 } as const
    }
  }
  const batches: Batch<DeleteOp>[] = []
  for await (const batch of packDeletes(ops())) batches.push(batch)
  return batches
}

it('a thousand keys of usual length are deleted by one request', async () => {
  const keys = longKeys('k').map((key) => key.slice(-200))
  expect(await packed(keys)).toHaveLength(1)
})

it('ten tags are read, of the longest keys and values, however they are written', async () => {
  const [key, value] = [128, 256].map((chars) => '&#55357;&#56832;'.repeat(chars))
  const tag = `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`
  answer = () => `<Tagging><TagSet>${tag.repeat(10)}</TagSet></Tagging>`
  const tags = await store.objects.tags({ bucket: 'b', key: 'k' }, LIMIT)
  const one = `${'%F0%9F%98%80'.repeat(128)}=${'%F0%9F%98%80'.repeat(256)}`
  expect(tags).toBe(Array.from({ length: 10 }, () => one).join('&'))
})
