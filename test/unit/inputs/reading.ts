import { readStep } from '../../../src/inputs/inputs.ts'
import type { StepRequest, SyncRequest } from '../../../src/model/request.ts'
import { noFiles, scriptedHost } from '../../ports.ts'

type Texts = Readonly<Record<string, string>>

const PLACES = { source: 's3://src/a/', destination: 's3://dst/b/' }

/** What is asked of the only transfer of a step. */
export const readRequest = async (...doors: Parameters<typeof readStep>): Promise<SyncRequest> =>
  (await readStep(...doors)).transfers[0]

/** The step that inputs make, for two places that are far from each other where none are given. */
export const readAll = (inputs: Texts, env: Texts = {}): Promise<StepRequest> =>
  readStep(
    scriptedHost({
      inputs: { ...('transfers' in inputs ? {} : PLACES), ...inputs },
      env: { RUNNER_TEMP: '/tmp', ...env },
    }),
    noFiles,
  )

/** The first transfer of it, or the only one. */
export const read = async (inputs: Texts, env: Texts = {}): Promise<SyncRequest> =>
  (await readAll(inputs, env)).transfers[0]

/** The lines of a refusal, one for each problem; none when there is no refusal. */
export const problems = (inputs: Texts, env?: Texts): Promise<string[]> =>
  read(inputs, env).then(
    () => [],
    (error: unknown) =>
      [...(error as Error).message.matchAll(/^- (.+)$/gm)].map(([, at]) => at ?? ''),
  )
