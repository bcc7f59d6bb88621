import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hostileKeys } from 's3-direct-sync-testkit/fixtures.ts'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import { openJob } from 's3-direct-sync-testkit/runner-job.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, describe, expect, it } from 'vitest'

let stage: Stage
afterEach(() => stage[Symbol.asyncDispose]())

const keysOf = (prefix: string) => stage.kit.store.keys('dst', prefix)
const rows = async (path: string): Promise<Record<string, unknown>[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const WRITES = ['CopyObject', 'PutObject', 'DeleteObject', 'DeleteObjects', 'CreateMultipartUpload']

describe('hostile keys', () => {
  it.each(['aws', 'path'] as const)(
    'arrive as they are, and nothing of them is obeyed or breaks the summary (copy source read as %s)',
    async (copySource) => {
      stage = await openStage({ copySource })
      const keys = hostileKeys().map(({ key }) => key)
      for (const key of keys)
        stage.kit.store.put('src', `data/${key}`, {
          body: key,
          metadata: { k: 'v' },
          tags: { t: 'u' },
          headers: { 'content-type': 'text/x' },
        })
      await using run = await stage.run({ 'log-level': 'trace' })
      expect(run.outputs).toMatchObject({ result: 'success', copied: String(keys.length) })
      expect(stage.equal()).toBe(true)
      const obeyed = new Set(run.commands.map(({ name }) => name))
      expect(
        [...obeyed].filter((name) => !['add-mask', 'debug', 'group', 'endgroup'].includes(name)),
      ).toEqual([])
      expect(run.commandProblems).toEqual([])
    },
  )

  it('that fail are named, and nothing of them is obeyed or breaks the summary', async () => {
    stage = await openStage()
    for (const { key } of hostileKeys()) stage.kit.store.put('src', `data/${key}`, { body: key })
    stage.kit.faults.add({
      match: { operation: 'CopyObject' },
      fault: (request) => ({
        status: 403,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>no ##[set-output name=result]success\n::error::${encodeURIComponent(request.key ?? '')}</Message></Error>`,
        errorCode: 'AccessDenied',
      }),
    })
    await using run = await stage.run({ 'log-level': 'trace' })
    expect(run.outputs).toMatchObject({ result: 'failed', failed: String(hostileKeys().length) })
    expect(run.annotations.errors.length).toBe(1)
    expect(run.commandProblems).toEqual([])
    expect((await rows(run.outputs['failed-path'] ?? '')).length).toBe(hostileKeys().length)
  })

  it('in the batch files can be run by hand with s5cmd', async () => {
    stage = await openStage()
    for (const { key } of hostileKeys()) stage.kit.store.put('src', `data/${key}`, { body: key })
    await using run = await stage.run()
    const folder = run.outputs['batch-dir'] ?? ''
    const [file = ''] = await readdir(folder)
    expect(file).toMatch(/^s5cmd_batch_\d{8}_\d{6}_\d{3,}\.txt$/)
    const copied = keysOf('copy/')
    for (const key of copied) stage.kit.store.delete('dst', key)
    const { accessKeyId, secretAccessKey } = stage.kit.iam.admin
    await promisify(execFile)(
      parts().s5cmd,
      ['--endpoint-url', stage.kit.endpoint, 'run', join(folder, file)],
      {
        env: {
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_REGION: 'us-east-1',
        },
      },
    )
    const byHand = keysOf('copy/')
    expect(byHand.length).toBeGreaterThan(100)
    expect(copied).toEqual(expect.arrayContaining(byHand))
  })
})

describe('a sync', () => {
  it('of more objects than are worth a HEAD each is proven by a listing', async () => {
    stage = await openStage()
    for (let i = 0; i < 1500; i++)
      stage.kit.store.put('src', `data/${i % 7}/${i}`, { size: i, seed: i })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1500' })
    expect(stage.equal()).toBe(true)
    // One before the start, to see whether the source can be read.
    expect(stage.kit.counters.of('HeadObject')).toBe(1)
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.verification).toEqual({
      method: 'listing',
      checked: 1500,
      mismatched: 0,
      byChecksum: 0,
      bySizeAndTime: 0,
    })
    expect(report.engine.batches).toBe(3)
  })

  it('of a service that lists folders first copies all, and then nothing', async () => {
    stage = await openStage({ listOrder: 'folder-first', pageKeys: 7 })
    for (const key of [
      'sub/x',
      'sub!',
      'sub-1/x',
      'a b/c',
      'a/b',
      'a',
      'z/é',
      'z/e',
      '\u{1f600}',
      '\uffee',
    ])
      stage.kit.store.put('src', `data/${key}`, { body: key })
    await using first = await stage.run()
    expect(first.outputs).toMatchObject({ result: 'success', copied: '10' })
    await using second = await stage.run()
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '10' })
  })

  it('copies what include and exclude leave, and says how much that is', async () => {
    stage = await openStage()
    for (const key of ['a.zip', 'b/c.zip', 'b/c.tmp', 'd.txt'])
      stage.kit.store.put('src', `data/${key}`, { body: key })
    await using run = await stage.run({ include: '*.zip\n*.tmp', exclude: 'b/*.tmp' })
    expect(run.outputs).toMatchObject({ copied: '2', skipped: '2' })
    expect(keysOf('copy/')).toEqual(['copy/a.zip', 'copy/b/c.zip'])
  })

  it('copies changed objects only, by size and by content', async () => {
    stage = await openStage()
    const old = Date.now() - 60_000
    for (const key of ['same', 'longer', 'edited', 'older'])
      stage.kit.store.put('src', `data/${key}`, { body: key, lastModifiedMs: old })
    await using first = await stage.run()
    expect(first.outputs['copied']).toBe('4')
    stage.kit.store.put('src', 'data/longer', { body: 'longer than before', lastModifiedMs: old })
    stage.kit.store.put('src', 'data/edited', {
      body: 'EDITED',
      lastModifiedMs: Date.now() + 60_000,
    })
    stage.kit.store.put('src', 'data/older', { body: 'OLDER', lastModifiedMs: old })
    await using second = await stage.run()
    expect(second.outputs).toMatchObject({ result: 'success', copied: '2', skipped: '2' })
    expect(second.summary).toContain('differs')
  })

  it('of multipart objects is a no-op the second time', async () => {
    stage = await openStage()
    const etag = `${'ab'.repeat(16)}-3`
    stage.kit.store.put('src', 'data/big', {
      size: 5000,
      seed: 1,
      etag,
      lastModifiedMs: Date.now() - 5000,
    })
    await using first = await stage.run()
    expect(first.outputs).toMatchObject({ result: 'success', copied: '1' })
    await using second = await stage.run()
    expect(second.outputs).toMatchObject({ result: 'nothing-to-do', copied: '0' })
  })

  it('writes to the region where the destination is', async () => {
    stage = await openStage()
    stage.kit.store.createBucket('far', { region: 'eu-west-1' })
    stage.kit.store.put('src', 'data/a', { body: 'a' })
    await using run = await stage.run({ destination: 's3://far/copy/' })
    expect(run.outputs).toMatchObject({
      result: 'success',
      'source-region': 'us-east-1',
      'destination-region': 'eu-west-1',
    })
  })
})

