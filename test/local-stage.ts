import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { RequestInfo } from 's3-direct-sync-testkit/faults.ts'
import type { Step, StepResult } from 's3-direct-sync-testkit/runner.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { TestkitOptions } from 's3-direct-sync-testkit/testkit.ts'

/** A stage whose source is a folder `site`, of one job's workspace or beside it. */
export interface LocalStage extends AsyncDisposable {
  readonly stage: Stage
  readonly job: Job
  /** Absolute path of a file of the folder. */
  path(name?: string): string
  put(name: string, content: string | Uint8Array): Promise<void>
  publish(inputs?: Readonly<Record<string, string>>, step?: Partial<Step>): Promise<StepResult>
  /** Keys at the destination, below `copy/`. */
  keys(): string[]
  facts(name: string): ReturnType<Stage['kit']['store']['facts']>
  text(name: string): string | undefined
  /** What the server was sent of an operation. */
  requests(operation: string): readonly RequestInfo[]
}

/** Lines of a file of the run. */
export const linesOf = async (file: string | undefined): Promise<Record<string, unknown>[]> =>
  (await readFile(file ?? '', 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

/**
 * Opens a stage, and a job for all of its runs. `where`: beside the job, what a test writes while a step runs is not taken
 * for the step's work.
 */
export async function openLocalStage(
  where: 'workspace' | 'beside' = 'workspace',
  options: TestkitOptions = {},
): Promise<LocalStage> {
  const [stage, job] = await Promise.all([openStage(options), openJob()])
  const folder =
    where === 'workspace' ? job.workspace : await mkdtemp(path.join(os.tmpdir(), 'local-'))
  const seen: RequestInfo[] = []
  stage.kit.faults.add({
    match: ({ method }) => method === 'PUT' || method === 'POST',
    fault: (request, next) => {
      seen.push(request)
      return next()
    },
  })
  const { store } = stage.kit
  const at = (name = ''): string => path.join(folder, 'site', name)
  return {
    stage,
    job,
    path: at,
    put: async (name, content) => {
      await mkdir(path.dirname(at(name)), { recursive: true })
      await writeFile(at(name), content)
    },
    publish: (inputs = {}, step = {}) =>
      stage.run({ source: where === 'workspace' ? './site' : at(), ...inputs }, { job, ...step }),
    keys: () => store.keys('dst', 'copy/').map((key) => key.slice('copy/'.length)),
    facts: (name) => store.facts('dst', `copy/${name}`),
    text: (name) => store.bytes('dst', `copy/${name}`)?.toString(),
    requests: (operation) => seen.filter((request) => request.operation === operation),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]()
      await job[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
