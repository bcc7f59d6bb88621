import { expect, it } from 'vitest'
import { stopOf } from '../../../src/model/engine.ts'
import { watchResources } from '../../../src/transfer/resources.ts'
import { recordingLog } from '../../ports.ts'
import { playedTime } from '../flow/played-time.ts'

const GIB = 2 ** 30

/** Watches for so many looks, each with its parts of memory and disk in use. */
async function watch(looks: readonly (readonly [memory: number | undefined, disk: number])[]) {
  const clock = playedTime()
  const log = recordingLog()
  const look = () => looks[Math.min(Math.floor(clock.now() / 5000), looks.length - 1)] ?? [0, 0]
  let lowered = 0
  const stops: string[] = []
  const unwatch = watchResources({
    system: {
      totalMemoryBytes: () => 8 * GIB,
      availableMemoryBytes: () => {
        const [memory] = look()
        return memory === undefined ? undefined : (1 - memory) * 8 * GIB
      },
    },
    files: {
      diskSpace: async () => ({ freeBytes: (1 - look()[1]) * 100 * GIB, totalBytes: 100 * GIB }),
    },
    ...{ folder: '/tmp', clock, log, doing: 'copied' },
    lower: () => {
      lowered++
    },
    stop: ({ code, message }) => stops.push(`${code}: ${message}`),
  })
  await clock.play(clock.sleep(looks.length * 5000 - 1))
  unwatch()
  return { lowered, stops, lines: log.lines }
}

it('is quiet while there is room', async () => {
  expect(
    await watch([
      [0.85, 0.9],
      [0.5, 0.1],
    ]),
  ).toEqual({ lowered: 0, stops: [], lines: [] })
})

it('warns once of little memory, and lowers the load as long as it lasts', async () => {
  const { lowered, stops, lines } = await watch([
    [0.9, 0],
    [0.9, 0],
    [0.5, 0],
  ])
  expect(lowered).toBe(2)
  expect(stops).toEqual([])
  expect(lines).toEqual([
    'warn: 90% of the memory is in use: reducing the number of objects copied in parallel.',
  ])
})

it('warns once of a full disk', async () => {
  const { lowered, stops, lines } = await watch([
    [0, 0.99],
    [0, 0.99],
  ])
  expect(lowered).toBeGreaterThan(0)
  expect(stops).toEqual([])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('99% of the disk')
})

it('is quiet on a large disk that is nearly full, and where the system does not tell its memory', async () => {
  const { lowered, stops, lines } = await watch([
    [undefined, 0.95],
    [undefined, 0.97],
  ])
  expect({ lowered, stops, lines }).toEqual({ lowered: 0, stops: [], lines: [] })
})

it.each([
  [[0.98, 0], 'memory'],
  [[0, 0.9999], 'disk space'],
] as const)('ends the run in order when there is none left: %j', async (look, what) => {
  const { stops } = await watch([look])
  expect(stops).toEqual([
    `OutOfResources: The machine ran out of ${what} before this object was started.`,
  ])
})

it('what is not started then says why', () => {
  const signal = new AbortController().signal
  const why = { status: 'failed', code: 'OutOfResources', message: 'none left' } as const
  expect(stopOf({ signal, deadline: signal })).toBeUndefined()
  expect(stopOf({ signal, deadline: AbortSignal.abort(why) })).toBe(why)
  expect(stopOf({ signal, deadline: AbortSignal.abort(new Error('late')) })?.code).toBe(
    'MaxDuration',
  )
  expect(stopOf({ signal: AbortSignal.abort(), deadline: AbortSignal.abort(why) })?.code).toBe(
    'Cancelled',
  )
})
