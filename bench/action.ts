import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { mergeInputs, readManifest } from 's3-direct-sync-testkit/runner-action.ts'
import { type Job, jobEnvironment } from 's3-direct-sync-testkit/runner-job.ts'
import { type Measured, measure, type Program } from './measured.ts'

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

/** The built action as a step of a job, and where its outputs will stand. */
export async function actionProgram(
  job: Job,
  inputs: Readonly<Record<string, string>>,
  { env: more = {}, build }: Setting = {},
): Promise<{ readonly program: Program; readonly outputs: string }> {
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
  const program = { command: process.execPath, args: [build ?? manifest.main], env }
  return { program, outputs: path.join(files, 'OUTPUT') }
}

/** Measures the built action as a step of a job, from start to exit. */
export async function measureAction(
  job: Job,
  inputs: Readonly<Record<string, string>>,
  setting: Setting = {},
): Promise<MeasuredAction> {
  const { program, outputs: file } = await actionProgram(job, inputs, setting)
  const measured = await measure(program)
  const outputs = await readFile(file, 'utf8')
  const output = (name: string) =>
    new RegExp(`^${name}<<(.*)\\n([^]*?)\\n\\1$`, 'm').exec(outputs)?.[2]
  return { ...measured, output }
}
