import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { PolicyDocument } from 's3-direct-sync-testkit/iam/policy.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Policy, Statement } from '../../src/preflight/policy.ts'

const root = path.join(import.meta.dirname, '..', '..')
const KEYS = 'arn:aws:kms:us-east-1:123456789012:key/'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  for (const bucket of ['sealed-src', 'sealed-dst'])
    stage.kit.store.createBucket(bucket, { encryption: 'aws:kms', kmsKey: KEYS + bucket })
})
afterAll(() => stage[Symbol.asyncDispose]())

type Parameters = Readonly<Record<string, string>>
/** The functions that the template calls, each with what its tag stands before. */
type Call = Readonly<Record<string, unknown>>

const TAGS = ['If', 'Ref', 'Sub', 'Select', 'Split', 'Equals', 'Not', 'GetAtt', 'Join'].flatMap(
  (name) => [
    { tag: `!${name}`, resolve: (text: string) => ({ [`Fn::${name}`]: text }) },
    {
      tag: `!${name}`,
      collection: 'seq' as const,
      resolve: (items: { toJSON(): unknown }) => ({ [`Fn::${name}`]: items }),
    },
  ],
)

const template: {
  readonly Parameters: Readonly<Record<string, { readonly Default?: unknown }>>
  readonly Conditions: Readonly<Record<string, unknown>>
  readonly Resources: Readonly<Record<'Role' | 'Provider', { readonly Properties: unknown }>>
} = JSON.parse(
  JSON.stringify(
    parse(readFileSync(path.join(root, 'docs/aws/role.yml'), 'utf8'), { customTags: TAGS }),
  ),
)

/** What CloudFormation makes of a part of the template. */
function evaluated(part: unknown, given: Parameters): unknown {
  const value = (inner: unknown): unknown => evaluated(inner, given)
  if (Array.isArray(part)) return part.map(value).filter((item) => item !== undefined)
  if (typeof part !== 'object' || part === null) return part
  const call: Call = part as Call
  const of = (name: string): readonly unknown[] => call[`Fn::${name}`] as readonly unknown[]
  if ('Fn::Ref' in call)
    return given[String(call['Fn::Ref'])] ?? template.Parameters[String(call['Fn::Ref'])]?.Default
  if ('Fn::Sub' in call) {
    const [text, more] = [call['Fn::Sub']].flat()
    const names = { ...given, ...((value(more ?? {}) ?? {}) as Parameters) }
    const parameter = (name: string): string =>
      names[name] ?? String(template.Parameters[name]?.Default ?? '')
    return String(text).replace(/\$\{(\w+)\}/g, (_, name: string) => parameter(name))
  }
  if ('Fn::Join' in call) {
    const [between, items] = of('Join')
    // A parameter that is a list of texts.
    return String(value(items)).split(',').join(String(between))
  }
  if ('Fn::If' in call) {
    const [condition, yes, no] = of('If')
    return value(value(template.Conditions[String(condition)]) ? yes : no)
  }
  if ('Fn::Equals' in call) return value(of('Equals')[0]) === value(of('Equals')[1])
  if ('Fn::Not' in call) return !value(of('Not')[0])
  if ('Fn::Split' in call) return String(value(of('Split')[1])).split(String(of('Split')[0]))
  if ('Fn::Select' in call)
    return (value(of('Select')[1]) as readonly unknown[])[Number(of('Select')[0])]
  return Object.fromEntries(Object.entries(call).map(([name, inner]) => [name, value(inner)]))
}

const list = <T>(one: T | readonly T[]): readonly T[] => (Array.isArray(one) ? one : [one as T])

/** Whom the role of the template trusts. */
const trustWith = (given: Parameters): PolicyDocument => {
  const { AssumeRolePolicyDocument } = evaluated(template.Resources.Role.Properties, given) as {
    readonly AssumeRolePolicyDocument: string
  }
  return JSON.parse(AssumeRolePolicyDocument)
}

