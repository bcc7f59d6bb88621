// The fault campaign: `npm run campaign -- --seed 1 --runs 100` plays that many schedules of random objects, requests and
// faults against the built action, and judges each from outside. A seed makes the same schedule again: `--seed N --runs 1`.
// The threads of the action keep their own time, so it is the schedule that is repeated, not every interleaving.
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { judge } from './invariants.ts'
import { play } from './run.ts'
import { scheduleOf } from './schedule.ts'
import { closing, type Judged, table } from './table.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '20' },
    /** Begins no schedule after so many. */
    seconds: { type: 'string', default: 'Infinity' },
    report: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
})
const first = Number(values.seed)
const runs = Number(values.runs)
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
      const played = await play(scheduleOf(next++))
      const one = { played, violations: judge(played) }
      judged.push(one)
      tell(one)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
  return judged
}

const INTRODUCTION = `# Reliability

What became of random requests for random objects under random faults: each schedule runs the built action against a
server that breaks as told, looks at both buckets before and after, and then runs it twice more with the faults gone.
Every run must keep these promises, whatever happens:

1. Nothing is lost: nothing is deleted that the source holds, or without \`delete\`, or that a filter excludes; nothing
   beside the destination changes, and nothing at the source.
2. No success is claimed that is not true, and outputs, report, rows, headline and exit code tell one story.
3. Every planned operation is accounted for exactly once.
4. A run that fails says in one error why, and what to do; no secret is printed or written.
5. The next run without faults finishes the work, and the one after it has nothing to do.
6. A signal ends the run within 6 seconds, with no process left.

A seed makes the same schedule again: \`npm run campaign -- --seed N --runs 1\`.
`

const judged = await playAll()
const result = `${table(judged)}\n\n${closing(judged)}\n`
console.log(`\n${result}`)
if (values.report !== undefined) {
  const range = `Seeds from ${first} on:`
  await writeFile(values.report, `${INTRODUCTION}\n${range}\n\n${result}`)
}
if (judged.some(({ violations }) => violations.length > 0)) process.exitCode = 1
