import { readFile } from 'node:fs/promises'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
    expect(run.log).toContain('(3 headers by rule)')
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
      'headers: the rules for "*.htm" matched no object',
    )
  })

  it('are refused with all that is wrong in them, and nothing is touched', async () => {
    const headers = "- files: ['*.html']\n  compress: gzip\n  storage-class: COLD"
    await using run = await stage.run({ headers })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.log).toContain('headers: headers, line 2: "compress" is none of files')
    expect(run.log).toContain('headers: headers, line 3: storage-class: expected one of STANDARD')
    expect(stage.kit.counters.total()).toBe(0)
  })
})
