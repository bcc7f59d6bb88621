import { describe, expect, test, vi } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { orAborted } from '../../../src/model/or-aborted.ts'
import { hurried, runStage } from '../../../src/run/pipeline.ts'
import { addExecution, type Execution } from '../../../src/transfer/copy/wave.ts'
import { NOT_PROVEN } from '../../../src/verify/findings.ts'
import { executionOf, planOf, stageOf } from '../report/stage.ts'

const CANCELLED = new SyncError('cancelled', 'The run was ended by SIGINT.')
const never = new Promise<never>(() => {})

describe('the first log', () => {
  test.each([
    ['is as loud as asked', { 'log-level': 'debug' }, 'debug text'],
    ['takes the level in any case', { 'log-level': 'WARN' }, 'warn text'],
    ['is not silenced by a level that does not exist', { 'log-level': 'quiet' }, 'info text'],
    ['is for people unless asked otherwise', {}, 'info text'],
    ['is JSON where asked for', { json: 'true' }, 'info json'],
    ['takes the word in any case', { json: 'True' }, 'info json'],
    ['is not JSON by a word that only holds it', { json: 'untrue' }, 'info text'],
    ['nor by one that only begins so', { json: 'trueish' }, 'info text'],
  ])('%s', (_, inputs, expected) => {
    expect(stageOf({ inputs }).told.logs).toEqual([expected])
  })
})

test('a run begins now, with nothing found and no stage entered', () => {
  const { run, clock } = stageOf()
  expect(run.record).toEqual({
    startedMs: clock.now(),
    found: {},
    entered: new Set(),
    stages: [],
    proofs: new Map(),
  })
  expect(run.over.signal.aborted).toBe(false)
})

describe('a stage', () => {
  test('is noted with what it gave, its time and its closing line', async () => {
    const { run, clock, told } = stageOf()
    const plan = { plan: planOf({ copies: { objects: 2, bytes: 10 } }), survey: undefined }
    const found = await runStage(run, 'plan', async () => {
      expect(run.record.entered).toEqual(new Set(['plan']))
      clock.advance(1500)
      return plan
    })
    expect(found).toBe(plan)
    expect(run.record.found).toEqual({ plan })
    expect(run.record.stages).toEqual([{ stage: 'plan', seconds: 1.5, line: '2 to copy (10 B)' }])
    expect(told.lines).toEqual(['info: plan: 2 to copy (10 B), 1.5 s'])
  })

  test('has its lines in a group that its closing line ends', async () => {
    const { run } = stageOf()
    const told: string[] = []
    run.log = {
      line: (_level, text) => void told.push(text),
      group: () => {
        told.push('begins')
        return (closing) => void told.push(closing)
      },
    }
    await runStage(run, 'install', async () => {
      run.log.line('info', 'within')
      return {}
    })
    expect(told).toEqual(['begins', 'within', 'install: not needed, 0.0 s'])
  })

  test('that fails closes with what went wrong, and gives nothing', async () => {
    const { run, told } = stageOf()
    const failure = new SyncError('list', 'Page 3 is not complete.')
    await expect(runStage(run, 'list', () => Promise.reject(failure))).rejects.toBe(failure)
    expect(run.record.found).toEqual({})
    expect(run.record.entered).toEqual(new Set(['list']))
    expect(run.record.stages).toEqual([
      { stage: 'list', seconds: 0, line: 'Page 3 is not complete' },
    ])
    expect(told.lines).toEqual(['info: list: Page 3 is not complete, 0.0 s'])
  })
})

describe('a stage in several rounds', () => {
  const round = (name: string, before?: Execution) => ({
    name,
    total: (found: Execution) => addExecution(before, found),
  })

  test('is one stage with the time of all, and what they came to together', async () => {
    const { run, clock, told } = stageOf()
    const ended = (seconds: number) => async () => {
      clock.advance(seconds * 1000)
      return executionOf({ extraPasses: 1 })
    }
    const first = await runStage(run, 'copy', ended(1), round('wave 0'))
    run.record.entered.add('verify')
    const second = await runStage(run, 'copy', ended(2), round('wave 1', first))
    expect(second.done).toBe(2)
    expect(run.record.found.copy).toMatchObject({ done: 4, engine: { extraPasses: 2 } })
    expect(run.record.stages).toEqual([
      { stage: 'copy', seconds: 3, line: '4 objects copied by the direct engine' },
    ])
    expect(told.lines).toEqual([
      'info: copy, wave 0: 2 objects copied by the direct engine, 1.0 s',
      'info: copy, wave 1: 2 objects copied by the direct engine, 2.0 s',
    ])
    // The one that a failure belongs to stands last.
    expect([...run.record.entered]).toEqual(['verify', 'copy'])
  })

  test('keeps the time of the rounds before one that fails', async () => {
    const { run, clock } = stageOf()
    const found = async () => {
      clock.advance(1000)
      return executionOf()
    }
    await runStage(run, 'copy', found, round('wave 0'))
    const failure = new SyncError('copy', 'The disk is full.')
    await expect(
      runStage(run, 'copy', () => Promise.reject(failure), round('wave 1')),
    ).rejects.toBe(failure)
    expect(run.record.stages).toMatchObject([
      { stage: 'copy', seconds: 1, line: 'The disk is full' },
    ])
    expect(run.record.found.copy).toMatchObject({ done: 2 })
  })

  test('is entered again by a cancelled run, so that what waits gets its rows', async () => {
    const { run } = stageOf({ cancelled: AbortSignal.abort(CANCELLED) })
    const held = async () => executionOf()
    await expect(runStage(run, 'copy', held)).rejects.toBe(CANCELLED)
    run.record.entered.add('copy')
    await expect(runStage(run, 'copy', held, round('wave 1'))).resolves.toMatchObject({ done: 2 })
  })
})

