import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import { type LockBody, lockText } from '../../../src/lock/body.ts'
import { LockObject } from '../../../src/lock/lock-object.ts'
import { releaseLeft, releaseLock } from '../../../src/lock/release.ts'
import { untakenError } from '../../../src/lock/words.ts'
import { LockServer, Machine, seeded, World } from '../../lock-world.ts'

const lock = { bucket: 'bucket', key: 'lock', waitMs: 0, ttlMs: 60_000 }
const body: LockBody = {
  ...{ owner: 'one', write: 'w', epoch: 1, ttlSeconds: 60, runUrl: '', isReleased: false },
}

/** A lock that stands there, and a service that fails in this way when it is to be deleted, or written. */
async function open(on: { readonly deletes?: ServiceError; readonly puts?: ServiceError }) {
  const random = seeded(1)
  const world = new World()
  const server = new LockServer(world, random)
  const { clock } = new Machine('one', world, random)
  const { objects, deletePinned } = server.storeFor(new Machine('two', world, random))
  let isFailing = false
  const object = new LockObject(
    {
      objects: {
        ...objects,
        put: (write, bytes, limit) =>
          isFailing && on.puts ? Promise.reject(on.puts) : objects.put(write, bytes, limit),
      },
      deletePinned: (pinned, limit) =>
        isFailing && on.deletes ? Promise.reject(on.deletes) : deletePinned(pinned, limit),
    },
    lock,
    {},
  )
  const put = object.put(body, 'absent', { timeoutMs: 1000 })
  await world.play(1000)
  const etag = await put
  isFailing = true
  const release = releaseLock(
    { etag, body },
    { object, clock, heedsDeletes: true, withinMs: 10_000 },
  )
  const heal = (): void => {
    isFailing = false
  }
  return { world, server, release, object, clock, heal }
}

const failing = (code: string, status: number) => new ServiceError(code, 'No.', { status })

describe('a lock is released', () => {
  it.each([
    ['PreconditionFailed', 412],
    ['ConditionalRequestConflict', 409],
    ['NoSuchKey', 404],
    ['SlowDown', 503],
    ['AccessDenied', 403],
  ] as const)('by a mark where each delete is answered by %s', async (code, status) => {
    const { world, server, release } = await open({ deletes: failing(code, status) })
    await world.play(60_000)
    expect(await release).toEqual({ end: 'released' })
    expect(server.object).toBeDefined()
    expect(server.owner).toBeUndefined()
  })

  it('once a service that is too busy for some seconds answers again', async () => {
    const busy = failing('SlowDown', 503)
    const { world, server, release, heal } = await open({ deletes: busy, puts: busy })
    world.at(world.nowMs + 6000, heal)
    await world.play(60_000)
    expect(await release).toEqual({ end: 'released' })
    expect(server.owner).toBeUndefined()
  })

  it.each([
    ['was', {}, 'lost'],
    ['may have been', { deletes: failing('InternalError', 500) }, 'released'],
  ] as const)("that %s another's before that is told as it is", async (_how, on, end) => {
    const { world, server, release } = await open(on)
    const bytes = Buffer.from(lockText({ ...body, owner: 'other' }))
    server.object = { etag: 'other', bytes, owner: 'other', atMs: world.nowMs }
    await world.play(60_000)
    expect(await release).toEqual({ end })
    expect(server.owner).toBe('other')
  })

  it('not, and why is told, where the service refuses to the end', async () => {
    const busy = failing('SlowDown', 503)
    const { world, server, release, object, clock } = await open({ deletes: busy, puts: busy })
    await world.play(60_000)
    expect(await release).toEqual({ end: 'left', why: busy })
    expect(server.owner).toBe('one')
    const left = releaseLeft('one', { object, clock, heedsDeletes: true, withinMs: 1000 })
    const end = left.catch((error: unknown) => error)
    await world.play(120_000)
    expect(await end).toBe(busy)
  })
})

it.each([
  ['RequestTimeTooSkewed', 403, /correct the clock/],
  ['SignatureDoesNotMatch', 403, /secret/],
  [
    'AccessDenied',
    403,
    /Allow s3:PutObject, s3:GetObject and s3:DeleteObject on s3:\/\/bucket\/lock/,
  ],
] as const)('a lock that is not had by %s (%i) says what helps', (code, status, hint) => {
  expect(untakenError(lock, failing(code, status)).hint).toMatch(hint)
})
