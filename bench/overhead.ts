// What the action costs over the bare tool: `npm run bench` copies the same objects with the whole built action (role by
// OIDC, both listings, plan, copies, proof, report; from process start to exit) and with one `s5cmd run` of the same
// lines and workers, in turn, against the same server, and prints the medians and their ratio.
// `-- --write` puts the table into the README.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { copyLine } from '../src/batch/line.ts'
import { marketArchive } from '../testkit/fixtures.ts'
import { parts } from '../testkit/parts.ts'
import { openStage, type Stage } from '../testkit/stage.ts'

const ROUNDS = 3
const WORKERS = 50
const SIZES = [5_000, 50_000]
const root = path.dirname(import.meta.dirname)

interface Row {
  readonly objects: number
  readonly actionSeconds: number
  readonly s5cmdSeconds: number
  /** Below 1, the action takes longer. */
  readonly ratio: number
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

function empty({ kit: { store } }: Stage, objects: number): void {
  const copied = store.keys('dst')
  if (copied.length !== objects) throw new Error(`${copied.length} of ${objects} objects arrived.`)
  for (const key of copied) store.delete('dst', key)
}

async function runAction(stage: Stage, objects: number): Promise<number> {
  await using run = await stage.run({ numworkers: String(WORKERS) }, { timeoutMs: 600_000 })
  if (run.outputs['result'] !== 'success') throw new Error(run.log)
  empty(stage, objects)
  return run.durationMs / 1000
}

async function runS5cmd(stage: Stage, file: string, objects: number): Promise<number> {
  const { accessKeyId, secretAccessKey } = stage.kit.iam.admin
  const flags = ['--json', '--numworkers', String(WORKERS), '--retry-count', '5']
  const args = [...flags, '--endpoint-url', stage.kit.endpoint, 'run', file]
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1',
  }
  const startedMs = performance.now()
  const code = await new Promise((resolve) =>
    spawn(parts().s5cmd, args, { env, stdio: 'ignore' }).on('exit', resolve),
  )
  if (code !== 0) throw new Error(`s5cmd ended with ${code}.`)
  const seconds = (performance.now() - startedMs) / 1000
  empty(stage, objects)
  return seconds
}

const linesOf = (objects: number): string => {
  const rules = {
    source: { bucket: 'src' },
    destination: { bucket: 'dst' },
    metadataDirective: true,
    options: {},
  }
  const op = { op: 'copy', size: 0, etag: '', lastModified: '', reason: 'missing' } as const
  return Array.from(marketArchive(objects), ({ key }) =>
    copyLine({ ...op, key: `data/${key}`, to: `copy/${key}` }, rules),
  ).join('\n')
}

async function measure(objects: number, folder: string): Promise<Row> {
  await using stage = await openStage()
  for (const { key, sizeBytes, seed } of marketArchive(objects))
    stage.kit.store.put('src', `data/${key}`, { size: sizeBytes, seed })
  const file = path.join(folder, `${objects}.txt`)
  await writeFile(file, linesOf(objects))
  const action: number[] = []
  const s5cmd: number[] = []
  // The first of each only warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const times = [await runAction(stage, objects), await runS5cmd(stage, file, objects)] as const
    if (round === 0) continue
    action.push(times[0])
    s5cmd.push(times[1])
  }
  const [actionSeconds, s5cmdSeconds] = [median(action), median(s5cmd)]
  return { objects, actionSeconds, s5cmdSeconds, ratio: s5cmdSeconds / actionSeconds }
}

const table = (rows: readonly Row[]): string =>
  [
    '| objects | the whole action | bare `s5cmd run` | ratio of their rates |',
    '| ---: | ---: | ---: | ---: |',
    ...rows.map(
      ({ objects, actionSeconds, s5cmdSeconds, ratio }) =>
        `| ${objects.toLocaleString('en-US')} | ${actionSeconds.toFixed(1)} s | ${s5cmdSeconds.toFixed(1)} s | ${ratio.toFixed(2)} |`,
    ),
  ].join('\n')

async function writeReadme(text: string): Promise<void> {
  const file = path.join(root, 'README.md')
  const readme = await readFile(file, 'utf8')
  const marked = /<!-- bench -->[\s\S]*<!-- \/bench -->/
  await writeFile(file, readme.replace(marked, `<!-- bench -->\n${text}\n<!-- /bench -->`))
}

const folder = await mkdtemp(path.join(tmpdir(), 'overhead-'))
const rows: Row[] = []
for (const objects of SIZES) rows.push(await measure(objects, folder))
await rm(folder, { recursive: true })
const conditions = `Medians of ${ROUNDS} runs in turn on ${availableParallelism()} cores, ${WORKERS} workers, small objects, S3 server on loopback (\`npm run bench\`).`
const text = `${conditions}\n\n${table(rows)}`
console.log(text)
console.log(JSON.stringify(rows))
if (process.argv.includes('--write')) await writeReadme(text)
