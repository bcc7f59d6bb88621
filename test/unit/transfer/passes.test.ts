import { describe, expect, it } from 'vitest'
import { RateBudget } from '../../../src/flow/throttle.ts'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { RoutedOp } from '../../../src/model/batch.ts'
import type { Engine, Stopped } from '../../../src/model/engine.ts'
import type { CopyOp } from '../../../src/model/op.ts'
import type { ResultRow } from '../../../src/model/outcome.ts'
import { awaitsLook } from '../../../src/model/outcome.ts'
import { pack } from '../../../src/transfer/batcher.ts'
import { Halt } from '../../../src/transfer/context.ts'
import { standingCopy } from '../../../src/transfer/copy/standing.ts'
import { Passes } from '../../../src/transfer/passes.ts'
import type { WaveWork } from '../../../src/transfer/wave.ts'
import { memoryFiles } from '../../memory-files.ts'
import { jumpingClock, recordingLog } from '../../ports.ts'

const LOST: Stopped = { status: 'unknown', code: 'EngineLost', message: 'It is gone.' }

const routed = (key: string, toEtag?: string): RoutedOp => ({
  op: {
    ...{ op: 'copy', key, to: key, size: 1, etag: 'e', lastModified: '', reason: 'always' },
    ...(toEtag === undefined ? {} : { toEtag }),
  },
  engine: 's5cmd',
  attempts: 0,
})

/** Copies all it is given. */
const direct: Engine = {
  name: 'direct',
  takes: ({ engine }) => engine === 'direct',
  run: async (next, onEnded) => {
    for (let batch = await next(); batch; batch = await next())
      for (const op of batch.ops)
        onEnded({ op, batch, ending: { status: 'done', etag: op.op.etag } })
    return undefined
  },
}

/** Copies so many objects, loses the next one, and is not to be had any more. */
const crashing = (copies: number, onCrash: () => void): Engine => ({
  name: 's5cmd',
  takes: ({ engine }) => engine === 's5cmd',
  run: async (next, onEnded) => {
    let left = copies
    let lost = false
    for (let batch = await next(); batch; batch = lost ? undefined : await next())
      for (const op of batch.ops) {
        if (left-- > 0) onEnded({ op, batch, ending: { status: 'done', etag: op.op.etag } })
        else onEnded({ op, batch, ending: LOST, ...(lost ? { untried: true } : {}) })
        lost ||= left < 0
      }
    if (lost) onCrash()
    return lost ? LOST : undefined
  },
})

/** Fails whatever it is given, each op after so long. */
const failing = (
  message: string,
  eachMs: number,
  clock: { advance(ms: number): void },
  httpStatus?: number,
): Engine => ({
  name: 's5cmd',
  takes: ({ engine }) => engine === 's5cmd',
  run: async (next, onEnded) => {
    for (let batch = await next(); batch; batch = await next())
      for (const op of batch.ops) {
        clock.advance(eachMs)
        const ending: Stopped = { status: 'failed', code: 'RequestError', message, httpStatus }
        onEnded({ op, batch, ending })
      }
    return undefined
  },
})

/** Copies so many objects, and fails all others. */
const succeedingThen = (copies: number, message: string): Engine => ({
  name: 's5cmd',
  takes: ({ engine }) => engine === 's5cmd',
  run: async (next, onEnded) => {
    let left = copies
    for (let batch = await next(); batch; batch = await next())
      for (const op of batch.ops)
        onEnded({
          ...{ op, batch },
          ending:
            left-- > 0
              ? { status: 'done', etag: op.op.etag }
              : { status: 'failed', code: 'RequestError', message },
        })
    return undefined
  },
})

interface Scene {
  readonly ops: number
  /** What s5cmd copies in each pass before it crashes. */
  readonly copies: readonly number[]
  readonly maxRetries: number
  /** ETag of what stood at every destination key when it was planned. */
  readonly stood?: string
  readonly signal?: AbortSignal
  /** ETag and time (server time, ISO 8601) of what stands at every destination key; nothing when not given. */
  readonly standing?: { readonly etag: string; readonly modified: string }
  readonly cancelledForMs?: () => number
  /** Whether the direct engine may carry what s5cmd is refused. */
  readonly goesDirect?: boolean
  /** In place of s5cmd. */
  readonly engine?: (clock: ReturnType<typeof jumpingClock>) => Engine
}

