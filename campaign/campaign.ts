// The fault campaign: `npm run campaign -- --seed 1 --runs 100` plays that many schedules of random objects, requests and
// faults against the built action, and judges each from outside. A seed makes the same schedule again: `--seed N --runs 1`.
// With `--keys 1000` each is about so many fuzzed keys.
// The threads of the action keep their own time, so it is the schedule that is repeated, not every interleaving.
import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { judge } from './invariants.ts'
import { play } from './run.ts'
import { keysScheduleOf, scheduleOf } from './schedule.ts'
import { closing, type Judged, table } from './table.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '20' },
    /** Begins no schedule after so many. */
    seconds: { type: 'string', default: 'Infinity' },
    /** A page that gets the result between its marks. */
    report: { type: 'string' },
    /** So many fuzzed keys in each schedule, in place of random faults. */
    keys: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const runs = Number(values.runs)
const keys = values.keys === undefined ? undefined : Number(values.keys)
const endMs = performance.now() + Number(values.seconds) * 1000

function tell({ played, violations }: Judged): void {
  const { schedule, steps, struck, seconds, uploadsLeft } = played
  const faults = schedule.faults.map(({ name, door, nth, times }, at) => {
    const often = times > 1000 ? 'for ever' : `${times}×`
    return `${name} (${door}, from ${nth}, ${often}, struck ${struck[at]}×)`
  })
  const results = steps.map(
    ({ name, result }) => `${name}: ${result.outputs['result'] ?? result.signal}`,
  )
  console.log(
    `seed ${schedule.seed}: ${faults.join(' + ') || 'no fault'} → ${results.join(', ')}${uploadsLeft > 0 ? `, ${uploadsLeft} uploads left` : ''} (${seconds.toFixed(1)} s)`,
  )
  for (const { invariant, step, what } of violations)
    console.log(`  VIOLATION, seed ${schedule.seed}, ${step}: ${invariant}: ${what}`)
  if (!values.verbose) return
  console.log(
    JSON.stringify({ request: schedule.request, who: schedule.who, faults: schedule.faults }),
  )
  for (const { name, printed, result } of steps)
    console.log(`--- ${name}\n${printed}\n${JSON.stringify(result.outputs, undefined, 1)}`)
}

async function playAll(): Promise<Judged[]> {
  const judged: Judged[] = []
  let next = first
  const worker = async (): Promise<void> => {
    while (next < first + runs && performance.now() < endMs) {
      const seed = next++
      const played = await play(keys === undefined ? scheduleOf(seed) : keysScheduleOf(seed, keys))
      const one = { played, violations: judge(played) }
      judged.push(one)
      tell(one)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return judged
}

/** Puts the result between the marks of a page: those of the campaign, or of the keys. */
async function write(path: string, result: string): Promise<void> {
  const mark = keys === undefined ? 'campaign' : 'keys'
  const marked = new RegExp(`<!-- ${mark} -->[^]*<!-- /${mark} -->`)
  const text = `<!-- ${mark} -->\n${result}\n<!-- /${mark} -->`
  const page = await readFile(path, 'utf8')
  if (!marked.test(page)) throw new Error(`${path} has no marks for the result`)
  await writeFile(
    path,
    page.replace(marked, () => text),
  )
}

const judged = await playAll()
const result = `${table(judged)}\n\n${closing(judged)}`
console.log(`\n${result}`)
if (values.report !== undefined) await write(values.report, `Seeds from ${first} on:\n\n${result}`)
if (judged.some(({ violations }) => violations.length > 0)) process.exitCode = 1
