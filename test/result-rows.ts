import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import type { ResultRow } from '../src/model/outcome.ts'

/** The rows of a file of a run's report folder; none when it was not written. */
export async function rowsOf(
  { outputs }: Pick<StepResult, 'outputs'>,
  name: 'results' | 'failed',
): Promise<ResultRow[]> {
  const path = join(dirname(outputs['report-path'] ?? ''), `${name}.ndjson`)
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ResultRow)
}

/** Code of each failed or unknown row, by source key. */
export async function codesOf(run: Pick<StepResult, 'outputs'>): Promise<Record<string, string>> {
  const rows = await rowsOf(run, 'failed')
  return Object.fromEntries(rows.map(({ key, code = '' }) => [key, code]))
}
