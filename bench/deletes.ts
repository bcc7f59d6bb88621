// How fast and in how much memory what only the destination has is deleted, each object looked up at the source just
// before: `npm run bench:deletes` deletes 100,000 objects, and a tenth as many for comparison, at 20 ms a request. Server
// and action are two processes of one machine.
import { readFile } from 'node:fs/promises'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { measureAction } from './action.ts'
import { startListing } from './listing.ts'

const LATENCY_MS = 20
const DELETES = [10_000, 100_000]
/** How a key that is not there is looked up, and what a HEAD of it is answered: refused to who may list a part only. */
const WAYS = { HEAD: '404', 'HEAD, refused: LIST': '403' } as const

interface Timed {
  readonly stages: readonly { readonly stage: string; readonly seconds: number }[]
}

async function measured(deletes: number, way: keyof typeof WAYS): Promise<string> {
  // One object stays, as the source has it.
  const server = await startListing(['folders', deletes + 1, LATENCY_MS, 1, WAYS[way]])
  const { endpoint } = server
  await using job = await openJob()
  const run = await measureAction(job, {
    ...{ source: 's3://src/data/', destination: 's3://dst/data/' },
    ...{ 'endpoint-url': endpoint, 'sts-endpoint': endpoint, 'aws-region': 'us-east-1' },
    ...{ 'aws-access-key-id': 'AKIABENCH', 'aws-secret-access-key': 'secret' },
    ...{ engine: 'direct', delete: 'true', 'max-delete': '100%' },
  })
  const told = run.output('deleted')
  if (told !== String(deletes))
    throw new Error(`${told} of ${deletes} were deleted: ${run.output('failure-message')}`)
  const report = JSON.parse(await readFile(run.output('report-path') ?? '', 'utf8')) as Timed
  const seconds = report.stages.find(({ stage }) => stage === 'delete')?.seconds ?? Number.NaN
  const asked = await server.asked()
  server.close()
  const cells = [
    deletes.toLocaleString('en-US'),
    way,
    `${seconds.toFixed(1)} s`,
    `${run.cpuSeconds.toFixed(1)} s`,
    `${run.peakMegabytes.toFixed(0)} MB`,
    (asked.others + asked.lists).toLocaleString('en-US'),
  ]
  return `| ${cells.join(' | ')} |`
}

console.log('| deletes | looked up by | stage delete | CPU of the run | memory | requests |')
console.log('| ---: | --- | ---: | ---: | ---: | ---: |')
for (const way of ['HEAD', 'HEAD, refused: LIST'] as const)
  for (const deletes of DELETES) console.log(await measured(deletes, way))
