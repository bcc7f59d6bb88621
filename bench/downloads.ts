// How fast a bucket is fetched into a folder: `npm run bench:downloads` fetches 5,000 small objects, and 8 of 64 MiB, with
// this action and with the tools that people use today, as many requests in flight, from one testkit on loopback over plain
// HTTP, in turn. Every row is a whole process from start to exit, the best of its rounds, into an empty folder; behind each
// run all files are compared with the objects. What is said of this action includes proof by MD5 and a sync of every file to
// the disk, which the others do not do. `rounds=3`, `files=5000`, `large=8` take other sizes.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { benchParts, parts } from 's3-direct-sync-testkit/parts.ts'
import { type Job, openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { startTestkit } from 's3-direct-sync-testkit/testkit.ts'
import { measureAction } from './action.ts'
import { type Measured, measure } from './measured.ts'

const HERE = 'us-east-1'
const FROM = 's3://src/data/'
const IN_FLIGHT = 32

/** A bucket that is fetched into a folder. */
interface Task {
  readonly endpoint: string
  readonly folder: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly job: Job
}

type Tool = (task: Task) => Promise<Measured>

const args = process.argv.slice(2)
const number = (name: string, usual: number): number =>
  Number(args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1) ?? usual)

const ours: Tool = async ({ endpoint, folder, keys, job }) => {
  const measured = await measureAction(job, {
    source: FROM,
    destination: folder,
    numworkers: `${IN_FLIGHT}`,
    'endpoint-url': endpoint,
    'sts-endpoint': endpoint,
    'aws-access-key-id': keys.accessKeyId,
    'aws-secret-access-key': keys.secretAccessKey,
    'aws-region': HERE,
  })
  const { output } = measured
  if (output('result') !== 'success') throw new Error(`this action: ${output('failure-message')}`)
  return measured
}

const peer =
  (lineOf: (task: Task) => readonly [string, ...string[]]): Tool =>
  async (task) => {
    const [command, ...rest] = lineOf(task)
    const env = {
      AWS_ACCESS_KEY_ID: task.keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: task.keys.secretAccessKey,
      AWS_REGION: HERE,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: '/nonexistent',
      PATH: process.env['PATH'] ?? '',
    }
    return measure({ command, args: rest, env })
  }

const TOOLS: Readonly<Record<string, Tool>> = {
  '**this action**': ours,
  '`aws s3 sync`': peer(({ endpoint, folder }) => [
    benchParts().aws,
    ...['s3', 'sync', FROM, folder, '--quiet', '--endpoint-url', endpoint],
  ]),
  '`rclone copy`': peer(({ endpoint, folder }) => [
    parts().rclone,
    ...['copy', '--transfers', `${IN_FLIGHT}`, '--checkers', `${IN_FLIGHT}`],
    `:s3,provider=Other,list_version=2,env_auth=true,region=${HERE},endpoint="${endpoint}":src/data`,
    folder,
  ]),
  '`s5cmd cp`': peer(({ endpoint, folder }) => [
    parts().s5cmd,
    ...['--numworkers', `${IN_FLIGHT}`, '--endpoint-url', endpoint, 'cp', `${FROM}*`, `${folder}/`],
  ]),
}

const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

/** Fetches what a bucket holds with each of the tools, and gives the best of each. */
async function race(shape: string, contents: ReadonlyMap<string, Buffer>, rounds: number) {
  await using job = await openJob()
  const kit = await startTestkit()
  const scratch = await mkdtemp(path.join(tmpdir(), 'downloads-'))
  const best = new Map<string, Measured>()
  try {
    kit.store.createBucket('src')
    for (const [key, body] of contents) kit.store.put('src', `data/${key}`, { body })
    for (let round = 0; round < rounds; round++)
      for (const [name, tool] of Object.entries(TOOLS)) {
        const folder = path.join(scratch, `${round}-${name.replace(/\W/g, '')}`)
        const task = { endpoint: kit.endpoint, folder, keys: kit.iam.admin, job }
        const measured = await tool(task)
        if (measured.exitCode !== 0) throw new Error(`${name} ended with ${measured.exitCode}.`)
        for (const [key, body] of contents)
          if (md5(await readFile(path.join(folder, key))) !== md5(body))
            throw new Error(`${name} did not fetch ${key}.`)
        await rm(folder, { recursive: true })
        const before = best.get(name)
        if (!before || measured.cpuSeconds < before.cpuSeconds) best.set(name, measured)
        console.error(
          `${shape}, ${name}: ${measured.seconds.toFixed(1)} s, CPU ${measured.cpuSeconds.toFixed(2)} s, ${measured.peakMegabytes.toFixed(0)} MB`,
        )
      }
  } finally {
    await kit.close()
    await rm(scratch, { recursive: true, force: true })
  }
  const own = best.get('**this action**')
  for (const [name, { seconds, cpuSeconds, peakMegabytes }] of best)
    console.log(
      `| ${shape} | ${name} | ${seconds.toFixed(1)} s | ${(seconds / (own?.seconds ?? 1)).toFixed(2)}× | ${cpuSeconds.toFixed(2)} s | ${(cpuSeconds / (own?.cpuSeconds ?? 1)).toFixed(2)}× | ${peakMegabytes.toFixed(0)} MB |`,
    )
}

const rounds = number('rounds', 3)
const [files, large] = [number('files', 5000), number('large', 8)]
console.log('| objects | tool | time | to ours | CPU | CPU to ours | peak memory |')
console.log('| --- | --- | ---: | ---: | ---: | ---: | ---: |')
const small = Array.from(
  { length: files },
  (_, at) => [`d${at % 50}/f${at}.bin`, Buffer.alloc(1000 + (at % 15_000), `${at} `)] as const,
)
await race('small', new Map(small), rounds)
const big = Array.from(
  { length: large },
  (_, at) => [`${at}.bin`, Buffer.alloc(64 * 2 ** 20, `large ${at} `)] as const,
)
await race('large', new Map(big), rounds)
