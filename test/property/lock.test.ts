import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SyncError } from '../../src/errors/sync-error.ts'
import { Claims } from '../../src/lock/claims.ts'
import { HeldLock } from '../../src/lock/held.ts'
import { LockObject } from '../../src/lock/lock-object.ts'
import { takeLock } from '../../src/lock/take.ts'
import type { LockRequest } from '../../src/model/lock.ts'
import {
  LockServer,
  Machine,
  type Oddity,
  type Stillness,
  seeded,
  type Weather,
  World,
} from '../lock-world.ts'
import { recordingLog } from '../ports.ts'
import { runs } from '../runs.ts'

const TTL_MS = 60_000
/** How long something may still be begun by who does not know yet that his lock is gone. */
const LATE_MS = 3000
/** How far two times of the service may be apart that are one: a paused machine knows no better. */
const DATES_MS = 5000

type End = 'working' | 'held' | 'void' | 'untaken' | 'lost' | 'released' | 'dead'

interface WorkerInput {
  readonly owner: string
  readonly waitMs: number
  readonly random: () => number
  readonly world: World
  readonly server: LockServer
  readonly weather: Weather
  /** Where it is told what must not be. */
  readonly breaches: string[]
}

/** One run that waits for the lock, works for some time, and releases it. */
class Worker {
  readonly owner: string
  readonly machine: Machine
  end: End = 'working'
  /** In true time. */
  takenMs: number | undefined
  readonly #world: World
  readonly #server: LockServer
  readonly #breaches: string[]
  readonly #weather: Weather
  readonly #lock: LockRequest

  constructor({ owner, waitMs, random, world, server, weather, breaches }: WorkerInput) {
    this.owner = owner
    this.machine = new Machine(owner, world, random)
    this.#world = world
    this.#server = server
    this.#weather = weather
    this.#breaches = breaches
    this.#lock = { bucket: 'bucket', key: 'lock', waitMs, ttlMs: TTL_MS }
  }

  async work(forMs: number): Promise<void> {
    const { clock } = this.machine
    const lock = this.#lock
    const object = new LockObject(this.#server.storeFor(this.machine), lock, {})
    const claimant = { owner: this.owner, ttlSeconds: TTL_MS / 1000, runUrl: '' }
    const claims = new Claims(claimant, clock)
    const signal = new AbortController().signal
    const common = { lock, object, claims, clock, log: recordingLog(), timeoutMs: 10_000 }
    const deps = { ...common, signal, deadline: signal }
    let held: HeldLock
    try {
      const taken = await takeLock(deps)
      if (this.machine.isDead) return
      held = new HeldLock(taken, { lock, object, claims, clock, heedsDeletes: false })
    } catch (error) {
      this.#ends(this.machine.isDead ? 'dead' : endOf(error), error)
      return
    }
    this.takenMs = this.#world.nowMs
    this.machine.tell('has taken it')
    const endMs = clock.steadyMs() + forMs
    try {
      while (clock.steadyMs() < endMs) {
        const turn = held.allow()
        if (turn) await turn
        if (held.allow()) continue
        this.#begins('request')
        await clock.sleep(400)
        // What another program does is only ended from outside.
        if (!held.lost.aborted) this.#begins('program')
        await clock.sleep(400)
      }
      this.#ends((await held.release(10_000)) === 'released' ? 'released' : 'lost')
    } catch (error) {
      this.#ends(endOf(error), error)
      await held.release(1000)
    }
  }

  #ends(end: End, error?: unknown): void {
    this.end = end
    this.machine.tell(error instanceof Error ? `${end}: ${error.message}` : end)
  }

  /** Something is begun that only the holder may do. */
  #begins(what: 'request' | 'program'): void {
    const { nowMs } = this.#world
    const isMine = this.#server.owner === this.owner
    const ageMs = nowMs - (this.#server.appliedMs.get(this.owner) ?? Number.NEGATIVE_INFINITY)
    const { thawed } = this.machine
    const awakeMs = nowMs - (thawed?.atMs ?? Number.NEGATIVE_INFINITY)
    if (!isMine && ageMs <= TTL_MS)
      this.#breaches.push(`two holders at ${nowMs}: ${this.owner} and ${this.#server.owner}`)
    if (ageMs > TTL_MS && !this.#isExcused(what, ageMs, awakeMs))
      this.#breaches.push(
        `${what} of ${this.owner} begun ${ageMs - TTL_MS} ms behind its lease, ${awakeMs} ms after ${thawed?.from}`,
      )
  }

