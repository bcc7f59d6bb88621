import http, { type RequestListener } from 'node:http'
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  type Metric,
} from '@aws-sdk/client-cloudwatch'
import { delay, fail } from 's3-direct-sync-testkit/faults.ts'
import { startForwardProxy } from 's3-direct-sync-testkit/forward-proxy.ts'
import { type Moto, startMoto } from 's3-direct-sync-testkit/moto.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { type Listening, listenOnLoopback } from 's3-direct-sync-testkit/web-server.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const REGION = 'eu-west-1'
const ANY_KEYS = { accessKeyId: 'any', secretAccessKey: 'any' }
const MONITORED = { 'cloudwatch-metrics': 'true', engine: 'direct' }
const HOUR_MS = 3_600_000

let stage: Stage
let moto: Moto
beforeAll(async () => {
  ;[stage, moto] = await Promise.all([openStage({ region: REGION }), startMoto()])
  // Runs that overwrite where no versions are kept have a warning of their own.
  stage.kit.store.createBucket('kept', { versioning: 'Enabled' })
  for (const key of ['a', 'b', 'c'])
    stage.kit.store.put('src', `data/${key}`, { body: Buffer.alloc(1_000_000, key) })
})
// moto adds up what all namespaces have.
beforeEach(() => fetch(`${moto.endpoint}/moto-api/reset`, { method: 'POST' }))
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await moto.close()
})

/** Runs the action with CloudWatch at this address. */
const run = (
  cloudWatch: string,
  inputs: Readonly<Record<string, string>> = {},
  step: Parameters<Stage['run']>[1] = {},
): Promise<StepResult> =>
  stage.run(
    { ...MONITORED, destination: 's3://kept/copy/', compare: 'always', ...inputs },
    {
      ...step,
      env: { ...stage.kit.idTokenEnv, AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch, ...step.env },
    },
  )

/** What moto's CloudWatch has of a namespace: the sum of each metric, and its dimensions. */
async function metricsIn(Namespace: string, region = REGION) {
  const client = new CloudWatchClient({ endpoint: moto.endpoint, region, credentials: ANY_KEYS })
  const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace }))
  const sums: Record<string, number | undefined> = {}
  for (const Metric of Metrics) sums[Metric.MetricName ?? ''] = await sumOf(client, Metric)
  client.destroy()
  return { sums, dimensions: Metrics.map(({ Dimensions }) => Dimensions) }
}

async function sumOf(client: CloudWatchClient, Metric: Metric): Promise<number | undefined> {
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(Date.now() - HOUR_MS),
      EndTime: new Date(Date.now() + HOUR_MS),
      MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }],
    }),
  )
  return MetricDataResults[0]?.Values?.reduce((sum, value) => sum + value, 0)
}

/** Someone who takes the place of CloudWatch, and counts who comes. */
async function standIn(
  answer: RequestListener,
): Promise<Listening & { readonly asked: () => number }> {
  let asked = 0
  const server = http.createServer((request, response) => {
    asked += 1
    answer(request, response)
  })
  return { ...(await listenOnLoopback(server)), asked: () => asked }
}

/** The run is as good as one that sends nothing, and has one warning. */
function onlyWarned(result: StepResult): string {
  expect(result.outputs, result.log).toMatchObject({ result: 'success', copied: '3' })
  expect(result.exitCode).toBe(0)
  expect(result.annotations.errors).toEqual([])
  expect(result.annotations.warnings).toHaveLength(1)
  expect(result.summary).toContain('Metrics could not be sent to CloudWatch')
  return result.annotations.warnings[0]?.message ?? ''
}

