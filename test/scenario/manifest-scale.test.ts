import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runs } from '../runs.ts'

const MILLION = 1_000_000
const name = (at: number): string => `key-${String(at).padStart(7, '0')}`
const ETAG = '0123456789abcdef0123456789abcdef'

let stage: Stage
let folder: string

beforeAll(async () => {
  stage = await openStage()
  folder = await mkdtemp(join(tmpdir(), 'manifest-'))
  for (let at = 0; at < MILLION; at++)
    stage.kit.store.put('src', `data/${name(at)}`, { size: 1, etag: ETAG, lastModifiedMs: 0 })
}, 120_000)
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  for (const key of stage.kit.store.keys('dst')) stage.kit.store.delete('dst', key)
  stage.kit.counters.reset()
})

const list = async (keys: readonly string[]): Promise<string> => {
  const path = join(folder, 'list.txt')
  await writeFile(path, keys.join('\n'))
  return path
}
const asked = (...operations: readonly string[]): number =>
  operations.reduce((sum, operation) => sum + stage.kit.counters.of(operation), 0)
const lists = () => asked('ListObjectsV2')
describe('of a bucket with a million keys', () => {
  /** Copies of s5cmd are proven by one request each; where the destination has little, one shows all of it. */
  it.each([
    { engine: 'direct', standing: 5000 },
    { engine: 's5cmd', standing: 0 },
  ])(
    'a thousand rows take two requests each and one for each copy, and no listing of everything ($engine)',
    async ({ engine, standing }) => {
      for (let at = 0; at < standing; at++)
        stage.kit.store.put('dst', `copy/other-${at}`, { size: 1, etag: ETAG })
      const manifest = await list(Array.from({ length: 1000 }, (_, at) => name(at * 997)))
      await using run = await stage.run({ manifest, engine })
      expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1000' })
      expect(asked('CopyObject')).toBe(1000)
      expect(lists()).toBeLessThan(10)
      expect(stage.kit.counters.total()).toBeLessThanOrEqual(2100 + 1000)
    },
  )

  it('more than a thousand copies by s5cmd are verified without a listing of what lies between them', async () => {
    for (let at = 0; at < 100_000; at++)
      stage.kit.store.put('dst', `copy/${name(at)}-other`, { size: 1, etag: ETAG })
    const manifest = await list(Array.from({ length: 1001 }, (_, at) => name(at * 99)))
    await using run = await stage.run({ manifest, engine: 's5cmd' })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1001' })
    expect(run.summary).toContain('1,001 objects copied (1.0 kB), verified')
    expect(lists()).toBeLessThan(30)
  })

  it('rows that lie close together are listed, and nothing behind them', async () => {
    const manifest = await list(Array.from({ length: 20_000 }, (_, at) => name(500_000 + at)))
    await using run = await stage.run({ manifest, mode: 'plan' })
    expect(run.outputs, run.log).toMatchObject({ result: 'planned', 'planned-copies': '20000' })
    expect(lists()).toBeLessThan(60)
    expect(asked('HeadObject')).toBeLessThan(10)
  })

  it('rows that lie far apart are asked for one by one, which is cheaper than to list', async () => {
    const manifest = await list(Array.from({ length: 5000 }, (_, at) => name(at * 199)))
    await using run = await stage.run({ manifest, mode: 'plan' })
    expect(run.outputs, run.log).toMatchObject({ result: 'planned', 'planned-copies': '5000' })
    expect(lists()).toBeLessThan(100)
    expect(asked('HeadObject')).toBeLessThanOrEqual(5000)
  })
})

describe.each(['direct', 's5cmd'])(
  'of a hundred thousand rows a hundred are missing (%s)',
  (engine) => {
    const keys = Array.from({ length: 100_000 }, (_, at) =>
      at % 1000 === 7 ? `gone-${name(at)}` : name(at),
    )
    const [gone, there] = [
      keys.filter((key) => key.startsWith('gone')),
      keys.filter((key) => !key.startsWith('gone')),
    ]

    it('with fail nothing is written, and all hundred are named', async () => {
      await using run = await stage.run({ manifest: await list(keys), engine })
      expect(run.outputs, run.log).toMatchObject({
        result: 'failed',
        'failure-kind': 'guard',
        failed: '100',
        'manifest-rows': '100000',
      })
      expect(stage.kit.store.keys('dst')).toEqual([])
      expect(asked('CopyObject', 'PutObject', 'CreateMultipartUpload')).toBe(0)
      const rows = (await readFile(run.outputs['failed-path'] ?? '', 'utf8')).trimEnd().split('\n')
      const named = rows.map((row) => JSON.parse(row).key as string).sort()
      expect(named).toEqual(gone.map((key) => `data/${key}`).sort())
    }, 120_000)

    it('with skip all others are done', async () => {
      // Most of them stand there already, in every run of the tests.
      const { numRuns: copies } = runs(500)
      for (const key of there.slice(copies))
        stage.kit.store.put('dst', `copy/${key}`, { size: 1, etag: ETAG, lastModifiedMs: 1000 })
      const copied = Math.min(copies, there.length)
      const manifest = await list(keys)
      await using run = await stage.run(
        { manifest, 'manifest-missing': 'skip', engine },
        { timeoutMs: 900_000 },
      )
      expect(run.outputs, run.log).toMatchObject({
        result: 'success',
        copied: `${copied}`,
        skipped: `${keys.length - copied}`,
        failed: '0',
      })
      const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
      expect(report.reasons['not-in-source']).toMatchObject({ objects: 100 })
      expect(stage.kit.store.keys('dst')).toEqual(there.map((key) => `copy/${key}`))
    }, 1_000_000)
  },
)
