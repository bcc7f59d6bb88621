// What the last of several jobs takes to merge what the others left: `npm run bench:finish -- 1e7` lays out a plan of so many
// copies in 64 parts, and the rows of all of them as shards write them: one copy in a thousand failed, one in ten
// overwrote something. Measures the built action from start to exit, and again where one shard is lost, whose copies are
// looked at: half of them were made. What was measured is kept, and `-- write` puts it into docs/scale.md.
import { inTime, keep, measuredBefore, row, sizesIn, writeTable } from './scale-page.ts'
import { type JobRun, ShardWorld } from './shard-world.ts'

const SHARDS = 64

/** What a job took. */
type Took = Pick<JobRun, 'seconds' | 'cpuSeconds' | 'peakMegabytes' | 'asked'>

/** The last job, where all shards are there, and where one is lost; what was not measured to its end has less. */
interface Finishes {
  readonly whole: Took
  readonly lost?: Took
}

/** Ends the plan, and sees that every copy has its row. */
async function finish(world: ShardWorld, copies: number): Promise<Took> {
  const run = await world.finish()
  const [copied, failed, unknown] = ['copied', 'failed', 'unknown'].map((name) =>
    Number(run.output(name)),
  ) as [number, number, number]
  if (copied + failed + unknown !== copies) throw new Error(run.output('failure-message'))
  const { seconds, cpuSeconds, peakMegabytes, asked } = run
  console.error(
    `${copied} of ${copies} copies done, ${failed} failed, ${unknown} unknown: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${peakMegabytes.toFixed(0)} MB`,
  )
  return { seconds, cpuSeconds, peakMegabytes, asked }
}

async function measureFinish(copies: number): Promise<void> {
  const size = { keys: SHARDS, shards: SHARDS, missingEvery: 1, extraEvery: 0 }
  await using world = await ShardWorld.open(size)
  await world.plan()
  await world.layOut(copies)
  const whole = await finish(world, copies)
  await keep<Finishes>('finish', copies, { whole })
  world.halfDone(1)
  await world.lose(1)
  await keep<Finishes>('finish', copies, { whole, lost: await finish(world, copies) })
}

const rowOf = (rows: number, what: string, { asked, ...took }: Took): string =>
  row([
    rows.toLocaleString('en-US'),
    what,
    inTime(took.seconds),
    inTime(took.cpuSeconds),
    `${took.peakMegabytes.toFixed(0)} MB`,
    asked.lists.toLocaleString('en-US'),
  ])

for (const size of sizesIn(process.argv)) await measureFinish(size)
const text = [
  row(['rows', 'shards', 'time', 'CPU', 'peak memory', 'LIST']),
  row(['---:', '---', '---:', '---:', '---:', '---:']),
  ...(await measuredBefore<Finishes>('finish')).flatMap(([rows, { whole, lost }]) => [
    rowOf(rows, 'all 64 there', whole),
    ...(lost ? [rowOf(rows, 'one of 64 lost', lost)] : []),
  ]),
].join('\n')
console.log(text)
if (process.argv.includes('write')) await writeTable('finish', text)
