// What a manifest costs that names every object of a bucket: `npm run bench:manifest -- 1e6 rounds=3` runs the built
// action where both sides are alike already, by a listing and by lists of each form, in turn. It prints the median time,
// the least CPU time of the action's process, its highest resident memory, and what was asked. `forms=csv,inventory` takes
// some of the forms, `against=dist/index.js` measures another build beside this one. The server is on one of the cores.
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { localFiles } from '../src/adapters/files.ts'
import { type MeasuredAction, measureAction } from './action.ts'
import { median } from './measured.ts'

const ETAG = '0123456789abcdef0123456789abcdef'
const DATA_FILES = 4

const words = process.argv.slice(2)
const option = (name: string): string | undefined =>
  words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
const rows = Number(words.find((word) => /^[\de]+$/.test(word)) ?? 1e6)
const rounds = Number(option('rounds') ?? 3)

/** Keys that lie together as those of a table do. */
const keyOf = (at: number): string => `year=2026/part-${String(at).padStart(9, '0')}.parquet`
/** Every number below `rows` once, far from its neighbours. */
const shuffled = (at: number): number => (at * 999_983) % rows

/** Writes a list, and gives its path. */
type Write = (folder: string, stage: Stage) => Promise<string>

const lines =
  (name: string, lineOf: (at: number) => string, head?: string): Write =>
  async (folder) => {
    const file = path.join(folder, name)
    const writer = await localFiles.writer(file)
    if (head !== undefined) await writer.write(head)
    for (let at = 0; at < rows; at++) await writer.write(lineOf(at))
    await writer.close()
    return file
  }

/** An S3 Inventory, whose data files lie in the source's bucket beside what they list. */
const inventory: Write = async (folder, { kit }) => {
  const each = Math.ceil(rows / DATA_FILES)
  const files = Array.from({ length: DATA_FILES }, (_, file) => {
    const all = Array.from({ length: Math.min(each, rows - file * each) }, (_, at) => {
      const key = encodeURIComponent(`data/${keyOf(file * each + at)}`).replaceAll('%2F', '/')
      return `"src","${key}","1","2026-01-01T00:00:00.000Z","${ETAG}"\n`
    })
    const body = gzipSync(all.join(''))
    const key = `inventory/${file}.csv.gz`
    kit.store.put('src', key, { body })
    const MD5checksum = createHash('md5').update(body).digest('hex')
    return { key, size: body.length, MD5checksum }
  })
  const file = path.join(folder, 'manifest.json')
  await localFiles.writeText(
    file,
    JSON.stringify({
      sourceBucket: 'src',
      destinationBucket: 'arn:aws:s3:::src',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, Size, LastModifiedDate, ETag',
      files,
    }),
  )
  return file
}

const FORMS: Readonly<Record<string, Write | undefined>> = {
  listing: undefined,
  keys: lines('list.txt', keyOf),
  'keys, shuffled': lines('shuffled.txt', (at) => keyOf(shuffled(at))),
  csv: lines('list.csv', (at) => `${keyOf(at)},1,${ETAG}`, 'key,size,etag'),
  'csv, with targets': lines(
    'targets.csv',
    (at) => `s3://src/data/${keyOf(at)},${keyOf(at)}`,
    'source_url,target_path',
  ),
  ndjson: lines('list.ndjson', (at) => JSON.stringify({ key: keyOf(at), size: 1, etag: ETAG })),
  inventory,
}

interface Took extends MeasuredAction {
  readonly lists: number
  readonly heads: number
}

async function run(stage: Stage, manifest: string | undefined, build: string | undefined) {
  const { kit, roleArn } = stage
  kit.counters.reset()
  await using job = await openJob()
  const inputs = {
    ...{ source: 's3://src/data/', destination: 's3://dst/copy/', 'aws-region': 'us-east-1' },
    ...{ 'endpoint-url': kit.endpoint, 'sts-endpoint': kit.endpoint, 'role-to-assume': roleArn },
    engine: 'direct',
    ...(manifest === undefined ? {} : { manifest }),
  }
  const took = await measureAction(job, inputs, { env: kit.idTokenEnv, build })
  if (took.output('result') !== 'nothing-to-do') throw new Error(took.output('failure-message'))
  return {
    ...took,
    lists: kit.counters.of('ListObjectsV2'),
    heads: kit.counters.of('HeadObject'),
  }
}

function row(name: string, all: readonly Took[]): string {
  const [{ lists, heads } = { lists: 0, heads: 0 }] = all
  const cells = [
    name,
    `${median(all.map(({ seconds }) => seconds)).toFixed(1)} s`,
    `${Math.min(...all.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1)} s`,
    `${Math.max(...all.map(({ peakMegabytes }) => peakMegabytes)).toFixed(0)} MiB`,
    ...[lists, heads].map((count) => count.toLocaleString('en-US')),
  ]
  return `| ${cells.join(' | ')} |`
}

await using stage = await openStage()
const folder = await mkdtemp(path.join(tmpdir(), 'manifest-'))
try {
  for (let at = 0; at < rows; at++) {
    const object = { size: 1, etag: ETAG, lastModifiedMs: 0 }
    stage.kit.store.put('src', `data/${keyOf(at)}`, object)
    stage.kit.store.put('dst', `copy/${keyOf(at)}`, object)
  }
  const asked = option('forms')?.split(',')
  const lists = new Map<string, string | undefined>()
  for (const [name, write] of Object.entries(FORMS))
    if (!asked || asked.some((form) => name.startsWith(form)))
      lists.set(name, await write?.(folder, stage))
  const builds = [undefined, ...[option('against') ?? []].flat()]
  const took = new Map<string, Took[]>()
  for (let round = 0; round < rounds; round++)
    for (const [name, manifest] of lists)
      for (const build of builds) {
        const title = build === undefined ? name : `${name}, ${build}`
        const all = took.get(title) ?? []
        all.push(await run(stage, manifest, build))
        took.set(title, all)
      }
  console.log(`| ${rows.toLocaleString('en-US')} rows | time | CPU | memory | LIST | HEAD |`)
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |')
  for (const [name, all] of took) console.log(row(name, all))
} finally {
  await rm(folder, { recursive: true })
}
