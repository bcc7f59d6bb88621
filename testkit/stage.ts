import { parts } from './parts.ts'
import { runAction, type Step, type StepResult } from './runner.ts'
import { startTestkit, type Testkit, type TestkitOptions, trustGitHub } from './testkit.ts'

const EVERYTHING = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } } as const

/** A testkit with a source bucket `src`, a destination bucket `dst` and a role that the job may take. */
export interface Stage extends AsyncDisposable {
  readonly kit: Testkit
  readonly roleArn: string
  /** Runs the built action on `s3://src/data/` and `s3://dst/copy/` by OIDC with the real s5cmd; given inputs win. */
  run(inputs?: Readonly<Record<string, string>>, step?: Partial<Step>): Promise<StepResult>
  /** Whether the destination holds exactly what the source holds. */
  equal(): boolean
}

/** Starts a stage. */
export async function openStage(options: TestkitOptions = {}): Promise<Stage> {
  const kit = await startTestkit(options)
  for (const bucket of ['src', 'dst']) kit.store.createBucket(bucket)
  const trust = trustGitHub(kit.issuer, 'repo:o/r:*')
  const roleArn = kit.iam.addRole({ name: 'Sync', trust, policies: [EVERYTHING] })
  return {
    kit,
    roleArn,
    run: (inputs = {}, step = {}) =>
      runAction({
        env: kit.idTokenEnv,
        ...step,
        inputs: {
          source: 's3://src/data/',
          destination: 's3://dst/copy/',
          'endpoint-url': kit.endpoint,
          'sts-endpoint': kit.endpoint,
          'role-to-assume': roleArn,
          'aws-region': options.region ?? 'us-east-1',
          's5cmd-path': step.machine?.s5cmd ?? parts().s5cmd,
          'retry-delay': '50ms',
          ...inputs,
        },
      }),
    equal: () => {
      const plain = (bucket: string, prefix: string) =>
        JSON.stringify([...kit.store.snapshot(bucket, prefix)].map(([key, facts]) => [key, facts]))
      return plain('src', 'data/') === plain('dst', 'copy/')
    },
    [Symbol.asyncDispose]: () => kit.close(),
  }
}
