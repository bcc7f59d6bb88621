import { readFile } from 'node:fs/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { headerOf, type RecordedRequest } from 's3-direct-sync-testkit/recorder.ts'
import { parseRequest } from 's3-direct-sync-testkit/request.ts'
import { readPayload } from 's3-direct-sync-testkit/s3/payload.ts'
import { parseAuthorization, verifySignature } from 's3-direct-sync-testkit/sigv4.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Case,
  dottedCases,
  everyCase,
  metadataCase,
  OPERATIONS,
  oddestKeyCases,
  oddKeyCases,
  pageCases,
  readCases,
} from './same-requests/cases.ts'
import { differences } from './same-requests/compare.ts'
import { explainedOf, nameOf, type Other, type Way } from './same-requests/explained.ts'
import { byBotocore, bySdk, byUs, REGION, type World } from './same-requests/senders.ts'
import { type RecordedService, startService } from './same-requests/service.ts'

const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'sec/ret+key' }
const SESSION = { ...KEYS, sessionToken: 'ses/sion+to=ken==' }

let service: RecordedService
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service[Symbol.asyncDispose]())

const worldOf = (way: Way, more: Partial<World> = {}): World => {
  const at = `127.0.0.1:${service.recorder.port}`
  return {
    endpoint: way === 'AWS' ? undefined : `${way.toLowerCase()}://${at}`,
    keys: way === 'HTTP' ? KEYS : SESSION,
    payer: way === 'AWS' ? 'requester' : undefined,
    proxy: `http://${at}`,
    caFile: service.caFile,
    ...more,
  }
}

/** The same requests of all three. */
async function sentBy(world: World, cases: readonly Case[]) {
  const { recorder } = service
  return {
    ours: await byUs(world, cases, recorder),
    SDK: await bySdk(world, cases, recorder),
    botocore: await byBotocore(world, cases, recorder),
  }
}

type Sent = Awaited<ReturnType<typeof sentBy>>

/** Every difference by its name, with the first example of it. */
function found(way: Way, cases: readonly Case[], sent: Sent): Map<string, string> {
  const names = new Map<string, string>()
  for (const [at, { operation, title }] of cases.entries())
    for (const from of ['SDK', 'botocore'] satisfies Other[]) {
      const [ours, theirs] = [sent.ours[at], sent[from][at]]
      if (!ours || !theirs) throw new Error(`${operation} ${title} was not sent`)
      for (const difference of differences(ours, theirs)) {
        const name = nameOf(from, way, operation, difference)
        const example = `${title}: ${difference.ours} and ${difference.theirs}`
        if (!names.has(name)) names.set(name, example.slice(0, 500))
      }
    }
  return names
}

const unexplained = (way: Way, cases: readonly Case[], sent: Sent): string[] => {
  const explained = explainedOf(way)
  return [...found(way, cases, sent)]
    .filter(([name]) => !explained.has(name))
    .map(([name, example]) => `${name} (${example})`)
}

/** What the server's end makes of a signature and of the digests of the body: nothing when they are right. */
function refusalOf(request: RecordedRequest, keys: typeof KEYS): string | undefined {
  const headers = Object.fromEntries(
    request.headers.map(([name, value]) => [name.toLowerCase(), value]),
  )
  const { method, target: url, body: payload } = request
  const arrived = { id: '', headerBytes: 0, arrival: 'whole' } as const
  const parsed = parseRequest({ ...arrived, method, url, headers, payload })
  const authorization = parseAuthorization(headers['authorization'])
  if (!authorization) return 'unsigned'
  try {
    verifySignature(parsed, authorization, { ...keys, nowMs: Date.now() })
    // There a checksum is of the object to be, not of the document.
    if (parsed.operation !== 'CompleteMultipartUpload') readPayload(parsed)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** The signature that the SDK's own signer gives a request. */
async function signatureBySdk(
  request: RecordedRequest,
  client: S3Client,
): Promise<string | undefined> {
  const signer = await client.config.signer()
  const { signedHeaders = [] } = parseAuthorization(headerOf(request, 'authorization')) ?? {}
  const [path = '', query = ''] = request.target.split(/\?(.*)/s)
  const names = signedHeaders.map((name) => [name, headerOf(request, name) ?? ''])
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: 'https:',
      hostname: headerOf(request, 'host') ?? '',
      path,
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: Object.fromEntries(names),
    },
    {
      signingDate: dateOf(headerOf(request, 'x-amz-date')),
      signableHeaders: new Set(['cache-control']),
    },
  )
  return parseAuthorization((signed.headers as Record<string, string>)['authorization'])?.signature
}

