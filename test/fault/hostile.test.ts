import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  answerWith,
  type Fault,
  fail,
  type Match,
  type RequestInfo,
  signalling,
  stall,
  trickle,
} from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { type Listening, listenOnLoopback, webServer } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { rowsOf } from '../result-rows.ts'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

async function fill(count: number): Promise<void> {
  stage = await openStage()
  for (let i = 0; i < count; i++) stage.kit.store.put('src', `data/${i}`, { size: 10, seed: i })
}

/** A run that is cancelled as soon as a door begins to trickle, or never comes to an end. */
async function cancelledAt(
  match: Match,
  hostile: Fault,
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const { fault, endedBy } = signalling(hostile)
  stage.kit.faults.add({ match, fault })
  return await stage.run(inputs, { endedBy })
}

async function expectCancelled(run: StepResult): Promise<void> {
  expect(run.exitedWithinMs).toBeLessThan(6000)
  expect(run.leftovers).toEqual([])
  expect(run.outputs).toMatchObject({ result: 'cancelled', 'failure-kind': 'cancelled' })
  expect(run.summary).toContain('Cancelled')
  const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  expect(report).toMatchObject({ result: 'cancelled' })
}

const ENDLESS_UPLOADS =
  '<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker></ListMultipartUploadsResult>'

describe('a cancel is out within 6 seconds, with report, outputs and summary, while', () => {
  it.each<[string, Match, Fault, Readonly<Record<string, string>>?]>([
    ['STS trickles', { operation: 'AssumeRoleWithWebIdentity' }, trickle()],
    ['a refusal of STS trickles', { operation: 'GetCallerIdentity' }, trickle(fail(403, 'Nope'))],
    ['a listing trickles', { operation: 'ListObjectsV2' }, trickle()],
    ['a refusal of a listing trickles', { operation: 'ListObjectsV2' }, trickle(fail(500, 'No'))],
    ['unfinished uploads trickle', { operation: 'ListMultipartUploads' }, trickle()],
    ['the upload of a probe trickles', { operation: 'CreateMultipartUpload' }, trickle()],
    ['the end of a probe trickles', { operation: 'AbortMultipartUpload' }, trickle()],
    [
      'objects are looked up before their deletes',
      ({ operation, bucket }) => operation === 'HeadObject' && bucket === 'src',
      stall,
      { delete: 'true', engine: 'direct' },
    ],
    ['deletes trickle', { operation: 'DeleteObjects' }, trickle(), { delete: 'true' }],
  ])('%s', async (_what, match, fault, inputs) => {
    await fill(3)
    for (const key of ['copy/0', 'copy/1', 'copy/2', 'copy/extra'])
      stage.kit.store.put('dst', key, { size: 1 })
    await using run = await cancelledAt(match, fault, inputs)
    await expectCancelled(run)
  })

  it('a copy, a refusal of one, tags and the end of an upload trickle', async () => {
    await fill(2)
    for (const key of ['tagged', 'ending'])
      stage.kit.store.put('src', `data/${key}`, { size: 1.5 * 2 ** 30, seed: 1, tags: { a: 'b' } })
    const { promise: endedBy, resolve } = Promise.withResolvers<'SIGINT'>()
    const doors = new Set<Match>()
    const on = (match: Match, hostile: Fault) => {
      const fault: Fault = (request, next) => {
        if (doors.add(match).size === 4) resolve('SIGINT')
        return hostile(request, next)
      }
      stage.kit.faults.add({ match, fault })
    }
    on({ operation: 'CopyObject', key: 'copy/0' }, trickle())
    on({ operation: 'CopyObject', key: 'copy/1' }, trickle(fail(500, 'InternalError')))
    on({ operation: 'GetObjectTagging', key: 'data/tagged' }, trickle())
    on({ operation: 'CompleteMultipartUpload', key: 'copy/ending' }, trickle())
    await using run = await stage.run({ engine: 'direct' }, { endedBy })
    await expectCancelled(run)
    expect(run.outputs).toMatchObject({ copied: '0', unknown: '4' })
  })
})

describe('a run goes on where', () => {
  it('the unfinished uploads are listed in a circle', async () => {
    await fill(3)
    const struck = stage.kit.faults.add({
      match: { operation: 'ListMultipartUploads' },
      fault: answerWith(ENDLESS_UPLOADS),
    })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(struck()).toBe(2)
  })

  it('the unfinished uploads are listed without end', async () => {
    await fill(3)
    let page = 0
    const fault: Fault = (request, next) =>
      answerWith(ENDLESS_UPLOADS.replace('>u<', `>${++page}<`))(request, next)
    stage.kit.faults.add({ match: { operation: 'ListMultipartUploads' }, fault })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(page).toBe(250)
  })
})

