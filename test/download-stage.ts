import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Step, StepResult } from 's3-direct-sync-testkit/runner.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { TestkitOptions } from 's3-direct-sync-testkit/testkit.ts'

/** A stage whose destination is a folder `out` of the runner, alone in a folder of its own. */
export interface DownloadStage extends AsyncDisposable {
  readonly stage: Stage
  readonly job: Job
  /** The folder around `out`: whatever else appears in it came out of `out`. */
  readonly around: string
  /** Absolute path of a file of the folder. */
  path(name?: string): string
  /** An object of the source. */
  put(key: string, body: string | Uint8Array): void
  /** A file of the folder. */
  write(name: string, content: string | Uint8Array): Promise<void>
  fetch(inputs?: Readonly<Record<string, string>>, step?: Partial<Step>): Promise<StepResult>
  /** The files below `out`, temporary ones and links included, in order. */
  names(): Promise<string[]>
  text(name: string): Promise<string>
}

/** Names of all that is no folder below one, `/` between them. */
export async function filesBelow(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}

/** Opens a stage, and a job for all of its runs. */
export async function openDownloadStage(options: TestkitOptions = {}): Promise<DownloadStage> {
  const [stage, job] = await Promise.all([openStage(options), openJob()])
  const around = await mkdtemp(path.join(os.tmpdir(), 'down-'))
  const at = (name = ''): string => path.join(around, 'out', name)
  return {
    stage,
    job,
    around,
    path: at,
    put: (key, body) => stage.kit.store.put('src', `data/${key}`, { body }),
    write: async (name, content) => {
      await mkdir(path.dirname(at(name)), { recursive: true })
      await writeFile(at(name), content)
    },
    fetch: (inputs = {}, step = {}) =>
      stage.run({ destination: at(), ...inputs }, { job, ...step }),
    names: () => filesBelow(at()),
    text: (name) => readFile(at(name), 'utf8'),
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]()
      await job[Symbol.asyncDispose]()
      await rm(around, { recursive: true, force: true })
    },
  }
}
