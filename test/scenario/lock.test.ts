import {
  type Fault,
  fail,
  before as meanwhile,
  type RequestInfo,
  signalling,
  stall,
} from 's3-direct-sync-testkit/faults.ts'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../result-rows.ts'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

const KEY = 'copy/.s3-direct-sync.lock'
const OTHER = '0123456789abcdef0123456789abcdef'
const URL = 'https://github.com/o/other/actions/runs/77'

/** A lock as a run writes it. */
const lockBody = (ttlSeconds = 300): string =>
  JSON.stringify({
    schema: 's3-direct-sync/lock/1',
    owner: OTHER,
    epoch: 3,
    'ttl-seconds': ttlSeconds,
    'run-url': URL,
  })

const held = (): Readonly<Record<string, unknown>> | undefined => {
  const bytes = stage.kit.store.bytes('dst', KEY)
  return bytes && JSON.parse(bytes.toString())
}

/** A stage with some objects, and the requests of all runs on it as they come. */
async function open(objects = 3, options: Parameters<typeof openStage>[0] = {}) {
  stage = await openStage(options)
  for (let i = 0; i < objects; i++) stage.kit.store.put('src', `data/${i}`, { body: `new ${i}` })
  const asked: { readonly what: string; readonly atMs: number }[] = []
  const watch = { match: () => true, fault: meanwhile(() => {}) }
  stage.kit.faults.add({
    ...watch,
    fault: (request, next) => {
      const { operation, headers } = request
      const name = Buffer.from(String(request.keyBytes ?? ''), 'latin1').toString()
      const condition = ['if-none-match', 'if-match'].filter((one) => headers[one] !== undefined)
      const what = [operation, name.endsWith('.lock') ? 'lock' : '', ...condition]
      asked.push({ what: what.filter((word) => word !== '').join(' '), atMs: performance.now() })
      return next()
    },
  })
  return asked
}

