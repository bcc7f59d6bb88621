import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { fail } from 's3-direct-sync-testkit/faults.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { runAction } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SERVICES, type TestService } from '../contract/services.ts'
import { codesOf } from '../result-rows.ts'

const HOUR_AGO = Date.now() - 3_600_000
const DESCRIBED = {
  headers: {
    'content-type': 'text/html',
    'cache-control': 'max-age=60',
    'content-disposition': 'inline; filename="a b.html"',
    'content-encoding': 'gzip',
    'content-language': 'de, en',
    expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
  },
  metadata: { owner: 'a, b="c"; d', build: '1' },
  tags: { 'a b': '1+2', ü: 'ö=/:' },
  lastModifiedMs: HOUR_AGO,
}
const DIGEST = 's3-direct-sync-headers'
const HEX = expect.stringMatching(/^[0-9a-f]{16}$/)

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
  for (const name of ['index.html', 'a/app.js', 'a/logo.png'])
    stage.kit.store.put('src', `data/${name}`, { ...DESCRIBED, body: name })
})
afterEach(() => stage[Symbol.asyncDispose]())

const facts = (key: string, bucket = 'dst') => stage.kit.store.facts(bucket, key)

const RULES = `
- files: ['*.html']
  cache-control: no-cache
  metadata: { build: '2' }
- files: ['a/**']
  cache-control: public, max-age=31536000, immutable
`

/** Requests of each operation, as a run made them. */
function countOf(operation: 'HeadObject' | 'CopyObject'): () => number {
  let count = 0
  stage.kit.faults.add({
    match: { operation },
    fault: (_request, next) => {
      count++
      return next()
    },
  })
  return () => count
}

