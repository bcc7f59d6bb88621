// How fast a folder is uploaded: `npm run bench:uploads` uploads 10,000 small files, and 20 of 500 MB, with this action and
// with the tools that people use today, over TLS and plain HTTP, with 20 ms a request and as many requests in flight,
// against one server on loopback that keeps no bytes, in turn. Every row is a whole process from start to exit, the best of
// its rounds; behind each run all objects are compared by size and CRC-32. Then the second run: after a touch, a fresh
// clone, and a build of the same bytes. `-- small|large|again|memory` takes some of it; `rounds=3`, `files=10000`,
// `large=20`, `bytes=500000000` and `sparse=20000000000` other sizes; `http` or `tls` one scheme; `write` puts the
// tables into docs/benchmarks.md.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { twice } from './measured.ts'
import {
  type Folder,
  makeLargeFiles,
  makeSmallFiles,
  makeSparseFile,
  rebuild,
} from './upload-load.ts'
import { startUploads, type UploadServer } from './upload-sink.ts'
import { ours, peersOf, type Uploader, type UploadTask } from './uploaders.ts'

const root = path.dirname(import.meta.dirname)
const LATENCY_MS = 20
/** Files at a time, and parts of each: as many requests in flight for every tool. */
const SMALL = { files: 128, parts: 1 } as const
const LARGE = { files: 4, parts: 4 } as const
/** What is promised, as the rate of this action over that of a tool. */
const BARS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  small: { '`aws s3 sync`': 5, '`rclone copy`': 1.3, '`s5cmd cp`': 1.3, '`s3sync`': 1 },
  large: { '`aws s3 sync`': 1, '`rclone copy`': 1, '`s5cmd cp`': 1, '`s3sync`': 1 },
}
const MOST_MEGABYTES = 200

type Scheme = 'tls' | 'http'

interface Row {
  readonly shape: string
  readonly scheme: Scheme
  readonly tool: string
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  readonly uploads: number
  readonly requests: number
  readonly connections: number
}

/** A folder, and how it is uploaded. */
interface Heat {
  readonly shape: string
  readonly folder: Folder
  readonly inFlight: { readonly files: number; readonly parts: number }
}

const args = process.argv.slice(2)
const number = (name: string, usual: number): number =>
  Number(args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? usual)
const PARTS = ['small', 'large', 'again', 'memory']
const chosen = PARTS.some((part) => args.includes(part)) ? args : PARTS
const schemes: readonly Scheme[] = args.includes('http')
  ? ['http']
  : args.includes('tls')
    ? ['tls']
    : ['tls', 'http']

/** Runs a tool once, and sees that all that it is to upload is there. */
async function runOnce(
  tool: Uploader,
  { shape, folder, scheme }: Heat & { readonly scheme: Scheme },
  task: UploadTask,
  server: UploadServer,
): Promise<Row> {
  await server.told()
  const measured = await tool.run(task)
  const { objects, ...told } = await server.told()
  const stands = new Map(objects.map(([key, bytes, crc]) => [key, `${bytes} ${crc}`]))
  for (const [key, bytes, crc] of folder.objects)
    if (stands.get(`copy/${key}`) !== `${bytes} ${crc}`)
      throw new Error(`${tool.name} did not upload ${key}: ${stands.get(`copy/${key}`)}`)
  const { seconds, cpuSeconds, peakMegabytes } = measured
  const row = { shape, scheme, tool: tool.name, seconds, cpuSeconds, peakMegabytes, ...told }
  console.error(
    `${shape}, ${scheme}, ${tool.name}: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${peakMegabytes.toFixed(0)} MB, ${told.uploads} uploads, ${told.requests} requests, ${told.connections} connections`,
  )
  return row
}

function best(rows: readonly Row[]): Row {
  const least = (pick: (row: Row) => number) => Math.min(...rows.map(pick))
  const [first] = rows
  if (!first) throw new Error('nothing was run')
  return {
    ...first,
    seconds: least(({ seconds }) => seconds),
    cpuSeconds: least(({ cpuSeconds }) => cpuSeconds),
    peakMegabytes: Math.max(...rows.map(({ peakMegabytes }) => peakMegabytes)),
  }
}

