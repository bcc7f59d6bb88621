// What a list of transfers saves: `npm run bench:transfers` brings three mirrors of 10,000 objects up to date, by three
// steps and by one, with either engine, from an empty destination and when there is nothing to do. Medians of three runs
// in turn, and one step's share of what three steps take by the run; the server is on one of the cores.
// `-- direct rounds=5` measures one engine, more often.
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { measureAction } from './action.ts'
import { median } from './measured.ts'

const OBJECTS = 10_000
const MIRRORS = ['eu', 'us', 'ap']
const words = process.argv.slice(2)
const RUNS = Number(words.find((word) => word.startsWith('rounds='))?.slice('rounds='.length) ?? 3)
const ENGINES = ['direct', 's5cmd'].filter(
  (engine) => words.includes(engine) || !words.some((word) => /^[a-z\d]+$/.test(word)),
)

type Inputs = Readonly<Record<string, string>>

const LIST = MIRRORS.map((name) => `- { name: ${name}, destination: s3://dst/${name}/ }`).join('\n')
const WAYS: Readonly<Record<string, readonly Inputs[]>> = {
  'three steps': MIRRORS.map((name) => ({ destination: `s3://dst/${name}/` })),
  'one step': [{ transfers: LIST }],
}

/** What it took. */
interface Took {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly logins: number
  readonly requests: number
}

async function run(
  stage: Stage,
  job: Job,
  steps: readonly Inputs[],
  engine: string,
): Promise<Took> {
  const { kit, roleArn } = stage
  kit.counters.reset()
  let [seconds, cpuSeconds] = [0, 0]
  for (const inputs of steps) {
    const all = {
      ...{ source: 's3://src/data/', 'endpoint-url': kit.endpoint, 'sts-endpoint': kit.endpoint },
      ...{ 'role-to-assume': roleArn, 'aws-region': 'us-east-1', 's5cmd-path': parts().s5cmd },
      ...{ engine, ...inputs },
    }
    const took = await measureAction(job, all, { env: kit.idTokenEnv })
    if (took.exitCode !== 0) throw new Error(took.output('failure-message'))
    seconds += took.seconds
    cpuSeconds += took.cpuSeconds
  }
  const logins = kit.counters.of('AssumeRoleWithWebIdentity')
  return { seconds, cpuSeconds, logins, requests: kit.counters.total() }
}

function row(what: string, way: string, all: readonly Took[]): string {
  const of = (pick: (took: Took) => number) => median(all.map(pick))
  const cells = [
    ...[what, way, `${of(({ seconds }) => seconds).toFixed(1)} s`],
    `${of(({ cpuSeconds }) => cpuSeconds).toFixed(1)} s`,
    of(({ logins }) => logins),
    of(({ requests }) => requests).toLocaleString('en-US'),
  ]
  return `| ${cells.join(' | ')} |`
}

/** What one step takes of what three steps take, run by run: in the middle. */
function share(one: readonly Took[], three: readonly Took[], pick: (took: Took) => number): string {
  const ratios = one.map((took, at) => pick(took) / pick(three[at] ?? took))
  return median(ratios).toFixed(2)
}

await using stage = await openStage()
const { store } = stage.kit
for (let at = 0; at < OBJECTS; at++)
  store.put('src', `data/${String(at).padStart(5, '0')}`, { size: 10, seed: at })
await using job = await openJob()
console.log('| three mirrors of 10,000 | by | time | CPU | logins | requests |')
console.log('| --- | --- | ---: | ---: | ---: | ---: |')
for (const engine of ENGINES) {
  const took: Record<string, Took[]> = {}
  for (let at = 0; at < RUNS; at++)
    for (const [way, steps] of Object.entries(WAYS)) {
      for (const key of store.keys('dst')) store.delete('dst', key)
      for (const what of ['copied', 'nothing to do']) {
        const name = `${what}, ${engine}`
        took[`${name}|${way}`] ??= []
        took[`${name}|${way}`]?.push(await run(stage, job, steps, engine))
      }
    }
  for (const [name, all] of Object.entries(took)) {
    const [what = '', way = ''] = name.split('|')
    console.log(row(what, way, all))
    if (way !== 'one step') continue
    const three = took[`${what}|three steps`] ?? []
    const shares = [
      share(all, three, ({ seconds }) => seconds),
      share(all, three, ({ cpuSeconds }) => cpuSeconds),
    ]
    console.log(`| ${[what, 'one step ÷ three', ...shares, '', ''].join(' | ')} |`)
  }
}
