import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { delay, type Fault, fail, loseReply } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import {
  earlyDeletes,
  type TimedRequest,
  type WavedCopy,
  watchOrder,
  waveBreaches,
} from 's3-direct-sync-testkit/wave-order.ts'
import { expect, it } from 'vitest'
import { type Random, randomOf } from '../../campaign/random.ts'
import type { CopyOp } from '../../src/model/op.ts'
import type { ResultRow } from '../../src/model/outcome.ts'
import { runs } from '../runs.ts'

const NAMES = ['eu', 'us', 'ap'] as const
const KEYS = ['a', 'b', 'index', 'x/c', 'x/last']
const WAVES = ['', 'index', '/x/\n---\nindex\n---\nlast']

type Name = (typeof NAMES)[number]

/** What may become of requests: for good, or for a while. */
const FAULTS: readonly { readonly fault: Fault; readonly times: number }[] = [
  { fault: fail(403, 'AccessDenied'), times: 99 },
  { fault: fail(400, 'InvalidRequest'), times: 99 },
  { fault: fail(500, 'InternalError'), times: 2 },
  { fault: fail(503, 'SlowDown'), times: 1 },
  { fault: loseReply, times: 1 },
  { fault: delay(100), times: 3 },
]

/** Fills both buckets, and plans what will break. */
function prepare({ kit: { store, faults } }: Stage, random: Random): void {
  for (const key of KEYS) store.put('src', `data/${key}`, { body: `body of ${key}` })
  for (const name of NAMES) {
    for (const key of random.sample(KEYS, random.int(0, 4)))
      store.put('dst', `${name}/${key}`, { body: `body of ${key}` })
    if (random.chance(0.7)) store.put('dst', `${name}/old`, { body: 'old' })
  }
  for (let left = random.int(1, 4); left > 0; left--) {
    const key = `${random.pick(NAMES)}/${random.pick(KEYS)}`
    faults.add({ match: { operation: 'CopyObject', key }, ...random.pick(FAULTS) })
  }
  // One of them that cannot be planned keeps all from writing.
  const folder = `${random.pick(NAMES)}/`
  if (random.chance(0.15))
    faults.add({
      match: ({ operation, query }) =>
        operation === 'ListObjectsV2' && query.get('prefix') === folder,
      fault: fail(403, 'AccessDenied'),
    })
}

/** Lines of a file of one transfer; none where there is none. */
async function linesOf<T>(step: StepResult, name: Name, file: string): Promise<readonly T[]> {
  const text = await readFile(join(step.reportDir, name, file), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** A copy of a transfer with its turn among those of all: by transfer, then by wave. */
interface Turn extends WavedCopy {
  readonly row: ResultRow | undefined
}

async function turnsOf(step: StepResult, name: Name): Promise<readonly Turn[]> {
  const lines = await linesOf<CopyOp>(step, name, 'plan.ndjson')
  const rows = await linesOf<ResultRow>(step, name, 'results.ndjson')
  return lines
    .filter(({ op }) => op === 'copy')
    .map(({ to, wave = 0 }) => {
      const row = rows.find((one) => one.to === to)
      const answerProves = row?.proof === 'etag'
      return { to, wave: 10 * NAMES.indexOf(name) + wave, answerProves, row }
    })
}

const isDelete = ({ operation }: TimedRequest): boolean => /^DeleteObjects?$/.test(operation)

/** Holds what the server saw and what the step tells against what a list of transfers promises. */
async function judge(step: StepResult, seen: readonly TimedRequest[]): Promise<void> {
  const { outputs } = step
  // Uploads that only show that one may write are begun before all copies, and no copy here needs one.
  const requests = seen.filter(({ operation }) => operation !== 'CreateMultipartUpload')
  const turns = (await Promise.all(NAMES.map((name) => turnsOf(step, name)))).flat()
  expect(waveBreaches(turns, requests)).toEqual([])
  expect(earlyDeletes(turns, requests)).toEqual([])
  // All are planned before the first of them writes.
  const writes = requests.findIndex(({ operation }) => operation === 'CopyObject')
  const lists = requests.findLastIndex(({ operation }) => operation === 'ListObjectsV2')
  if (writes >= 0) expect(lists).toBeLessThan(writes)
  const carried = turns.filter(({ row }) => row !== undefined)
  expect([0, turns.length]).toContain(carried.length)
  if (carried.length === 0 && outputs['result'] === 'failed') expect(writes).toBe(-1)
  const undone = carried.filter(({ row }) => row?.status !== 'done')
  if (undone.length > 0) expect(requests.some(isDelete)).toBe(false)
  const failed = undone.filter(({ row }) => row?.code !== 'HeldBack')
  const first = Math.min(...failed.map(({ wave }) => wave))
  for (const { wave, row } of carried)
    if (wave > first) expect(row).toMatchObject({ code: 'HeldBack', attempts: 0 })
    else expect(row?.code).not.toBe('HeldBack')
  const told: readonly Record<string, number>[] = JSON.parse(outputs['transfers'] ?? '')
  for (const name of ['planned-copies', 'copied', 'deleted', 'failed', 'unknown', 'skipped'])
    expect(String(told.reduce((sum, one) => sum + (one[name] ?? 0), 0))).toBe(outputs[name])
  expect(Number(outputs['copied'])).toBe(carried.length - undone.length)
}

const seeds = Array.from({ length: runs(10).numRuns }, (_, at) => at + 1)

it.each(seeds)('transfers keep their order whatever breaks (seed %i)', async (seed) => {
  const random = randomOf(seed)
  await using stage = await openStage()
  prepare(stage, random)
  const inputs = {
    destination: '',
    transfers: NAMES.map((name) => `- { name: ${name}, destination: s3://dst/${name}/ }`).join(
      '\n',
    ),
    waves: random.pick(WAVES),
    engine: random.pick(['direct', 's5cmd']),
    delete: 'true',
    'max-delete': '100%',
    'max-retries': String(random.int(0, 2)),
    'retry-count': '0',
  }
  const requests = watchOrder(stage.kit.faults, 'dst')
  await using step = await stage.run(inputs)
  await judge(step, requests)
  stage.kit.faults.clear()
  await using next = await stage.run(inputs)
  expect(next.exitCode, next.log).toBe(0)
  for (const name of NAMES)
    expect(stage.kit.store.keys('dst', `${name}/`)).toEqual(KEYS.map((key) => `${name}/${key}`))
})