describe('headers by the keys of objects', () => {
  it('take the place of the source’s, and all else is kept', async () => {
    await using plan = await stage.run({ headers: RULES, 'dry-run': 'true' })
    expect(plan.summary).toContain('3 HEAD requests to keep the headers that no rule names')
    await using run = await stage.run({ headers: RULES })
    expect(await codesOf(run)).toEqual({})
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine: 'direct' })
    expect(run.log).toContain('(headers set by a rule, other headers kept)')
    expect(facts('copy/index.html')).toMatchObject({
      headers: { ...DESCRIBED.headers, 'cache-control': 'no-cache' },
      metadata: { owner: DESCRIBED.metadata.owner, build: '2', [DIGEST]: HEX },
      tags: DESCRIBED.tags,
    })
    expect(facts('copy/a/app.js')).toMatchObject({
      headers: {
        ...DESCRIBED.headers,
        'cache-control': 'public, max-age=31536000, immutable',
      },
      metadata: { ...DESCRIBED.metadata, [DIGEST]: HEX },
      tags: DESCRIBED.tags,
    })
  })

  it('are replaced for those alone that a rule matches', async () => {
    const headers = "- files: ['*.html']\n  cache-control: no-cache"
    await using run = await stage.run({ headers })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine: 's5cmd,direct' })
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.routes).toEqual({ 'headers-by-rule': 1 })
    const { headers: kept, metadata } = { ...facts('data/a/app.js', 'src') }
    expect(facts('copy/a/app.js')).toMatchObject({ headers: kept, metadata })
  })

  it('that did not change are seen to be the same, and those that did are copied anew', async () => {
    await using first = await stage.run({ headers: RULES })
    expect(first.outputs['copied']).toBe('3')
    await using second = await stage.run({ headers: RULES })
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '3' })

    const changed = RULES.replace('no-cache', 'no-store')
    await using check = await stage.run({ headers: changed, mode: 'check' })
    expect(check.outputs).toMatchObject({ result: 'drift', 'planned-copies': '1' })
    await using dry = await stage.run({ headers: changed, 'dry-run': 'true' })
    expect(dry.outputs).toMatchObject({ result: 'planned', 'planned-copies': '1' })
    expect(dry.summary).toContain('3 HEAD requests to compare headers')
    expect(await readFile(dry.outputs['plan-path'] ?? '', 'utf8')).toContain('"headers-differ"')
    await using third = await stage.run({ headers: changed, verify: 'listing' })
    expect(third.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '2' })
    expect(facts('copy/index.html')?.headers).toMatchObject({ 'cache-control': 'no-store' })
    await using fourth = await stage.run({ headers: changed })
    expect(fourth.outputs['result']).toBe('nothing-to-do')
  })

  it('are those of the source again once no rule is for them', async () => {
    await using first = await stage.run({ headers: RULES })
    expect(first.outputs['copied']).toBe('3')
    const headers = "- files: ['a/**']\n  cache-control: public, max-age=31536000, immutable"
    await using second = await stage.run({ headers })
    expect(second.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '2' })
    expect(facts('copy/index.html')).toMatchObject({
      headers: DESCRIBED.headers,
      metadata: DESCRIBED.metadata,
    })
    await using third = await stage.run({ headers })
    expect(third.outputs['result']).toBe('nothing-to-do')
  })

  it('are left where the object has them already, though no rule wrote it', async () => {
    stage.kit.store.put('dst', 'copy/index.html', {
      ...DESCRIBED,
      headers: { ...DESCRIBED.headers, 'cache-control': 'no-cache' },
      body: 'index.html',
    })
    stage.kit.store.put('dst', 'copy/a/app.js', { ...DESCRIBED, body: 'a/app.js' })
    const headers = "- files: ['*']\n  cache-control: no-cache"
    await using run = await stage.run({ headers })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2', skipped: '1' })
  })

  it('that another sync wrote at the source stay where no rule of this one is for them', async () => {
    await using staged = await stage.run({ headers: RULES })
    expect(staged.outputs['copied']).toBe('3')
    const onwards = {
      source: 's3://dst/copy/',
      destination: 's3://dst/live/',
      headers: "- files: ['a/**']\n  cache-control: private",
    }
    await using first = await stage.run(onwards)
    expect(first.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(facts('live/index.html')).toMatchObject({ headers: { 'cache-control': 'no-cache' } })
    await using second = await stage.run(onwards)
    expect(second.outputs['result']).toBe('nothing-to-do')
  })

  it('never change what is published once, nor what compare: missing leaves', async () => {
    await using first = await stage.run({ headers: RULES })
    expect(first.outputs['copied']).toBe('3')
    const headers = RULES.replaceAll('cache-control: ', 'cache-control: must-understand, ')
    for (const inputs of [{ overwrite: 'never' }, { compare: 'missing' }] as const) {
      await using run = await stage.run({ headers, ...inputs })
      expect(run.outputs['result']).toBe('nothing-to-do')
    }
  })

  it('read the key at the destination, where key-template makes another one', async () => {
    const inputs = {
      'key-template': 'web/{name}',
      headers: "- files: ['web/app.js']\n  cache-control: immutable",
    }
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(facts('copy/web/app.js')?.headers).toMatchObject({ 'cache-control': 'immutable' })
    expect(facts('copy/web/index.html')?.headers).toEqual(DESCRIBED.headers)
    await using again = await stage.run({ ...inputs, headers: inputs.headers.replace('im', 'un') })
    expect(again.outputs).toMatchObject({ copied: '1', skipped: '2' })
  })

  it('read the name of a single object', async () => {
    const inputs = {
      source: 's3://src/data/index.html',
      destination: 's3://dst/other/page.html',
      headers: "- files: ['page.html']\n  cache-control: no-cache",
    }
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(facts('other/page.html')?.headers).toMatchObject({ 'cache-control': 'no-cache' })
    await using again = await stage.run({ ...inputs, headers: inputs.headers.replace('no-', 'x') })
    expect(again.outputs).toMatchObject({ result: 'success', copied: '1' })
  })

  it('go before the inputs, which are for all that no rule names', async () => {
    const headers = "- files: ['*.html']\n  cache-control: no-cache\n  storage-class: GLACIER_IR"
    await using run = await stage.run({
      headers,
      'metadata-directive': 'REPLACE',
      'cache-control': 'max-age=5',
      'content-type': 'text/plain',
      'storage-class': 'STANDARD_IA',
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine: 's5cmd' })
    expect(facts('copy/index.html')).toMatchObject({
      headers: { 'cache-control': 'no-cache', 'content-type': 'text/plain' },
      metadata: { [DIGEST]: HEX },
      storageClass: 'GLACIER_IR',
    })
    expect(facts('copy/a/app.js')).toMatchObject({
      headers: { 'cache-control': 'max-age=5', 'content-type': 'text/plain' },
      metadata: {},
      storageClass: 'STANDARD_IA',
    })
  })

  it.each([
    ['s5cmd', ''],
    ['direct', '  tags: { team: "a&b" }\n'.replace('&', '/')],
  ])('are left to S3 where only class and tags are asked for: %s', async (engine, tags) => {
    const heads = countOf('HeadObject')
    const headers = `- files: ['**']\n  storage-class: STANDARD_IA\n${tags}`
    await using run = await stage.run({ headers, verify: 'outcomes' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine })
    expect(facts('copy/index.html')).toMatchObject({
      headers: DESCRIBED.headers,
      metadata: DESCRIBED.metadata,
      storageClass: 'STANDARD_IA',
      tags: tags ? { team: 'a/b' } : DESCRIBED.tags,
    })
    expect(heads()).toBeLessThan(3)
  })

  it('set the ACL of the objects that a rule is for', async () => {
    const asked: (string | undefined)[] = []
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: ({ headers }, next) => {
        asked.push(headers['x-amz-acl'])
        return next()
      },
    })
    await using run = await stage.run({ headers: "- files: ['*.html']\n  acl: public-read" })
    expect(run.outputs).toMatchObject({ result: 'success', engine: 's5cmd' })
    expect(asked.toSorted()).toEqual(['public-read', undefined, undefined])
    const policy = await readFile(run.outputs['policy-path'] ?? '', 'utf8')
    expect(policy).toContain('s3:PutObjectAcl')
  })

  it('are refused by name where s5cmd alone may copy', async () => {
    await using run = await stage.run({ headers: RULES, engine: 's5cmd' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard', copied: '0' })
    expect(run.outputs['failure-message']).toContain('(headers-by-rule)')
  })

  it('warn of a rule that matched nothing', async () => {
    await using run = await stage.run({ headers: `${RULES}- files: ['*.htm']\n  acl: private` })
    expect(run.annotations.warnings.map(({ message }) => message).join()).toContain(
      'headers: "*.htm" matched no object',
    )
  })

  it('are refused with all that is wrong in them, and nothing is touched', async () => {
    const headers = "- files: ['*.html']\n  compress: gzip\n  storage-class: COLD"
    await using run = await stage.run({ headers })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.log).toContain('headers: line 2: "compress" is not one of files')
    expect(run.log).toContain('headers: line 3: storage-class: expected one of STANDARD')
    expect(stage.kit.counters.total()).toBe(0)
  })
})

