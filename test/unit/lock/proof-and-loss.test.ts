import { expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import { lockText, MOST_EPOCH } from '../../../src/lock/body.ts'
import { Claims } from '../../../src/lock/claims.ts'
import { HeldLock } from '../../../src/lock/held.ts'
import { Lease } from '../../../src/lock/lease.ts'
import { LockObject, type LockStore } from '../../../src/lock/lock-object.ts'
import { takeLock } from '../../../src/lock/take.ts'
import type { Limit } from '../../../src/model/limit.ts'
import { LockServer, Machine, type Oddity, seeded, World } from '../../lock-world.ts'
import { recordingLog } from '../../ports.ts'

const TTL_MS = 60_000
const lock = { bucket: 'bucket', key: 'lock', waitMs: 0, ttlMs: TTL_MS }

function open(oddity?: Oddity) {
  const random = seeded(1)
  const world = new World()
  const server = new LockServer(world, random, oddity)
  const machine = new Machine('one', world, random)
  const claims = new Claims({ owner: 'one', ttlSeconds: 60, runUrl: '' }, machine.clock)
  return { world, server, machine, claims }
}

function take({ server, machine, claims }: ReturnType<typeof open>) {
  const object = new LockObject(server.storeFor(machine), lock, {})
  const { signal } = new AbortController()
  const deps = { lock, object, claims, clock: machine.clock, log: recordingLog(), signal }
  return takeLock({ ...deps, deadline: signal, timeoutMs: 10_000 })
}

/** Deletes the lock so often, each time behind a write of it. */
function loseTimes(times: number, { server, world }: ReturnType<typeof open>): void {
  let left = times
  const look = (): void => {
    if (server.object) {
      server.object = undefined
      left--
    }
    if (left > 0) world.at(world.nowMs + 1, look)
  }
  world.at(0, look)
}

it.each([1, 2])(
  'a lock that is gone while it is proven, %s times, is taken anew and not called void',
  async (times) => {
    const opened = open()
    loseTimes(times, opened)
    const taken = take(opened)
    await opened.world.play(600_000)
    expect(await taken).toMatchObject({ etag: opened.server.object?.etag })
    expect(opened.server.owner).toBe('one')
  },
)

it('a lock that is renewed is not waited for longer than the wait, be it old by the clocks of its service', async () => {
  const { world, server, machine, claims } = open()
  const store = server.storeFor(machine)
  const old = { 'last-modified': new Date(0).toUTCString() }
  const { describe, read } = store.objects
  const aged: LockStore = {
    ...store,
    objects: {
      ...store.objects,
      describe: async (...asked) => {
        const found = await describe(...asked)
        return { ...found, headers: { ...found.headers, ...old } }
      },
      read: async (...asked) => {
        const found = await read(...asked)
        return { ...found, headers: { ...found.headers, ...old } }
      },
    },
  }
  const text = (write: string): string =>
    lockText({ owner: 'two', write, epoch: 1, ttlSeconds: 60, runUrl: '', isReleased: false })
  const renew = (): void => {
    const { nowMs } = world
    server.object = {
      etag: `${nowMs}`,
      bytes: Buffer.from(text(`${nowMs}`)),
      owner: 'two',
      atMs: nowMs,
    }
    if (nowMs < 3_600_000) world.at(nowMs + 10_000, renew)
  }
  renew()
  const object = new LockObject(aged, lock, {})
  const { signal } = new AbortController()
  const deps = { lock, object, claims, clock: machine.clock, log: recordingLog() }
  let endedMs: number | undefined
  const end = takeLock({ ...deps, signal, deadline: signal, timeoutMs: 10_000 }).catch(
    (error: unknown) => {
      endedMs = world.nowMs
      return error
    },
  )
  await world.play(7_200_000)
  expect(await end).toMatchObject({ kind: 'lock', title: 'Another run holds the lock' })
  expect(endedMs).toBeLessThan(30_000)
})

it('a lock whose age the service does not tell is not said to expire', async () => {
  const opened = open()
  const body = { owner: 'two', write: 'w', epoch: 1, ttlSeconds: 60, runUrl: '' }
  const bytes = Buffer.from(lockText({ ...body, isReleased: false }))
  opened.server.object = { etag: 'theirs', bytes, owner: 'two', atMs: 0 }
  const { storeFor } = opened.server
  opened.server.storeFor = (machine) => {
    const store = storeFor.call(opened.server, machine)
    const { describe, read } = store.objects
    return {
      ...store,
      objects: {
        ...store.objects,
        describe: async (...asked) => ({ ...(await describe(...asked)), headers: {} }),
        read: async (...asked) => ({ ...(await read(...asked)), headers: { date: 'yesterday' } }),
      },
    }
  }
  const end = take(opened).catch((error: unknown) => error)
  await opened.world.play(600_000)
  expect(await end).toMatchObject({ hint: expect.stringMatching(/never expires/) })
})

it('a lock that was given back under the highest number is taken as any other', async () => {
  const opened = open()
  const body = { owner: 'forger', write: 'w', epoch: MOST_EPOCH, ttlSeconds: 60, runUrl: '' }
  const bytes = Buffer.from(lockText({ ...body, isReleased: true }))
  opened.server.object = { etag: 'forged', bytes, owner: 'forger', atMs: opened.world.nowMs }
  const taken = take(opened)
  await opened.world.play(600_000)
  expect(await taken).toMatchObject({ epoch: MOST_EPOCH, isTakenOver: false })
  expect(opened.server.owner).toBe('one')
})

it('a service that takes one lock beside another is refused, however often it is asked', async () => {
  const opened = open({ ignores: 'if-none-match' })
  const end = take(opened).catch((error: unknown) => error)
  await opened.world.play(600_000)
  expect(await end).toMatchObject({ kind: 'lock', message: expect.stringMatching(/If-None-Match/) })
})

it('a lock that is had in the last moments of its lease, and cannot be renewed, is lost by the end of it', async () => {
  const { world, machine, claims } = open()
  const { clock } = machine
  const nobodyAnswers = async ({ timeoutMs, signal }: Limit): Promise<never> => {
    await clock.sleep(timeoutMs, signal)
    throw new ServiceError('RequestTimeout', 'No answer came in time.')
  }
  const object = new LockObject(
    {
      objects: {
        put: (_write, _bytes, limit) => nobodyAnswers(limit),
        describe: (_object, limit) => nobodyAnswers(limit),
        read: (_object, _what, limit) => nobodyAnswers(limit),
      },
      deletePinned: (_object, limit) => nobodyAnswers(limit),
    },
    lock,
    {},
  )
  const body = claims.next(1)
  const since = claims.sentAt(body)
  if (!since) throw new Error('A claim that was just made is known.')
  await world.play(0)
  let lostMs: number | undefined
  world.at(TTL_MS - 900, () => {
    const unwaited = { served: undefined, waitedMs: 0, isTakenOver: false }
    const taken = { etag: 'e', epoch: 1, body, since, ...unwaited }
    const held = new HeldLock(taken, { lock, object, claims, clock, heedsDeletes: false })
    held.lost.addEventListener('abort', () => {
      lostMs = clock.steadyMs() - since.steadyMs
    })
  })
  await world.play(600_000)
  expect(lostMs).toBeLessThanOrEqual(TTL_MS + 1)
})

it.each([
  ['done once it is refused', ['refused', 'done'], false],
  ['refused each time', ['refused', 'refused', 'refused'], true],
] as const)(
  'a delete with a condition that is %s tells whether a service heeds it',
  async (_how, answers, heeds) => {
    const left = [...answers]
    const { server, machine } = open()
    const { objects } = server.storeFor(machine)
    const refused = new ServiceError('PreconditionFailed', 'No.', { status: 412 })
    const deletePinned = async () => {
      if (left.shift() === 'refused') throw refused
    }
    const object = new LockObject({ objects, deletePinned }, lock, {})
    expect(await object.heedsDeletes('one', { timeoutMs: 1000 })).toBe(heeds)
    expect(left).toEqual([])
  },
)

it('a lease whose age the service told ages by the wall too, as a machine that was paused may be suspended', () => {
  let wallMs = 0
  const clock = { now: () => wallMs, steadyMs: () => 0 }
  const lease = new Lease(TTL_MS, { wallMs: 0, steadyMs: 0 }, clock)
  lease.saw({ ageMs: 35_000, told: { wallMs: 0, steadyMs: 0 } })
  expect(lease.isOver).toBe(false)
  wallMs = 25_000
  expect(lease.isOver).toBe(true)
})
