// How fast a bucket is fetched into a folder: `npm run bench:downloads` fetches 5,000 small objects, 500 of 4 MiB, and 4 of
// 256 MiB in each of the ways that such come to stand in S3, with this action and with the tools that people use today, as many requests in
// flight, from one server on loopback, in turn. Every row is a whole process from start to exit, the median of its rounds,
// into an empty folder; behind each run all files are compared by size and CRC-32. This action proves every file and brings
// it to the disk, which the others do not: they are measured as they are, and with a `sync` of their files behind them.
// `-- small|medium|md5|crc64nvme|parts|parts-crc32` takes some of it; `rounds=3`, `files=5000`, `medium=500`, `large=4` and `bytes=268435456`
// other sizes; `http` or `tls` one scheme; `in=/dev/shm` another disk; `build=FILE` another build; `tools=s5cmd,rclone` some
// peers; `write` puts the table into docs/benchmarks.md.
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { type DownloadLoad, type DownloadShape, startDownloads } from './download-source.ts'
import { type Downloader, type DownloadTask, ours, peers, synced } from './downloaders.ts'
import { type Measured, median, twice } from './measured.ts'
import type { ToldObject } from './upload-server.ts'

type Scheme = 'tls' | 'http'

const root = path.dirname(import.meta.dirname)
const LATENCY_MS = 20
/** Objects at a time, and ranges of each: as many requests in flight for every tool. */
const SMALL = { files: 128, parts: 1 } as const
const MEDIUM = { files: 16, parts: 1 } as const
const MEDIUM_BYTES = 4 * 2 ** 20
const LARGE = { files: 4, parts: 4 } as const
const SHAPES = ['small', 'medium', 'md5', 'crc64nvme', 'parts', 'parts-crc32'] as const

const args = process.argv.slice(2)
const option = (name: string): string | undefined =>
  args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1)
const number = (name: string, usual: number): number => Number(option(name) ?? usual)

/** The runs of one tool in one race. */
interface Row {
  readonly shape: string
  readonly scheme: Scheme
  readonly tool: string
  readonly runs: Measured[]
  /** Requests of one run. */
  requests: number
}

async function crcOf(file: string): Promise<number> {
  let crc = 0
  for await (const bytes of createReadStream(file, { highWaterMark: 2 ** 20 }))
    crc = crc32(bytes, crc)
  return crc
}

function inFlight(shape: DownloadShape): Pick<DownloadTask, 'files' | 'parts'> {
  if (shape === 'small') return SMALL
  return shape === 'medium' ? MEDIUM : LARGE
}

/** Throws where a file is not what was to be fetched. */
async function mustHold(tool: string, folder: string, objects: readonly ToldObject[]) {
  for (const [key, size, crc] of objects) {
    const file = path.join(folder, key.slice('data/'.length))
    const found = await stat(file).catch(() => undefined)
    if (found?.size !== size || (await crcOf(file)) !== crc)
      throw new Error(`${tool} did not fetch ${key}.`)
  }
}

/** Folders of all runs. */
const scratch = await mkdtemp(path.join(option('in') ?? tmpdir(), 'downloads-'))

