import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { TestkitOptions } from 's3-direct-sync-testkit/testkit.ts'
import { expect } from 'vitest'

type Inputs = Readonly<Record<string, string>>

/** A stage on which one job plans, several carry out a part each, and a last one ends it. */
export interface ShardStage extends AsyncDisposable {
  readonly stage: Stage
  /** Where the plan in parts lies, as the other jobs find it. */
  readonly planDir: string
  /** Where a folder of each shard lies, as the last job finds it. */
  readonly shardsDir: string
  /** Of the last plan. */
  readonly planId: () => string
  readonly count: () => number
  put(bucket: 'src' | 'dst', objects: Inputs, secondsAgo?: number): void
  /** Plans into parts, and hands them over. */
  plan(shard: string, inputs?: Inputs): Promise<void>
  /** Carries out one part; what it leaves is handed over. */
  execute(number: number, inputs?: Inputs): Promise<StepResult>
  /** Carries out all parts. */
  executeAll(inputs?: Inputs): Promise<void>
  finish(inputs?: Inputs): Promise<StepResult>
  /** Bodies at the destination by key. */
  held(): Inputs
  /** Requests that write or delete objects so far. */
  writes(): number
}

const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'UploadPart']

/** Opens it; the inputs and the variables are those of all jobs. */
export async function openShardStage(
  both: Inputs = {},
  options: TestkitOptions = {},
  variables: Inputs = {},
): Promise<ShardStage> {
  const stage = await openStage(options)
  const { store, counters } = stage.kit
  const run = (inputs: Inputs): Promise<StepResult> =>
    stage.run({ ...both, ...inputs }, { env: { ...stage.kit.idTokenEnv, ...variables } })
  const folder = await mkdtemp(join(tmpdir(), 'shards-'))
  const planDir = join(folder, 'plan')
  const shardsDir = join(folder, 'shards')
  const planned = { id: '', count: 0 }
  const execute = async (number: number, inputs: Inputs = {}): Promise<StepResult> => {
    const ran = await run({
      mode: 'execute',
      'plan-dir': planDir,
      shard: `${number}/${planned.count}`,
      ...inputs,
    })
    const left = join(shardsDir, `s3-shard-${number}`)
    await rm(left, { recursive: true, force: true })
    // Who refused its inputs has none.
    const { 'report-dir': reportDir } = ran.outputs
    if (reportDir) await cp(reportDir, left, { recursive: true })
    return ran
  }
  return {
    stage,
    planDir,
    shardsDir,
    planId: () => planned.id,
    count: () => planned.count,
    put: (bucket, objects, secondsAgo = 0) => {
      const lastModifiedMs = Date.now() - secondsAgo * 1000
      for (const [key, body] of Object.entries(objects))
        store.put(bucket, key, { body, lastModifiedMs })
    },
    plan: async (shard, inputs = {}) => {
      await using ran = await run({ ...inputs, mode: 'plan', shard })
      expect(ran.exitCode, ran.stdout).toBe(0)
      planned.id = ran.outputs['plan-id'] ?? ''
      planned.count = Number(ran.outputs['shard-count'])
      expect(JSON.parse(ran.outputs['shards'] ?? '')).toEqual(
        Array.from({ length: planned.count }, (_, at) => at + 1),
      )
      await rm(planDir, { recursive: true, force: true })
      await rm(shardsDir, { recursive: true, force: true })
      await cp(join(ran.outputs['report-dir'] ?? '', 'plan'), planDir, { recursive: true })
    },
    execute,
    executeAll: async (inputs = {}) => {
      for (let number = 1; number <= planned.count; number++) {
        await using ran = await execute(number, inputs)
        expect(ran.outputs['result'], ran.stdout).toMatch(/^(success|nothing-to-do)$/)
      }
    },
    finish: (inputs = {}) =>
      run({
        mode: 'finish',
        'plan-dir': planDir,
        'shards-dir': shardsDir,
        ...inputs,
      }),
    held: () =>
      Object.fromEntries(
        store.keys('dst').map((key) => [key, store.bytes('dst', key)?.toString() ?? '']),
      ),
    writes: () => WRITES.reduce((sum, name) => sum + counters.of(name), 0),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** The rows of a run by key: `op status code`. */
export async function rowsOf(run: StepResult): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(run.outputs['report-dir'] ?? '', 'results.ndjson'), 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const { op, key, to = key, status, code } = JSON.parse(line)
      return [to, [op, status, code].filter(Boolean).join(' ')]
    }),
  )
}