/** The tools take turns, so that what disturbs one disturbs all. */
async function race(heat: Heat, scheme: Scheme, rounds: number): Promise<Row[]> {
  await using job = await openJob()
  await using server = await startUploads(scheme, LATENCY_MS)
  const task = { endpoint: server.endpoint, folder: heat.folder.path, ...heat.inFlight, job }
  const runs = new Map<string, Row[]>()
  for (let round = 0; round < rounds; round++)
    for (const tool of [ours(), ...peersOf('cp')]) {
      const row = await twice(async () => {
        await server.forget()
        return runOnce(tool, { ...heat, scheme }, task, server)
      })
      runs.set(tool.name, [...(runs.get(tool.name) ?? []), row])
    }
  return [...runs.values()].map(best)
}

async function touchAll(folder: string): Promise<void> {
  const now = new Date()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) await utimes(path.join(entry.parentPath, entry.name), now, now)
}

function git(folder: string, ...line: readonly string[]): void {
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org']
  execFileSync('git', ['-C', folder, ...who, ...line], { stdio: 'ignore' })
}

/** What is done to a folder between two runs; gives the folder to upload. */
const BETWEEN: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  'a touch of all files': async (folder) => {
    await touchAll(folder)
    return folder
  },
  'a fresh clone': async (folder) => {
    git(folder, 'init', '--quiet')
    git(folder, 'add', '--all')
    git(folder, 'commit', '--quiet', '--message', 'site')
    const clone = `${folder}-clone`
    git(folder, 'clone', '--quiet', '--no-hardlinks', '.', clone)
    return clone
  },
  'a build of the same bytes': async (folder) => {
    await rebuild(folder)
    return folder
  },
}

/** Uploads a folder, does something to it, and uploads it again. */
async function again(scratch: string, files: number): Promise<Row[]> {
  const rows: Row[] = []
  for (const tool of [ours(), ...peersOf('sync')])
    for (const [shape, change] of Object.entries(BETWEEN)) {
      await using job = await openJob()
      await using server = await startUploads('tls', LATENCY_MS)
      const folder = await makeSmallFiles(path.join(scratch, 'again'), files)
      const task = { endpoint: server.endpoint, folder: folder.path, ...SMALL, job }
      const heat = { shape: 'first', folder, inFlight: SMALL, scheme: 'tls' } as const
      await runOnce(tool, heat, task, server)
      // Objects have their times by the second.
      await new Promise((resolve) => setTimeout(resolve, 1100))
      const second = { ...task, folder: await change(folder.path) }
      rows.push(await runOnce(tool, { ...heat, shape }, second, server))
      for (const name of ['again', 'again-clone'])
        await rm(path.join(scratch, name), { recursive: true, force: true })
    }
  return rows
}

/** What this action alone holds in memory. */
async function memory(heat: Heat): Promise<Row> {
  await using job = await openJob()
  await using server = await startUploads('http', LATENCY_MS)
  const inFlight = { files: 16, parts: 16 }
  const task = { endpoint: server.endpoint, folder: heat.folder.path, ...inFlight, job }
  return await runOnce(ours(), { ...heat, scheme: 'http' }, task, server)
}

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const times = (of: number, to: number): string => `${(of / to).toFixed(2)}×`

function raceTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const own = rows.find(({ shape, scheme }) => shape === row.shape && scheme === row.scheme)
    const isOwn = own === row || !own
    const bar = BARS[row.shape]?.[row.tool]
    return line([
      row.shape,
      row.scheme,
      row.tool,
      `${row.seconds.toFixed(1)} s`,
      isOwn ? '' : times(row.seconds, own.seconds),
      bar === undefined ? '' : `${bar}×`,
      `${row.cpuSeconds.toFixed(2)} s`,
      isOwn ? '' : times(row.cpuSeconds, own.cpuSeconds),
      `${row.peakMegabytes.toFixed(0)} MB`,
      row.requests.toLocaleString('en-US'),
      row.connections,
    ])
  })
  return [
    '| files | over | tool | time | to ours | bar | CPU | CPU to ours | peak memory | requests | connections |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n')
}

