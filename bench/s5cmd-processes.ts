// Whether s5cmd is faster in several processes: `npm run bench:s5cmd-processes` copies the same small objects with the same
// number of workers in 1, 2, 3, 4 and 6 processes of s5cmd itself, with 20 ms a request, with and without TLS, in turn, five
// rounds. s5cmd keeps two idle connections for a host, so most of its copies open one of their own.
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { rawS5cmd } from './copiers.ts'
import { LATENCY_MS, openLoad, type Run, runOnce, WORKERS } from './load.ts'
import { median } from './measured.ts'

const PROCESSES = [1, 2, 3, 4, 6]
const ROUNDS = 5
const OBJECTS = 6000

/** The runs of each number of processes. */
async function race(tls: boolean): Promise<ReadonlyMap<number, readonly Run[]>> {
  await using job = await openJob()
  const load = await openLoad(job, { objects: OBJECTS, sizeOf: () => 1500 }, tls)
  const results = new Map(PROCESSES.map((count): [number, Run[]] => [count, []]))
  for (let round = 0; round < ROUNDS; round++)
    for (const [count, runs] of results)
      runs.push(await runOnce(rawS5cmd(`${count} × ${Math.round(WORKERS / count)}`, count), load))
  await load.kit.close()
  return results
}

console.log(
  `${OBJECTS} copies, ${LATENCY_MS} ms a request, ${WORKERS} workers in all, medians of ${ROUNDS} rounds in turn\n`,
)
console.log(
  '| processes | TLS | copies a second | slowest to fastest | over one process | CPU per copy | connections |',
)
console.log('| ---: | --- | ---: | ---: | ---: | ---: | ---: |')
for (const tls of [false, true]) {
  const results = await race(tls)
  const secondsOf = (runs: readonly Run[]) => median(runs.map(({ seconds }) => seconds))
  const one = secondsOf(results.get(1) ?? [])
  for (const [count, runs] of results) {
    const rates = runs.map(({ seconds }) => OBJECTS / seconds)
    const cells = [
      count,
      tls ? 'yes' : 'no',
      (OBJECTS / secondsOf(runs)).toFixed(0),
      `${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`,
      `${(one / secondsOf(runs)).toFixed(2)}×`,
      `${(median(runs.map(({ cpuSeconds }) => (cpuSeconds * 1000) / OBJECTS))).toFixed(2)} ms`,
      median(runs.map(({ connections }) => connections)),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