describe('a single object', () => {
  it.each([
    ['s3://dst/there/', 'there/file.zip'],
    ['s3://dst/there/other.zip', 'there/other.zip'],
    ['s3://dst', 'file.zip'],
  ])('goes to %s as %s', async (destination, key) => {
    stage = await openStage()
    stage.kit.store.put('src', 'data/file.zip', { body: 'f' })
    stage.kit.store.put('src', 'data/file.zip.md5', { body: 'm' })
    await using run = await stage.run({ source: 's3://src/data/file.zip', destination })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(keysOf('')).toEqual([key])
  })

  it('is a folder when anything lies under it', async () => {
    stage = await openStage()
    for (const key of ['data/x', 'data/x/1', 'data/x/2'])
      stage.kit.store.put('src', key, { body: key })
    await using run = await stage.run({ source: 's3://src/data/x', destination: 's3://dst/y' })
    expect(run.outputs['copied']).toBe('2')
    expect(keysOf('')).toEqual(['y/1', 'y/2'])
  })

  it('is not copied onto itself', async () => {
    stage = await openStage()
    stage.kit.store.put('src', 'data/x', { body: 'x' })
    await using run = await stage.run({ source: 's3://src/data/x', destination: 's3://src/data/' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  })
})

describe('the folder itself', () => {
  it('has its marker copied where that has a name, and is empty when it holds nothing else', async () => {
    stage = await openStage()
    stage.kit.store.put('src', 'data/', { body: '' })
    await using empty = await stage.run()
    expect(empty.outputs).toMatchObject({ 'failure-kind': 'guard' })
    stage.kit.store.put('src', 'data/a', { body: 'a' })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
    await using root = await stage.run({ destination: 's3://dst' })
    expect(root.outputs).toMatchObject({ result: 'success', copied: '1' })
  })
})

describe('planning', () => {
  it.each([{ 'dry-run': 'true' }, { mode: 'plan' }])(
    'with %j writes nothing but the plan',
    async (inputs) => {
      stage = await openStage()
      for (const key of ['a', 'b']) stage.kit.store.put('src', `data/${key}`, { body: key })
      await using run = await stage.run(inputs)
      expect(run.exitCode).toBe(0)
      expect(run.outputs).toMatchObject({ result: 'planned', 'planned-copies': '2', copied: '0' })
      for (const write of WRITES) expect(stage.kit.counters.of(write)).toBe(0)
      const lines = await rows(run.outputs['plan-path'] ?? '')
      expect(lines[0]).toMatchObject({
        schema: 's3-direct-sync/plan/1',
        source: { bucket: 'src', prefix: 'data/' },
      })
      expect(lines.slice(1, -1)).toMatchObject([
        { op: 'copy', key: 'data/a', to: 'copy/a', size: 1, reason: 'missing' },
        { op: 'copy', key: 'data/b', to: 'copy/b', size: 1, reason: 'missing' },
      ])
      expect(lines.at(-1)).toMatchObject({ trailer: true, copies: { objects: 2, bytes: 2 } })
    },
  )
})

describe('engines', () => {
  it('direct alone copies all, and the second time nothing', async () => {
    stage = await openStage()
    for (const { key } of hostileKeys()) stage.kit.store.put('src', `data/${key}`, { body: key })
    await using run = await stage.run({ engine: 'direct' })
    expect(run.outputs).toMatchObject({ result: 'success', engine: 'direct', 's5cmd-version': '' })
    expect(stage.equal()).toBe(true)
    await using again = await stage.run({ engine: 'direct' })
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', copied: '0' })
  })

  it('s5cmd alone refuses a plan that it cannot carry whole, naming the objects', async () => {
    stage = await openStage()
    for (const key of ['fine', 'new\nline', 'folder/'])
      stage.kit.store.put('src', `data/${key}`, { body: key })
    await using run = await stage.run({ engine: 's5cmd' })
    expect(run.outputs).toMatchObject({
      result: 'failed',
      'failure-kind': 'guard',
      copied: '0',
      unknown: '0',
    })
    expect(run.outputs['failure-message']).toMatch(/folder\/.*trailing-slash.*new.*newline-in-key/)
    expect(stage.kit.counters.of('CopyObject')).toBe(0)
  })

  it('direct stands in when no s5cmd is to be had, and says so', async () => {
    stage = await openStage()
    stage.kit.store.put('src', 'data/a', { body: 'a' })
    const nowhere = {
      's5cmd-path': '',
      's5cmd-url': 'http://127.0.0.1:9/{asset}',
      'install-method': 'mirror',
    }
    await using run = await stage.run(nowhere)
    expect(run.outputs).toMatchObject({ result: 'success', engine: 'direct', copied: '1' })
    expect(run.annotations.warnings[0]?.message).toContain('s5cmd')
    await using strict = await stage.run({ ...nowhere, engine: 's5cmd' })
    expect(strict.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'install' })
  })
})

describe('the report folder', () => {
  it('holds nothing of an earlier run', async () => {
    stage = await openStage()
    stage.kit.store.put('src', 'data/a', { body: 'a' })
    await using job = await openJob()
    const inputs = { 'report-dir': join(job.workspace, 'report') }
    await using first = await stage.run(inputs, { job })
    expect(first.outputs['failed-path']).not.toBe('')
    await using second = await stage.run(inputs, { job })
    expect(second.outputs).toMatchObject({
      result: 'nothing-to-do',
      'failed-path': '',
      'batch-dir': '',
    })
    expect((await readdir(second.reportDir)).sort()).toEqual([
      'batches',
      'plan.ndjson',
      'policy.json',
      'published.ndjson',
      'report.json',
      's3-direct-sync.json',
      'summary.md',
    ])
    expect(await readdir(join(second.reportDir, 'batches'))).toEqual([])
  })
})