describe('lock', () => {
  it('is taken before anything is listed, proven, and given back; a sync neither copies nor deletes any', async () => {
    const asked = await open()
    const { store } = stage.kit
    store.put('src', 'data/.s3-direct-sync.lock', { body: 'of the source' })
    store.put('src', 'data/sub/.s3-direct-sync.lock', { body: 'of a folder of it' })
    store.put('dst', 'copy/other/.s3-direct-sync.lock', { body: 'of another run' })
    store.put('dst', 'copy/extra', { body: 'extra' })
    await using run = await stage.run({ lock: 'auto', delete: 'true', 'max-delete': '100%' })
    expect(run.outputs).toMatchObject({
      result: 'success',
      copied: '3',
      deleted: '1',
      'lock-epoch': '1',
    })
    expect(store.keys('dst')).toEqual([
      'copy/0',
      'copy/1',
      'copy/2',
      'copy/other/.s3-direct-sync.lock',
    ])
    const first = asked.map(({ what }) => what)
    expect(first.indexOf('PutObject lock if-none-match')).toBeGreaterThan(-1)
    expect(first.indexOf('PutObject lock if-none-match')).toBeLessThan(
      first.indexOf('ListObjectsV2'),
    )
    expect(first).toContain('PutObject lock if-match')
    expect(first).toContain('DeleteObject lock if-match')
    expect(run.state['lock']).toBe('')
    expect(run.summary).toContain('s3://dst/copy/.s3-direct-sync.lock')
  })

  it('holds another run back, which says who holds it and for how long, and touches nothing', async () => {
    await open()
    stage.kit.store.put('dst', KEY, { body: lockBody() })
    await using run = await stage.run({ lock: 'auto,wait=0s' })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
    const [error] = run.annotations.errors
    expect(error?.title).toContain('Another run holds the lock')
    expect(error?.message).toContain(URL)
    expect(error?.message).toContain(OTHER)
    expect(error?.message).toMatch(/expires in (?:5 min|4 min)/)
    expect(error?.message).toMatch(/set a longer wait/)
    expect(held()).toMatchObject({ owner: OTHER })
    expect(stage.kit.store.keys('dst')).toEqual([KEY])
    expect(stage.kit.counters.of('CopyObject')).toBe(0)
    await using after = await runPost(run)
    expect(after.exitCode).toBe(0)
    expect(held()).toMatchObject({ owner: OTHER })
  })

  it('is taken over from a run that is dead, be the wait as short as it is, and counts that', async () => {
    await open()
    const lastModifiedMs = Date.now() - 60_000
    stage.kit.store.put('dst', KEY, { body: lockBody(4), lastModifiedMs })
    await using run = await stage.run({ lock: 'auto,wait=0s' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', 'lock-epoch': '4' })
    expect(stage.kit.store.keys('dst')).not.toContain(KEY)
  })

  it('that says nothing which can be read holds others back for as long as their own would', async () => {
    await open()
    stage.kit.store.put('dst', KEY, { body: '<html>', lastModifiedMs: Date.now() - 60_000 })
    await using run = await stage.run({ lock: 'auto,wait=0s,ttl=1m' })
    expect(run.outputs).toMatchObject({ 'failure-kind': 'lock' })
    expect(run.annotations.errors[0]?.message).toContain('not a lock of this action')
  })

  it.each(['copy/index.html', 'locks/one'])(
    'does not take the place of another object, however old that is: %s',
    async (key) => {
      await open()
      const lastModifiedMs = Date.now() - 24 * 60 * 60 * 1000
      stage.kit.store.put('dst', key, { body: '<html>', lastModifiedMs })
      await using run = await stage.run({ lock: `s3://dst/${key},ttl=1m` })
      expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
      expect(run.annotations.errors[0]?.message).toContain('is not a lock of this action')
      expect(stage.kit.store.bytes('dst', key)?.toString()).toBe('<html>')
      expect(stage.kit.store.keys('dst')).toEqual([key])
    },
  )

  it.each([
    ['the key of an object', { lock: 's3://dst/copy/1' }],
    ['the key of the single object', { source: 's3://src/data/1', lock: 's3://dst/copy/1' }],
    [
      'a key that a template makes',
      {
        lock: 's3://dst/copy/x-1',
        'key-pattern': '^(?<n>.)$',
        'key-template': 'x-{n}',
      },
    ],
  ])('is refused where it has %s, so that no object is passed over', async (_what, inputs) => {
    await open()
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'plan', copied: '0' })
    const [error] = run.annotations.errors
    expect(error?.title).toBe('The key of the lock is where an object goes')
    expect(error?.message).toContain('the place of s3://src/data/1')
    expect(stage.kit.store.keys('dst')).toEqual([])
  })

  it('may have the key of an object that is excluded', async () => {
    await open()
    const inputs = { lock: 's3://dst/copy/1', exclude: '1', delete: 'true' }
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', deleted: '0' })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/0', 'copy/2'])
  })

  it('lets runs that come together write one after the other', async () => {
    await open(20)
    const inputs = { lock: 's3://dst/locks/one,wait=60s', engine: 'direct' }
    let running = 0
    let most = 0
    const owners = new Set<string>()
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: async (_request, next) => {
        running++
        owners.add(JSON.parse(stage.kit.store.bytes('dst', 'locks/one')?.toString() ?? '{}').owner)
        most = Math.max(most, running)
        const reply = await next()
        running--
        return reply
      },
    })
    const runs = await Promise.all([stage.run(inputs), stage.run({ ...inputs, compare: 'always' })])
    for (const { outputs } of runs)
      expect(['success', 'nothing-to-do']).toContain(outputs['result'])
    expect(owners.has('undefined')).toBe(false)
    expect(stage.kit.store.keys('dst', 'locks/')).toEqual([])
    for (const run of runs) await run.cleanup()
  })

  it.each(['direct', 's5cmd'])(
    'that is lost ends the run of %s: nothing is begun more than 3 s later',
    async (engine) => {
      const asked = await open(400)
      stage.kit.faults.add({
        match: { operation: 'CopyObject' },
        fault: async (_request, next) => {
          await new Promise((resolve) => setTimeout(resolve, 100))
          return next()
        },
      })
      let lostMs = 0
      stage.kit.faults.add({
        match: { operation: 'CopyObject' },
        nth: 8,
        times: 1,
        fault: meanwhile(() => {
          lostMs = performance.now()
          stage.kit.store.put('dst', KEY, { body: lockBody() })
        }),
      })
      await using run = await stage.run({ lock: 'auto', engine, numworkers: '4' })
      expect(run.outputs).toMatchObject({ result: 'partial', 'failure-kind': 'lock' })
      expect(run.annotations.errors[0]?.message).toContain(URL)
      const lastMs = asked.findLast(({ what }) => what.startsWith('CopyObject'))?.atMs ?? 0
      expect(lastMs - lostMs).toBeLessThan(3000)
      expect(Number(run.outputs['unknown'])).toBeGreaterThan(0)
      expect((await rowsOf(run, 'failed')).map(({ code }) => code)).toContain('LockLost')
      // It is the other's.
      expect(held()).toMatchObject({ owner: OTHER })
    },
  )

  const slowly =
    (ms: number): Fault =>
    async (_request, next) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      return next()
    }
  const takeOver = meanwhile(() => void stage.kit.store.put('dst', KEY, { body: lockBody() }))

  it.each([
    ['deletes', 'DeleteObjects', { delete: 'true', 'max-delete': '9000 100%' }],
    ['reads for SHA256SUMS', 'GetObject', { sha256sums: 'upload,read' }],
  ])(
    'that is lost while the run %s is the cause, whatever it left',
    async (_what, operation, inputs) => {
      await open(20)
      const { store, faults } = stage.kit
      for (let i = 0; i < 3000; i++) store.put('dst', `copy/extra/${i}`, { body: 'x' })
      const isTheirs = (request: RequestInfo) =>
        request.operation === operation && request.key !== KEY
      // Longer than the lock is not looked at.
      faults.add({ match: isTheirs, fault: slowly(2500) })
      faults.add({ match: isTheirs, nth: 2, times: 1, fault: takeOver })
      await using run = await stage.run({ lock: 'auto', engine: 'direct', ...inputs })
      expect(run.outputs).toMatchObject({ result: 'partial', 'failure-kind': 'lock', copied: '20' })
      expect(run.annotations.errors[0]?.title).toBe('The lock was lost to another run')
      expect(run.annotations.errors[0]?.message).toContain(URL)
      expect(store.keys('dst')).not.toContain('copy/SHA256SUMS')
      expect(held()).toMatchObject({ owner: OTHER })
    },
  )

  it('that is lost in the last moment is told, as the run cannot know what another one did', async () => {
    await open()
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 3, times: 1, fault: takeOver })
    await using run = await stage.run({ lock: 'auto', engine: 'direct', numworkers: '1' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(run.annotations.warnings[0]?.message).toContain('was lost shortly before the run ended')
    expect(held()).toMatchObject({ owner: OTHER })
  })

  it('that somebody deletes ends the run', async () => {
    await open(400)
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: async (_request, next) => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        return next()
      },
    })
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      nth: 8,
      times: 1,
      fault: meanwhile(() => void stage.kit.store.delete('dst', KEY)),
    })
    await using run = await stage.run({ lock: 'auto', engine: 'direct', numworkers: '4' })
    expect(run.outputs).toMatchObject({ result: 'partial', 'failure-kind': 'lock' })
    expect(run.outputs['failure-message']).toContain('deleted the lock')
    expect(stage.kit.store.keys('dst')).not.toContain(KEY)
  })

  it('is given back by a run that is cancelled', async () => {
    await open(30)
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 20, fault })
    await using run = await stage.run({ lock: 'auto', engine: 'direct' }, { endedBy })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.outputs).toMatchObject({ result: 'cancelled', 'failure-kind': 'cancelled' })
    expect(held()).toBeUndefined()
  })

  it('does not keep a run that is cancelled while nobody answers to its release', async () => {
    await open()
    let isReleasing = false
    const isOfRelease = ({ operation, key }: RequestInfo) => {
      isReleasing ||= operation === 'DeleteObject'
      return isReleasing && String(key).startsWith(KEY)
    }
    const { fault, endedBy } = signalling(stall)
    stage.kit.faults.add({ match: isOfRelease, fault })
    await using run = await stage.run({ lock: 'auto', engine: 'direct' }, { endedBy })
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.outputs).toMatchObject({ copied: '3' })
    expect(run.log).toContain('is not released yet')
    stage.kit.faults.clear()
    await using after = await runPost(run)
    expect(after.log).toContain('is released')
    expect(held()).toBeUndefined()
  })

  it('is given back by the post step where a write that a cancel called off came behind everything', async () => {
    await open()
    const written = Promise.withResolvers<void>()
    const { fault, endedBy } = signalling(async (_request, next) => {
      await written.promise
      return next()
    })
    stage.kit.faults.add({ match: { operation: 'PutObject', key: KEY }, times: 1, fault })
    await using run = await stage.run({ lock: 'auto', engine: 'direct' }, { endedBy })
    expect(run.outputs).toMatchObject({ result: 'cancelled', copied: '0' })
    written.resolve()
    await expect.poll(held).toMatchObject({ epoch: 1 })
    await using after = await runPost(run)
    expect(after.log).toContain('is released')
    expect(held()).toBeUndefined()
  })

  it('is given back by the post step of a run that was killed, and by nobody else', async () => {
    await open(30)
    const { fault, endedBy } = signalling(stall, 1, 'SIGKILL')
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, nth: 20, fault })
    await using run = await stage.run({ lock: 'auto', engine: 'direct' }, { endedBy })
    expect(held()).toMatchObject({ epoch: 1, 'ttl-seconds': 300 })
    await using next = await stage.run({ lock: 'auto,wait=0s' })
    expect(next.outputs).toMatchObject({ 'failure-kind': 'lock' })
    stage.kit.faults.add({ match: { key: KEY }, times: 1, fault: fail(403, 'AccessDenied') })
    await using denied = await runPost(run)
    const warning = denied.annotations.warnings.find(({ title }) => title.includes('lock'))
    expect(warning?.message).toContain('AccessDenied')
    expect(warning?.message).not.toContain('bug')
    await using after = await runPost(run)
    expect(after.log).toContain('is released')
    expect(held()).toBeUndefined()
  })

  it('that a run may write and not read, as without its KMS key, is told at once and given back', async () => {
    await open()
    const isRead = { operation: 'GetObject', key: KEY }
    stage.kit.faults.add({ match: isRead, fault: fail(403, 'AccessDenied') })
    await using run = await stage.run({ lock: 'auto,wait=10m' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
    expect(run.annotations.errors[0]?.message).toContain('allow s3:GetObject on s3://dst/copy/')
    expect(held()).toBeUndefined()
    await using after = await runPost(run)
    expect(after.annotations.warnings).toEqual([])
  })

  it('that another run holds until max-duration is over is told as the cause', async () => {
    await open()
    stage.kit.store.put('dst', KEY, { body: lockBody() })
    await using run = await stage.run({ lock: 'auto,wait=10m', 'max-duration': '2s' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
    const [error] = run.annotations.errors
    expect(error?.title).toBe('The run reached max-duration while another run held the lock')
    expect(error?.message).toContain(URL)
  })

  it('of a service that ignores conditions is refused, and nothing is touched', async () => {
    for (const ignored of [['if-none-match'], ['if-match'], ['if-none-match', 'if-match']]) {
      await open(3, { passesOver: ignored })
      await using run = await stage.run({ lock: 'auto' })
      expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'lock', copied: '0' })
      expect(run.annotations.errors[0]?.title).toContain('does not support conditional writes')
      expect(stage.kit.counters.of('CopyObject')).toBe(0)
      // Nobody has to wait for what this run wrote, be there a post step or not.
      expect(held() ?? { released: true }).toMatchObject({ released: true })
      await stage[Symbol.asyncDispose]()
    }
  })

  it('is taken by no run that writes nothing', async () => {
    const asked = await open()
    for (const inputs of [{ 'dry-run': 'true' }, { mode: 'plan' }, { mode: 'check' }]) {
      await using run = await stage.run({ lock: 'auto', ...inputs })
      expect(['planned', 'drift']).toContain(run.outputs['result'])
      expect(run.outputs['lock-epoch']).toBe('')
    }
    expect(asked.filter(({ what }) => what.includes('lock'))).toEqual([])
  })

  it('is one for all transfers of a step, which auto cannot be', async () => {
    await open()
    const transfers = JSON.stringify([
      { name: 'a', source: 's3://src/data/', destination: 's3://dst/a/' },
      { name: 'b', source: 's3://src/data/', destination: 's3://dst/b/' },
    ])
    const none = { source: '', destination: '', transfers }
    await using refused = await stage.run({ ...none, lock: 'auto' })
    expect(refused.outputs).toMatchObject({ 'failure-kind': 'inputs' })
    expect(refused.annotations.errors[0]?.message).toContain('set one key for all of them')
    await using run = await stage.run({ ...none, lock: 's3://dst/a/lock' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '6', 'lock-epoch': '1' })
    expect(stage.kit.store.keys('dst')).not.toContain('a/lock')
  })
})