  /**
   * Another program is ended a moment after it is known. A pause that no clock of the machine tells is known by the next
   * answer, be the network so bad that none comes for long.
   */
  #isExcused(what: 'request' | 'program', ageMs: number, awakeMs: number): boolean {
    const { thawed, toldMs } = this.machine
    const isNew = awakeMs <= LATE_MS
    if (thawed?.from !== 'paused') return isNew && what === 'program'
    if (ageMs <= TTL_MS + DATES_MS || isNew) return true
    const isLate = toldMs !== undefined && this.#world.nowMs - toldMs > LATE_MS
    return this.#weather.faulty > 0 && !isLate
  }
}

function endOf(error: unknown): End {
  if (!(error instanceof SyncError)) throw error
  expect(error.kind).toBe('lock')
  const { title = '' } = error
  if (title.includes('void')) return 'void'
  if (title.includes('holds')) return 'held'
  if (title.includes('lost') || title.includes('renewed') || title.includes('deleted'))
    return 'lost'
  return 'untaken'
}

interface Schedule {
  readonly seed: number
  readonly workers: number
  readonly weather: Weather
  readonly oddity: Oddity
  readonly kills: boolean
}

const STILL: readonly Stillness[] = ['busy', 'suspended', 'paused']

async function play({ seed, workers: count, weather, oddity, kills }: Schedule) {
  const random = seeded(seed)
  const world = new World()
  const server = new LockServer(world, random, oddity)
  server.weather = weather
  const breaches: string[] = []
  const workers = Array.from({ length: count }, (_, at) => {
    const waitMs = random() < 0.2 ? 0 : random() * 600_000
    const owner = `owner-${at}`
    const worker = new Worker({ owner, waitMs, random, world, server, weather, breaches })
    const { machine } = worker
    world.at(random() * 60_000, () => {
      const forMs = random() * 120_000
      machine.run(() => void worker.work(forMs))
    })
    for (let times = random() * 3; times > 1; times--)
      world.at(random() * 200_000, () => {
        const how = STILL[Math.floor(random() * 3)] ?? 'busy'
        machine.freeze(random() * random() * 300_000, how)
      })
    if (random() < 0.2)
      world.at(random() * 200_000, () => machine.setWall((random() - 0.2) * 100_000))
    if (kills && random() < 0.4)
      world.at(random() * 150_000, () => {
        machine.isDead = true
        worker.end = 'dead'
      })
    return worker
  })
  // The network heals, so that who waits for what is dead may come to it.
  world.at(300_000, () => {
    server.weather = { faulty: 0, mostDelayMs: 100 }
  })
  await world.play(1_800_000)
  const { story } = world
  return { breaches, workers, story }
}

const weathers: fc.Arbitrary<Weather> = fc.record({
  faulty: fc.constantFrom(0, 0.05, 0.2, 0.5),
  mostDelayMs: fc.constantFrom(1000, 30_000, 600_000),
})
const schedules = (oddities: readonly Oddity[]): fc.Arbitrary<Schedule> =>
  fc.record({
    seed: fc.nat(),
    workers: fc.integer({ min: 2, max: 4 }),
    weather: weathers,
    oddity: fc.constantFrom(...oddities),
    kills: fc.boolean(),
  })

/** SCHEDULE plays one again that a failure printed, and no other. */
const again = process.env['SCHEDULE']

/** As many schedules, or SCHEDULE alone. */
const played = (few: number): fc.Parameters<[Schedule]> =>
  again === undefined ? runs(few) : { numRuns: 1, examples: [[JSON.parse(again)]] }

/** A long run is one of hours. */
const LIMIT_MS = 6 * 3_600_000

describe('a lock under any schedule', { timeout: LIMIT_MS }, () => {
  it('never has two holders within its lease, and nobody begins anything behind his own', async () => {
    const ends: Partial<Record<End, number>> = {}
    await fc.assert(
      fc.asyncProperty(
        schedules([{}, { missing: 412 }, { ignores: 'delete-if-match' }]),
        async (schedule) => {
          const { breaches, workers, story } = await play(schedule)
          for (const { owner, end } of workers) {
            ends[end] = (ends[end] ?? 0) + 1
            if (end === 'void') breaches.push(`a lock that holds others back was void to ${owner}`)
          }
          if (breaches.length > 0) expect.fail([...breaches, ...story].join('\n'))
        },
      ),
      played(150),
    )
    if (again !== undefined) return
    // Of nothing nothing would be proven.
    for (const end of ['released', 'held', 'lost', 'dead'] as const)
      expect(ends[end]).toBeGreaterThan(0)
  })

  it('is never taken for one where the service ignores a condition', async () => {
    await fc.assert(
      fc.asyncProperty(
        schedules([{ ignores: 'if-none-match' }, { ignores: 'if-match' }]),
        async (schedule) => {
          const { workers, story } = await play(schedule)
          const took = workers.filter(({ takenMs }) => takenMs !== undefined)
          if (took.length > 0) expect.fail(story.join('\n'))
        },
      ),
      played(100),
    )
  })
})
