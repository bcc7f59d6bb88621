// How fast a sync that has nothing to do finds that out: `npm run bench:planner` compares two places with the same
// synthetic keys with this action and with the tools that people use today, against one server on loopback, in turn.
// Every row is a whole process from start to exit. `-- quick` takes two minutes,
// `-- dates` only that layout; `-- write` puts the table into docs/benchmarks.md and draws its picture.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { writeChart } from './chart.ts'
import { KEY_SHAPES } from './key-shapes.ts'
import { type ListingServer, startListing } from './listing.ts'
import type { Asked } from './listing-server.ts'
import { type Measured, median } from './measured.ts'
import { ours, PEERS, type Planner, peers } from './planners.ts'

const root = path.dirname(import.meta.dirname)
const PAGE_KEYS = 1000

/** Runs of some tools over one listing. */
interface Heat {
  readonly shape: string
  /** On each side. */
  readonly keys: number
  readonly latencyMs: number
  readonly runs: readonly { readonly planner: Planner; readonly times: number }[]
}

interface Row extends Asked {
  readonly shape: string
  readonly keys: number
  readonly latencyMs: number
  readonly planner: string
  readonly runs: number
  /** Medians. */
  readonly seconds: number
  readonly cpuMsPerThousandKeys: number
  readonly peakMegabytes: number
  /** Requests for pages over the least that can list both sides. */
  readonly listsOverOptimum: number
}

type Run = Measured & Asked

async function runOnce(planner: Planner, server: ListingServer, keys: number): Promise<Run> {
  const measured = await planner.run(server.endpoint)
  const run = { ...measured, ...(await server.asked()) }
  const least = 2 * Math.ceil(keys / PAGE_KEYS)
  if (run.lists < least)
    throw new Error(
      `${planner.name} listed ${run.lists} pages of ${least}: it cannot have compared.`,
    )
  return run
}

function rowOf(heat: Heat, planner: Planner, runs: readonly Run[]): Row {
  const { shape, keys, latencyMs } = heat
  const of = (pick: (run: Run) => number) => median(runs.map(pick))
  return {
    shape,
    keys,
    latencyMs,
    planner: planner.name,
    runs: runs.length,
    seconds: of(({ seconds }) => seconds),
    cpuMsPerThousandKeys: of(({ cpuSeconds }) => (cpuSeconds * 1e6) / (2 * keys)),
    peakMegabytes: of(({ peakMegabytes }) => peakMegabytes),
    listsOverOptimum: of(({ lists }) => lists) / (2 * Math.ceil(keys / PAGE_KEYS)),
    lists: of(({ lists }) => lists),
    others: of(({ others }) => others),
    connections: of(({ connections }) => connections),
  }
}

/** The tools take turns, so that what disturbs one disturbs all. */
async function race(heat: Heat): Promise<Row[]> {
  const server = await startListing([heat.shape, heat.keys, heat.latencyMs])
  const results = new Map<Planner, Run[]>(heat.runs.map(({ planner }) => [planner, []]))
  const rounds = Math.max(...heat.runs.map(({ times }) => times))
  for (let round = 0; round < rounds; round++)
    for (const { planner, times } of heat.runs) {
      if (round >= times) continue
      const run = await runOnce(planner, server, heat.keys)
      results.get(planner)?.push(run)
      console.error(
        `${heat.shape} ${heat.keys} at ${heat.latencyMs} ms, ${planner.name}: ${run.seconds.toFixed(1)} s, CPU ${run.cpuSeconds.toFixed(1)} s, ${run.peakMegabytes.toFixed(0)} MB, ${run.lists} LISTs`,
      )
    }
  server.close()
  return heat.runs.map(({ planner }) => rowOf(heat, planner, results.get(planner) ?? []))
}

/** Those that are named, or all. */
const shapesOf = (names: readonly string[]): string[] => {
  const all = Object.keys(KEY_SHAPES)
  const named = all.filter((shape) => names.includes(shape))
  return named.length > 0 ? named : all
}

