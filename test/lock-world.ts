import { ServiceError } from '../src/errors/service-error.ts'
import { readLock } from '../src/lock/body.ts'
import type { LockStore } from '../src/lock/lock-object.ts'
import type { Limit } from '../src/model/limit.ts'
import type { Clock } from '../src/ports.ts'
import type { WriteCondition } from '../src/storage/store.ts'

/** Numbers from 0 to 1 that a seed alone decides. */
export function seeded(seed: number): () => number {
  let state = (seed + 1) * 0x9e3779b1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly happen: () => void
}

/** Time that passes only from one event to the next; what happens at once happens in the order in which it was asked for. */
export class World {
  nowMs = 0
  /** What happened, for whoever asks why a schedule failed. */
  readonly story: string[] = []
  #order = 0
  readonly #heap: Event[] = []

  at(atMs: number, happen: () => void): void {
    const heap = this.#heap
    heap.push({ atMs: Math.max(atMs, this.nowMs), order: this.#order++, happen })
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!this.#isBefore(child, parent)) break
      this.#swap(child, parent)
      child = parent
    }
  }

  tell(what: string): void {
    this.story.push(`${Math.round(this.nowMs)} ${what}`)
  }

  /** Lets everything happen until nothing is left, or until then. */
  play(untilMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    let happened = 0
    const next = (): void => {
      const event = this.#first()
      if (!event || event.atMs > untilMs) {
        resolve()
        return
      }
      this.nowMs = event.atMs
      event.happen()
      // Whatever follows from it by promises alone is done before the next event; now and then the process has its turn.
      if (++happened % 500 === 0) setImmediate(next)
      else queueMicrotask(() => process.nextTick(next))
    }
    setImmediate(next)
    return promise
  }

  #first(): Event | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (!first || !last || first === last) return first
    heap[0] = last
    for (let parent = 0; ; ) {
      let least = parent
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < heap.length && this.#isBefore(child, least)) least = child
      if (least === parent) return first
      this.#swap(parent, least)
      parent = least
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one] as Event, this.#heap[other] as Event]
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one] as Event, this.#heap[other] as Event]
    this.#heap[one] = b
    this.#heap[other] = a
  }
}

/**
 * How a machine stands still. `busy`: both of its clocks go on; `suspended`: only that of the wall; `paused`: none does,
 * and nothing on the machine tells it.
 */
export type Stillness = 'busy' | 'suspended' | 'paused'

/** A machine with clocks of its own, which may stand still, or be no more. */
export class Machine {
  readonly clock: Clock
  readonly name: string
  readonly #world: World
  readonly #rate: number
  /** Added to the true time. */
  #wallMs: number
  #steadyMs = 0
  #frozenUntilMs = 0
  isDead = false
  #isSetBack = false
  /** When it went on last, and how it had stood still; `untoldMs`: since when answers tell of a pause that no clock tells of. */
  thawed: { readonly atMs: number; readonly from: Stillness; readonly untoldMs: number } | undefined
  /** When the first answer came that the service made since then and that tells whose the lock is, in true time. */
  toldMs: number | undefined
  /** States of the lock that it knows. */
  readonly known = new Set<string>()

  constructor(name: string, world: World, random: () => number) {
    this.name = name
    this.#world = world
    this.#rate = 1 + (random() - 0.5) / 500
    this.#wallMs = (random() - 0.5) * 1e9
    this.clock = {
      now: () => world.nowMs * this.#rate + this.#wallMs,
      steadyMs: () => this.#steady(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
      random,
      within: (_limitMs, work) => work(),
    }
  }

  /** Something happens here: when by the true time, and by both clocks of this machine. */
  tell(what: string): void {
    const wall = Math.round(this.clock.now())
    this.#world.tell(`${this.name} (wall ${wall}, steady ${Math.round(this.#steady())}): ${what}`)
  }

  /** Somebody sets the clock of the wall; set back, it hides as much of a suspension. */
  setWall(byMs: number): void {
    this.tell(`its wall clock is set by ${Math.round(byMs)} ms`)
    this.#wallMs += byMs
    this.#isSetBack ||= byMs < 0
  }

