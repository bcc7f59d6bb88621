import { fail } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { type TestkitOptions, trustGitHub } from 's3-direct-sync-testkit/testkit.ts'

type Inputs = Readonly<Record<string, string>>

/** One way in which a run goes wrong, as users meet it. */
export interface FailedRun {
  readonly name: string
  readonly options?: TestkitOptions
  /** Fills the stage and breaks it; gives the inputs. */
  readonly set: (stage: Stage) => Inputs
  readonly env?: Inputs
}

const ALL = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd'

/** So many objects, `data/part-00/a-00` and on, under a folder of ten each. */
function fill({ kit }: Stage, bucket: string, prefix: string, count = 60): void {
  for (let at = 0; at < count; at++) {
    const name = `part-${Math.floor(at / 10)}/a-${`${at}`.padStart(2, '0')}.csv`
    kit.store.put(bucket, prefix + name, { body: `body of ${name}` })
  }
}

/** A role that may do everything but this. */
const roleWithout = (
  { kit }: Stage,
  Action: string | readonly string[],
  Resource: string | readonly string[],
): string =>
  kit.iam.addRole({
    name: 'Deploy',
    trust: trustGitHub(kit.issuer, 'repo:o/r:*'),
    policies: [{ Statement: [ALL.Statement, { Effect: 'Deny', Action, Resource }] }],
  })

const roleOf = ({ kit }: Stage, actions: readonly string[]): string =>
  kit.iam.addRole({
    name: 'Deploy',
    trust: trustGitHub(kit.issuer, 'repo:o/r:*'),
    policies: [{ Statement: { Effect: 'Allow', Action: actions, Resource: '*' } }],
  })

/** The twelve failures that new users were given to read. */
export const FAILED_RUNS: readonly FailedRun[] = [
  {
    name: 'no right to write',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      return {
        'role-to-assume': roleOf(stage, ['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging']),
      }
    },
  },
  {
    name: 'no right to write some keys',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      const parts = ['1', '2', '3'].map((part) => `arn:aws:s3:::dst/copy/part-${part}/*`)
      return { 'role-to-assume': roleWithout(stage, 's3:PutObject', parts) }
    },
  },
  {
    name: 'the role is not given',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:environment:production')
      return { 'role-to-assume': stage.kit.iam.addRole({ name: 'Deploy', trust, policies: [ALL] }) }
    },
  },
  {
    name: 'the keys are gone',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      return {
        'role-to-assume': '',
        'aws-access-key-id': 'AKIAIOSFODNN7EXAMPLE',
        'aws-secret-access-key': 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      }
    },
  },
  {
    name: 'S3 alone finds the token expired',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      stage.kit.faults.add({
        match: ({ service }) => service === 's3',
        fault: fail(400, 'ExpiredToken', { message: 'The provided token has expired.' }),
      })
      return {}
    },
  },
  {
    name: 'the region is another one',
    options: { region: 'eu-central-1' },
    set: (stage) => {
      fill(stage, 'src', 'data/')
      return { 'destination-region': 'us-west-2' }
    },
  },
  {
    name: 'the bucket is mistyped',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      return { destination: 's3://dts/copy/' }
    },
  },
  {
    name: 'the source is empty',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      fill(stage, 'dst', 'copy/')
      return { source: 's3://src/dta/', delete: 'true' }
    },
  },
  {
    name: 'too many deletes',
    set: (stage) => {
      fill(stage, 'src', 'data/', 60)
      fill(stage, 'dst', 'copy/', 100)
      return { delete: 'true', 'max-delete': '10' }
    },
  },
  {
    name: 'S3 is too busy',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      stage.kit.faults.add({
        match: ({ operation, key = '' }) => operation === 'CopyObject' && !/part-[01]\//.test(key),
        fault: fail(503, 'SlowDown', { message: 'Please reduce your request rate.' }),
      })
      return { 'retry-count': '0', 'max-retries': '1' }
    },
  },
  {
    name: 'no right to the key of the source',
    set: (stage) => {
      stage.kit.store.createBucket('sealed')
      for (let at = 0; at < 60; at++)
        stage.kit.store.put('sealed', `data/a-${`${at}`.padStart(2, '0')}.csv`, {
          body: `${at}`,
          encryption: {
            'x-amz-server-side-encryption': 'aws:kms',
            'x-amz-server-side-encryption-aws-kms-key-id': KEY,
          },
        })
      return {
        source: 's3://sealed/data/',
        'role-to-assume': roleWithout(stage, 'kms:*', KEY),
      }
    },
  },
  {
    name: 'no right to the key of the destination',
    set: (stage) => {
      fill(stage, 'src', 'data/')
      return {
        sse: 'aws:kms',
        'sse-kms-key-id': KEY,
        'role-to-assume': roleOf(stage, ['s3:*']),
      }
    },
  },
]

/** Plays one of them; nothing is told on the way. */
export async function play(failed: FailedRun, inputs: Inputs = {}): Promise<StepResult> {
  await using stage = await openStage(failed.options)
  const set = failed.set(stage)
  return await stage.run({ ...set, ...inputs }, failed.env ? { env: failed.env } : {})
}

/** One of them by its name. */
export function failedRun(name: string): FailedRun {
  const found = FAILED_RUNS.find((run) => run.name === name)
  if (found) return found
  throw new Error(`No failed run is called ${name}`)
}