describe('a cancel', () => {
  test('lets no stage begin', async () => {
    const { run } = stageOf({ cancelled: AbortSignal.abort(CANCELLED) })
    await expect(runStage(run, 'install', async () => ({}))).rejects.toBe(CANCELLED)
    expect(run.record.entered).toEqual(new Set())
    expect(run.record.stages).toEqual([])
  })

  test('leaves a stage that reads at once', async () => {
    const stop = new AbortController()
    const { run } = stageOf({ cancelled: stop.signal })
    const stage = runStage(run, 'plan', () => never)
    stop.abort(CANCELLED)
    await expect(stage).rejects.toBe(CANCELLED)
    expect(run.record.stages).toMatchObject([{ stage: 'plan', line: 'Cancelled' }])
  })

  test.each([
    ['copy', executionOf()],
    ['verify', { method: 'none', checked: 0, proven: NOT_PROVEN, mismatches: new Map() }],
    ['delete', { deleted: 1, planned: 2 }],
  ] as const)('waits until %s has ended in order', async (name, found) => {
    const stop = new AbortController()
    const { run } = stageOf({ cancelled: stop.signal })
    const { promise, resolve } = Promise.withResolvers<typeof found>()
    const stage = runStage(run, name, () => promise as never)
    stop.abort(CANCELLED)
    resolve(found)
    await expect(stage).resolves.toBe(found)
  })

  test('still looks at copies and gives deletes their rows, once there are copies, and only then', async () => {
    const { run } = stageOf({ cancelled: AbortSignal.abort(CANCELLED) })
    const deletion = async () => ({ deleted: 0, planned: 3 })
    const verification = {
      method: 'none',
      checked: 0,
      proven: NOT_PROVEN,
      mismatches: new Map(),
    } as const
    await expect(runStage(run, 'delete', deletion)).rejects.toBe(CANCELLED)
    await expect(runStage(run, 'verify', async () => verification)).rejects.toBe(CANCELLED)
    run.record.entered.add('copy')
    await expect(runStage(run, 'delete', deletion)).resolves.toEqual({ deleted: 0, planned: 3 })
    await expect(runStage(run, 'verify', async () => verification)).resolves.toBe(verification)
    await expect(runStage(run, 'plan', () => never)).rejects.toBe(CANCELLED)
  })

  test.each([
    ['2.5 seconds', 0, 2500],
    ['what is left of 2.5 seconds', 1000, 1500],
    ['at least half a second', 4100, 500],
  ])('leaves %s for looks at the copies', async (_time, cancelledForMs, leftMs) => {
    const stop = new AbortController()
    const host = { cancelledForMs: () => cancelledForMs }
    const { run, clock } = stageOf({ cancelled: stop.signal, host })
    const [early, beganMs] = [hurried(run), clock.now()]
    expect(early.aborted).toBe(false)
    stop.abort(CANCELLED)
    const late = hurried(run)
    await vi.waitFor(() => expect([early.aborted, late.aborted]).toEqual([true, true]))
    expect([early.reason, late.reason]).toEqual([CANCELLED, CANCELLED])
    // Each of the two slept for itself.
    expect(clock.now() - beganMs).toBe(2 * leftMs)
  })
})

describe('work that an abort ends', () => {
  test('gives what it gives, and leaves nothing listening', async () => {
    const listening: string[] = []
    const { signal } = new AbortController()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...[type, listener]: Parameters<typeof add>) => {
      listening.push(type)
      add(type, listener)
    }
    signal.removeEventListener = (...[type, listener]: Parameters<typeof remove>) => {
      if (listening.includes(type)) listening.splice(listening.indexOf(type), 1)
      remove(type, listener)
    }
    await expect(orAborted(signal, Promise.resolve('done'))).resolves.toBe('done')
    await expect(orAborted(signal, Promise.reject(CANCELLED))).rejects.toBe(CANCELLED)
    expect(listening).toEqual([])
  })

  test("throws the signal's reason", async () => {
    const stop = new AbortController()
    const work = orAborted(stop.signal, never)
    stop.abort(CANCELLED)
    await expect(work).rejects.toBe(CANCELLED)
  })
})