describe('rules in a file', () => {
  const scratch = mkdtemp(join(tmpdir(), 'headers-'))
  afterAll(async () => rm(await scratch, { recursive: true }))
  const file = async (text: string): Promise<string> => {
    const path = join(await scratch, 'headers.yml')
    await writeFile(path, text)
    return path
  }

  it('are as those in the workflow', async () => {
    const headers = await file(RULES)
    await using run = await stage.run({ headers })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(facts('copy/index.html')?.headers).toMatchObject({ 'cache-control': 'no-cache' })
    await using again = await stage.run({ headers: RULES })
    expect(again.outputs['result']).toBe('nothing-to-do')
  })

  it('set no ACL, as a pull request changes the file, and neither do those in a preset', async () => {
    const rules = "- files: ['*.html']\n  acl: public-read\n"
    await using run = await stage.run({ headers: await file(rules) })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain('headers.yml, line 2: acl can only be set in')
    const preset = `web:\n  headers: |\n${rules.replace(/^/gm, '    ')}`
    await using other = await stage.run({ preset: 'web', config: await file(preset) })
    expect(other.outputs['failure-message']).toContain('acl can only be set in the workflow')
    expect(stage.kit.counters.total()).toBe(0)
  })

  it('are missed by name', async () => {
    await using run = await stage.run({ headers: 'ci/headers.yml' })
    expect(run.outputs['failure-message']).toContain(
      '"ci/headers.yml" cannot be read: the file does not exist',
    )
  })
})

