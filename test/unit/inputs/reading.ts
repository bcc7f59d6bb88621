import { readRequest } from '../../../src/inputs/inputs.ts'
import type { SyncRequest } from '../../../src/model/request.ts'
import { noFiles, scriptedHost } from '../../ports.ts'

type Texts = Readonly<Record<string, string>>

const PLACES = { source: 's3://src/a/', destination: 's3://dst/b/' }

/** The request that inputs make, for two places that are far from each other where none are given. */
export const read = (inputs: Texts, env: Texts = {}): Promise<SyncRequest> =>
  readRequest(
    scriptedHost({ inputs: { ...PLACES, ...inputs }, env: { RUNNER_TEMP: '/tmp', ...env } }),
    noFiles,
  )

/** The lines of a refusal, one for each problem; none when there is no refusal. */
export const problems = (inputs: Texts, env?: Texts): Promise<string[]> =>
  read(inputs, env).then(
    () => [],
    (error: unknown) =>
      [...(error as Error).message.matchAll(/^- (.+)$/gm)].map(([, at]) => at ?? ''),
  )