  freeze(forMs: number, how: Stillness): void {
    const { nowMs } = this.#world
    if (this.isDead || nowMs < this.#frozenUntilMs) return
    this.#frozenUntilMs = nowMs + forMs
    this.tell(`${how} for ${Math.round(forMs)} ms`)
    this.#world.at(this.#frozenUntilMs, () => {
      if (how !== 'busy') this.#steadyMs -= forMs * this.#rate
      if (how === 'paused') this.#wallMs -= forMs * this.#rate
      const atMs = this.#world.nowMs
      const isHidden = how === 'paused' || (this.#isSetBack && how === 'suspended')
      const before = this.thawed
      // What nothing told of yet is not told by standing still once more.
      if (!isHidden && before?.from === 'paused' && this.toldMs === undefined)
        this.thawed = { ...before, atMs }
      else {
        this.toldMs = undefined
        this.thawed = { atMs, from: isHidden ? 'paused' : how, untoldMs: atMs }
      }
    })
  }

  /** Does something on this machine as soon as it can. */
  run(work: () => void): void {
    if (this.isDead) return
    if (this.#world.nowMs < this.#frozenUntilMs)
      this.#world.at(this.#frozenUntilMs, () => this.run(work))
    else work()
  }

  #steady(): number {
    return this.#world.nowMs * this.#rate + this.#steadyMs
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (signal?.aborted) return Promise.resolve()
    const end = (): void => {
      signal?.removeEventListener('abort', end)
      resolve()
    }
    signal?.addEventListener('abort', end)
    const dueMs = this.#steady() + ms
    const wake = (): void => {
      const leftMs = dueMs - this.#steady()
      if (leftMs > 0.001) this.#world.at(this.#world.nowMs + leftMs / this.#rate, awake)
      else end()
    }
    const awake = (): void => this.run(wake)
    this.#world.at(this.#world.nowMs + ms / this.#rate, awake)
    return promise
  }
}

/** What a service does not do as S3 does. */
export interface Oddity {
  readonly ignores?: 'if-none-match' | 'if-match' | 'delete-if-match'
  /** How a delete with a condition ends where there is no object. */
  readonly missing?: 404 | 412
}

/** How bad the way to the service is: parts of the requests. */
export interface Weather {
  /** Something goes wrong. */
  readonly faulty: number
  /** The longest delay of a request, or of its answer. */
  readonly mostDelayMs: number
}

interface Stored {
  readonly etag: string
  readonly bytes: Uint8Array
  readonly owner: string | undefined
  readonly atMs: number
}

const failure = (status: number, code: string): ServiceError =>
  new ServiceError(code, `status ${status}`, { status })

/** Of which state an answer tells: of a write its ETag, of a look all of it. */
const etagOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return typeof value === 'object' && value && 'etag' in value ? String(value.etag) : undefined
}

const WRONG_ANSWERS = [
  [500, 'InternalError'],
  [503, 'SlowDown'],
  [409, 'ConditionalRequestConflict'],
  [412, 'PreconditionFailed'],
] as const

const faultNames: Readonly<Record<number, string>> = {
  1: ', delayed',
  3: ', unanswered',
  4: ', answered wrong',
}
const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** A service that keeps one object, strongly consistent, behind a network that loses, delays and lies. */
export class LockServer {
  object: Stored | undefined
  /** When a write of an owner was made last, in true time. */
  readonly appliedMs = new Map<string, number>()
  weather: Weather = { faulty: 0, mostDelayMs: 100 }
  #writes = 0
  readonly #world: World
  readonly #random: () => number
  readonly #oddity: Oddity

  constructor(world: World, random: () => number, oddity: Oddity = {}) {
    this.#world = world
    this.#random = random
    this.#oddity = oddity
  }

  /** Whose the lock is. */
  get owner(): string | undefined {
    return this.object?.owner
  }

