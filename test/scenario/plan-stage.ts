import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { ObjectStore } from 's3-direct-sync-testkit/store.ts'
import { expect } from 'vitest'

/** A line of a plan file, as somebody may write it. */
export type Line = Readonly<Record<string, unknown>>
type Inputs = Readonly<Record<string, string>>

/** The text of a plan with these lines before its trailer, which is made to fit them. */
function withTrailer(lines: readonly Line[], trailer: Line): string {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const tally = (field: string, value: unknown) => {
    const ops = lines.filter((line) => line[field] === value)
    return { objects: ops.length, bytes: ops.reduce((sum, { size }) => sum + Number(size), 0) }
  }
  const reasons = new Set(lines.flatMap(({ reason }) => (reason ? [`${reason}`] : [])))
  const fitting = {
    reasons: Object.fromEntries([...reasons].map((reason) => [reason, tally('reason', reason)])),
    copies: tally('op', 'copy'),
    deletes: tally('op', 'delete'),
    digest: createHash('sha256').update(text).digest('hex'),
  }
  return `${text}${JSON.stringify({ ...trailer, ...fitting })}\n`
}

/** Changes the lines of a plan file; the trailer is made to fit, as somebody would who means harm. */
export async function forge(
  path: string,
  change: (lines: readonly Line[]) => readonly Line[],
): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const read = lines.map((line): Line => JSON.parse(line))
  await writeFile(path, withTrailer(change(read.slice(0, -1)), read.at(-1) ?? {}))
}

/** A stage on which one job plans, and another one carries the plan out. */
export interface PlanStage extends AsyncDisposable {
  readonly stage: Stage
  readonly planFile: string
  /** Puts objects: `seconds` ago, or now. */
  put(bucket: 'src' | 'dst', objects: Inputs, secondsAgo?: number): void
  /** Plans, and hands the plan over as another job would find it. */
  plan(inputs?: Inputs): Promise<void>
  execute(inputs?: Inputs): Promise<StepResult>
  /** Makes both places and the plan again what they were when it was made, for another test of that plan. */
  rewind(): Promise<void>
  /** Bodies at the destination by key. */
  held(): Inputs
  /** The rows of the run that did not end well: `kind key code`. */
  failed(run: StepResult): Promise<readonly string[]>
  /** Requests that write or delete objects so far. */
  writes(): number
}

const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'UploadPart']

const BUCKETS = ['src', 'dst']

/** An object as it was when the plan was made. */
interface Held {
  readonly bucket: string
  readonly key: string
  readonly body: Buffer | string
  readonly lastModifiedMs: number
}

const heldIn = (store: ObjectStore, bucket: string): Held[] =>
  store.keys(bucket).map((key) => ({
    bucket,
    key,
    body: store.bytes(bucket, key) ?? '',
    lastModifiedMs: store.lastModifiedMs(bucket, key) ?? 0,
  }))

/** Opens it; the inputs are those of both jobs. */
export async function openPlanStage(both: Inputs): Promise<PlanStage> {
  const stage = await openStage()
  const { store, counters } = stage.kit
  const folder = await mkdtemp(join(tmpdir(), 'plan-'))
  const planFile = join(folder, 'plan.ndjson')
  const planned = { text: '', objects: [] as readonly Held[] }
  return {
    stage,
    planFile,
    put: (bucket, objects, secondsAgo = 0) => {
      const lastModifiedMs = Date.now() - secondsAgo * 1000
      for (const [key, body] of Object.entries(objects))
        store.put(bucket, key, { body, lastModifiedMs })
    },
    plan: async (inputs = {}) => {
      await using run = await stage.run({ ...both, ...inputs, mode: 'plan' })
      expect(run.exitCode).toBe(0)
      planned.text = await readFile(run.outputs['plan-path'] ?? '', 'utf8')
      planned.objects = BUCKETS.flatMap((bucket) => heldIn(store, bucket))
      await writeFile(planFile, planned.text)
    },
    rewind: async () => {
      for (const bucket of BUCKETS) for (const key of store.keys(bucket)) store.delete(bucket, key)
      for (const { bucket, key, ...spec } of planned.objects) store.put(bucket, key, spec)
      stage.kit.faults.clear()
      counters.reset()
      await rm(folder, { recursive: true })
      await mkdir(folder)
      await writeFile(planFile, planned.text)
    },
    execute: (inputs = {}) =>
      stage.run({ ...both, mode: 'execute', 'plan-dir': folder, ...inputs }),
    held: () =>
      Object.fromEntries(
        store.keys('dst').map((key) => [key, store.bytes('dst', key)?.toString() ?? '']),
      ),
    failed: async (run) => {
      const text = await readFile(run.outputs['failed-path'] ?? '', 'utf8')
      const rows = text
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '')
      return rows
        .map((line) => JSON.parse(line))
        .map(({ op, key, code }) => `${op} ${key} ${code}`)
        .sort()
    },
    writes: () => WRITES.reduce((sum, name) => sum + counters.of(name), 0),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
