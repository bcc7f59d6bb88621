import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fail, signalling } from 's3-direct-sync-testkit/faults.ts'
import { type Moto, startMoto } from 's3-direct-sync-testkit/moto.ts'
import type { Step } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  put('src', 'data/', ['same.css', 'new.js', 'index.html', 'docs/index.html', 'docs/ü b.html'])
  put('dst', 'copy/', ['same.css'])
  // What stands there already is older, and other.
  put('dst', 'copy/', ['index.html', 'docs/index.html', 'docs/ü b.html', 'old.js'], 'old')
})
afterEach(() => stage[Symbol.asyncDispose]())

function put(bucket: string, prefix: string, names: readonly string[], body?: string): void {
  for (const name of names)
    stage.kit.store.put(bucket, prefix + name, {
      body: body ?? name,
      lastModifiedMs: Date.now() - (body ? 7_200_000 : 3_600_000),
    })
}

const CHANGED = [
  '/copy/docs',
  '/copy/docs/',
  '/copy/docs/%C3%BC%20b.html',
  '/copy/docs/index.html',
  '/copy/index.html',
  '/copy',
  '/copy/',
  '/copy/old.js',
].toSorted()
const DELETES = { delete: 'true' }

describe('on moto', () => {
  let moto: Moto
  let distribution: string
  const ask = (path: string, body?: string) =>
    fetch(`${moto.endpoint}/2020-05-31/distribution${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body ? { body } : {}),
      headers: {
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=a',
      },
    }).then((answer) => answer.text())
  const all = (xml: string, name: string): string[] =>
    [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text)

  beforeAll(async () => {
    moto = await startMoto()
    const origin =
      '<DomainName>dst.s3.amazonaws.com</DomainName><Id>o</Id><S3OriginConfig><OriginAccessIdentity/></S3OriginConfig>'
    const created = await ask(
      '',
      `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CallerReference>r</CallerReference><Origins><Quantity>1</Quantity><Items><Origin>${origin}</Origin></Items></Origins><DefaultCacheBehavior><TargetOriginId>o</TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy></DefaultCacheBehavior><Comment>c</Comment><Enabled>true</Enabled></DistributionConfig>`,
    )
    distribution = all(created, 'Id')[0] ?? created
  })
  afterAll(() => moto.close())

  const run = (inputs: Readonly<Record<string, string>> = {}) =>
    stage.run(
      { cloudfront: distribution, ...DELETES, ...inputs },
      { env: { ...stage.kit.idTokenEnv, AWS_ENDPOINT_URL_CLOUDFRONT: moto.endpoint } },
    )
  const told = async (id: string) =>
    all(await ask(`/${distribution}/invalidation/${id}`), 'Path').toSorted()

  it('what was overwritten or deleted is invalidated, and nothing that is new or the same', async () => {
    await using step = await run()
    expect(step.outputs).toMatchObject({ result: 'success', copied: '4', deleted: '1' })
    const id = step.outputs['cloudfront-invalidations'] ?? ''
    expect(id).toMatch(/^[A-Z0-9]+$/)
    expect(await told(id)).toEqual(CHANGED)
    const lines = await readFile(step.outputs['changed-paths-path'] ?? '', 'utf8')
    expect(lines.trim().split('\n').toSorted()).toEqual(CHANGED)
    expect(step.summary).toContain('8 paths of')
    const policy = await readFile(step.outputs['policy-path'] ?? '', 'utf8')
    expect(policy).toContain(':distribution/')
    await using again = await run()
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', 'cloudfront-invalidations': '' })
  })

  it('folders stand for more than may be told, below the path of the origin', async () => {
    const cloudfront = `${distribution},max-paths=3\norigin-path=/copy`
    await using step = await run({ cloudfront })
    const id = step.outputs['cloudfront-invalidations'] ?? ''
    expect(await told(id)).toEqual(['/*'])
    await using other = await stage.run({
      compare: 'always',
      cloudfront: 'E2ABCDEF',
      'dry-run': 'true',
    })
    expect(other.outputs).toMatchObject({ result: 'planned', 'cloudfront-invalidations': '' })
  })

  it('a distribution that there is not is a warning with what to do, and no other result', async () => {
    await using step = await run({ cloudfront: 'E000000000000' })
    expect(step.exitCode).toBe(0)
    expect(step.outputs).toMatchObject({ result: 'success', 'cloudfront-invalidations': '' })
    expect(step.annotations.warnings.map(({ message }) => message).join()).toContain(
      "NoSuchDistribution: The specified distribution does not exist. To do it by hand: aws cloudfront create-invalidation --distribution-id E000000000000 --paths '/copy' '/copy/' ",
    )
  })
})

describe('what goes over the wire', () => {
  interface Asked {
    readonly path: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }
  const asked: Asked[] = []
  let answers: { status: number; body: string }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push({ path: request.url ?? '', headers: request.headers, body })
    const { status, body: text } = answers.shift() ?? {
      status: 201,
      body: '<Invalidation><Id>I1</Id></Invalidation>',
    }
    response.writeHead(status).end(text)
  })
  let endpoint: string
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((resolve) => server.close(resolve)))
  beforeEach(() => {
    asked.length = 0
    answers = []
  })

  const run = (inputs: Readonly<Record<string, string>> = {}, step: Partial<Step> = {}) =>
    stage.run(
      { cloudfront: 'E2ABCDEF', ...inputs },
      { env: { ...stage.kit.idTokenEnv, AWS_ENDPOINT_URL_CLOUDFRONT: endpoint }, ...step },
    )
  const error = (status: number, code: string) => ({
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`,
  })

  it('is one signed request of the global service, by a reference that a run has once', async () => {
    put('src', 'data/', ['a&b.js'], 'new')
    put('dst', 'copy/', ['a&b.js'], 'old')
    await using step = await run({ compare: 'etag' })
    expect(step.outputs).toMatchObject({ result: 'success', 'cloudfront-invalidations': 'I1' })
    const [{ path: to, headers, body } = { path: '', headers: {}, body: '' }, ...others] = asked
    expect(others).toEqual([])
    expect(to).toBe('/2020-05-31/distribution/E2ABCDEF/invalidation')
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=\w+\/\d{8}\/us-east-1\/cloudfront\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, /,
    )
    expect(body).toContain('<Path>/copy/a&amp;b.js</Path>')
    expect(body).toMatch(/<CallerReference>s3-direct-sync-[0-9a-f]{32}-0<\/CallerReference>/)
  })

  it('tells no path by hand either that CloudFront takes from nobody', async () => {
    answers = [error(400, 'InvalidArgument')]
    await using step = await run()
    expect(step.outputs['result']).toBe('success')
    expect(step.annotations.warnings.map(({ message }) => message).join()).toContain(
      "To do it by hand: aws cloudfront create-invalidation --distribution-id E2ABCDEF --paths '/*'",
    )
  })

  it('is asked once more by the same reference where the answer was a failure of the moment', async () => {
    answers = [error(503, 'ServiceUnavailable')]
    await using step = await run()
    expect(step.outputs).toMatchObject({ result: 'success', 'cloudfront-invalidations': 'I1' })
    expect(asked.length).toBe(2)
    expect(asked[1]?.body).toBe(asked[0]?.body)
  })

  it('has a reference of its own in each run that carries out the same plan, as CloudFront makes nothing of one it knows', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plan-'))
    const cloudfront = 'E2ABCDEF,max-paths=1'
    await using _planned = await run({ mode: 'plan', cloudfront, 'report-dir': folder })
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/index.html' },
      fault: fail(403, 'AccessDenied'),
    })
    const execute = { mode: 'execute', engine: 'direct', cloudfront, 'plan-dir': folder }
    await using first = await run(execute)
    expect(first.outputs).toMatchObject({ result: 'partial', failed: '1' })
    stage.kit.faults.clear()
    await using second = await run(execute)
    expect(second.outputs).toMatchObject({ result: 'success', copied: '1' })
    const said = (name: string) =>
      asked.map(({ body }) => new RegExp(`<${name}>(.*?)</${name}>`).exec(body)?.[1])
    expect(said('Path')).toHaveLength(2)
    expect(new Set(said('CallerReference')).size).toBe(2)
    await rm(folder, { recursive: true })
  })

  it('is nothing where a copy failed that would have overwritten, for that object alone', async () => {
    stage.kit.faults.add({
      match: { operation: 'CopyObject', key: 'copy/index.html' },
      fault: ({ headers: _ }, _next) => ({
        status: 403,
        headers: { 'content-type': 'application/xml' },
        body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>',
      }),
    })
    await using step = await run({ engine: 'direct', ...DELETES })
    expect(step.outputs).toMatchObject({ result: 'partial', failed: '2', deleted: '0' })
    expect(asked[0]?.body).toContain('<Path>/copy/docs/index.html</Path>')
    expect(asked[0]?.body).not.toContain('<Path>/copy/index.html</Path>')
    expect(asked[0]?.body).not.toContain('old.js')
  })

  it('is what a cancelled run changed, or may have, as no later run knows that', async () => {
    const { fault, endedBy } = signalling(async (_request, next) => {
      const reply = await next()
      await over.promise
      return reply
    })
    const over = Promise.withResolvers<void>()
    stage.kit.faults.add({ match: { operation: 'CopyObject', key: 'copy/index.html' }, fault })
    await using step = await run({ engine: 'direct', numworkers: '1', ...DELETES }, { endedBy })
    over.resolve()
    expect(step.outputs).toMatchObject({
      result: 'cancelled',
      deleted: '0',
      'cloudfront-invalidations': 'I1',
    })
    const paths = CHANGED.filter((path) => !path.includes('old.js'))
    expect(asked.map(({ body }) => body.match(/(?<=<Path>).*?(?=<)/g))).toEqual([paths])
    stage.kit.faults.clear()
    await using next = await run()
    expect(next.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(asked.length).toBe(1)
  })

  it('is nothing in a plan, a check and a dry run', async () => {
    for (const inputs of [{ mode: 'plan' }, { mode: 'check' }, { 'dry-run': 'true' }] as const) {
      await using _step = await run(inputs)
    }
    expect(asked).toEqual([])
  })

  it('is refused before anything where the distribution can serve nothing of the destination', async () => {
    await using step = await run({ cloudfront: 'E2ABCDEF,origin-path=/site' })
    expect(step.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(step.outputs['failure-message']).toContain(
      'origin-path=/site contains no key of destination',
    )
    for (const cloudfront of [
      'max-paths=3',
      'E2ABCDEF,paths=/a',
      'e2abc, e3abc',
      'E2ABCDEF,max-paths=0',
    ]) {
      await using other = await run({ cloudfront })
      expect(other.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
      const message = other.outputs['failure-message'] ?? ''
      expect(message.split('expected').length, message).toBe(2)
    }
  })
})