  /** The service as a machine reaches it. */
  storeFor(machine: Machine): LockStore {
    return {
      objects: {
        put: ({ only }, bytes, limit) =>
          this.#ask(machine, limit, 'put', () => this.#put(only, bytes)),
        describe: (_object, limit) =>
          this.#ask(machine, limit, 'describe', () => {
            const { etag, bytes, atMs } = this.#mustStand()
            return { etag, size: bytes.length, headers: this.#dates(atMs) }
          }),
        read: ({ etag: wanted }, _what, limit) =>
          this.#ask(machine, limit, 'read', () => {
            const { etag, bytes, atMs } = this.#mustStand()
            if (etag !== wanted) throw failure(412, 'PreconditionFailed')
            return { etag, bytes, size: bytes.length, headers: this.#dates(atMs) }
          }),
      },
      deletePinned: ({ key, etag }, limit) =>
        this.#ask(machine, limit, 'delete', () => this.#delete(key, etag)),
    }
  }

  /** One request: it may be lost, come late, or be answered otherwise than it went. */
  #ask<T>(
    machine: Machine,
    limit: Limit,
    what: 'put' | 'describe' | 'read' | 'delete',
    work: () => T,
  ): Promise<T> {
    const world = this.#world
    const random = this.#random
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const { signal, timeoutMs } = limit
    if (signal?.aborted) return Promise.reject(signal.reason)
    const aborted = () => reject(signal?.reason)
    signal?.addEventListener('abort', aborted)
    let isOver = false
    const over = () => {
      isOver = true
      signal?.removeEventListener('abort', aborted)
    }
    promise.then(over, over)
    void machine.clock
      .sleep(timeoutMs)
      .then(() => isOver || reject(new ServiceError('RequestTimeout', 'No answer came in time.')))
    const askedMs = Math.round(world.nowMs)
    const { faulty, mostDelayMs } = this.weather
    const isFaulty = random() < faulty
    const fault = isFaulty ? Math.floor(random() * 6) : -1
    const wayMs = () => 1 + random() * random() * 100
    const answer = (say: () => void) => world.at(world.nowMs + wayMs(), () => machine.run(say))
    const reset = () => answer(() => reject(new ServiceError('RequestError', 'ECONNRESET')))
    if (fault === 0) {
      if (random() < 0.5) reset()
      return promise
    }
    const lateMs = fault === 1 ? random() * mostDelayMs : wayMs()
    world.at(world.nowMs + lateMs, () => {
      const [status, code] = WRONG_ANSWERS[Math.floor(random() * 4)] as (typeof WRONG_ANSWERS)[0]
      const wrong = () => reject(failure(status, code))
      if (fault === 2 && status >= 500) {
        answer(wrong)
        return
      }
      let found: { readonly value: T } | { readonly error: unknown }
      try {
        found = { value: work() }
      } catch (error) {
        found = { error }
      }
      const told = 'value' in found ? (etagOf(found.value) ?? 'done') : messageOf(found.error)
      if (what === 'put' || what === 'delete')
        world.tell(
          `${what} of ${machine.name}, sent at ${askedMs}: ${told}${faultNames[fault] ?? ''}; the lock is ${this.owner ?? 'free'}`,
        )
      if (fault === 3) {
        if (random() < 0.5) reset()
      } else if (fault === 4 && (what === 'put' || what === 'delete')) answer(wrong)
      else {
        const madeMs = world.nowMs
        answer(() => {
          const etag = 'value' in found ? etagOf(found.value) : undefined
          const tells = etag !== undefined && (what !== 'describe' || machine.known.has(etag))
          if (tells && !isOver) machine.known.add(etag)
          if (tells && !isOver && madeMs >= (machine.thawed?.untoldMs ?? 0))
            machine.toldMs ??= world.nowMs
          if ('value' in found) resolve(found.value)
          else reject(found.error)
        })
      }
    })
    return promise
  }

  #put(only: WriteCondition | undefined, bytes: Uint8Array): string {
    const { object } = this
    const { ignores } = this.#oddity
    if (only === 'absent' && object && ignores !== 'if-none-match')
      throw failure(412, 'PreconditionFailed')
    if (typeof only === 'object' && ignores !== 'if-match') {
      if (!object) throw failure(404, 'NoSuchKey')
      if (object.etag !== only.etag) throw failure(412, 'PreconditionFailed')
    }
    const { nowMs } = this.#world
    const body = readLock(Buffer.from(bytes).toString())
    const owner = body?.isReleased ? undefined : body?.owner
    const etag = `e${this.#writes++}`
    this.object = { etag, bytes, owner, atMs: nowMs }
    if (owner !== undefined) this.appliedMs.set(owner, nowMs)
    return etag
  }

  #delete(key: string, etag: string): void {
    const { ignores, missing = 404 } = this.#oddity
    const object = key === 'lock' ? this.object : undefined
    const heeds = etag !== '' && ignores !== 'delete-if-match'
    if (heeds && !object)
      throw failure(missing, missing === 404 ? 'NoSuchKey' : 'PreconditionFailed')
    if (heeds && object?.etag !== etag) throw failure(412, 'PreconditionFailed')
    if (object) this.object = undefined
  }

  #mustStand(): Stored {
    if (this.object) return this.object
    throw failure(404, 'NotFound')
  }

  /** The two times of an answer. */
  #dates(writtenMs: number) {
    return { date: this.#date(this.#world.nowMs), 'last-modified': this.#date(writtenMs) }
  }

  /** To the second, by one of several machines whose clocks are not quite the same. */
  #date(atMs: number): string {
    const skewMs = (this.#random() - 0.5) * 4000
    return new Date(Date.UTC(2026, 0, 1) + atMs + skewMs).toUTCString()
  }
}
