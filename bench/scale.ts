// What a plan costs when there are many keys: `npm run bench:scale` plans places of 10⁶, 10⁷ and 10⁸ keys a side, whose
// listings are made in memory while they are asked for. So it measures the planner alone: no HTTP, no XML, no waiting.
// One key in a thousand is missing at the destination, one has other content, and one is there only, and is deleted.
// `-- 1e6 1e7` plans those sizes; each in a process of its own, with the memory settings of the action. What was measured is
// kept, and `-- write` puts all of it into docs/scale.md.
import '../src/adapters/memory.ts'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '../src/adapters/clock.ts'
import { localFiles } from '../src/adapters/files.ts'
import { thisSystem } from '../src/adapters/system.ts'
import type { Side } from '../src/plan/compare.ts'
import { makePlanFile } from '../src/plan/plan.ts'
import type { Store } from '../src/storage/store.ts'
import { type KeyPlace, keyLister } from './key-lister.ts'
import { KEY_SHAPES } from './key-shapes.ts'
import { measure } from './measured.ts'
import { inTime, keep, measuredBefore, row, sizesIn, writeTable } from './scale-page.ts'

const SIZES = [1e6, 1e7, 1e8]
const SHAPE = 'folders'
const RARE = 1000

/** What a planner process tells of its plan. */
interface Planned {
  readonly ops: number
  readonly planBytes: number
  readonly pages: number
}

const side = (bucket: string, place: KeyPlace, count: { pages: number }): Side => ({
  bucket,
  prefix: '',
  single: false,
  region: 'us-east-1',
  // The planner of these places asks for pages alone.
  store: keyLister(place, count) as Store,
})

async function plan(keys: number): Promise<Planned> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scale-'))
  const count = { pages: 0 }
  const makeShape = KEY_SHAPES[SHAPE]
  if (!makeShape) throw new Error(`there is no shape ${SHAPE}`)
  const shape = makeShape(keys)
  try {
    const file = path.join(folder, 'plan.ndjson')
    const everywhere = (rest: number) => (i: number) => i % RARE !== rest
    const source = { shape, keys, has: everywhere(1), differs: () => false }
    const destination = {
      shape,
      keys,
      has: everywhere(2),
      differs: (i: number) => i % RARE === 3,
    }
    const { trailer } = await makePlanFile(
      {
        source: side('source', source, count),
        destination: side('destination', destination, count),
        rules: {
          include: [],
          exclude: [],
          compare: 'etag',
          overwrite: 'if-different',
          allowEmptySource: false,
          delete: true,
          maxDelete: { percent: 1 },
        },
        mode: 'plan',
        write: {},
        looks: { requestTimeoutMs: 1000, retryCount: 0 },
      },
      file,
      {
        files: localFiles,
        clock: systemClock,
        system: thisSystem,
        signal: new AbortController().signal,
        log: { line: () => {}, group: () => () => {} },
      },
    )
    return {
      ops: trailer.copies.objects + trailer.deletes.objects,
      planBytes: (await stat(file)).size,
      pages: count.pages,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** What it took to plan places of one size. */
interface Took extends Planned {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
}

/** Plans in a process of its own, whose memory is nobody else's. */
async function measured(keys: number): Promise<Took> {
  const folder = await mkdtemp(path.join(tmpdir(), 'scale-'))
  const answer = path.join(folder, 'answer.json')
  try {
    const args = [import.meta.filename, 'plan', String(keys), answer]
    const { PATH = '' } = process.env
    const run = await measure({ command: process.execPath, args, env: { PATH } })
    if (run.exitCode !== 0) throw new Error(`the planner ended with ${run.exitCode}`)
    const { ops, planBytes, pages }: Planned = JSON.parse(await readFile(answer, 'utf8'))
    const { seconds, cpuSeconds, peakMegabytes } = run
    return { ops, planBytes, pages, seconds, cpuSeconds, peakMegabytes }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const rowOf = (keys: number, took: Took): string =>
  row([
    keys.toLocaleString('en-US'),
    inTime(took.seconds),
    inTime(took.cpuSeconds),
    `${((took.cpuSeconds * 1e6) / (2 * keys)).toFixed(2)} ms`,
    `${took.peakMegabytes.toFixed(0)} MB`,
    took.pages.toLocaleString('en-US'),
    took.ops.toLocaleString('en-US'),
    `${(took.planBytes / 1e6).toFixed(1)} MB`,
  ])

async function table(): Promise<string> {
  const head = ['keys a side', 'time', 'CPU', 'CPU per 1,000 keys', 'peak memory', 'pages', 'ops']
  return [
    row([...head, 'plan']),
    row(head.map(() => '---:').concat('---:')),
    ...(await measuredBefore<Took>('scale')).map(([keys, took]) => rowOf(keys, took)),
  ].join('\n')
}

const [first = '', keys = '', answer = ''] = process.argv.slice(2)
if (first === 'plan') await writeFile(answer, JSON.stringify(await plan(Number(keys))))
else {
  const sizes = process.argv.length > 2 ? sizesIn(process.argv) : SIZES
  for (const size of sizes) await keep('scale', size, await measured(size))
  const text = await table()
  console.log(text)
  if (process.argv.includes('write')) await writeTable('planner', text)
}
