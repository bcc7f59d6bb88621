import { describe, expect, it } from 'vitest'
import type { Batch, RoutedOp } from '../../../src/model/batch.ts'
import type { Ending } from '../../../src/model/engine.ts'
import { Relay, type RelayDeps } from '../../../src/s5cmd/relay.ts'
import { createWorkerCount } from '../../../src/s5cmd/workers.ts'
import { jumpingClock, type PlayedChild, playedProcesses } from '../../ports.ts'

const batch: Batch = { id: 1, engine: 's5cmd', sizeClass: 'small', ops: [], bytes: 0, beganMs: 0 }

const routed = (key: string): RoutedOp => ({
  op: { op: 'copy', key, to: key, size: 1, etag: 'e', lastModified: '', reason: 'missing' },
  engine: 's5cmd',
  attempts: 0,
})

const flight = (key: string) => ({
  op: routed(key),
  batch,
  job: `s3://a/${key} s3://b/${key}`,
  line: `cp ${key}`,
})

const done = (key: string) =>
  JSON.stringify({
    operation: 'cp',
    success: true,
    source: `s3://a/${key}`,
    destination: `s3://b/${key}`,
  })

const failed = (key: string, error: string) =>
  JSON.stringify({ operation: 'cp', command: `cp s3://a/${key} s3://b/${key}`, error })

interface Scene {
  readonly play: (child: PlayedChild, event: string) => void
  readonly workers?: number
  readonly dueAtMs?: number
  /** Whether a second is over as soon as somebody sleeps it; else time stands still. */
  readonly timeFlies?: boolean
  /** What the processes print every second, where time flies. */
  readonly chatter?: string
  /** After so many crashes no other process is worth a try. */
  readonly mostCrashes?: number
}

function scene({
  play,
  workers = 4,
  dueAtMs,
  timeFlies = false,
  chatter,
  mostCrashes = 99,
}: Scene) {
  const endings: [key: string, ending: Ending][] = []
  const cancel = new AbortController()
  const processes = playedProcesses(play)
  const clock = jumpingClock()
  const counts = { crashes: 0, processes: 0, expired: 0 }
  const started: number[] = []
  const asleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
  const flying: typeof clock.sleep = (ms, signal) => {
    if (chatter !== undefined) for (const child of processes.children) child.say(chatter)
    return clock.sleep(ms, signal)
  }
  const deps: RelayDeps = {
    launch: async (count) => {
      started.push(count)
      return {
        spec: { command: 's5cmd', args: [], env: { N: String(processes.children.length) } },
        dueAtMs,
        expiresAtMs: undefined,
        onExpired: () => {
          counts.expired++
        },
      }
    },
    workers: createWorkerCount({ start: workers, most: workers, clock, onLowered: () => {} }),
    requestTimeoutMs: 1000,
    processes,
    clock: { ...clock, sleep: timeFlies ? flying : asleep },
    signal: cancel.signal,
    events: {
      process: () => {
        counts.processes++
      },
      crash: () => {
        counts.crashes++
        return counts.crashes < mostCrashes
      },
      retry: () => {},
      other: () => {},
    },
  }
  const relay = new Relay(deps, deps.workers.count, ({ op, ending }) =>
    endings.push([op.op.key, ending]),
  )
  const feed = async (key: string) => {
    const ending = await relay.feed(flight(key))
    if (ending) endings.push([key, ending])
  }
  return { relay, feed, endings, cancel, clock, counts, started, children: processes.children }
}

/** Copies all it is fed, at once, and leaves when its input ends. */
const diligent = (child: PlayedChild, event: string): void => {
  if (event === 'fed') child.say(done(child.fed.at(-1)?.slice(3) ?? ''))
  else child.end()
}

