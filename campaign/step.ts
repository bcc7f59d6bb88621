import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fault, RequestInfo } from 's3-direct-sync-testkit/faults.ts'
import { runPost, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import type { Job } from 's3-direct-sync-testkit/runner-job.ts'
import type { FirstSignal } from 's3-direct-sync-testkit/runner-process.ts'
import type { Stage } from 's3-direct-sync-testkit/stage.ts'
import type { ObjectStore } from 's3-direct-sync-testkit/store.ts'
import { type TimedRequest, watchOrder } from 's3-direct-sync-testkit/wave-order.ts'
import type { CopyOp, DeleteOp } from '../src/model/op.ts'
import type { ResultRow } from '../src/model/outcome.ts'
import type { Report } from '../src/model/report.ts'
import { isWrite, passes } from './passes.ts'
import type { Schedule } from './schedule.ts'
import type { Held, World } from './world.ts'

/** What somebody else did during the run with faults; without facts the object was deleted. */
export interface Act {
  readonly bucket: 'src' | 'dst'
  readonly key: string
  readonly held: Held | undefined
}

export type StepName = 'plan' | 'under faults' | 'second' | 'third'

/** What one step of the action did, as seen from outside. */
export interface Seen {
  readonly name: StepName
  /** The input; '' is a sync. */
  readonly mode: string
  readonly result: Pick<
    StepResult,
    | 'exitCode'
    | 'signal'
    | 'exitedWithinMs'
    | 'timedOut'
    | 'leftovers'
    | 'outputs'
    | 'state'
    | 'summary'
    | 'annotations'
    | 'commands'
    | 'commandProblems'
  >
  /** stdout and stderr as they were printed, of the post step as well. */
  readonly printed: string
  /** Texts of the files that it left, by name. */
  readonly files: ReadonlyMap<string, string>
  /** Undefined where no complete plan was written. */
  readonly plan: readonly (CopyOp | DeleteOp)[] | undefined
  readonly report: Report | undefined
  readonly results: readonly ResultRow[] | undefined
  readonly failed: readonly ResultRow[] | undefined
  readonly before: World
  readonly after: World
  /** Requests to write or delete an object. */
  readonly writes: number
  /** Requests to the destination that the server carried out, in their order. */
  readonly requests: readonly TimedRequest[]
}

/** A schedule that was played: everything that the judge looks at. */
export interface Played {
  readonly schedule: Schedule
  readonly steps: readonly Seen[]
  readonly acts: readonly Act[]
  /** How often each fault of the schedule struck. */
  readonly struck: readonly number[]
  /** Whether somebody cancelled who would not wait for a fault any longer, be it that it never struck. */
  readonly lostPatience: boolean
  readonly secrets: readonly string[]
  /** Unfinished multipart uploads in the end. */
  readonly uploadsLeft: number
  readonly seconds: number
}

function heldIn(store: ObjectStore, bucket: string): Map<string, Held> {
  const held = new Map<string, Held>()
  for (const [key, facts] of store.snapshot(bucket))
    held.set(key, {
      ...facts,
      modifiedMs: store.lastModifiedMs(bucket, key) ?? 0,
      whole: store.wholeChecksums(bucket, key),
    })
  return held
}

const worldOf = (store: ObjectStore): World => ({
  src: heldIn(store, 'src'),
  dst: heldIn(store, 'dst'),
})

const SECRET_FIELDS = /<(SecretAccessKey|SessionToken)>([^<]+)</g

/** Remembers what STS hands out and what it is shown, and counts the writes. */
function recorder(secrets: Set<string>, count: (request: RequestInfo) => void): Fault {
  return async (request, next) => {
    count(request)
    const token = request.form.get('WebIdentityToken')
    if (token !== undefined) secrets.add(token)
    const reply = await next()
    if (request.service === 'sts' && typeof reply.body === 'string')
      for (const [, , secret = ''] of reply.body.matchAll(SECRET_FIELDS)) secrets.add(secret)
    return reply
  }
}

async function filesUnder(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, string>()
  for (const entry of names.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1), await readFile(path, 'utf8'))
  }
  return files
}

function rowsOf<T>(text: string | undefined): T[] | undefined {
  return text
    ?.split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}

/** The last line of a file of a killed process may be cut. */
function parsed<T>(read: () => T | undefined): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

type PlanLine = CopyOp | DeleteOp | { readonly trailer: true } | { readonly schema: string }

function planOf(text: string | undefined): (CopyOp | DeleteOp)[] | undefined {
  const lines = parsed(() => rowsOf<PlanLine>(text))
  if (!lines?.some((line) => 'trailer' in line)) return undefined
  return lines.filter((line) => 'op' in line)
}

/** Where the steps of a schedule are played. */
export interface Theatre {
  readonly schedule: Schedule
  readonly stage: Stage
  readonly job: Job
  readonly inputs: Readonly<Record<string, string>>
  readonly secrets: Set<string>
}

/** One step of them. */
export interface StepSpec {
  readonly name: StepName
  readonly inputs: Readonly<Record<string, string>>
  /** Variables over the usual ones. */
  readonly env?: Readonly<Record<string, string>>
  readonly endedBy?: Promise<FirstSignal>
}

/** Runs the action once, and its post step where faults may have left it something, and looks at everything before and after. */
export async function perform(
  theatre: Theatre,
  { name, inputs, env = {}, endedBy }: StepSpec,
): Promise<Seen> {
  const { stage, job, secrets } = theatre
  const { store, faults } = stage.kit
  let writes = 0
  const count = (request: RequestInfo) => {
    if (isWrite(request) && request.operation !== 'CreateMultipartUpload') writes++
    if (passes('DELETE', request)) writes++
  }
  faults.add({ match: () => true, fault: recorder(secrets, count) })
  const requests = watchOrder(faults, 'dst')
  const before = worldOf(store)
  const all = { ...theatre.inputs, ...inputs }
  const result = await stage.run(all, {
    ...{ job, timeoutMs: 50_000, env: { ...stage.kit.idTokenEnv, ...env } },
    ...(endedBy ? { endedBy } : {}),
  })
  const post = name === 'under faults' ? await runPost(result) : { stdout: '', stderr: '' }
  const files = await filesUnder(all['report-dir'] ?? '')
  const folder = theatre.schedule.beside === undefined ? '' : 'own/'
  const planName = `${folder}${all['mode'] === 'execute' ? 'carried' : 'plan'}.ndjson`
  const rows = (file: string) => parsed(() => rowsOf<ResultRow>(files.get(folder + file)))
  return {
    name,
    mode: all['mode'] ?? '',
    result,
    printed: [result.stdout, result.stderr, post.stdout, post.stderr].join('\n'),
    files: new Map([...files, ['outputs', JSON.stringify(result.outputs)]]),
    plan: planOf(files.get(planName)),
    report: parsed(() => JSON.parse(files.get('report.json') ?? '') as Report),
    results: rows('results.ndjson'),
    failed: rows('failed.ndjson'),
    before,
    after: worldOf(store),
    writes,
    requests,
  }
}
