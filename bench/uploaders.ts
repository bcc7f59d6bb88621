import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { benchParts, parts, s3syncProgram } from 's3-direct-sync-testkit/parts.ts'
import type { Job } from 's3-direct-sync-testkit/runner-job.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { measureAction } from './action.ts'
import { type Measured, measure } from './measured.ts'

/** A folder that is uploaded to `s3://dst/copy/`. */
export interface UploadTask {
  readonly endpoint: string
  readonly folder: string
  /** Files at a time. */
  readonly files: number
  /** Parts of each at a time. */
  readonly parts: number
  readonly job: Job
}

/** A tool that uploads. */
export interface Uploader {
  readonly name: string
  run(task: UploadTask): Promise<Measured>
}

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIABENCH', AWS_SECRET_ACCESS_KEY: 'secret' } as const
const HERE = 'us-east-1'
const TO = 's3://dst/copy/'
const { caFile } = loopbackTls()

const environment = {
  ...KEYS,
  AWS_REGION: HERE,
  AWS_CA_BUNDLE: caFile,
  // That of s3sync.
  SSL_CERT_FILE: caFile,
  AWS_EC2_METADATA_DISABLED: 'true',
  HOME: '/nonexistent',
  PATH: process.env['PATH'] ?? '',
}

/** This action as a step; `build`: another one than `dist/index.js`. */
export const ours = (name = '**this action**', build?: string): Uploader => ({
  name,
  run: async ({ endpoint, folder, files, parts: partsOfEach, job }) => {
    const inputs = {
      source: folder,
      destination: TO,
      numworkers: String(files),
      concurrency: String(partsOfEach),
      's5cmd-path': parts().s5cmd,
      'endpoint-url': endpoint,
      'sts-endpoint': endpoint,
      'aws-access-key-id': KEYS.AWS_ACCESS_KEY_ID,
      'aws-secret-access-key': KEYS.AWS_SECRET_ACCESS_KEY,
      'aws-region': HERE,
    }
    const measured = await measureAction(job, inputs, { env: { AWS_CA_BUNDLE: caFile }, build })
    const { output } = measured
    if (!['success', 'nothing-to-do'].includes(output('result') ?? ''))
      throw new Error(`${name} ended with ${output('result')}: ${output('failure-message')}`)
    return measured
  },
})

const peer = (
  name: string,
  lineOf: (task: UploadTask) => readonly [command: string, ...args: readonly string[]],
  prepare: (task: UploadTask) => Promise<Readonly<Record<string, string>>> = async () => ({}),
): Uploader => ({
  name,
  run: async (task) => {
    const [command, ...args] = lineOf(task)
    const env = { ...environment, ...(await prepare(task)) }
    const measured = await measure({ command, args, env })
    if (measured.exitCode !== 0) throw new Error(`${name} ended with ${measured.exitCode}.`)
    return measured
  },
})

async function awsConfig({ files, parts: partsOfEach, job }: UploadTask) {
  const file = path.join(job.runnerTemp, 'aws-config')
  const requests = files * partsOfEach
  await writeFile(file, `[default]\ns3 =\n  max_concurrent_requests = ${requests}\n`)
  return { AWS_CONFIG_FILE: file }
}

const remote = (endpoint: string): string =>
  `:s3,provider=Other,list_version=2,env_auth=true,region=${HERE},endpoint="${endpoint}":dst/copy`

const s5cmd = (verb: 'cp' | 'sync'): Uploader =>
  peer(`\`s5cmd ${verb}\``, ({ endpoint, folder, files, parts: partsOfEach }) => [
    parts().s5cmd,
    ...['--numworkers', String(files), '--endpoint-url', endpoint, verb],
    ...['--concurrency', String(partsOfEach), '--exclude', '*.git/*', `${folder}/`, TO],
  ])

const s3sync = (program: string): Uploader =>
  peer('`s3sync`', ({ endpoint, folder, files, parts: partsOfEach }) => [
    program,
    ...['--target-endpoint-url', endpoint, '--target-force-path-style', '--target-region', HERE],
    ...['--target-access-key', KEYS.AWS_ACCESS_KEY_ID],
    ...['--target-secret-access-key', KEYS.AWS_SECRET_ACCESS_KEY],
    ...['--worker-size', String(files), '--max-parallel-uploads', String(partsOfEach)],
    ...['--filter-exclude-regex', '^\\.git/', `${folder}/`, TO],
  ])

/** The tools that people use today; what only cargo builds is left out where it was not built. */
export function peersOf(verb: 'cp' | 'sync'): readonly Uploader[] {
  const program = s3syncProgram()
  if (!program) console.error('Skipped: s3sync was not built (npm run parts -- cargo)')
  return [
    peer(
      '`aws s3 sync`',
      ({ endpoint, folder }) => [
        benchParts().aws,
        ...['s3', 'sync', folder, TO, '--quiet', '--endpoint-url', endpoint, '--exclude', '.git/*'],
      ],
      awsConfig,
    ),
    peer('`rclone copy`', ({ endpoint, folder, files, parts: partsOfEach }) => [
      parts().rclone,
      ...['copy', '--ca-cert', caFile, '--transfers', String(files)],
      ...['--s3-upload-concurrency', String(partsOfEach), '--exclude', '.git/**'],
      ...[folder, remote(endpoint)],
    ]),
    s5cmd(verb),
    ...(program ? [s3sync(program)] : []),
  ]
}