describe('a listing that leads nowhere fails', () => {
  const pageOf = (token: string) =>
    `<ListBucketResult><IsTruncated>true</IsTruncated><KeyCount>0</KeyCount><NextContinuationToken>${token}</NextContinuationToken></ListBucketResult>`

  it.each<[string, (page: number) => string, RegExp]>([
    ['by pages with nothing on them', String, /1000 empty pages in a row/],
    ['by tokens of more than 8 KiB', (page) => `${page}${'t'.repeat(9000)}`, /more than 8 KiB/],
  ])('%s', async (_what, tokenOf, why) => {
    await fill(3)
    let page = 0
    const fault: Fault = (request, next) => answerWith(pageOf(tokenOf(++page)))(request, next)
    const match = { operation: 'ListObjectsV2', bucket: 'dst' }
    stage.kit.faults.add({ match, fault })
    await using run = await stage.run({ 'retry-count': '0' })
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0' })
    expect(run.outputs['failure-message']).toMatch(why)
  })
})

describe('a door that trickles longer than request-timeout', () => {
  it.each(['GetCallerIdentity', 'ListObjectsV2'])('is given up: %s', async (operation) => {
    await fill(3)
    const struck = stage.kit.faults.add({ match: { operation }, fault: trickle() })
    await using run = await stage.run(
      { 'request-timeout': '1s', 'retry-count': '0' },
      { timeoutMs: 50_000 },
    )
    expect(struck()).toBeGreaterThan(0)
    expect(run.outputs).toMatchObject({ result: 'failed', copied: '0' })
    expect(run.outputs['failure-message']).toContain('RequestTimeout')
  })
})

/** The most that lies in some folders while work goes on, bytes. */
async function mostBytesIn(folders: readonly string[], work: Promise<unknown>): Promise<number> {
  let most = 0
  const over = work.then(
    () => true,
    () => true,
  )
  const used = async (): Promise<number> => {
    const files = await Promise.all(
      folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })),
    )
    const sizes = files
      .flat()
      .map(({ parentPath, name }) => stat(join(parentPath, name)).catch(() => ({ size: 0 })))
    return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0)
  }
  do most = Math.max(most, await used().catch(() => 0))
  while (!(await Promise.race([over, sleep(100)])))
  return most
}

describe('an error text of a megabyte', () => {
  it.each([
    ['direct', 80],
    ['s5cmd', 30],
  ])(
    'is one row like any other, and fills neither memory nor disk, when %s gets it %i times',
    async (engine, objects) => {
      await fill(objects + 3)
      const message = '&lt;no&gt; '.repeat(2 ** 20 / 11)
      const body = `<Error><Code>InternalError</Code><Message>${message}</Message></Error>`
      const headers = { 'content-type': 'application/xml' }
      const isHit = ({ operation, key }: RequestInfo) =>
        operation === 'CopyObject' && Number(key?.slice('copy/'.length)) < objects
      stage.kit.faults.add({ match: isHit, fault: () => ({ status: 500, headers, body }) })
      await using job = await openJob()
      const inputs = { engine, 'retry-count': '0', 'max-retries': '1' }
      const running = stage.run(inputs, { job, timeoutMs: 110_000 })
      const disk = await mostBytesIn([job.runnerTemp, job.workspace], running)
      await using run = await running
      expect(run.outputs).toMatchObject({
        ...{ result: 'partial', copied: '3', failed: String(objects), unknown: '0' },
      })
      const rows = await rowsOf(run, 'failed')
      expect(rows.length).toBe(objects)
      for (const row of rows) {
        expect(row).toMatchObject({ code: 'InternalError', attempts: 2 })
        expect(row.message?.length).toBeLessThanOrEqual(501)
        expect(row.message).toContain('<no>')
      }
      const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
      expect(report.peakMemoryBytes).toBeLessThan(200e6)
      expect(disk).toBeLessThan(10e6)
    },
  )
})

describe('the token endpoint of the runner', () => {
  /** One that answers like this, and tells when it was asked. */
  async function endpoint(
    body: string,
    end: boolean,
  ): Promise<Listening & { asked: Promise<void> }> {
    const { promise: asked, resolve } = Promise.withResolvers<void>()
    const server = webServer(false).on('request', (_request, response) => {
      response.writeHead(200).write(body)
      if (end) response.end()
      resolve()
    })
    return { ...(await listenOnLoopback(server)), asked }
  }

  const runWith = (url: string, endedBy?: Promise<'SIGINT'>): Promise<StepResult> => {
    const env = { ...stage.kit.idTokenEnv, ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?v=1` }
    return stage.run({}, endedBy ? { env, endedBy } : { env })
  }

  it.each([
    ['of a hundred thousand lines', Array.from({ length: 100_000 }, (_, line) => line).join('\n')],
    ['that is none', 'a b'],
  ])('is refused with a token %s, at once', async (_what, value) => {
    await fill(1)
    const { url, close } = await endpoint(JSON.stringify({ value }), true)
    await using run = await runWith(url)
    await close()
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'credentials' })
    expect(run.outputs['failure-message']).toContain('The runner did not issue an OIDC token')
    expect(run.masks.length).toBe(1)
    expect(run.durationMs).toBeLessThan(30_000)
  })

  it('that does not come to its end keeps no cancel waiting', async () => {
    await fill(1)
    const { url, close, asked } = await endpoint('{"value":"', false)
    await using run = await runWith(
      url,
      asked.then(() => 'SIGINT'),
    )
    await close()
    expect(run.exitedWithinMs).toBeLessThan(6000)
    expect(run.outputs['result']).toBe('cancelled')
  })
})