/** Us, whose runs are short, some times, all others once. */
const everybody = (shape: string, us: Planner, keys: number, latencyMs: number): Heat => ({
  shape,
  keys,
  latencyMs,
  runs: [{ planner: us, times: 3 }, ...peers().map((planner) => ({ planner, times: 1 }))],
})

const quickHeats = (us: Planner): Heat[] => [
  {
    shape: 'folders',
    keys: 1e5,
    latencyMs: 80,
    runs: [
      { planner: us, times: 3 },
      { planner: PEERS.s5cmd, times: 1 },
    ],
  },
  everybody('folders', us, 1e5, 0),
]

const fullHeats = (us: Planner, shapes: readonly string[]): Heat[] =>
  shapes.flatMap((shape): Heat[] => [
    {
      shape,
      keys: 1e6,
      latencyMs: 80,
      runs: [
        { planner: us, times: 5 },
        { planner: PEERS.s5cmd, times: 1 },
      ],
    },
    { shape, keys: 1e5, latencyMs: 80, runs: [{ planner: us, times: 5 }] },
    everybody(shape, us, 1e5, 0),
    everybody(shape, us, 2e4, 80),
    everybody(shape, us, 2e5, 80),
    ...(shape === 'folders'
      ? [{ shape, keys: 1e7, latencyMs: 0, runs: [{ planner: us, times: 1 }] }]
      : []),
  ])

const isOurs = (row: Row): boolean => !row.planner.startsWith('`')

/** How many times longer than ours a tool took in the same heat. */
function ratio(row: Row, rows: readonly Row[]): string {
  if (isOurs(row)) return ''
  const us = rows.find(
    (other) =>
      isOurs(other) &&
      other.shape === row.shape &&
      other.keys === row.keys &&
      other.latencyMs === row.latencyMs,
  )
  return us ? `${(row.seconds / us.seconds).toFixed(1)}×` : ''
}

const table = (rows: readonly Row[]): string =>
  [
    '| keys per side | layout | per request | tool | time | slower than this action | CPU per 1,000 keys | peak memory | LIST requests / minimum | connections |',
    '| ---: | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows.map((row) =>
      [
        '',
        row.keys.toLocaleString('en-US'),
        row.shape,
        `${row.latencyMs} ms`,
        row.planner,
        `${row.seconds.toFixed(1)} s`,
        ratio(row, rows),
        `${row.cpuMsPerThousandKeys.toFixed(1)} ms`,
        `${row.peakMegabytes.toFixed(0)} MB`,
        row.listsOverOptimum.toFixed(2),
        String(row.connections),
        '',
      ]
        .join(' | ')
        .trim(),
    ),
  ].join('\n')

async function writeTable(text: string): Promise<void> {
  const file = path.join(root, 'docs', 'benchmarks.md')
  const page = await readFile(file, 'utf8')
  const marked = /<!-- planner -->[\s\S]*<!-- \/planner -->/
  await writeFile(file, page.replace(marked, `<!-- planner -->\n${text}\n<!-- /planner -->`))
  await writeChart()
}

await using job = await openJob()
const us = ours(job)
const warmUp = { shape: 'flat', keys: 1000, latencyMs: 0, runs: [{ planner: us, times: 1 }] }
// Installs s5cmd into the job's tool cache, as a runner has it after its first job.
await race(warmUp)
const heats = process.argv.includes('quick')
  ? quickHeats(us)
  : fullHeats(us, shapesOf(process.argv))
const rows: Row[] = []
const json = path.join(root, '.bench', 'planner.json')
await mkdir(path.dirname(json), { recursive: true })
for (const heat of heats) {
  rows.push(...(await race(heat)))
  await writeFile(json, `${JSON.stringify(rows, undefined, 2)}\n`)
}
const conditions = `A no-op sync, from process start to exit, on ${availableParallelism()} cores one of them used by the server; medians of up to 5 runs in turn (\`npm run bench:planner\`).`
const text = `${conditions}\n\n${table(rows)}`
console.log(text)
if (process.argv.includes('write')) await writeTable(text)
