import { benchParts, parts, s3syncProgram } from 's3-direct-sync-testkit/parts.ts'
import type { Job } from 's3-direct-sync-testkit/runner-job.ts'
import { measureAction } from './action.ts'
import { type Measured, measure, type Program } from './measured.ts'

/** A tool that compares `data/` of the buckets `src` and `dst` and would find nothing to do. */
export interface Planner {
  readonly name: string
  run(endpoint: string): Promise<Measured>
}

const HERE = 'us-east-1'
const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKIABENCH',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: HERE,
}
const COMMON = {
  ...KEYS,
  AWS_EC2_METADATA_DISABLED: 'true',
  HOME: '/nonexistent',
  PATH: process.env['PATH'] ?? '',
}

function peer(
  name: string,
  programOf: (endpoint: string) => Pick<Program, 'command' | 'args'>,
): Planner {
  return {
    name,
    run: async (endpoint) => {
      const measured = await measure({ ...programOf(endpoint), env: COMMON })
      if (measured.exitCode !== 0) throw new Error(`${name} ended with ${measured.exitCode}.`)
      return measured
    },
  }
}

const rclone = (name: string, ...flags: readonly string[]): Planner =>
  peer(name, (endpoint) => {
    const remote = (bucket: string) =>
      `:s3,provider=Other,list_version=2,env_auth=true,region=us-east-1,endpoint="${endpoint}":${bucket}/data`
    const args = ['sync', '--checksum', '--dry-run', ...flags, remote('src'), remote('dst')]
    return { command: parts().rclone, args }
  })

/** `s3sync` reads all of the destination before it begins to compare. */
const s3sync = (program: string): Planner =>
  peer('`s3sync`', (endpoint) => {
    const sideOf = (side: string) => [
      ...[`--${side}-endpoint-url`, endpoint, `--${side}-force-path-style`],
      ...[`--${side}-region`, HERE, `--${side}-access-key`, KEYS.AWS_ACCESS_KEY_ID],
      ...[`--${side}-secret-access-key`, KEYS.AWS_SECRET_ACCESS_KEY],
    ]
    const how = ['--dry-run', '--check-size', '--server-side-copy']
    const places = ['s3://src/data/', 's3://dst/data/']
    return { command: program, args: [...how, ...sideOf('source'), ...sideOf('target'), ...places] }
  })

/** `juicefs sync` of services that are addressed by path, which it calls MinIO. */
const juicefs = (name: string, ...flags: readonly string[]): Planner =>
  peer(name, (endpoint) => {
    const keys = `${KEYS.AWS_ACCESS_KEY_ID}:${KEYS.AWS_SECRET_ACCESS_KEY}`
    const sideOf = (bucket: string) => `minio://${keys}@${new URL(endpoint).host}/${bucket}/data/`
    const how = ['sync', '--dry', '--no-https', ...flags]
    return { command: benchParts().juicefs, args: [...how, sideOf('src'), sideOf('dst')] }
  })

/** The tools that people use today. A missing one is an error. */
export const PEERS = {
  s5cmd: peer('`s5cmd sync`', (endpoint) => ({
    command: parts().s5cmd,
    args: ['--dry-run', '--endpoint-url', endpoint, 'sync', 's3://src/data/*', 's3://dst/data/'],
  })),
  rclone: rclone('`rclone sync`'),
  rcloneFastList: rclone('`rclone sync --fast-list`', '--fast-list'),
  aws: peer('`aws s3 sync`', (endpoint) => ({
    command: benchParts().aws,
    args: [
      's3',
      'sync',
      's3://src/data/',
      's3://dst/data/',
      '--dryrun',
      '--endpoint-url',
      endpoint,
    ],
  })),
  juicefs: juicefs('`juicefs sync`'),
  juicefsThreads: juicefs(
    '`juicefs sync --list-threads 16`',
    ...['--list-threads', '16', '--list-depth', '2'],
  ),
} as const

/** All that can be had on this machine; what only cargo builds is left out where it was not built. */
export function peers(): readonly Planner[] {
  const program = s3syncProgram()
  if (!program) console.error('Skipped: s3sync was not built (npm run parts -- cargo)')
  return [...Object.values(PEERS), ...(program ? [s3sync(program)] : [])]
}

/** This action as a step of a job, with default settings; `build`: another one than `dist/index.js`. */
export const ours = (job: Job, name = '**this action**', build?: string): Planner => ({
  name,
  run: async (endpoint) => {
    const inputs = {
      source: 's3://src/data/',
      destination: 's3://dst/data/',
      'endpoint-url': endpoint,
      'sts-endpoint': endpoint,
      'aws-access-key-id': KEYS.AWS_ACCESS_KEY_ID,
      'aws-secret-access-key': KEYS.AWS_SECRET_ACCESS_KEY,
      'aws-region': KEYS.AWS_REGION,
    }
    const measured = await measureAction(job, inputs, { build })
    const { output } = measured
    if (output('result') !== 'nothing-to-do' || output('planned-copies') !== '0')
      throw new Error(`This action ended with ${output('result')}: ${output('failure-message')}`)
    return measured
  },
})
