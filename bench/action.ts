import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { mergeInputs, readManifest } from 's3-direct-sync-testkit/runner-action.ts'
import { type Job, jobEnvironment } from 's3-direct-sync-testkit/runner-job.ts'
import { type Measured, measure } from './measured.ts'

const ACTION = path.join(path.dirname(import.meta.dirname), 'action.yml')
const FILES = ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH']

/** What a run of the built action took, and its outputs by name. */
export interface MeasuredAction extends Measured {
  output(name: string): string | undefined
}

/** What a run is measured with beside its inputs. */
interface Setting {
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Another build than `dist/index.js`. */
  readonly build?: string | undefined
}

/** Measures the built action as a step of a job, from start to exit. */
export async function measureAction(
  job: Job,
  inputs: Readonly<Record<string, string>>,
  { env: more = {}, build }: Setting = {},
): Promise<MeasuredAction> {
  const manifest = await readManifest(ACTION)
  const files = path.join(job.runnerTemp, 'files')
  await mkdir(files, { recursive: true })
  const env: Record<string, string> = {
    ...jobEnvironment(job),
    ...mergeInputs(inputs, manifest).env,
    ...more,
  }
  for (const name of FILES) {
    env[`GITHUB_${name}`] = path.join(files, name)
    await writeFile(path.join(files, name), '')
  }
  const measured = await measure({ command: process.execPath, args: [build ?? manifest.main], env })
  const outputs = await readFile(path.join(files, 'OUTPUT'), 'utf8')
  const output = (name: string) =>
    new RegExp(`^${name}<<(.*)\\n([^]*?)\\n\\1$`, 'm').exec(outputs)?.[2]
  return { ...measured, output }
}
