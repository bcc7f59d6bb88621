// Shows the action at work: `npm run demo` fills buckets of an S3 on loopback and runs the built action on them as a
// runner does, step by step, from a dry run to drift. It prints what it does and how each step ended, keeps the job
// summaries as one page to look at, and fails unless every step ends as it should.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { marketArchive } from 's3-direct-sync-testkit/fixtures.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'

const OBJECTS = 1000
const SOURCE = 'data/spot/daily/'
const DESTINATION = 'mirror/spot/daily/'
const folder = path.join(path.dirname(import.meta.dirname), '.demo')

/** One step of a workflow. */
interface Scene {
  readonly title: string
  /** What somebody did before it, and what to look at. */
  readonly story: string
  readonly before?: () => void
  readonly inputs: Readonly<Record<string, string>>
  readonly result: string
}

await using stage = await openStage()
await using job = await openJob()
const { store, iam, issuer } = stage.kit

const archive = [...marketArchive(OBJECTS, { prefix: `${SOURCE}klines/`, maxBytes: 2_000_000 })]
const put = (bucket: string, key: string, sizeBytes: number): void =>
  void store.put(bucket, key, { size: sizeBytes, seed: sizeBytes })

const mirrored = (key: string): string => key.replace(SOURCE, DESTINATION)

/** May do everything but write the keys of one symbol. */
const narrowRole = iam.addRole({
  name: 'NoSolana',
  trust: trustGitHub(issuer, 'repo:o/r:*'),
  policies: [
    {
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        {
          Effect: 'Deny',
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::dst/${DESTINATION}klines/SOLUSDT/1d/new/*`,
        },
      ],
    },
  ],
})

const SCENES: readonly Scene[] = [
  {
    title: 'A dry run, with delete',
    story: `The source has ${OBJECTS} objects. The destination lacks a fifth of them, and has two more. Nothing is written.`,
    before: () => {
      for (const [at, { key, sizeBytes, seed }] of archive.entries()) {
        store.put('src', key, { size: sizeBytes, seed })
        if (at % 5 > 0) store.put('dst', mirrored(key), { size: sizeBytes, seed })
      }
      for (const name of ['2019-draft.zip', '2019-notes.txt']) put('dst', DESTINATION + name, 900)
    },
    inputs: { 'dry-run': 'true', delete: 'true' },
    result: 'planned',
  },
  {
    title: 'For real',
    story:
      'The same without dry-run: every copy is verified, and only then the two extras are deleted.',
    inputs: { delete: 'true' },
    result: 'success',
  },
  {
    title: 'Again',
    story: 'A second run finds that there is nothing to do.',
    inputs: { delete: 'true' },
    result: 'nothing-to-do',
  },
  {
    title: 'A key that may not be written',
    story:
      'Twenty new objects came, and the role of this step may not write three of them. Nothing is deleted.',
    before: () => {
      for (let day = 1; day <= 20; day++) {
        const symbol = day <= 3 ? 'SOLUSDT' : 'BTCUSDT'
        put('src', `${SOURCE}klines/${symbol}/1d/new/day-${day}.zip`, 40_000 + day)
      }
    },
    inputs: { delete: 'true', 'role-to-assume': narrowRole },
    result: 'partial',
  },
  {
    title: 'A delete that goes too far',
    story: 'Somebody removed half of the source. The run is refused before anything is written.',
    before: () => {
      for (const { key } of archive.filter((_, at) => at % 2 === 0)) store.delete('src', key)
    },
    inputs: { delete: 'true', 'max-delete': '100' },
    result: 'failed',
  },
  {
    title: 'Drift',
    story:
      'The source is whole again, but one object of the mirror was removed by hand. A check is red, and writes nothing.',
    before: () => {
      for (const { key, sizeBytes, seed } of archive)
        if (!store.keys('src').includes(key)) store.put('src', key, { size: sizeBytes, seed })
      store.delete('dst', mirrored(archive[7]?.key ?? ''))
    },
    inputs: { mode: 'check', delete: 'true' },
    result: 'drift',
  },
]

const runScene = (scene: Scene, number: number): Promise<StepResult> =>
  runAction({
    job,
    env: { ...stage.kit.idTokenEnv, GITHUB_ACTION: `demo_${number}` },
    timeoutMs: 300_000,
    inputs: {
      source: `s3://src/${SOURCE}`,
      destination: `s3://dst/${DESTINATION}`,
      'role-to-assume': stage.roleArn,
      'endpoint-url': stage.kit.endpoint,
      'sts-endpoint': stage.kit.endpoint,
      'aws-region': 'us-east-1',
      engine: 'direct',
      ...scene.inputs,
    },
  })

/** Keeps the files of a step, and gives the first line of its summary. */
async function keep(run: StepResult, number: number): Promise<string> {
  const target = path.join(folder, `step-${number}`)
  await mkdir(target, { recursive: true })
  await cp(run.reportDir, target, { recursive: true })
  await writeFile(path.join(target, 'summary.md'), run.summary)
  await writeFile(path.join(target, 'log.txt'), run.log)
  return /^## (.*)$/m.exec(run.summary)?.[1] ?? ''
}

/** The summaries as GitHub shows them, or nearly so. */
const page = (sections: readonly string[]): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>S3 Direct Sync: demo</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328 }
section { border: 1px solid #d1d9e0; border-radius: 6px; padding: 0 1.5rem 1rem; margin: 1rem 0 3rem }
table { border-collapse: collapse; display: block; overflow-x: auto } td, th { border: 1px solid #d1d9e0; padding: .3rem .8rem }
code { background: #eff1f3; border-radius: 4px; padding: .1em .3em; font-size: 85% }
blockquote { border-left: .25em solid #d1d9e0; margin: 0; padding: 0 1em; color: #59636e }
summary { cursor: pointer }
</style></head>
<body>
<h1>S3 Direct Sync: ${sections.length} steps of a workflow</h1>
<p>On an S3 server on this machine, so the times tell nothing of Amazon S3. Each box is the job summary of a step.</p>
${sections.join('\n')}
</body></html>
`

const html = (markdown: string): string =>
  micromark(markdown, {
    // The summaries are the action's own, which holds nothing of others' as HTML.
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  })

await rm(folder, { recursive: true, force: true })
await mkdir(folder)
console.log(
  `An S3 server on this machine, ${SCENES.length} steps of one job. Times tell nothing of Amazon S3.`,
)
const sections: string[] = []
let fine = true
for (const [at, scene] of SCENES.entries()) {
  const number = at + 1
  scene.before?.()
  console.log(`\n${number}. ${scene.title}\n   ${scene.story}`)
  const run = await runScene(scene, number)
  const headline = await keep(run, number)
  console.log(`   ${headline}  (result: ${run.outputs['result']}, exit ${run.exitCode})`)
  for (const { title } of run.annotations.errors) console.log(`   annotation: ${title}`)
  sections.push(
    `<h2>${number}. ${scene.title}</h2>\n<p>${scene.story}</p>\n<section>${html(run.summary)}</section>`,
  )
  if (run.outputs['result'] === scene.result) continue
  fine = false
  console.error(`The result is ${run.outputs['result']}, not ${scene.result}:\n${run.log}`)
}
await writeFile(path.join(folder, 'index.html'), page(sections))
console.log(`\nThe summaries to look at: ${path.join(folder, 'index.html')}`)
console.log(`Plans, results, reports and logs: ${path.join(folder, 'step-1')} …`)
process.exitCode = fine ? 0 : 1
