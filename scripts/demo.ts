// Shows the action at work: `npm run demo` fills a source on a loopback S3, runs the built action as a runner does
// (dry run, for real, again), prints what a user would see, and fails unless the destination equals the source.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { marketArchive } from 's3-direct-sync-testkit/fixtures.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage } from 's3-direct-sync-testkit/stage.ts'

const OBJECTS = 3000
const folder = path.join(path.dirname(import.meta.dirname), '.demo')

await using stage = await openStage()
await using job = await openJob()
const { store } = stage.kit
for (const { key, sizeBytes, seed } of marketArchive(OBJECTS, { prefix: '' }))
  store.put('src', `data/spot/daily/klines/${key}`, {
    size: sizeBytes,
    seed,
    metadata: { origin: 'exchange' },
  })

/** One step of a workflow; all steps share a job, so the second finds s5cmd in the tool cache. */
const step = (
  title: string,
  number: number,
  inputs: Record<string, string>,
): Promise<StepResult> => {
  console.log(`\n━━━ ${title} ${'━'.repeat(Math.max(0, 76 - title.length))}\n`)
  return runAction({
    job,
    env: { ...stage.kit.idTokenEnv, GITHUB_ACTION: `demo_${number}` },
    timeoutMs: 300_000,
    inputs: {
      source: 's3://src/data/spot/daily/',
      destination: 's3://dst/mirror/spot/daily/',
      'role-to-assume': stage.roleArn,
      'endpoint-url': stage.kit.endpoint,
      'sts-endpoint': stage.kit.endpoint,
      'aws-region': 'us-east-1',
      ...inputs,
    },
  })
}

async function keep(run: StepResult, number: number): Promise<void> {
  const target = path.join(folder, `step-${number}`)
  await mkdir(target, { recursive: true })
  await cp(run.reportDir, target, { recursive: true })
  await writeFile(path.join(target, 'summary.md'), run.summary)
  await writeFile(path.join(target, 'log.txt'), run.log)
  console.log(run.log)
}

const demanded: readonly (readonly [string, string, Record<string, string>])[] = [
  ['1. A dry run: what would be copied?', 'planned', { 'dry-run': 'true' }],
  ['2. For real', 'success', {}],
  ['3. Again: a second run copies nothing', 'nothing-to-do', {}],
]

await rm(folder, { recursive: true, force: true })
let fine = true
for (const [i, [title, result, inputs]] of demanded.entries()) {
  const run = await step(title, i + 1, inputs)
  await keep(run, i + 1)
  if (run.outputs['result'] !== result) {
    fine = false
    console.error(`The result is ${run.outputs['result']}, not ${result}.`)
  }
  if (result === 'success')
    console.log(`─── The job summary of this step (Markdown)\n\n${run.summary}`)
}

const source = store.snapshot('src', 'data/spot/daily/')
const destination = store.snapshot('dst', 'mirror/spot/daily/')
const different = [...source].filter(
  ([key, facts]) => JSON.stringify(facts) !== JSON.stringify(destination.get(key)),
)
const equal = different.length === 0 && source.size === destination.size && source.size === OBJECTS
console.log(
  `Source: ${source.size} objects. Destination: ${destination.size} objects, ${different.length} of them different.`,
)
console.log(`Plans, results, reports, summaries and logs: ${folder}`)
process.exitCode = fine && equal ? 0 : 1
