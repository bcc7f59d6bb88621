import { describe, expect, it } from 'vitest'
import type { Batch, RoutedOp } from '../../../src/model/batch.ts'
import type { Ended } from '../../../src/model/engine.ts'
import { S5cmdEngine } from '../../../src/s5cmd/engine.ts'
import { createWorkerCount, processesFor, shareOf } from '../../../src/s5cmd/workers.ts'
import { jumpingClock, type PlayedChild, playedProcesses } from '../../ports.ts'

const routed = (i: number): RoutedOp => {
  const key = `k${i}`
  const op = { op: 'copy', key, to: key, size: 1, etag: 'e', lastModified: '' } as const
  return { op: { ...op, reason: 'missing' }, engine: 's5cmd', attempts: 0 }
}

const batchOf = (id: number, ops: readonly RoutedOp[]): Batch => ({
  ...{ id, engine: 's5cmd', sizeClass: 'small', bytes: ops.length, beganMs: 0 },
  ops,
})

const addressesIn = (line: string): readonly string[] => line.match(/s3:\/\/[^\s']+/g) ?? []

const done = (line: string): string => {
  const [source, destination] = addressesIn(line)
  return JSON.stringify({ operation: 'cp', success: true, source, destination })
}

interface Scene {
  readonly workers: number
  readonly play: (child: PlayedChild, event: string) => void
  readonly onBatch?: (batch: Batch) => void
  readonly staysOpen?: () => boolean
}

/** An engine whose processes are played; `carry` gives it so many ops, in batches of 10. */
function scene({ workers, play, onBatch = () => {}, staysOpen = () => false }: Scene) {
  const clock = jumpingClock()
  const processes = playedProcesses(play)
  const count = createWorkerCount({ start: workers, most: workers, clock, onLowered: () => {} })
  const started: number[] = []
  const signal = new AbortController().signal
  const asleep = (_ms: number, until?: AbortSignal) =>
    new Promise<void>((resolve) => until?.addEventListener('abort', () => resolve()))
  const engine = new S5cmdEngine('all', {
    relay: {
      launch: async (share) => {
        started.push(share)
        return {
          spec: { command: 's5cmd', args: [], env: {} },
          dueAtMs: undefined,
          expiresAtMs: undefined,
          onExpired: () => {},
        }
      },
      workers: count,
      requestTimeoutMs: 1000,
      processes,
      clock: { ...clock, sleep: asleep },
      signal,
      events: { process: () => {}, crash: () => true, retry: () => {}, other: () => {} },
    },
    lineRules: {
      source: { bucket: 'src' },
      destination: { bucket: 'dst' },
      metadataDirective: true,
      options: {},
    },
    copies: 1e6,
    throttle: async () => {},
    ends: { signal, deadline: signal },
    onBatch: async (batch) => onBatch(batch),
    staysOpen,
  })
  let first = 0
  const carry = async (ops: number) => {
    const batches = Array.from({ length: Math.ceil(ops / 10) }, (_, id) =>
      batchOf(
        id,
        Array.from({ length: Math.min(10, ops - id * 10) }, (_, i) => routed(first + id * 10 + i)),
      ),
    ).values()
    first += ops
    const ended: Ended[] = []
    const stopped = await engine.run(
      async () => batches.next().value,
      (end) => ended.push(end),
    )
    return { ended, stopped, keys: ended.map(({ op }) => op.op.key).sort() }
  }
  const close = () => engine.close()
  return { carry, close, count, clock, started, children: processes.children }
}

/** Copies all it is fed, at once, and leaves when its input ends. */
const diligent = (child: PlayedChild, event: string): void => {
  if (event === 'fed') child.say(done(child.fed.at(-1) ?? ''))
  else child.end()
}

const keysUpTo = (ops: number) => Array.from({ length: ops }, (_, i) => `k${i}`).sort()

describe('the workers of an engine', () => {
  it('are shared out to its processes, none of them twice and none left over', () => {
    for (let workers = 1; workers <= 256; workers++) {
      const processes = processesFor(workers, 1e6)
      const shares = Array.from({ length: processes }, (_, at) => shareOf(workers, at, processes))
      expect(shares.reduce((sum, share) => sum + share)).toBe(workers)
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
      expect(Math.min(...shares)).toBeGreaterThan(0)
    }
  })

  it('have one process when they or the copies are few, and several when both are many', () => {
    expect([1, 8, 16].map((workers) => processesFor(workers, 1e6))).toEqual([1, 1, 1])
    expect(processesFor(128, 200)).toBe(1)
    expect(processesFor(128, 1e6)).toBeGreaterThan(1)
  })
})

describe('an engine of several s5cmd processes', () => {
  it('tells the end of every op once, whichever process carries it', async () => {
    const { carry, children, started } = scene({ workers: 128, play: diligent })
    const { keys, stopped } = await carry(995)
    expect(stopped).toBeUndefined()
    expect(keys).toEqual(keysUpTo(995))
    expect(children.length).toBe(processesFor(128, 1e6))
    expect(started.reduce((sum, share) => sum + share)).toBe(128)
    // Each has had its part.
    expect(Math.min(...children.map(({ fed }) => fed.length))).toBeGreaterThan(100)
  })

  it('announces each batch before its first op is fed, and in their order', async () => {
    const announced: number[] = []
    const { carry } = scene({
      workers: 128,
      onBatch: ({ id }) => announced.push(id),
      play: (child, event) => {
        if (event === 'fed') {
          const i = Number(/k(\d+)/.exec(child.fed.at(-1) ?? '')?.[1])
          expect(announced).toContain(Math.floor(i / 10))
        }
        diligent(child, event)
      },
    })
    await carry(200)
    expect(announced).toEqual(Array.from({ length: 20 }, (_, id) => id))
  })

  it('stops all of them when one dies again and again, and tells the end of what was not tried', async () => {
    let first: PlayedChild | undefined
    const { carry } = scene({
      workers: 128,
      play: (child, event) => {
        first ??= child
        // One chain works, the others die with the first op that they are given.
        if (child === first) diligent(child, event)
        else child.end({ code: 1, signal: null })
      },
    })
    const { keys, ended, stopped } = await carry(5000)
    expect(stopped).toMatchObject({ code: 'EngineLost' })
    expect(keys).toEqual(keysUpTo(5000).filter((key) => keys.includes(key)))
    expect(new Set(keys).size).toBe(keys.length)
    expect(ended.some(({ untried }) => untried)).toBe(true)
  })

  it('goes on with fewer when the service asks for so few requests', async () => {
    const few = scene({
      workers: 128,
      play: (child, event) => {
        if (event === 'fed' && few.count.count() > 1) {
          few.clock.advance(6000)
          few.count.throttled()
        }
        diligent(child, event)
      },
    })
    const { keys } = await few.carry(500)
    expect(keys).toEqual(keysUpTo(500))
    expect(few.count.count()).toBe(1)
    // One is left, which got nearly all.
    expect(Math.max(...few.children.map(({ fed }) => fed.length))).toBeGreaterThan(400)
    expect(few.started.at(-1)).toBe(1)
  })
})

describe('an engine that stays open', () => {
  const keysOf = ({ fed }: PlayedChild) => fed.map((line) => /from\/(k\d+)|(k\d+)/.exec(line)?.[0])

  it('feeds the processes that it has with what comes next, and ends them when it is closed', async () => {
    let staysOpen = true
    const { carry, close, children } = scene({
      workers: 4,
      play: diligent,
      staysOpen: () => staysOpen,
    })
    expect((await carry(20)).ended.length).toBe(20)
    expect(children.map(({ inputEnded }) => inputEnded)).toEqual([false])
    const { ended, stopped } = await carry(15)
    expect([ended.length, stopped]).toEqual([15, undefined])
    expect(children.length).toBe(1)
    expect(children.map((child) => new Set(keysOf(child)).size)).toEqual([35])
    staysOpen = false
    await carry(5)
    expect(children.map(({ inputEnded }) => inputEnded)).toEqual([true])
    await close()
  })

  it('gives each of several processes the share again that it was started with', async () => {
    const { carry, close, children } = scene({
      workers: 50,
      play: diligent,
      staysOpen: () => true,
    })
    await carry(995)
    const begun = children.length
    expect(begun).toBe(processesFor(50, 1e6))
    await carry(995)
    expect(children.length).toBe(begun)
    expect(Math.min(...children.map(({ fed }) => fed.length))).toBeGreaterThan(200)
    await close()
  })

  it('ends its processes when it is closed, where nothing more came', async () => {
    const { carry, close, children } = scene({ workers: 4, play: diligent, staysOpen: () => true })
    await carry(3)
    await close()
    expect(children.map(({ inputEnded }) => inputEnded)).toEqual([true])
  })

  it('is done with what it was given before it says so', async () => {
    let told = false
    const { carry, close, children } = scene({
      workers: 4,
      staysOpen: () => true,
      play: (child, event) => {
        if (event === 'fed')
          setImmediate(() => {
            told = true
            child.say(done(child.fed[0] ?? ''))
          })
        else child.end()
      },
    })
    const { ended } = await carry(1)
    expect([told, ended.length]).toEqual([true, 1])
    expect(children.map(({ inputEnded }) => inputEnded)).toEqual([false])
    await close()
  })

  it('starts another process for one that died while it had nothing to do', async () => {
    const { carry, close, children } = scene({ workers: 4, play: diligent, staysOpen: () => true })
    await carry(3)
    children[0]?.end({ code: 1, signal: null })
    await new Promise((resolve) => setImmediate(resolve))
    const { ended, stopped } = await carry(3)
    expect([ended.every(({ ending }) => ending.status === 'done'), ended.length]).toEqual([true, 3])
    expect(stopped).toBeUndefined()
    expect(children.length).toBe(2)
    await close()
  })
})
