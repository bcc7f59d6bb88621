// How fast objects are copied: `npm run bench:engines` copies the same objects with both engines of this action, with one
// `s5cmd run` of the same lines, and with the tools that people use today, over TLS and with 20 ms a request, against one
// server on loopback, in turn. Every row is a whole process from start to exit. `-- write` puts the table into docs/benchmarks.md and draws its picture.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { writeChart } from './chart.ts'
import { type Copier, copiers } from './copiers.ts'
import { LATENCY_MS, type LoadShape, openLoad, type Run, runOnce, WORKERS } from './load.ts'
import { median } from './measured.ts'

const root = path.dirname(import.meta.dirname)
const MIB = 2 ** 20

/** Sizes of the mixed load, in turn: mostly small, a few large, one in a hundred beyond 1 GiB. */
const MIXED_BYTES = [4_000, 90_000, 700_000, 4_000, 3_000_000, 12_000_000, 60_000, 150 * MIB]
const HUGE_BYTES = 1500 * MIB

interface Shape extends LoadShape {
  readonly name: string
  readonly rounds: (copier: string) => number
}

interface Row extends Run {
  readonly shape: string
  readonly objects: number
  readonly copier: string
  readonly runs: number
}

const SHAPES: readonly Shape[] = [
  {
    name: 'small',
    objects: 20_000,
    sizeOf: () => 1_500,
    rounds: (copier) => (['rclone', 'aws'].includes(copier) ? 1 : 3),
  },
  {
    name: 'mixed',
    objects: 2_000,
    sizeOf: (index) =>
      index % 100 === 99 ? HUGE_BYTES : (MIXED_BYTES[index % MIXED_BYTES.length] ?? 0),
    rounds: () => 1,
  },
]

function rowOf(shape: Shape, copier: Copier, runs: readonly Run[]): Row {
  const of = (pick: (run: Run) => number) => median(runs.map(pick))
  return {
    shape: shape.name,
    objects: shape.objects,
    copier: copier.name,
    runs: runs.length,
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    peakMegabytes: of(({ peakMegabytes }) => peakMegabytes),
    connections: of(({ connections }) => connections),
    requests: of(({ requests }) => requests),
    exitCode: 0,
  }
}

/** The tools take turns, so that what disturbs one disturbs all. */
async function race(shape: Shape): Promise<Row[]> {
  await using job = await openJob()
  const load = await openLoad(job, shape)
  const entries = Object.entries(copiers(job))
  const results = new Map<string, Run[]>(entries.map(([name]) => [name, []]))
  const rounds = Math.max(...entries.map(([name]) => shape.rounds(name)))
  for (let round = 0; round < rounds; round++)
    for (const [name, copier] of entries)
      if (round < shape.rounds(name)) results.get(name)?.push(await runOnce(copier, load))
  await load.kit.close()
  return entries.map(([name, copier]) => rowOf(shape, copier, results.get(name) ?? []))
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const raw = rows.find(({ shape, copier }) => shape === row.shape && copier.startsWith('`s5cmd'))
    return [
      '',
      row.objects.toLocaleString('en-US'),
      row.shape,
      row.copier,
      `${row.seconds.toFixed(1)} s`,
      raw ? `${(raw.seconds / row.seconds).toFixed(2)}×` : '',
      `${((row.cpuSeconds * 1000) / row.objects).toFixed(2)} ms`,
      `${row.peakMegabytes.toFixed(0)} MB`,
      String(row.connections),
      (row.requests / row.objects).toFixed(2),
      '',
    ]
      .join(' | ')
      .trim()
  })
  return [
    '| objects | sizes | tool | time | rate relative to `s5cmd run` | CPU per copy | peak memory | connections | requests per copy |',
    '| ---: | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n')
}

async function writeTable(text: string): Promise<void> {
  const file = path.join(root, 'docs', 'benchmarks.md')
  const page = await readFile(file, 'utf8')
  const marked = /<!-- engines -->[\s\S]*<!-- \/engines -->/
  await writeFile(file, page.replace(marked, `<!-- engines -->\n${text}\n<!-- /engines -->`))
  await writeChart()
}

const rows: Row[] = []
const named = SHAPES.filter(({ name }) => process.argv.includes(name))
for (const shape of named.length > 0 ? named : SHAPES) rows.push(...(await race(shape)))
const json = path.join(root, '.bench', 'engines.json')
await mkdir(path.dirname(json), { recursive: true })
await writeFile(json, `${JSON.stringify(rows, undefined, 2)}\n`)
const conditions = `Copies from an empty destination, from process start to exit, over TLS with ${LATENCY_MS} ms per request and ${WORKERS} workers, on ${availableParallelism()} cores one of them used by the server; medians of up to 3 runs in turn (\`npm run bench:engines\`).`
const text = `${conditions}\n\n${table(rows)}`
console.log(text)
if (process.argv.includes('write')) await writeTable(text)
