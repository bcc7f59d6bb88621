// Shows the action at work: `npm run demo` fills buckets of a local S3 server and runs the built action on them as a
// runner does, step by step, from a dry run to a published folder. It prints what it does and how each step ended, keeps
// the job summaries as one page to look at, and fails unless every step ends as it should.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { md5Of, syntheticBody } from 's3-direct-sync-testkit/body.ts'
import { marketArchive } from 's3-direct-sync-testkit/fixtures.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { demoPage, htmlOf } from './demo-page.ts'

const OBJECTS = 1000
const SOURCE = 'data/spot/daily/'
const DESTINATION = 'mirror/spot/daily/'
const folder = path.join(path.dirname(import.meta.dirname), '.demo')

/** One step of a workflow. */
interface Scene {
  readonly title: string
  /** What somebody did before it, and what to look at. */
  readonly story: string
  readonly before?: () => void | Promise<void>
  readonly inputs: Readonly<Record<string, string>>
  readonly result: string
  /** Objects it copies or uploads, where the story tells a number. */
  readonly copied?: number
}

await using stage = await openStage()
await using job = await openJob()
const { store, iam, issuer } = stage.kit

// The MD5s of a gigabyte are made once, so that no step waits for them.
const archive = [
  ...marketArchive(OBJECTS, { prefix: `${SOURCE}klines/`, maxBytes: 2_000_000 }),
].map(({ key, sizeBytes, seed }) => ({
  key,
  spec: { size: sizeBytes, seed, etag: md5Of(syntheticBody(sizeBytes, seed)) },
}))
const put = (bucket: string, key: string, sizeBytes: number): void =>
  void store.put(bucket, key, { size: sizeBytes, seed: sizeBytes })

const mirrored = (key: string): string => key.replace(SOURCE, DESTINATION)

const ASSETS = 40

/** Writes what a build makes: the same bytes each time, with new times. */
async function build(): Promise<void> {
  const page = (title: string): string =>
    `<!doctype html><title>${title}</title><script src="/assets/app-0.js"></script>\n`
  const assets = Array.from({ length: ASSETS }, (_, at) => [
    `assets/app-${at}.js`,
    `export const part = ${at}\n`.repeat(2_000),
  ])
  const files = [...assets, ['index.html', page('Home')], ['about/index.html', page('About')]]
  for (const [name = '', text = ''] of files) {
    const file = path.join(job.workspace, 'site', name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

const PUBLISH = {
  source: './site',
  destination: 's3://www/',
  waves: 'website',
  headers: "- { files: ['*.html'], cache-control: no-cache }",
}

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
    story: `The source has ${OBJECTS.toLocaleString('en')} objects. The destination lacks a fifth of them, and has two others. Nothing is written.`,
    before: () => {
      for (const [at, { key, spec }] of archive.entries()) {
        store.put('src', key, spec)
        if (at % 5 > 0) store.put('dst', mirrored(key), spec)
      }
      for (const name of ['2019-draft.zip', '2019-notes.txt']) put('dst', DESTINATION + name, 900)
    },
    inputs: { 'dry-run': 'true', delete: 'true' },
    result: 'planned',
  },
  {
    title: 'The real run',
    story:
      'The same without dry-run: every copy is verified, and only then are the two extra objects deleted.',
    inputs: { delete: 'true' },
    result: 'success',
  },
  {
    title: 'The same again',
    story: 'A second run finds that there is nothing to do.',
    inputs: { delete: 'true' },
    result: 'nothing-to-do',
  },
  {
    title: 'A key that the role must not write',
    story:
      'There are twenty new objects, and the role of this step is not allowed to write three of them. Nothing is deleted.',
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
    title: 'Too many deletes',
    story: 'Somebody deleted half of the source. The run is refused before anything is written.',
    before: () => {
      for (const { key } of archive.filter((_, at) => at % 2 === 0)) store.delete('src', key)
    },
    inputs: { delete: 'true', 'max-delete': '100' },
    result: 'failed',
  },
  {
    title: 'Drift',
    story:
      'The source is complete again. The mirror lacks the three objects of step 4 and one that somebody deleted. A check fails, and writes nothing.',
    before: () => {
      for (const { key, spec } of archive)
        if (!store.keys('src').includes(key)) store.put('src', key, spec)
      store.delete('dst', mirrored(archive[7]?.key ?? ''))
    },
    inputs: { mode: 'check', delete: 'true' },
    result: 'drift',
  },
  {
    title: 'A published folder',
    story: `A build made ${ASSETS} assets and two pages. Assets are uploaded first, then the pages, and the start page last.`,
    before: () => {
      store.createBucket('www')
      return build()
    },
    inputs: PUBLISH,
    result: 'success',
    copied: ASSETS + 2,
  },
  {
    title: 'The same folder, built again',
    story: 'Every file has a new time and the same bytes. Nothing is uploaded.',
    before: build,
    inputs: PUBLISH,
    result: 'nothing-to-do',
    copied: 0,
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

await rm(folder, { recursive: true, force: true })
await mkdir(folder)
console.log(
  `A local S3 server, and ${SCENES.length} steps of one job. Times and rates are those of this machine, not of Amazon S3.`,
)
const sections: string[] = []
let fine = true
for (const [at, scene] of SCENES.entries()) {
  const number = at + 1
  await scene.before?.()
  console.log(`\n${number}. ${scene.title}\n   ${scene.story}`)
  const run = await runScene(scene, number)
  const headline = await keep(run, number)
  console.log(`   ${headline}  (result: ${run.outputs['result']}, exit ${run.exitCode})`)
  for (const { title } of run.annotations.errors) console.log(`   annotation: ${title}`)
  sections.push(
    `<h2>${number}. ${scene.title}</h2>\n<p>${scene.story}</p>\n<section>${htmlOf(run.summary)}</section>`,
  )
  const { result, copied } = run.outputs
  if (result === scene.result && [undefined, Number(copied)].includes(scene.copied)) continue
  fine = false
  console.error(`The result is ${result} with ${copied} copied, not ${scene.result}:\n${run.log}`)
}
await writeFile(path.join(folder, 'index.html'), demoPage(sections))
console.log(`\nJob summaries: ${path.join(folder, 'index.html')}`)
console.log(`Plans, results, reports and logs: ${path.join(folder, 'step-1')} …`)
process.exitCode = fine ? 0 : 1
