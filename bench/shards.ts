// What several runners take for one plan: `npm run bench:shards -- 1e8` plans places of so many keys with the built action
// against a server that makes their listings while they are asked for, cuts the plan into 64 parts and ends it. One key in
// ten is missing at the destination, and one in a thousand is only there, and is deleted. A copy takes 20 ms. Of the shards
// - one is carried out as ever, and one by a runner whose copies take 100 ms;
// - one is lost when half of its copies are made: the last job looks at them, and deletes nothing; then the shard is
//   carried out again, and the last job behind it;
// - one is delivered twice;
// - the others are not carried out: what they would leave is written, and the server told of their copies.
// Sizes are measured one by one, and kept; `-- write` puts the table of all of them into docs/scale.md.
import { requestDollars } from '../src/model/price.ts'
import { humanBytes } from '../src/model/units.ts'
import { inTime, keep, measuredBefore, row, sizesIn, writeTable } from './scale-page.ts'
import type { AskedOfShards } from './shard-server.ts'
import { type JobRun, ShardWorld } from './shard-world.ts'

const SHARDS = 64
const MISSING_EVERY = 10
const EXTRA_EVERY = 1000
const [COPY_MS, SLOW_COPY_MS] = [20, 100]
const [AS_EVER, SLOW, LOST, TWICE] = [1, 2, 3, 4]

/** What a job took. */
interface Took {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMegabytes: number
  readonly asked: AskedOfShards
  /** Of the files that it leaves. */
  readonly bytes: number
}

/** The jobs that were carried out, by name; those of a size that was not measured to its end are fewer. */
type Jobs = Readonly<Record<string, Took>>

const JOBS = {
  plan: 'plan',
  asEver: 'execute, one of 64 shards',
  slow: 'execute, the slow shard',
  lost: 'finish, one shard lost',
  again: 'execute, the lost shard again',
  finish: 'finish, all there: merge and delete',
} as const

function check(run: JobRun, expected: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(expected))
    if (run.output(name) !== value)
      throw new Error(
        `${name} is ${run.output(name)} instead of ${value}: ${run.output('failure-message')}`,
      )
}

/** Measures a whole plan of so many keys, and keeps each of its jobs as it ends. */
async function measureShards(keys: number): Promise<void> {
  const size = { keys, shards: SHARDS, missingEvery: MISSING_EVERY, extraEvery: EXTRA_EVERY }
  await using world = await ShardWorld.open(size)
  const [copies, deletes] = [Math.ceil(keys / MISSING_EVERY), Math.ceil(keys / EXTRA_EVERY)]
  let jobs: Jobs = {}
  const note = async (name: keyof typeof JOBS, run: JobRun, bytes: number): Promise<void> => {
    const { seconds, cpuSeconds, peakMegabytes, asked } = run
    jobs = { ...jobs, [name]: { seconds, cpuSeconds, peakMegabytes, asked, bytes } }
    await keep('shards', keys, jobs)
    console.error(
      `${keys} keys, ${JOBS[name]}: ${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s, ${peakMegabytes.toFixed(0)} MB, ${JSON.stringify(asked)}`,
    )
  }
  const plan = await world.plan()
  check(plan, { 'planned-copies': `${copies}`, 'planned-deletes': `${deletes}` })
  await note('plan', plan, await world.bytesOf('planned'))
  const ops = (number: number): number => world.index.parts[number - 1]?.ops ?? 0

  world.tell({ copyMs: COPY_MS })
  const asEver = await world.execute(AS_EVER)
  check(asEver, { result: 'success', copied: `${ops(AS_EVER)}` })
  await note('asEver', asEver, await world.bytesOf('shards'))
  world.tell({ copyMs: SLOW_COPY_MS })
  const slow = await world.execute(SLOW)
  check(slow, { result: 'success', copied: `${ops(SLOW)}` })
  await note('slow', slow, (await world.bytesOf('shards')) / 2)
  world.tell({ copyMs: COPY_MS })

  const half = world.halfDone(LOST)
  for (const at of world.index.parts.keys()) if (at + 1 > LOST) await world.leave(at + 1)
  await world.again(TWICE)
  const lost = await world.finish()
  const proven = copies - ops(LOST) + half
  check(lost, { result: 'partial', 'failure-kind': 'lost-shard', deleted: '0' })
  check(lost, { copied: `${proven}`, unknown: `${copies - proven}`, failed: `${deletes}` })
  await note('lost', lost, await world.bytesOf('finished'))
  const again = await world.execute(LOST)
  check(again, { result: 'success' })
  await note('again', again, 0)
  const finish = await world.finish()
  check(finish, { result: 'success', copied: `${copies}`, deleted: `${deletes}`, unknown: '0' })
  await note('finish', finish, await world.bytesOf('finished'))
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US')
const dollarsOf = ({ lists, copies, heads, others }: AskedOfShards): number =>
  requestDollars({ copies, lists: lists + others, heads })
const dollars = (value: number): string => `$${value.toFixed(value < 0.1 ? 4 : 2)}`

function jobRow(keys: number, name: string, { asked, bytes, ...took }: Took): string {
  return row([
    keys.toLocaleString('en-US'),
    name,
    inTime(took.seconds),
    inTime(took.cpuSeconds),
    `${took.peakMegabytes.toFixed(0)} MB`,
    count(asked.lists),
    count(asked.copies),
    count(asked.heads),
    count(asked.deletes + asked.others),
    dollars(dollarsOf(asked)),
    bytes > 0 ? humanBytes(bytes) : '',
  ])
}

/** What all jobs come to: of 64 shards 63 take what the measured one took. */
function wholeRow(keys: number, jobs: Jobs): string | undefined {
  const { plan, asEver, slow, again, finish } = jobs
  if (!plan || !asEver || !slow || !again || !finish) return undefined
  const all = [plan, ...Array.from({ length: SHARDS - 1 }, () => asEver), slow, finish]
  const sum = (pick: (took: Took) => number): number =>
    all.reduce((total, took) => total + pick(took), 0)
  const asked = (name: keyof AskedOfShards): number => sum((took) => took.asked[name])
  return row([
    `**${keys.toLocaleString('en-US')}**`,
    '**all of it, no shard lost**',
    `**${inTime(plan.seconds + slow.seconds + finish.seconds)}**`,
    inTime(sum(({ cpuSeconds }) => cpuSeconds)),
    `${Math.max(...all.map(({ peakMegabytes }) => peakMegabytes)).toFixed(0)} MB`,
    count(asked('lists')),
    count(asked('copies')),
    count(asked('heads')),
    count(asked('deletes') + asked('others')),
    `**${dollars(sum((took) => dollarsOf(took.asked)))}**`,
    '',
  ])
}

async function table(): Promise<string> {
  const head = ['keys', 'job', 'time', 'CPU', 'peak memory', 'LIST', 'COPY', 'HEAD', 'other']
  const rows = (await measuredBefore<Jobs>('shards')).flatMap(([keys, jobs]) => {
    const whole = wholeRow(keys, jobs)
    const measured = Object.entries(JOBS).flatMap(([id, name]) => {
      const took = jobs[id]
      return took ? [jobRow(keys, name, took)] : []
    })
    return [...measured, ...(whole === undefined ? [] : [whole])]
  })
  return [
    row([...head, 'price', 'files']),
    row(['---:', '---', ...Array.from({ length: 9 }, () => '---:')]),
    ...rows,
  ].join('\n')
}

for (const size of sizesIn(process.argv)) await measureShards(size)
const text = await table()
console.log(text)
if (process.argv.includes('write')) await writeTable('shards', text)
