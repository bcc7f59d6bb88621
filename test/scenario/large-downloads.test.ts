import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { type Fault, stall } from 's3-direct-sync-testkit/faults.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { describe, expect, it } from 'vitest'
import { openDownloadStage } from '../download-stage.ts'
import { linesOf } from '../local-stage.ts'

const MIB = 2 ** 20
const BYTES = 20 * MIB + 3
/** Has Node tell of the threads that it begins. */
const TELLING = { NODE_DEBUG: 'worker' }
const A_THREAD = /starts worker script \S*receiver-thread\.js/
/** So that nothing is fetched again unseen. */
const ONCE = { 'max-retries': '0', 'retry-count': '0' }

const crc = (content: Uint8Array): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(content))
  return bytes.toString('base64')
}
const md5 = (content: Uint8Array): string => createHash('md5').update(content).digest('hex')

describe('large objects', () => {
  it.each(['http', 'https'])(
    'are received by threads over %s, and proven as all others',
    async (scheme) => {
      await using down = await openDownloadStage({ tls: scheme === 'https' })
      const content = Buffer.alloc(BYTES, 'not all of its ranges are alike ')
      const other = Buffer.from(content)
      other[BYTES - 1] = 0
      const { store } = down.stage.kit
      const etag = `${'0'.repeat(32)}-6`
      store.put('src', 'data/crc32', { body: content, etag, checksums: { crc32: crc(content) } })
      store.put('src', 'data/md5', { body: content, etag: md5(content) })
      store.put('src', 'data/bad', { body: other, etag, checksums: { crc32: crc(content) } })
      const env = { ...TELLING, AWS_CA_BUNDLE: loopbackTls().caFile }
      await using run = await down.fetch(ONCE, { env: { ...down.stage.kit.idTokenEnv, ...env } })
      expect(run.stderr).toMatch(A_THREAD)
      expect(run.outputs, run.log).toMatchObject({ result: 'partial', copied: '2', failed: '1' })
      const [failed] = await linesOf(run.outputs['failed-path'])
      expect(failed).toMatchObject({ key: 'data/bad', code: 'BadDigest' })
      expect(await down.names()).toEqual(['crc32', 'md5'])
      for (const name of ['crc32', 'md5'])
        expect((await readFile(down.path(name))).equals(content), name).toBe(true)
    },
    60_000,
  )

  it('are given up at once by a cancel, and leave nothing unfinished', async () => {
    await using down = await openDownloadStage()
    // All but the first four of their reads are those of a thread.
    for (const key of ['a', 'b']) down.put(key, Buffer.alloc(44 * MIB, key))
    const { promise: endedBy, resolve } = Promise.withResolvers<'SIGTERM'>()
    let reads = 0
    const fault: Fault = (request, next) => {
      if (++reads < 6) return next()
      resolve('SIGTERM')
      return stall(request, next)
    }
    down.stage.kit.faults.add({ match: { operation: 'GetObject' }, fault })
    const env = { ...down.stage.kit.idTokenEnv, ...TELLING }
    await using run = await down.fetch({}, { endedBy, env })
    expect(run.stderr).toMatch(A_THREAD)
    expect(run.outputs['result']).toBe('cancelled')
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(await down.names()).toEqual([])
  }, 60_000)
})
