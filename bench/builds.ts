// Whether a change made the action slower: `npm run bench:builds -- /path/of/another/dist/index.js` runs the built action and
// another build of it in turn, listing and copying, on one machine in one run. Time and CPU are medians, and beside them
// the ratio of this build to the other one. `-- … list` or `copy` plays only these.
import path from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { ours as copierOf } from './copiers.ts'
import { startListing } from './listing.ts'
import { openLoad, runOnce } from './load.ts'
import { type Measured, median } from './measured.ts'
import { ours as plannerOf } from './planners.ts'

const ROUNDS = 5
const LIST_LATENCY_MS = 80
const LISTED = [
  { shape: 'folders', keys: 1e6 },
  { shape: 'dates', keys: 1e6 },
]
const COPIES = { direct: 20_000, s5cmd: 5_000 }
const SMALL_BYTES = 1_500

const [other, only] = process.argv.slice(2)
if (!other) throw new Error('Name the other build: npm run bench:builds -- /path/of/dist/index.js')
const builds = { this: undefined, other: path.resolve(other) }

/** Runs both builds in turn, so that what disturbs one disturbs both; gives a row of the table. */
async function compare(
  title: string,
  run: (name: string, build: string | undefined) => Promise<Measured>,
): Promise<string> {
  const runs = { this: [] as Measured[], other: [] as Measured[] }
  for (let round = 0; round < ROUNDS; round++)
    for (const name of ['this', 'other'] as const) runs[name].push(await run(name, builds[name]))
  const of = (name: keyof typeof runs, pick: (run: Measured) => number) =>
    median(runs[name].map(pick))
  const cells = (['seconds', 'cpuSeconds', 'peakMegabytes'] as const).flatMap((figure) => {
    const [ours, theirs] = [of('this', (run) => run[figure]), of('other', (run) => run[figure])]
    return [ours.toFixed(2), theirs.toFixed(2), (ours / theirs).toFixed(3)]
  })
  return `| ${title} | ${cells.join(' | ')} |`
}

console.log(
  '| load | seconds | other | ratio | CPU seconds | other | ratio | memory, MB | other | ratio |',
)
console.log(`| --- |${' ---: |'.repeat(9)}`)
await using job = await openJob()
// Installs s5cmd into the job's tool cache, as a runner has it after its first job.
const first = await startListing(['flat', 1000, 0])
await plannerOf(job).run(first.endpoint)
first.close()
if (only !== 'copy')
  for (const { shape, keys } of LISTED) {
    const server = await startListing([shape, keys, LIST_LATENCY_MS])
    const row = await compare(`list ${keys} keys, ${shape}`, (name, build) =>
      plannerOf(job, name, build).run(server.endpoint),
    )
    server.close()
    console.log(row)
  }
if (only !== 'list')
  for (const [engine, objects] of Object.entries(COPIES)) {
    const load = await openLoad(job, { objects, sizeOf: () => SMALL_BYTES })
    const title = `copy ${objects} objects, ${engine}`
    console.log(await compare(title, (name, build) => runOnce(copierOf(name, engine, build), load)))
    await load.kit.close()
  }
