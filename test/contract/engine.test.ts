import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { childProcesses } from '../../src/adapters/processes.ts'
import { s3Store } from '../../src/adapters/store.ts'
import { directEngine } from '../../src/execute/direct/direct.ts'
import type { Ended, Ending, Engine } from '../../src/execute/engine.ts'
import { s5cmdProcess } from '../../src/execute/s5cmd/command.ts'
import { s5cmdEngine } from '../../src/execute/s5cmd/s5cmd.ts'
import { createWorkerCount } from '../../src/execute/s5cmd/workers.ts'
import type { Batch } from '../../src/model/batch.ts'
import type { Store } from '../../src/ports.ts'
import { hostileKeys } from '../../testkit/fixtures.ts'
import { parts } from '../../testkit/parts.ts'
import { directGround } from './direct-ground.ts'
import { SERVICES, type TestService } from './services.ts'

const ENGINES = ['s5cmd', 'direct'] as const
const WORKERS = 8

/** Keys that every engine carries on every service. */
const KEYS = hostileKeys()
  .filter(({ key, seaweedfs }) => seaweedfs && !/[\n ]|\/$|(^|\/)\.\.?(\/|$)/.test(key))
  .map(({ key }) => `keys/${key}`)

describe.each(['testkit', 'seaweedfs'] as const)('on %s', (server) => {
  let service: TestService
  let store: Store
  const etags = new Map<string, string>()

  beforeAll(async () => {
    service = await SERVICES[server]()
    store = s3Store({
      endpoint: service.endpoint,
      region: 'us-east-1',
      credentials: async () => service.keys,
      onExpired: () => {},
      timeoutMs: 5000,
      maxAttempts: 2,
      maxSockets: WORKERS,
    })
    for (const key of KEYS) {
      await service.put(key, key)
      etags.set(key, (await store.head('src', key))?.etag ?? '')
    }
  }, 60_000)
  afterAll(async () => {
    store.close()
    await service[Symbol.asyncDispose]()
  })

  function open(name: (typeof ENGINES)[number], signal: AbortSignal): Engine {
    const place = { prefix: '', single: false, region: 'us-east-1', endpoint: service.endpoint }
    const source = { ...place, bucket: 'src' }
    const destination = { ...place, bucket: 'dst', store }
    if (name === 'direct')
      return directEngine(directGround({ source: { ...source, store }, destination, signal }))
    const rules = {
      path: parts().s5cmd,
      endpoint: service.endpoint,
      region: 'us-east-1',
      retryCount: 1,
    }
    return s5cmdEngine(
      'all',
      { source, destination, metadataDirective: true, options: {} },
      {
        nextProcess: async (workers) => ({
          spec: s5cmdProcess({ ...rules, workers }, service.keys, {}),
          dueAtMs: undefined,
          expiresAtMs: undefined,
          onExpired: () => {},
        }),
        workers: createWorkerCount({
          start: WORKERS,
          most: WORKERS,
          clock: systemClock,
          onLowered: () => {},
        }),
        requestTimeoutMs: 5000,
        processes: childProcesses,
        clock: systemClock,
        signal,
        onProcess: () => {},
        onCrash: () => true,
        onRetry: () => {},
        onOther: () => {},
      },
    )
  }

  async function* batchOf(keys: readonly string[], engine: Engine): AsyncGenerator<Batch> {
    const ops = keys.map((key) => ({
      op: {
        op: 'copy' as const,
        key,
        to: `${engine.name}/${key}`,
        size: Buffer.byteLength(key),
        etag: etags.get(key) ?? 'a'.repeat(32),
        lastModified: new Date(0).toISOString(),
        reason: 'missing' as const,
      },
      engine: engine.name,
      attempts: 0,
    }))
    for (let i = 0; i < ops.length; i += 50)
      yield {
        id: i,
        engine: engine.name,
        sizeClass: 'small',
        ops: ops.slice(i, i + 50),
        bytes: 0,
        beganMs: 0,
      }
  }

  async function carry(
    name: (typeof ENGINES)[number],
    keys: readonly string[],
    signal = new AbortController().signal,
  ) {
    const engine = open(name, signal)
    const endings: [key: string, ending: Ending][] = []
    const batches = batchOf(keys, engine)
    const take = ({ op, ending }: Ended) => endings.push([op.op.key, ending])
    const stopped = await engine.run(async () => (await batches.next()).value, take)
    for await (const batch of batches)
      for (const { op } of batch.ops) if (stopped) endings.push([op.key, stopped])
    return endings
  }

  describe.each(ENGINES)('the engine %s', (name) => {
    it('ends every op exactly once, in any order, and the copies are there', async () => {
      const endings = await carry(name, KEYS)
      expect(endings.map(([key]) => key).sort()).toEqual([...KEYS].sort())
      expect(endings.filter(([, { status }]) => status !== 'done')).toEqual([])
      for (const key of KEYS.slice(0, 40))
        expect((await store.head('dst', `${name}/${key}`))?.etag).toBe(etags.get(key))
    })

    it('tells a missing object from the others', async () => {
      const endings = new Map(await carry(name, [KEYS[0] ?? '', 'keys/gone', KEYS[1] ?? '']))
      expect(endings.get('keys/gone')).toMatchObject({ status: 'failed', code: 'NoSuchKey' })
      expect([...endings.values()].filter(({ status }) => status === 'done').length).toBe(2)
    })

    it('leaves the ops of a cancelled run unknown', async () => {
      const endings = await carry(name, KEYS, AbortSignal.abort())
      expect(endings.length).toBe(KEYS.length)
      expect(new Set(endings.map(([, ending]) => ending.status))).toEqual(new Set(['unknown']))
    })
  })
})
