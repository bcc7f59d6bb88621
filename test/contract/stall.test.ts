import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { serviceFailure } from '../../src/errors/service-failure.ts'
import { serviceOf } from '../../src/model/service.ts'
import { firstKeys } from '../../src/storage/first-keys.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'

/** What a store makes of a service that begins every answer and never ends it. */
async function outcome(ask: (store: Store) => Promise<unknown>): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('<?xml version="1.0"?><ListBucketResult>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const store = s3Store({
    service: serviceOf({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
    }),
    credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 'b' }),
    onExpired: () => {},
    timeoutMs: 200,
    maxAttempts: 1,
    maxSockets: 1,
  })
  try {
    await ask(store)
    return 'none'
  } catch (error) {
    return serviceFailure(error).code
  } finally {
    store.close()
    server.closeAllConnections()
    server.close()
  }
}

it.each<[string, (store: Store) => Promise<unknown>]>([
  ['a listing', (store) => store.page({ bucket: 'b', prefix: '' })],
  ['a look for the first keys', (store) => firstKeys(store, 'b', 'p/')],
  [
    'a delete',
    (store) =>
      store.deleteObjects('b', [{ key: 'k', etag: 'e' }], {
        signal: new AbortController().signal,
        pace: async () => {},
      }),
  ],
])('%s whose answer stops half-way ends at its limit', async (_what, ask) => {
  expect(await outcome(ask)).toMatch(/^Request(Timeout|Error)$/)
})