/** The policy of the role that the template makes. */
function policyWith(given: Parameters): Policy {
  const { Policies } = evaluated(template.Resources.Role.Properties, given) as {
    readonly Policies: readonly [{ readonly PolicyDocument: Policy }]
  }
  const { Version, Statement } = Policies[0].PolicyDocument
  return {
    Version,
    Statement: Statement.map(
      (one): Statement => ({ ...one, Action: list(one.Action), Resource: list(one.Resource) }),
    ),
  }
}

it.each([
  ['github.com', ''],
  ['GitHub Enterprise Server', '/_services/token'],
])(
  'makes a role that trusts the tokens of %s, and of no other repository',
  async (_, issuerPath) => {
    await using stage = await openStage({ issuerPath })
    const { iam, issuer, store } = stage.kit
    store.put('src', 'data/a', { body: 'x' })
    const Issuer = issuer.url.replace(/^https?:\/\//, '')
    const given = {
      Issuer,
      ProviderArn: `arn:aws:iam::123456789012:oidc-provider/${Issuer}`,
      Subjects: 'repo:o/r:ref:refs/heads/other,repo:o/r:ref:refs/heads/main',
      Source: 'arn:aws:s3:::src/data/',
      Destination: 'arn:aws:s3:::dst/copy/',
    }
    const role = (name: string, parameters: Parameters): string =>
      iam.addRole({ name, trust: trustWith(parameters), policies: [policyWith(parameters)] })
    await using run = await stage.run({ 'role-to-assume': role('OfTemplate', given) })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    const stranger = { ...given, Subjects: 'repo:o/s:ref:refs/heads/main' }
    await using refused = await stage.run({ 'role-to-assume': role('Stranger', stranger) })
    expect(refused.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(refused.outputs['failure-message']).toContain(`from ${issuer.url}`)
  },
)

it('makes the provider of the issuer that it is given', () => {
  const { Provider } = template.Resources
  const url = (given: Parameters): unknown => evaluated(Provider.Properties, given)
  expect(url({})).toMatchObject({ Url: 'https://token.actions.githubusercontent.com' })
  expect(url({ Issuer: 'git.example.com/_services/token' })).toMatchObject({
    Url: 'https://git.example.com/_services/token',
  })
})

it('has nothing that cfn-lint finds', async () => {
  const linter = path.join(path.dirname(parts().python), 'cfn-lint')
  await promisify(execFile)(linter, ['docs/aws/role.yml', 'docs/aws/prober.yml'], { cwd: root })
})

it.each([
  ['plain buckets', ['src', 'dst'], {}, {}],
  ['delete', ['src', 'dst'], { Delete: 'true' }, { delete: 'true', 'max-delete': '1000 100%' }],
  [
    'buckets with keys of KMS',
    ['sealed-src', 'sealed-dst'],
    { SourceKey: `${KEYS}sealed-src`, DestinationKey: `${KEYS}sealed-dst` },
    {},
  ],
])('makes a role that suffices for %s', async (_, [source, destination], given, inputs) => {
  const { store, iam, issuer } = stage.kit
  const encryption =
    source === 'src'
      ? {}
      : {
          encryption: {
            'x-amz-server-side-encryption': 'aws:kms',
            'x-amz-server-side-encryption-aws-kms-key-id': `${KEYS}sealed-src`,
          },
        }
  store.put(source ?? '', 'data/a', { body: 'x', tags: { a: 'b' }, ...encryption })
  store.put(destination ?? '', 'copy/extra', { body: 'y' })
  const policy = policyWith({
    Source: `arn:aws:s3:::${source}/data/`,
    Destination: `arn:aws:s3:::${destination}/copy/`,
    ...given,
  })
  const role = iam.addRole({
    name: 'OfTemplate',
    trust: trustGitHub(issuer, 'repo:o/r:*'),
    policies: [policy],
  })
  await using run = await stage.run({
    source: `s3://${source}/data/`,
    destination: `s3://${destination}/copy/`,
    'role-to-assume': role,
    ...inputs,
  })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
  expect(run.log).not.toContain('no permission to check')
  for (const bucket of [source ?? '', destination ?? ''])
    for (const key of store.keys(bucket)) store.delete(bucket, key)
})