/** Fetches what a server holds with each of the tools, in turn. */
async function race(
  load: DownloadLoad,
  scheme: Scheme,
  tools: readonly Downloader[],
  rounds: number,
): Promise<Row[]> {
  const { shape } = load
  await using job = await openJob()
  await using server = await startDownloads(scheme, LATENCY_MS, load)
  const rows = tools.map(({ name: tool }): Row => ({ shape, scheme, tool, runs: [], requests: 0 }))
  for (let round = 0; round < rounds; round++)
    for (const [at, tool] of tools.entries()) {
      const folder = path.join(scratch, `${shape}-${scheme}-${round}-${at}`)
      const task: DownloadTask = { endpoint: server.endpoint, folder, ...inFlight(shape), job }
      const measured = await twice(async () => {
        await server.told()
        await rm(folder, { recursive: true, force: true })
        return await tool.run(task)
      })
      const { requests, heads } = await server.told()
      await mustHold(tool.name, folder, server.objects)
      // ext4 searches long for a new inode where thousands were freed within the last minute: small files stay to the end.
      if (shape !== 'small') await rm(folder, { recursive: true })
      const row = rows[at]
      row?.runs.push(measured)
      if (row) row.requests = requests
      const { seconds, cpuSeconds, peakMegabytes } = measured
      console.error(
        `${shape} ${scheme}, ${tool.name}: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(2)} s, ${peakMegabytes.toFixed(0)} MB, ${requests} requests, ${heads} HEADs`,
      )
    }
  return rows
}

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const times = (of: number, to: number): string => `${(of / to).toFixed(2)}×`
const middle = ({ runs }: Row, of: (run: Measured) => number): number => median(runs.map(of))

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const own = rows.find(({ shape, scheme }) => shape === row.shape && scheme === row.scheme)
    const [seconds, cpu] = [middle(row, (run) => run.seconds), middle(row, (run) => run.cpuSeconds)]
    const isOwn = own === row || !own
    return line([
      row.shape,
      row.scheme,
      row.tool,
      `${seconds.toFixed(1)} s`,
      isOwn
        ? ''
        : times(
            seconds,
            middle(own, (run) => run.seconds),
          ),
      `${cpu.toFixed(2)} s`,
      isOwn
        ? ''
        : times(
            cpu,
            middle(own, (run) => run.cpuSeconds),
          ),
      `${middle(row, (run) => run.peakMegabytes).toFixed(0)} MB`,
      row.requests.toLocaleString('en-US'),
    ])
  })
  return [
    '| objects | over | tool | time | to ours | CPU | CPU to ours | peak memory | requests |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n')
}

async function writeTable(text: string): Promise<void> {
  const file = path.join(root, 'docs', 'benchmarks.md')
  const page = await readFile(file, 'utf8')
  const marked = /<!-- downloads -->[\s\S]*<!-- \/downloads -->/
  await writeFile(file, page.replace(marked, `<!-- downloads -->\n${text}\n<!-- /downloads -->`))
}

function loadOf(shape: DownloadShape): DownloadLoad {
  if (shape === 'small') return { shape, count: number('files', 5000), bytes: 2 ** 20 }
  if (shape === 'medium') return { shape, count: number('medium', 500), bytes: MEDIUM_BYTES }
  return { shape, count: number('large', 4), bytes: number('bytes', 256 * 2 ** 20) }
}

const rounds = number('rounds', 3)
const shapes = SHAPES.some((shape) => args.includes(shape))
  ? SHAPES.filter((shape) => args.includes(shape))
  : SHAPES
const schemes = (['http', 'tls'] as const).filter(
  (scheme) => args.includes(scheme) || !(args.includes('http') || args.includes('tls')),
)
const wanted = option('tools')?.split(',')
const others = peers().filter(({ name }) => wanted?.some((one) => name.includes(one)) ?? true)
const builds = option('build')?.split(',') ?? []
const tools = [
  ...(builds.length === 0 ? [ours()] : builds.map((build) => ours(`**${build}**`, build))),
  ...others,
  ...(wanted?.includes('synced') ? others : wanted ? [] : others).map(synced),
]
const rows: Row[] = []
try {
  for (const shape of shapes)
    for (const scheme of schemes) rows.push(...(await race(loadOf(shape), scheme, tools, rounds)))
} finally {
  await rm(scratch, { recursive: true, force: true })
}
const json = path.join(root, '.bench', 'downloads.json')
await mkdir(path.dirname(json), { recursive: true })
await writeFile(json, `${JSON.stringify(rows, undefined, 2)}\n`)
const text = `${number('files', 5000).toLocaleString('en-US')} small objects of 1 to 16 KB with ${SMALL.files} requests in flight, ${number('medium', 500)} medium ones of 4 MiB with ${MEDIUM.files}, and ${number('large', 4)} large ones of ${Math.round(number('bytes', 256 * 2 ** 20) / 2 ** 20)} MiB with ${LARGE.files * LARGE.parts}; ${LATENCY_MS} ms a request, on ${availableParallelism()} cores with the server on one of them, from process start to exit; medians of ${rounds} runs in turn (\`npm run bench:downloads\`).\n\n${table(rows)}`
console.log(text)
if (args.includes('write')) await writeTable(text)