/** Carries ops with an s5cmd that is given up after two crashes; gives their rows. */
async function carry(scene: Scene) {
  const { ops, copies, maxRetries, signal = new AbortController().signal } = scene
  const clock = jumpingClock()
  const files = memoryFiles()
  const paths = { results: 'results.ndjson', claims: 'claims.ndjson' }
  const ledger = await Ledger.open(files, paths, {
    destinationPrefix: '',
    verify: 'auto',
    hide: (text) => text,
    onRecorded: () => {},
    onLost: () => {},
  })
  let crashes = 0
  let batches = 0
  const isGivenUp = () => crashes >= 2
  const halt = new Halt({ signal, deadline: new AbortController().signal })
  const s5cmd = (pass: number) =>
    scene.engine?.(clock) ?? crashing(copies[pass] ?? 0, () => crashes++)
  async function* planned(): AsyncGenerator<RoutedOp> {
    for (let i = 0; i < ops; i++) yield routed(`k${i}`, scene.stood)
  }
  const rules = { opsPerBatch: () => 10, nextId: () => ++batches, serverTimeMs: () => 0 }
  const work: WaveWork<CopyOp, void> = {
    async *settled() {},
    ops: planned,
    pack: (routed) => pack(routed, rules),
    handedOver: (batch) => batch,
    engines: (pass) => (isGivenUp() ? [direct] : [s5cmd(pass), direct]),
    isGivenUp,
    goesDirect: ({ engine }) => scene.goesDirect === true && engine === 's5cmd',
    lookUp: (outcome, signal) =>
      standingCopy(outcome, async () => scene.standing && { ...scene.standing, size: 1 }, signal),
    movedBytes: 0,
    lower: () => {},
    close: async () => {},
    found: () => {},
  }
  const { signal: over, deadline } = halt
  const passes = await new Passes(work, {
    context: {
      clock,
      log: recordingLog(),
      signal: over,
      deadline,
      budget: new RateBudget({}),
      cancelledForMs: scene.cancelledForMs ?? (() => 0),
    },
    halt,
    ledger,
    files,
    folder: '.',
    retry: { maxRetries, retryDelayMs: 1000 },
    rowShare: 'copyRows',
  }).run()
  await ledger.close()
  const lines = (files.texts.get('results.ndjson') ?? '').split('\n').filter((line) => line !== '')
  return {
    passes,
    rows: lines.map((line) => JSON.parse(line) as ResultRow),
    givenUp: deadline.reason as unknown,
  }
}

const keysOf = (rows: readonly ResultRow[]): string[] => rows.map(({ key }) => key).sort()
const keys = (ops: number): string[] => Array.from({ length: ops }, (_, i) => `k${i}`).sort()

