import { QUIRKS } from 's3-direct-sync-testkit/quirks.ts'
import { ignoresConditions } from 's3-direct-sync-testkit/strange-services.ts'
import { startTestkit, type Testkit } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { plainEtag } from '../../src/model/etag.ts'
import { serviceOf } from '../../src/model/service.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'

const LISTED_MS = Date.parse('2026-01-01T00:00:00.400Z')
const LATER_MS = LISTED_MS + 5000

let kit: Testkit
let store: Store

beforeEach(async () => {
  kit = await startTestkit()
  kit.store.createBucket('dst')
  store = s3Store({
    service: serviceOf({ endpoint: kit.endpoint, region: 'us-east-1' }),
    credentials: async () => kit.iam.admin,
    onExpired: () => {},
    timeoutMs: 5000,
    maxAttempts: 1,
    maxSockets: 4,
  })
})
afterEach(async () => {
  store.close()
  await kit.close()
})

const put = (key: string, body: string, lastModifiedMs: number) =>
  kit.store.put('dst', key, { body, lastModifiedMs })

/** Objects as they were listed, of which some are written again before they are deleted. */
async function deleted(etagOf: (key: string) => string): Promise<readonly string[]> {
  const keys = ['longer', 'same-size', 'stays']
  for (const key of keys) put(key, 'old', LISTED_MS)
  const targets = keys.map((key) => ({
    key,
    etag: etagOf(key),
    size: 3,
    lastModified: new Date(LISTED_MS).toISOString(),
  }))
  put('longer', 'newer', LISTED_MS)
  put('same-size', 'new', LATER_MS)
  const limits = { signal: new AbortController().signal, pace: async () => {} }
  const failures = await store.deleteObjects('dst', targets, limits)
  expect(failures.map(({ code }) => code)).toEqual(failures.map(() => 'PreconditionFailed'))
  expect(failures.map(({ key }) => key).sort()).toEqual(kit.store.keys('dst'))
  return kit.store.keys('dst')
}

it('an object whose ETag was not listed goes only while it has its size and time', async () => {
  expect(await deleted(() => '')).toEqual(['longer', 'same-size'])
})

it('an object whose ETag nobody tells behind the listing goes only while it has its size and time', async () => {
  for (const rule of QUIRKS['told ETags: none']?.rules ?? []) kit.faults.add(rule)
  kit.faults.add({
    match: ({ operation }) => operation.startsWith('DeleteObject'),
    fault: ignoresConditions(kit.store),
  })
  const etags = new Map<string, string>()
  for (const key of ['longer', 'same-size', 'stays']) {
    put(key, 'old', LISTED_MS)
    etags.set(key, plainEtag(kit.store.snapshot('dst', '').get(key)?.etag))
  }
  expect(await deleted((key) => etags.get(key) ?? '')).toEqual(['longer', 'same-size'])
})
