import { fail, type RequestInfo } from 's3-direct-sync-testkit/faults.ts'
import { startForwardProxy } from 's3-direct-sync-testkit/forward-proxy.ts'
import { openStage } from 's3-direct-sync-testkit/stage.ts'
import { expect, it } from 'vitest'

const HOST = 'oss-cn-hangzhou.aliyuncs.com'
const MIB = 2 ** 20

/** Such services take a HEAD of a bucket at any address. */
const byPath = ({ operation, headers }: RequestInfo): boolean =>
  headers['host'] === HOST && operation !== 'HeadBucket'

it('a service that takes no bucket in the path is asked for it in the name of the host, by every door', async () => {
  await using stage = await openStage()
  const { kit } = stage
  kit.store.put('src', 'data/a', { body: 'a' })
  kit.store.put('src', 'data/a b/ä+', { body: 'b' })
  kit.store.put('src', 'data/large', { size: 1100 * MIB, seed: 1 })
  kit.store.put('dst', 'copy/extra', { body: 'x' })
  kit.faults.add({ match: byPath, fault: fail(403, 'SecondLevelDomainForbidden') })
  const hosts = [HOST, `src.${HOST}`, `dst.${HOST}`].map((host) => [host, kit.endpoint] as const)
  await using proxy = await startForwardProxy({ hosts: Object.fromEntries(hosts) })
  await using run = await stage.run(
    { 'endpoint-url': `http://${HOST}`, delete: 'true', 'max-delete': '100%' },
    { env: { ...kit.idTokenEnv, HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' } },
  )
  expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '3', deleted: '1' })
  expect(kit.store.keys('dst')).toEqual(['copy/a', 'copy/a b/ä+', 'copy/large'])
  // HEAD and the listing that told, of each side.
  expect(proxy.requests[HOST]).toBe(4)
})