describe('passes over a plan', () => {
  it('that lose s5cmd in the middle of a further pass lose no op, and carry none twice', async () => {
    const { rows, passes } = await carry({ ops: 100, copies: [35, 15], maxRetries: 3 })
    expect(keysOf(rows)).toEqual(keys(100))
    expect(rows.filter(({ status }) => status !== 'done')).toEqual([])
    const byDirect = rows.filter(({ route }) => route === 's5cmd-crashed')
    expect(byDirect.length).toBe(50)
    expect(passes).toBe(2)
  })

  it('give the direct engine its pass, however few retries were asked for', async () => {
    const { rows } = await carry({ ops: 30, copies: [5, 5], maxRetries: 1 })
    expect(keysOf(rows)).toEqual(keys(30))
    expect(rows.filter(({ status }) => status !== 'done')).toEqual([])
  })

  it('give the direct engine what s5cmd is refused, though no retry was asked for', async () => {
    const engine: Scene['engine'] = (clock) => failing('AccessDenied', 10, clock, 403)
    const refused = { ops: 30, copies: [], maxRetries: 0, engine, goesDirect: true }
    const { rows, passes } = await carry(refused)
    expect(rows.map(({ status }) => status)).toEqual(Array(30).fill('done'))
    expect(passes).toBe(1)
  })

  it('are not given up where s5cmd is refused all for minutes: the service answers', async () => {
    const engine: Scene['engine'] = (clock) => failing('AccessDenied', 1000, clock, 403)
    const refused = { ops: 300, copies: [], maxRetries: 0, engine, goesDirect: true }
    const { rows, givenUp } = await carry(refused)
    expect(givenUp).toBeUndefined()
    expect(rows.map(({ status }) => status)).toEqual(Array(300).fill('done'))
  })

  it.each([
    ['nobody answers', 'dial tcp: connect: connection refused', 0, 0],
    ['the name is unknown', 'getaddrinfo ENOTFOUND s3.internal', 0, 0],
    ['nothing succeeds for 90 seconds', 'socket hang up', 30_000, 0],
    ['it may still heal', 'socket hang up', 1000, 3],
  ])('go on as long as that is of use: %s', async (_why, message, ...[eachMs, further]) => {
    const engine: Scene['engine'] = (clock) => failing(message, eachMs, clock)
    const { passes, rows } = await carry({ ops: 4, copies: [], maxRetries: 3, engine })
    expect(passes).toBe(further)
    expect(rows.map(({ status }) => status)).toEqual(Array(4).fill('failed'))
  })

  it.each([
    ['has the ETag of the source, and had another one', 'e', '1970-01-01', 'other', 0],
    ['has the ETag of the source, as it had before', 'e', '1969-01-01', 'e', 1],
    ['has it as before, but was written since', 'e', '1970-01-01', 'e', 0],
    ['has another ETag, but was written since', 'f', '1970-01-01', 'other', 0],
    ['is another object', 'f', '1969-01-01', 'other', 1],
  ])('copy again what nothing was heard of, unless it %s', async (_what, ...it) => {
    const [etag, day, stood, further] = it
    const standing = { etag, modified: `${day}T00:00:00Z` }
    const { passes, rows } = await carry({ ops: 4, copies: [1, 4], maxRetries: 1, standing, stood })
    expect(rows.filter((row) => row.status !== 'done' && !awaitsLook(row))).toEqual([])
    // Only what was given to the process is looked at; the rest is tried in any case.
    expect(rows.filter(({ attempts }) => attempts > 1).length).toBe(further)
    expect(passes).toBe(1)
  })

  it.each([
    ['found nobody to take them', 'connect ECONNREFUSED', 10, 150],
    ['failed, while nothing had succeeded for 90 seconds', 'socket hang up', 1000, 150],
  ])('begin no more once a hundred ops in a row %s', async (_what, message, ...[eachMs, ops]) => {
    const engine: Scene['engine'] = (clock) => failing(message, eachMs, clock)
    const { givenUp, passes } = await carry({ ops, copies: [], maxRetries: 3, engine })
    expect(passes).toBe(0)
    expect(givenUp).toMatchObject({ status: 'failed', code: 'Unreachable' })
  })

  it.each([
    ['fewer than a hundred', 'connect ECONNREFUSED', 10, 99],
    ['those that fail soon after a success', 'socket hang up', 10, 500],
  ])('are not given up for %s', async (_what, message, ...[eachMs, ops]) => {
    const engine: Scene['engine'] = (clock) => failing(message, eachMs, clock)
    const { givenUp } = await carry({ ops, copies: [], maxRetries: 0, engine })
    expect(givenUp).toBeUndefined()
  })

  it('are not given up where a service answers in the words of nobody', async () => {
    const engine: Scene['engine'] = (clock) => failing('connection refused', 10, clock, 400)
    const { givenUp } = await carry({ ops: 150, copies: [], maxRetries: 0, engine })
    expect(givenUp).toBeUndefined()
  })

  it.each([
    [4, 1],
    [5, 0],
  ])(
    'whose last %i ops found nobody are followed by %i others, though some succeeded before',
    async (lost, further) => {
      const engine: Scene['engine'] = () => succeedingThen(20, 'connect ECONNREFUSED')
      const { passes } = await carry({ ops: 20 + lost, copies: [], maxRetries: 1, engine })
      expect(passes).toBe(further)
    },
  )

  it('leave the rows of a cancelled run that there is no time for', async () => {
    const signal = AbortSignal.abort()
    let asked = 0
    const cancelledForMs = () => (asked++ < 3 ? 0 : 4000)
    const { rows } = await carry({ ops: 100, copies: [5], maxRetries: 3, signal, cancelledForMs })
    // A batch has ten: five copied, five lost, and one batch or two behind it.
    expect(rows.length).toBeGreaterThanOrEqual(20)
    expect(rows.length).toBeLessThan(50)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  })

  it('settle every op of a cancelled run once', async () => {
    const signal = AbortSignal.abort()
    const { rows } = await carry({ ops: 30, copies: [5], maxRetries: 3, signal })
    expect(keysOf(rows)).toEqual(keys(30))
    expect(rows.filter(({ code }) => code === LOST.code).length).toBe(25)
  })
})