const dateOf = (text = ''): Date =>
  new Date(text.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'))

describe.each<[Way, () => Case[]]>([
  [
    'HTTP',
    () => [...everyCase(), ...oddestKeyCases(), ...oddKeyCases(), ...pageCases({ isAws: false })],
  ],
  ['HTTPS', () => [...everyCase(), ...pageCases({ isAws: false })]],
  [
    'AWS',
    () => [...everyCase(), ...oddestKeyCases(), ...dottedCases(), ...pageCases({ isAws: true })],
  ],
])('over %s', (way, casesOf) => {
  const cases = casesOf()
  let sent: Sent
  beforeAll(async () => {
    sent = await sentBy(worldOf(way), cases)
  }, 120_000)

  it('each operation is asked for', () => {
    expect(new Set(cases.map(({ operation }) => operation))).toEqual(new Set(OPERATIONS))
  })

  it('each request is that of both SDKs, but for what is explained', () => {
    expect(unexplained(way, cases, sent)).toEqual([])
  })

  it('everything that is explained is so', () => {
    const seen = found(way, cases, sent)
    expect([...explainedOf(way)].filter((name) => !seen.has(name))).toEqual([])
  })

  it('none is sent in chunks, and each PUT and POST tells its length', () => {
    for (const request of sent.ours) {
      expect(headerOf(request, 'transfer-encoding')).toBeUndefined()
      const length = headerOf(request, 'content-length')
      if (/^P/.test(request.method)) expect(length).toBe(String(request.body.length))
      else expect(length).toBeUndefined()
    }
  })

  it('both ends come to the same signature and digests', () => {
    for (const requests of Object.values(sent))
      for (const request of requests) expect(refusalOf(request, KEYS)).toBeUndefined()
  })

  it('the signer of the SDK comes to the same signature', async () => {
    const credentials = worldOf(way).keys ?? KEYS
    const client = new S3Client({ region: REGION, credentials })
    for (const request of sent.ours) {
      const { signature } = parseAuthorization(headerOf(request, 'authorization')) ?? {}
      expect(signature).toMatch(/^[0-9a-f]{64}$/)
      expect(await signatureBySdk(request, client)).toBe(signature)
    }
  })
})

it('docs/internals/reliability.md names each operation that is compared', async () => {
  const page = await readFile(
    new URL('../../docs/internals/reliability.md', import.meta.url),
    'utf8',
  )
  const named = [...page.matchAll(/^\| (\w+)(?:,? [^|]*)? \| both \|/gm)].map(([, name]) => name)
  expect(named).toEqual([...OPERATIONS])
})

it('unsigned reads are those of both SDKs', async () => {
  const cases = [...readCases(), ...pageCases({ isAws: false })]
  const sent = await sentBy(worldOf('HTTPS', { keys: undefined }), cases)
  expect(unexplained('HTTPS', cases, sent)).toEqual([])
  for (const request of Object.values(sent).flat())
    expect(headerOf(request, 'authorization')).toBeUndefined()
})

describe('metadata that is not ASCII', () => {
  /** As services send it that do not encode it; the last byte of an `à` is a no-break space in latin1. */
  const RAW = Buffer.from('Motörhead,  日本 voilà').toString('latin1')
  const sendOne = async (text: string) => {
    const one = metadataCase(text)
    const [request] = await byUs(worldOf('HTTP'), [one], service.recorder)
    if (!request) throw new Error('nothing was sent')
    return { one, request }
  }

  it('is sent byte for byte, and signed as it is sent', async () => {
    const { request } = await sendOne(RAW)
    expect(headerOf(request, 'x-amz-meta-band')).toBe(RAW)
    expect(refusalOf(request, KEYS)).toBeUndefined()
  })

  it('is sent by the SDK with a signature of other bytes, and by botocore not at all', async () => {
    const { one } = await sendOne(RAW)
    const [theirs] = await bySdk(worldOf('HTTP'), [one], service.recorder)
    expect(theirs && headerOf(theirs, 'x-amz-meta-band')).toBe(RAW)
    expect(theirs && refusalOf(theirs, KEYS)).toMatch('signature we calculated does not match')
    await expect(byBotocore(worldOf('HTTP'), [one], service.recorder)).rejects.toThrow(
      'Non ascii characters found in S3 metadata',
    )
  })

  it('is sent in the words of RFC 2047 where S3 gave it so, as both SDKs would', async () => {
    const cases = [metadataCase('=?UTF-8?B?w4PChE3Dg8KE?=')]
    const sent = await sentBy(worldOf('HTTP'), cases)
    expect(unexplained('HTTP', cases, sent)).toEqual([])
  })
})