describe('CloudWatch', () => {
  it('gets the metrics of a run in the region of the destination', async () => {
    await using result = await run(moto.endpoint)
    expect(result.outputs, result.log).toMatchObject({ result: 'success', copied: '3' })
    expect(result.annotations.warnings).toEqual([])
    const { sums, dimensions } = await metricsIn('S3DirectSync')
    expect(sums).toEqual({
      TransferSpeed: expect.any(Number),
      TransferDuration: expect.any(Number),
      FilesTransferred: 3,
      FilesFailed: 0,
      FilesSkipped: 0,
      BytesTransferred: 3_000_000,
    })
    expect(sums['TransferSpeed']).toBeCloseTo(Number(result.outputs['bytes-per-second']) / 1e6, 3)
    expect(sums['TransferDuration']).toBeCloseTo(Number(result.outputs['duration-seconds']), 1)
    for (const pairs of dimensions)
      expect(pairs).toEqual([
        { Name: 'Repository', Value: 'o/r' },
        { Name: 'Workflow', Value: 'Sync' },
      ])
    expect(await metricsIn('S3DirectSync', 'us-east-1')).toMatchObject({ sums: {} })
  })

  it('gets those of a run that fails in part, in a namespace of its own', async () => {
    const refused = { operation: 'CopyObject', key: 'copy/b' }
    stage.kit.faults.add({ match: refused, fault: fail(403, 'AccessDenied') })
    await using result = await run(moto.endpoint, { 'cloudwatch-namespace': 'Team/Mirror' })
    stage.kit.faults.clear()
    expect(result.outputs, result.log).toMatchObject({ result: 'partial', copied: '2' })
    expect(result.exitCode).toBe(1)
    const { sums } = await metricsIn('Team/Mirror')
    expect(sums).toMatchObject({ FilesTransferred: 2, FilesFailed: 1, BytesTransferred: 2_000_000 })
  })

  it('gets those of a run that was refused, and no speed', async () => {
    await using result = await run(moto.endpoint, { source: 's3://src/none/' })
    expect(result.outputs, result.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    const { sums } = await metricsIn('S3DirectSync')
    expect(sums).toMatchObject({ FilesTransferred: 0, BytesTransferred: 0 })
    expect(sums).not.toHaveProperty('TransferSpeed')
  })

  it('is reached through the proxy that everything goes through', async () => {
    const host = 'monitoring.internal.test'
    await using proxy = await startForwardProxy({ hosts: { [host]: moto.endpoint } })
    await using result = await run(`http://${host}`, {}, { env: { HTTP_PROXY: proxy.url } })
    const told = result.annotations.warnings.map(({ message }) => message)
    expect(told).toEqual([expect.stringContaining(`http://${host} (CloudWatch) use http`)])
    expect(proxy.requests).toEqual({ [host]: 1 })
    expect((await metricsIn('S3DirectSync')).sums).toMatchObject({ FilesTransferred: 3 })
  })

  it.each([{ 'dry-run': 'true' }, { 'cloudwatch-metrics': 'false' }])(
    'is not asked with %o',
    async (inputs) => {
      const cloudWatch = await standIn((_request, response) => response.writeHead(500).end())
      await using result = await run(cloudWatch.url, inputs)
      await cloudWatch.close()
      expect(result.exitCode, result.log).toBe(0)
      expect(cloudWatch.asked()).toBe(0)
    },
  )

  it('is not asked by a run that was cancelled', async () => {
    const cloudWatch = await standIn((_request, response) => response.writeHead(500).end())
    stage.kit.faults.add({ match: { operation: 'CopyObject' }, fault: delay(500) })
    const signalAfter = (log: string) => log.includes('\nplan: ')
    await using result = await run(cloudWatch.url, {}, { signalAfter })
    stage.kit.faults.clear()
    await cloudWatch.close()
    expect(result.outputs, result.log).toMatchObject({ result: 'cancelled' })
    expect(cloudWatch.asked()).toBe(0)
  })
})

describe('a run stays what it is, with one warning,', () => {
  it('when the identity may not put metrics: preset production needs no permission', async () => {
    const seen: string[] = []
    const message =
      'User: arn:aws:sts::1:assumed-role/Sync/x is not authorized to perform: cloudwatch:PutMetricData'
    const cloudWatch = await standIn(({ headers }, response) => {
      seen.push(headers.authorization ?? '')
      response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0' })
      response.end(JSON.stringify({ __type: 'com.amazonaws.cloudwatch#AccessDenied', message }))
    })
    const { accessKeyId, secretAccessKey } = stage.kit.iam.admin
    await using result = await run(cloudWatch.url, {
      preset: 'production',
      'cloudwatch-metrics': '',
      'role-to-assume': '',
      'aws-access-key-id': accessKeyId,
      'aws-secret-access-key': secretAccessKey,
    })
    await cloudWatch.close()
    const warning = onlyWarned(result)
    expect(warning).toContain(`AccessDenied: ${message}. Allow cloudwatch:PutMetricData`)
    expect(warning).toContain('the namespace S3DirectSync (condition key cloudwatch:namespace)')
    expect(seen).toHaveLength(1)
    expect(seen[0]).toContain(`Credential=${accessKeyId}/`)
    expect(seen[0]).toContain(`/${REGION}/monitoring/aws4_request`)
  })

  it('when another service answers in its own words', async () => {
    const other = await standIn((_request, response) => response.writeHead(400).end('<Error/>'))
    await using result = await run(other.url)
    await other.close()
    const warning = onlyWarned(result)
    expect(warning).toContain('CloudWatch: HTTP status 400. Check')
    expect(warning).toContain('AWS_ENDPOINT_URL does not point to another service')
  })

  it('when nobody listens', async () => {
    const nobody = await standIn(() => {})
    await nobody.close()
    await using result = await run(nobody.url)
    expect(onlyWarned(result)).toMatch(
      /ECONNREFUSED.* Allow the runner to reach CloudWatch in eu-west-1/,
    )
  })

  it('when no answer comes within request-timeout', async () => {
    const silent = await standIn(() => {})
    await using result = await run(silent.url, { 'request-timeout': '2s' })
    await silent.close()
    expect(onlyWarned(result)).toContain('RequestTimeout: It took longer than 2 s. Allow')
    expect(silent.asked()).toBe(1)
  })

  it('when it is cancelled while metrics are sent', async () => {
    const silent = await standIn(() => {})
    const signalAfter = (log: string) => log.includes('Metrics go to CloudWatch')
    await using result = await run(silent.url, { 'log-level': 'debug' }, { signalAfter })
    await silent.close()
    expect(result.exitedWithinMs).toBeLessThan(6000)
    expect(onlyWarned(result)).toContain('cancel')
  })
})
