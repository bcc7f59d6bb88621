// What the action costs before it lists: `npm run bench:startup` takes the CPU time of its process, and of children that
// have ended, from exec until its first LIST reaches the server, less that of `node -e 0`, which comes with every action.
// `npm run bench:startup -- /path/of/another/dist/index.js` plays another build in turn.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { actionProgram, measureAction } from './action.ts'
import { measure, median } from './measured.ts'

const ROUNDS = 15
const KEY = 'data/one.txt'
/** Of a clock tick in `/proc`, on all common systems. */
const TICK_MS = 10

/** CPU time that a process has taken, its ended children included. Linux tells it of any process. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Behind the name, which may hold anything; of these the 12th to the 15th are times.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0)
}

const [other] = process.argv.slice(2)
const builds: Readonly<Record<string, string | undefined>> = {
  'this build': undefined,
  ...(other ? { 'the other': path.resolve(other) } : {}),
}

await using job = await openJob()
const kit = await startTestkit({})
for (const bucket of ['src', 'dst']) kit.store.put(bucket, KEY, { size: 1, seed: 1 })
const inputs = {
  ...{ source: 's3://src/data/', destination: 's3://dst/data/', 'aws-region': 'us-east-1' },
  ...{ 'endpoint-url': kit.endpoint, 'sts-endpoint': kit.endpoint },
  'aws-access-key-id': kit.iam.admin.accessKeyId,
  'aws-secret-access-key': kit.iam.admin.secretAccessKey,
}
// Installs s5cmd into the job's tool cache, as a runner has it after its first job.
const first = await measureAction(job, inputs)
if (first.exitCode !== 0) throw new Error(`The action failed: ${first.output('failure-message')}`)

async function untilFirstList(build: string | undefined): Promise<number> {
  const { program } = await actionProgram(job, inputs, { build })
  const { command, args, env } = program
  const child = spawn(command, args, { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const taken = Promise.withResolvers<number>()
  kit.faults.clear()
  kit.faults.add({
    match: { operation: 'ListObjectsV2' },
    times: 1,
    fault: (_, next) => {
      taken.resolve(cpuMsOf(child.pid ?? 0))
      child.kill('SIGKILL')
      return next()
    },
  })
  const missed = ended.then(() => Promise.reject(new Error('The action ended without a LIST.')))
  const cpuMs = await Promise.race([taken.promise, missed])
  await ended
  return cpuMs
}

const bare: number[] = []
const runs = new Map<string, number[]>(Object.keys(builds).map((name) => [name, []]))
for (let round = 0; round < ROUNDS; round++) {
  const { cpuSeconds } = await measure({ command: process.execPath, args: ['-e', '0'], env: {} })
  bare.push(cpuSeconds * 1000)
  for (const [name, build] of Object.entries(builds))
    runs.get(name)?.push(await untilFirstList(build))
}
await kit.close()

console.log('| CPU until the first LIST | median | less bare Node | least |')
console.log('| --- | ---: | ---: | ---: |')
const bareMs = median(bare)
console.log(`| \`node -e 0\` | ${bareMs.toFixed(0)} ms | | ${Math.min(...bare).toFixed(0)} ms |`)
for (const [name, times] of runs) {
  const cells = [median(times), median(times) - bareMs, Math.min(...times)]
  console.log(`| ${name} | ${cells.map((ms) => `${ms.toFixed(0)} ms`).join(' | ')} |`)
}