describe('a plan that was approved', () => {
  it('is carried out where only headers differ, and only as it was approved', async () => {
    await using first = await stage.run({ headers: RULES })
    expect(first.outputs['copied']).toBe('3')
    const headers = RULES.replace('no-cache', 'no-store').replace('immutable', 'stale')
    await using plan = await stage.run({ headers, mode: 'plan' })
    expect(plan.outputs).toMatchObject({ result: 'planned', 'planned-copies': '3' })
    const text = await readFile(plan.outputs['plan-path'] ?? '', 'utf8')
    const folder = await mkdtemp(join(tmpdir(), 'approved-'))
    await writeFile(join(folder, 'plan.ndjson'), text)
    const execute = { mode: 'execute', 'plan-dir': folder, verify: 'listing' }

    await using other = await stage.run({ ...execute, headers: RULES })
    expect(other.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    await using run = await stage.run({ ...execute, headers })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(facts('copy/index.html')?.headers).toMatchObject({ 'cache-control': 'no-store' })
    await using again = await stage.run({ ...execute, headers })
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do' })
    await rm(folder, { recursive: true })
  })
})

describe('what cannot be looked at', () => {
  it('is told by number, and nothing of it is copied', async () => {
    await using first = await stage.run({ headers: RULES })
    expect(first.outputs['copied']).toBe('3')
    stage.kit.faults.add({
      match: { operation: 'HeadObject', bucket: 'dst' },
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run({ headers: RULES.replace('no-cache', 'no-store') })
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(run.annotations.warnings.map(({ message }) => message).join()).toMatch(
      /Headers of 3 objects not compared \(AccessDenied/,
    )
  })

  it('ends the run where the service only fails, as a listing that breaks does', async () => {
    await using first = await stage.run({ headers: RULES })
    expect(first.outputs['copied']).toBe('3')
    stage.kit.faults.add({
      match: ({ operation, key }) => operation === 'HeadObject' && key === 'copy/index.html',
      fault: fail(500, 'InternalError'),
    })
    await using run = await stage.run({ headers: RULES })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'list', copied: '0' })
    expect(run.outputs['failure-message']).toContain('Headers could not be compared')
  })

  it('is what goes beyond a thousand', async () => {
    for (let at = 0; at < 1203; at++) {
      const spec = { ...DESCRIBED, body: 'x' }
      stage.kit.store.put('src', `many/${at}.html`, spec)
      stage.kit.store.put('dst', `many/${at}.html`, spec)
    }
    const heads = countOf('HeadObject')
    await using run = await stage.run({
      source: 's3://src/many/',
      destination: 's3://dst/many/',
      headers: "- files: ['*.html']\n  cache-control: no-cache",
      mode: 'plan',
    })
    expect(run.outputs).toMatchObject({ result: 'planned', 'planned-copies': '1000' })
    // Objects that have other headers were found, so that there may be more.
    expect(run.annotations.warnings.map(({ message }) => message).join()).toContain(
      'Headers of 203 objects not compared',
    )
    expect(heads()).toBeGreaterThanOrEqual(1000)
    expect(heads()).toBeLessThan(1010)
  })

  it('is one of each kind at least, so that a rule which changed is noticed', async () => {
    for (let at = 0; at < 1010; at++)
      for (const bucket of ['src', 'dst'])
        stage.kit.store.put(bucket, `many/assets/${at}.js`, {
          body: 'x',
          headers: { 'cache-control': 'immutable' },
        })
    for (const bucket of ['src', 'dst'])
      for (const name of ['x.html', 'y.html', 'z.html'])
        stage.kit.store.put(bucket, `many/${name}`, { ...DESCRIBED, body: 'x' })
    const plan = async (html: string) => {
      await using run = await stage.run({
        source: 's3://src/many/',
        destination: 's3://dst/many/',
        headers: `- files: ['*.js']\n  cache-control: immutable\n- files: ['*.html']\n  cache-control: ${html}`,
        mode: 'plan',
      })
      const warnings = run.annotations.warnings.map(({ message }) => message).join()
      return { copies: run.outputs['planned-copies'], warnings, log: run.log }
    }
    const changed = await plan('no-store')
    expect(changed.copies).toBe('1')
    expect(changed.warnings).toContain('Headers of 12 objects not compared')
    const same = await plan(DESCRIBED.headers['cache-control'])
    expect(same).toMatchObject({ copies: '0', warnings: '' })
    expect(same.log).toContain('Headers of 12 objects not compared')
  })
})

describe('an object that S3 does not copy by itself', () => {
  it('gets its headers where its bytes pass through the runner', async () => {
    const reader = stage.kit.iam.addUser('reader', [
      {
        Statement: {
          Effect: 'Allow',
          Action: 's3:*',
          Resource: ['arn:aws:s3:::src', 'arn:aws:s3:::src/*'],
        },
      },
    ])
    await using run = await stage.run({
      headers: `${RULES}  tags: { team: web }`,
      'source-aws-access-key-id': reader.accessKeyId,
      'source-aws-secret-access-key': reader.secretAccessKey,
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', engine: 'direct' })
    expect(facts('copy/index.html')).toMatchObject({
      headers: { ...DESCRIBED.headers, 'cache-control': 'no-cache' },
      metadata: { owner: DESCRIBED.metadata.owner, build: '2', [DIGEST]: HEX },
      tags: DESCRIBED.tags,
    })
    expect(facts('copy/a/app.js')?.tags).toEqual({ team: 'web' })
    await using again = await stage.run({ headers: `${RULES}  tags: { team: web }` })
    expect(again.outputs['result']).toBe('nothing-to-do')
  })

  it('gets them where it is copied in parts', async () => {
    stage.kit.store.put('src', 'data/a/big.bin', { ...DESCRIBED, size: 2 ** 30 + 1 })
    const headers = `${RULES}  tags: { team: web }`
    await using run = await stage.run({ headers, include: 'big.bin' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', engine: 'direct' })
    expect(facts('copy/a/big.bin')).toMatchObject({
      headers: { ...DESCRIBED.headers, 'cache-control': expect.stringContaining('immutable') },
      metadata: { ...DESCRIBED.metadata, [DIGEST]: HEX },
      tags: { team: 'web' },
    })
  })

  it('is not written without metadata that no header tells', async () => {
    stage.kit.faults.add({
      match: { operation: 'HeadObject', bucket: 'src', key: 'data/index.html' },
      fault: async (_request, next) => {
        const reply = await next()
        return { ...reply, headers: { ...reply.headers, 'x-amz-missing-meta': '2' } }
      },
    })
    await using run = await stage.run({ headers: RULES })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '2', failed: '1' })
    expect(await codesOf(run)).toEqual({ 'data/index.html': 'MetadataNotTold' })
  })
})

describe.each(['seaweedfs', 'moto'] as const)('on %s', (name) => {
  let service: TestService
  beforeAll(async () => {
    service = await SERVICES[name]()
    const described = {
      ContentType: 'text/html',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline; filename="a b"',
      Metadata: { owner: 'a, b="c"', build: '1' },
      Tagging: 'a=1',
    }
    await service.put('data/index.html', 'index', described)
    await service.put('data/a/app.js', 'app', described)
  })
  afterAll(() => service[Symbol.asyncDispose]())

  const run = (headers: string) =>
    runAction({
      inputs: {
        source: 's3://src/data/',
        destination: 's3://dst/site/',
        'endpoint-url': service.endpoint,
        'aws-access-key-id': service.keys.accessKeyId,
        'aws-secret-access-key': service.keys.secretAccessKey,
        'aws-region': 'us-east-1',
        's5cmd-path': parts().s5cmd,
        headers,
      },
    })

  it('headers are set by key, all else is kept, and changed rules are seen', async () => {
    await using first = await run(`${RULES}  tags: { team: web }`)
    expect(first.outputs).toMatchObject({ result: 'success', copied: '2' })
    const client = new S3Client({
      endpoint: service.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: service.keys,
    })
    const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket: 'dst', Key }))
    expect(await head('site/index.html')).toMatchObject({
      ContentType: 'text/html',
      CacheControl: 'no-cache',
      ContentDisposition: 'inline; filename="a b"',
      Metadata: { owner: 'a, b="c"', build: '2', [DIGEST]: HEX },
      TagCount: 1,
    })
    await using second = await run(`${RULES}  tags: { team: web }`)
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '2' })
    await using third = await run(`${RULES}  tags: { team: app }`)
    expect(third.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '1' })
    client.destroy()
  })
})
