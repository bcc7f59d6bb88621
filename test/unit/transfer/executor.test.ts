import { describe, expect, it } from 'vitest'
import { RateBudget } from '../../../src/flow/throttle.ts'
import type { RoutedOp } from '../../../src/model/batch.ts'
import type { Engine } from '../../../src/model/engine.ts'
import type { DeleteOp } from '../../../src/model/op.ts'
import { Executor } from '../../../src/transfer/executor.ts'
import type { Wave, WaveEnd } from '../../../src/transfer/wave.ts'
import { memoryFiles } from '../../memory-files.ts'
import { idleSystem, jumpingClock, recordingLog } from '../../ports.ts'

const opOf = (key: string): DeleteOp => ({
  ...{ op: 'delete', key, size: 1, etag: 'e', reason: 'only-at-destination' },
})

/** Deletes all it is given. */
const engine: Engine<DeleteOp> = {
  name: 'delete',
  takes: () => true,
  run: async (next, onEnded) => {
    for (let batch = await next(); batch; batch = await next())
      for (const op of batch.ops) onEnded({ op, batch, ending: { status: 'done' } })
    return undefined
  },
}

interface Script {
  readonly keys: readonly string[]
  /** A key whose op ends without an engine. */
  readonly kept?: string
  readonly stage?: 'copy' | 'delete'
  /** In place of the ops behind the first one. */
  readonly broken?: Error
}

/** A wave as the test plays it, and what became of it. */
function waveOf({ keys, kept, stage = 'delete', broken }: Script) {
  const seen = { cleared: [] as boolean[], closed: 0 }
  const wave: Wave<DeleteOp, WaveEnd> = {
    stage,
    goal: { planned: { objects: keys.length, bytes: 0 }, skipped: 0 },
    begin: async (cleared) => {
      seen.cleared.push(cleared)
      return {
        async *settled() {
          const ending = { status: 'failed', code: 'ExistsAtSource', message: 'There.' } as const
          if (kept !== undefined) yield { op: opOf(kept), ending }
        },
        async *ops() {
          for (const key of keys) {
            const routed: RoutedOp<DeleteOp> = { op: opOf(key), engine: 'delete', attempts: 0 }
            yield routed
            if (broken) throw broken
          }
        },
        async *pack(ops) {
          for await (const op of ops)
            yield { id: 1, engine: 'delete', ops: [op], bytes: 0, beganMs: 0 }
        },
        handedOver: (batch) => batch,
        engines: () => [engine],
        isGivenUp: () => false,
        goesDirect: () => false,
        lookUp: async () => undefined,
        movedBytes: 0,
        lower: () => {},
        close: async () => {
          seen.closed++
        },
        found: (end) => end,
      }
    },
  }
  return { wave, seen }
}

function stand() {
  const files = memoryFiles()
  const never = new AbortController().signal
  const asleep = (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()))
  const executor = new Executor(
    {
      log: recordingLog(),
      clock: { ...jumpingClock(), sleep: asleep },
      signal: never,
      deadline: never,
      budget: new RateBudget({}),
      cancelledForMs: () => 0,
    },
    {
      files,
      system: idleSystem,
      hide: (text) => text,
      transfer: { maxRetries: 0, retryDelayMs: 0, verify: 'auto' },
      destinationPrefix: '',
      resultsPath: '/r/results.ndjson',
      onStanding: undefined,
      scratch: '/t',
    },
  )
  const rows = () =>
    (files.texts.get('/r/results.ndjson') ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { key: string; status: string })
      .map(({ key, status }) => `${key} ${status}`)
  return { executor, rows }
}

describe('the executor', () => {
  it('adds the rows of a wave to those before it, first of what ends without an engine', async () => {
    const { executor, rows } = stand()
    const first = waveOf({ keys: ['a', 'b'], kept: 'k', stage: 'copy' })
    const second = waveOf({ keys: ['c'] })
    const end = await executor.run(first.wave, true)
    expect(end).toMatchObject({ done: 2, extraPasses: 0, results: { count: 3 } })
    expect(await executor.run(second.wave, false)).toMatchObject({ done: 1, results: { count: 1 } })
    expect(rows()).toEqual(['k failed', 'a done', 'b done', 'c done'])
    expect([first.seen, second.seen]).toEqual([
      { cleared: [true], closed: 1 },
      { cleared: [false], closed: 1 },
    ])
  })

  it('keeps the rows of what was done where the plan cannot be read to its end, and closes the wave', async () => {
    const { executor, rows } = stand()
    const broken = new Error('The plan is gone.')
    const { wave, seen } = waveOf({ keys: ['a', 'b'], broken })
    await expect(executor.run(wave, true)).rejects.toBe(broken)
    expect(rows()).toEqual(['a done'])
    expect(seen.closed).toBe(1)
  })
})
