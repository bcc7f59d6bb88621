import { describe, expect, test, vi } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { orAborted } from '../../../src/model/or-aborted.ts'
import { enter, hurried } from '../../../src/report/record.ts'
import { NOT_PROVEN } from '../../../src/verify/findings.ts'
import { executionOf, planOf, stageOf } from './stage.ts'

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

test('a walk begins now, with nothing found and no room entered', () => {
  const { walk, clock } = stageOf()
  expect(walk.record).toEqual({
    startedMs: clock.now(),
    found: {},
    entered: new Set(),
    rooms: [],
  })
  expect(walk.over.signal.aborted).toBe(false)
})

describe('a room', () => {
  test('is noted with what it gave, its time and its closing line', async () => {
    const { walk, clock, told } = stageOf()
    const plan = planOf({ copies: { objects: 2, bytes: 10 } })
    const found = await enter(walk, 'plan', async () => {
      expect(walk.record.entered).toEqual(new Set(['plan']))
      clock.advance(1500)
      return plan
    })
    expect(found).toBe(plan)
    expect(walk.record.found).toEqual({ plan })
    expect(walk.record.rooms).toEqual([
      { room: 'plan', seconds: 1.5, line: '2 to copy (10 B), 0 to leave' },
    ])
    expect(told.lines).toEqual(['info: plan: 2 to copy (10 B), 0 to leave, 1.5 s'])
  })

  test('has its lines in a group of its name', async () => {
    const { walk } = stageOf()
    const groups: string[] = []
    walk.log = {
      line: () => {},
      group: (title, work) => {
        groups.push(title)
        return work()
      },
    }
    await enter(walk, 'install', async () => ({}))
    expect(groups).toEqual(['install'])
  })

  test('that fails closes with what went wrong, and gives nothing', async () => {
    const { walk, told } = stageOf()
    const failure = new SyncError('listing', 'Page 3 is not complete.')
    await expect(enter(walk, 'plan', () => Promise.reject(failure))).rejects.toBe(failure)
    expect(walk.record.found).toEqual({})
    expect(walk.record.entered).toEqual(new Set(['plan']))
    expect(walk.record.rooms).toEqual([
      { room: 'plan', seconds: 0, line: 'A listing is not complete' },
    ])
    expect(told.lines).toEqual(['info: plan: A listing is not complete, 0.0 s'])
  })
})

describe('a cancel', () => {
  test('lets no room begin', async () => {
    const { walk } = stageOf({ cancelled: AbortSignal.abort(CANCELLED) })
    await expect(enter(walk, 'install', async () => ({}))).rejects.toBe(CANCELLED)
    expect(walk.record.entered).toEqual(new Set())
    expect(walk.record.rooms).toEqual([])
  })

  test('leaves a room that reads at once', async () => {
    const run = new AbortController()
    const { walk } = stageOf({ cancelled: run.signal })
    const room = enter(walk, 'plan', () => never)
    run.abort(CANCELLED)
    await expect(room).rejects.toBe(CANCELLED)
    expect(walk.record.rooms).toMatchObject([{ room: 'plan', line: 'Cancelled' }])
  })

  test.each([
    ['execute', executionOf()],
    ['verify', { method: 'none', checked: 0, proven: NOT_PROVEN, mismatches: new Map() }],
    ['delete', { deleted: 1, planned: 2 }],
  ] as const)('waits until %s has ended in order', async (name, found) => {
    const run = new AbortController()
    const { walk } = stageOf({ cancelled: run.signal })
    const { promise, resolve } = Promise.withResolvers<typeof found>()
    const room = enter(walk, name, () => promise as never)
    run.abort(CANCELLED)
    resolve(found)
    await expect(room).resolves.toBe(found)
  })

  test('still looks at copies and gives deletes their rows, once there are copies, and only then', async () => {
    const { walk } = stageOf({ cancelled: AbortSignal.abort(CANCELLED) })
    const deletion = async () => ({ deleted: 0, planned: 3 })
    const verification = {
      method: 'none',
      checked: 0,
      proven: NOT_PROVEN,
      mismatches: new Map(),
    } as const
    await expect(enter(walk, 'delete', deletion)).rejects.toBe(CANCELLED)
    await expect(enter(walk, 'verify', async () => verification)).rejects.toBe(CANCELLED)
    walk.record.entered.add('execute')
    await expect(enter(walk, 'delete', deletion)).resolves.toEqual({ deleted: 0, planned: 3 })
    await expect(enter(walk, 'verify', async () => verification)).resolves.toBe(verification)
    await expect(enter(walk, 'batch', () => never)).rejects.toBe(CANCELLED)
  })

  test.each([
    ['2.5 seconds', 0, 2500],
    ['what is left of 2.5 seconds', 1000, 1500],
    ['at least 0.7 seconds', 4100, 700],
  ])('leaves %s for looks at the copies', async (_time, cancelledForMs, leftMs) => {
    const run = new AbortController()
    const host = { cancelledForMs: () => cancelledForMs }
    const { walk, clock } = stageOf({ cancelled: run.signal, host })
    const [early, beganMs] = [hurried(walk), clock.now()]
    expect(early.aborted).toBe(false)
    run.abort(CANCELLED)
    const late = hurried(walk)
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
    const run = new AbortController()
    const work = orAborted(run.signal, never)
    run.abort(CANCELLED)
    await expect(work).rejects.toBe(CANCELLED)
  })
})
