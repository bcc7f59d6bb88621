import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { benchParts, parts, s3syncProgram } from 's3-direct-sync-testkit/parts.ts'
import type { Job } from 's3-direct-sync-testkit/runner-job.ts'
import type { Testkit } from 's3-direct-sync-testkit/testkit.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { copyLine } from '../src/s5cmd/line.ts'
import { measureAction } from './action.ts'
import { type Measured, measure } from './measured.ts'

/** What is copied, from `data/` of the bucket `src` to `copy/` of `dst`. */
export interface Load {
  readonly kit: Testkit
  /** Source keys without `data/`. */
  readonly keys: readonly string[]
  /** Objects at a time. */
  readonly workers: number
  readonly job: Job
}

/** A tool that copies a load. */
export interface Copier {
  readonly name: string
  run(load: Load): Promise<Measured>
}

const { caFile } = loopbackTls()

const environment = ({ kit }: Load) => ({
  AWS_ACCESS_KEY_ID: kit.iam.admin.accessKeyId,
  AWS_SECRET_ACCESS_KEY: kit.iam.admin.secretAccessKey,
  AWS_REGION: 'us-east-1',
  AWS_CA_BUNDLE: caFile,
  // That of s3sync.
  SSL_CERT_FILE: caFile,
  AWS_EC2_METADATA_DISABLED: 'true',
  HOME: '/nonexistent',
  PATH: process.env['PATH'] ?? '',
})

/** A build of this action with one engine; undefined: `dist/index.js`. */
export const ours = (name: string, engine: string, build?: string): Copier => ({
  name,
  run: async ({ kit, workers, job }) => {
    const { admin } = kit.iam
    const measured = await measureAction(
      job,
      {
        source: 's3://src/data/',
        destination: 's3://dst/copy/',
        engine,
        numworkers: String(workers),
        's5cmd-path': parts().s5cmd,
        'endpoint-url': kit.endpoint,
        'sts-endpoint': kit.endpoint,
        'aws-access-key-id': admin.accessKeyId,
        'aws-secret-access-key': admin.secretAccessKey,
        'aws-region': 'us-east-1',
      },
      { env: { AWS_CA_BUNDLE: caFile }, build },
    )
    const { output } = measured
    if (output('result') !== 'success')
      throw new Error(`${name} ended with ${output('result')}: ${output('failure-message')}`)
    return measured
  },
})

type Line = readonly [command: string, ...args: readonly string[]]

const peer = (name: string, lineOf: (load: Load) => Promise<Line>, more = {}): Copier => ({
  name,
  run: async (load) => {
    const [command, ...args] = await lineOf(load)
    const env = { ...environment(load), ...more }
    const measured = await measure({ command, args, env })
    if (measured.exitCode !== 0) throw new Error(`${name} ended with ${measured.exitCode}.`)
    return measured
  },
})

/** The lines that the s5cmd engine is fed, as files: every process has its own, and as many of them. */
async function lineFiles({ keys, job }: Load, processes: number): Promise<readonly string[]> {
  const rules = {
    source: { bucket: 'src' },
    destination: { bucket: 'dst', prefix: '', single: false },
    metadataDirective: true,
    options: {},
  }
  const op = { op: 'copy', size: 0, etag: '', lastModified: '', reason: 'missing' } as const
  const lines = keys.map((key) => copyLine({ ...op, key: `data/${key}`, to: `copy/${key}` }, rules))
  const files = Array.from({ length: processes }, (_, at) =>
    path.join(job.runnerTemp, `lines-${processes}-${at}.txt`),
  )
  for (const [at, file] of files.entries())
    await writeFile(file, lines.filter((_, line) => line % processes === at).join('\n'))
  return files
}

/** s5cmd itself, with the same workers in so many processes at a time. */
export const rawS5cmd = (name: string, processes: number): Copier =>
  peer(name, async (load) => {
    const workers = String(Math.round(load.workers / processes))
    const options = ['--json', '--numworkers', workers, '--retry-count', '5']
    const files = await lineFiles(load, processes)
    const script =
      'program=$1; files=$2; shift 2; for file in $files; do "$program" "$@" "$file" & done; wait'
    return [
      '/bin/sh',
      ...['-c', script, 'sh', parts().s5cmd, files.join(' ')],
      ...[...options, '--endpoint-url', load.kit.endpoint, 'run'],
    ]
  })

const remote = ({ kit }: Load, place: string): string =>
  `:s3,provider=Other,list_version=2,env_auth=true,region=us-east-1,endpoint="${kit.endpoint}":${place}`

const s3sync = (program: string): Copier =>
  peer('`s3sync`', async ({ kit, workers }) => {
    const { accessKeyId, secretAccessKey } = kit.iam.admin
    const sideOf = (side: string) => [
      ...[`--${side}-endpoint-url`, kit.endpoint, `--${side}-force-path-style`],
      ...[`--${side}-region`, 'us-east-1', `--${side}-access-key`, accessKeyId],
      ...[`--${side}-secret-access-key`, secretAccessKey],
    ]
    const how = ['--server-side-copy', '--auto-chunksize', '--worker-size', String(workers)]
    return [
      program,
      ...how,
      ...sideOf('source'),
      ...sideOf('target'),
      's3://src/data/',
      's3://dst/copy/',
    ]
  })

async function awsConfig({ workers, job }: Load): Promise<void> {
  const file = path.join(job.runnerTemp, 'aws-config')
  await writeFile(file, `[default]\ns3 =\n  max_concurrent_requests = ${workers}\n`)
}

/** The tools in the order of the table; what only cargo builds is left out where it was not built. */
export function copiers(job: Job) {
  const program = s3syncProgram()
  if (!program) console.error('Skipped: s3sync was not built (npm run parts -- cargo)')
  return {
    raw: rawS5cmd('`s5cmd run` of the same batch files', 1),
    s5cmd: ours('**this action**, s5cmd', 's5cmd'),
    direct: ours('**this action**, direct', 'direct'),
    rclone: peer('`rclone copy`', async (load) => [
      parts().rclone,
      ...['copy', '--ca-cert', caFile, '--transfers', String(load.workers)],
      ...[remote(load, 'src/data'), remote(load, 'dst/copy')],
    ]),
    aws: peer(
      '`aws s3 sync`',
      async (load) => {
        await awsConfig(load)
        return [
          benchParts().aws,
          ...['s3', 'sync', 's3://src/data/', 's3://dst/copy/', '--quiet'],
          ...['--endpoint-url', load.kit.endpoint],
        ]
      },
      { AWS_CONFIG_FILE: path.join(job.runnerTemp, 'aws-config') },
    ),
    ...(program ? { s3sync: s3sync(program) } : {}),
  } as const
}