describe('the relay of s5cmd processes', () => {
  it('tells the end of every op once', async () => {
    const { relay, feed, endings, children } = scene({ play: diligent })
    for (const key of ['a', 'b', 'c']) await feed(key)
    await relay.end()
    expect(endings).toEqual(['a', 'b', 'c'].map((key) => [key, { status: 'done' }]))
    expect(children.length).toBe(1)
    expect(children[0]?.inputEnded).toBe(true)
  })

  it('replaces a process after 10,000 lines, and when its credentials are due', async () => {
    const many = scene({ play: diligent })
    for (let i = 0; i < 10_001; i++) await many.feed(String(i))
    await many.relay.end()
    expect(many.children.map(({ fed }) => fed.length)).toEqual([10_000, 1])

    const due = scene({ play: diligent, dueAtMs: 1_000_500 })
    await due.feed('a')
    due.clock.advance(600)
    await due.feed('b')
    await due.relay.end()
    expect(due.children.length).toBe(2)
  })

  it('starts the next process while the last one drains', async () => {
    const { feed, relay, clock, children } = scene({
      dueAtMs: 1_000_500,
      play: (child, event) => {
        if (event === 'fed' && child.fed.at(-1) !== 'cp slow') diligent(child, event)
      },
    })
    await feed('slow')
    clock.advance(600)
    await feed('next')
    expect(children.map(({ fed }) => fed)).toEqual([['cp slow'], ['cp next']])
    children[0]?.say(done('slow'))
    for (const child of children) child.end()
    await relay.end()
  })

  it('calls what a crashed process left open unknown, and goes on with another', async () => {
    const { feed, relay, endings, counts, children } = scene({
      play: (child, event) => {
        if (child.fed.at(-1) === 'cp bomb') child.end({ code: 2, signal: null })
        else diligent(child, event)
      },
    })
    await feed('a')
    await feed('bomb')
    await feed('b')
    await relay.end()
    expect(endings).toContainEqual([
      'bomb',
      expect.objectContaining({ status: 'unknown', code: 'EngineLost' }),
    ])
    expect(endings).toContainEqual(['b', { status: 'done' }])
    expect(endings.length).toBe(3)
    expect(counts.crashes).toBe(1)
    expect(children.length).toBe(2)
  })

  it('gives up after three processes in a row that settle nothing', async () => {
    const { feed, relay, endings, counts } = scene({
      play: (child) => child.end({ code: 1, signal: null }),
    })
    for (const key of ['a', 'b', 'c', 'd', 'e']) await feed(key)
    await relay.end()
    expect(endings.map(([key]) => key).sort()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(endings.every(([, { status }]) => status === 'unknown')).toBe(true)
    expect(counts.processes).toBe(3)
  })

  it('gives up as soon as another process is not worth a try, and lets none of the ops drop', async () => {
    const { feed, relay, endings, counts } = scene({
      mostCrashes: 2,
      play: (child, event) => {
        if (child.fed.at(-1) === 'cp bomb') child.end({ code: 2, signal: null })
        else diligent(child, event)
      },
    })
    for (const key of ['a', 'bomb', 'b', 'bomb', 'c', 'd']) await feed(key)
    await relay.end()
    expect(endings.map(([key]) => key)).toEqual(['a', 'bomb', 'b', 'bomb', 'c', 'd'])
    expect(endings.slice(3).map(([, { status }]) => status)).toEqual(Array(3).fill('unknown'))
    expect(counts.processes).toBe(2)
  })

  it('replaces a process when S3 is throttling: too many requests, by one with fewer workers', async () => {
    const { feed, relay, children, started } = scene({
      workers: 10,
      play: (child, event) => {
        if (child.fed.at(-1) === 'cp b')
          child.say('{"error":"retryable error: SlowDown: SlowDown\\n\\tstatus code: 503"}')
        diligent(child, event)
      },
    })
    for (const key of ['a', 'b', 'c']) await feed(key)
    await relay.end()
    expect(children.map(({ fed }) => fed)).toEqual([['cp a', 'cp b'], ['cp c']])
    expect(started).toEqual([10, 7])
  })

  it('replaces a process whose credentials ran out', async () => {
    const { feed, relay, children, endings, counts } = scene({
      play: (child, event) => {
        if (event === 'fed' && child.spec.env['N'] === '0')
          child.say(
            failed(
              child.fed.at(-1)?.slice(3) ?? '',
              'ExpiredToken: The provided token has expired',
            ),
          )
        else diligent(child, event)
      },
    })
    await feed('a')
    await feed('b')
    await relay.end()
    expect(children.length).toBe(2)
    expect(counts.expired).toBe(1)
    expect(endings.map(([, ending]) => ('code' in ending ? ending.code : ending.status))).toEqual([
      'ExpiredToken',
      'done',
    ])
  })

  it('keeps one at a time when asked for one worker', async () => {
    const { feed, relay, children } = scene({ workers: 1, play: () => {} })
    await feed('a')
    const second = feed('b')
    await Promise.resolve()
    expect(children[0]?.fed).toEqual(['cp a'])
    children[0]?.say(done('a'))
    await second
    expect(children[0]?.fed).toEqual(['cp a', 'cp b'])
    children[0]?.say(done('b'))
    children[0]?.end()
    await relay.end()
  })

  it('stops at a cancel: no more input, SIGTERM, and what is open is unknown', async () => {
    const { feed, relay, cancel, children, endings } = scene({
      play: (child, event) => {
        if (event === 'SIGTERM') child.end({ code: 1, signal: null })
      },
    })
    await feed('a')
    cancel.abort()
    await feed('b')
    await relay.end()
    expect(children[0]?.inputEnded).toBe(true)
    expect(children[0]?.signals[0]).toBe('SIGTERM')
    expect(endings.map(([key, ending]) => [key, 'code' in ending && ending.code])).toEqual([
      ['a', 'Cancelled'],
      ['b', 'Cancelled'],
    ])
  })

  it.each<[time: string, says: string[], chatter: string | undefined, seconds: number]>([
    ['60 seconds', [], undefined, 60],
    ['60 seconds, though it talks of other things', [], done('another'), 60],
    ['60 seconds, though it talks', [], 'DEBUG all is well', 60],
    [
      '6 minutes, though it tries again and again',
      [],
      '{"error":"retryable error: SlowDown"}',
      360,
    ],
    [
      '6 minutes, where it said that it tries again',
      ['{"error":"retryable error: SlowDown"}'],
      undefined,
      360,
    ],
  ])(
    'kills a process that is silent of its ops for longer than they may take: %s',
    async (_time, says, ...[chatter, seconds]) => {
      const { feed, relay, clock, children, endings } = scene({
        timeFlies: true,
        ...(chatter === undefined ? {} : { chatter }),
        play: (child, event) => {
          if (event === 'fed') says.forEach(child.say)
          if (event === 'SIGKILL') child.end({ code: null, signal: 'SIGKILL' })
        },
      })
      const startedMs = clock.now()
      await feed('a')
      await relay.end()
      expect(children[0]?.signals).toEqual(['SIGKILL'])
      expect((clock.now() - startedMs) / 1000).toBeGreaterThan(seconds)
      expect((clock.now() - startedMs) / 1000).toBeLessThan(seconds + 10)
      expect(endings).toMatchObject([['a', { status: 'unknown', code: 'EngineLost' }]])
    },
  )
})