function againTable(rows: readonly Row[]): string {
  const lines = rows.map(({ shape, tool, seconds, cpuSeconds, uploads, requests }) =>
    line([
      ...[shape, tool, uploads.toLocaleString('en-US'), requests.toLocaleString('en-US')],
      ...[`${seconds.toFixed(1)} s`, `${cpuSeconds.toFixed(2)} s`],
    ]),
  )
  return [
    '| second run after | tool | files uploaded again | requests | time | CPU |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n')
}

function memoryTable(rows: readonly Row[]): string {
  return [
    `| this action | peak memory (bar: ${MOST_MEGABYTES} MB) | time | CPU |`,
    '| --- | ---: | ---: | ---: |',
    ...rows.map(({ shape, peakMegabytes, seconds, cpuSeconds }) =>
      line([
        ...[shape, `${peakMegabytes.toFixed(0)} MB`],
        ...[`${seconds.toFixed(1)} s`, `${cpuSeconds.toFixed(1)} s`],
      ]),
    ),
  ].join('\n')
}

async function writeTables(text: string): Promise<void> {
  const file = path.join(root, 'docs', 'benchmarks.md')
  const page = await readFile(file, 'utf8')
  const marked = /<!-- uploads -->[\s\S]*<!-- \/uploads -->/
  await writeFile(file, page.replace(marked, `<!-- uploads -->\n${text}\n<!-- /uploads -->`))
}

const sized = (bytes: number): string =>
  bytes >= 1e9 ? `${bytes / 1e9} GB` : `${Math.round(bytes / 1e6)} MB`

const rounds = number('rounds', 3)
const [files, large] = [number('files', 10_000), number('large', 20)]
const [bytes, sparse] = [number('bytes', 500_000_000), number('sparse', 20_000_000_000)]
const scratch = await mkdtemp(path.join(tmpdir(), 'uploads-'))
const tables: string[] = []
const all: Row[] = []
try {
  const races: Row[] = []
  const small = path.join(scratch, 'small')
  if (chosen.includes('small')) {
    const folder = await makeSmallFiles(small, files)
    for (const scheme of schemes)
      races.push(...(await race({ shape: 'small', folder, inFlight: SMALL }, scheme, rounds)))
  }
  if (chosen.includes('large')) {
    const folder = await makeLargeFiles(path.join(scratch, 'large'), large, bytes)
    for (const scheme of schemes)
      races.push(...(await race({ shape: 'large', folder, inFlight: LARGE }, scheme, rounds)))
    await rm(folder.path, { recursive: true })
  }
  if (races.length > 0)
    tables.push(
      `${files.toLocaleString('en-US')} small files of 1 to 16 KB with ${SMALL.files} requests in flight, and ${large} large ones of ${sized(bytes)} with ${LARGE.files * LARGE.parts}; ${LATENCY_MS} ms a request, on ${availableParallelism()} cores with the server on one of them, from process start to exit; best of ${rounds} runs in turn (\`npm run bench:uploads\`).\n\n${raceTable(races)}`,
    )
  all.push(...races)
  if (chosen.includes('again')) {
    const rows = await again(scratch, files)
    tables.push(againTable(rows))
    all.push(...rows)
    const wrong = rows.filter(({ tool, uploads }) => tool === ours().name && uploads > 0)
    if (wrong.length > 0) throw new Error(`this action uploaded again: ${JSON.stringify(wrong)}`)
  }
  if (chosen.includes('memory')) {
    const folder = await makeSmallFiles(small, files)
    const one = await makeSparseFile(path.join(scratch, 'sparse'), sparse)
    const rows = [
      await memory({
        shape: `${files.toLocaleString('en-US')} files`,
        folder,
        inFlight: SMALL,
      }),
      await memory({ shape: `one of ${sized(sparse)}`, folder: one, inFlight: LARGE }),
    ]
    tables.push(memoryTable(rows))
    all.push(...rows)
  }
} finally {
  await rm(scratch, { recursive: true, force: true })
}
const json = path.join(root, '.bench', 'uploads.json')
await mkdir(path.dirname(json), { recursive: true })
await writeFile(json, `${JSON.stringify(all, undefined, 2)}\n`)
const text = tables.join('\n\n')
console.log(text)
if (args.includes('write')) await writeTables(text)
