import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Stage } from 's3-direct-sync-testkit/stage.ts'
import { trustGitHub } from 's3-direct-sync-testkit/testkit.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Statement } from '../../src/preflight/policy.ts'
import { type ManifestStage, openManifestStage } from './manifest-stage.ts'
import { forge } from './plan-stage.ts'

let opened: ManifestStage
let stage: Stage
let folder: string

beforeEach(async () => {
  opened = await openManifestStage()
  stage = opened.stage
  folder = opened.folder
})
afterEach(() => opened[Symbol.asyncDispose]())

const put = (...given: Parameters<ManifestStage['put']>) => opened.put(...given)
const list = (...given: Parameters<ManifestStage['list']>) => opened.list(...given)
const destination = () => stage.kit.store.keys('dst')
const asked = () =>
  ['ListObjectsV2', 'HeadObject', 'CopyObject'].reduce(
    (sum, operation) => sum + stage.kit.counters.of(operation),
    0,
  )

describe('a plan of a manifest', () => {
  let manifest: string
  beforeEach(async () => {
    put('src', 'data/a', 'data/b', 'data/c')
    manifest = await list(
      'l.ndjson',
      '{"key":"a","target_path":"x"}\n{"key":"b","target_path":"y"}\n',
    )
    await using run = await stage.run({ manifest, mode: 'plan' })
    expect(run.outputs).toMatchObject({ result: 'planned', 'planned-copies': '2' })
    await copyFile(run.outputs['plan-path'] ?? '', join(folder, 'plan.ndjson'))
  })
  const execute = (inputs: Readonly<Record<string, string>> = {}) =>
    stage.run({ manifest, mode: 'execute', 'plan-dir': folder, ...inputs })

  it('is carried out with the manifest given again', async () => {
    await using run = await execute()
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
    expect(destination()).toEqual(['copy/x', 'copy/y'])
  })

  it('is refused with another list, and without one', async () => {
    const other = await list('l2.ndjson', '{"key":"a","target_path":"x"}\n')
    for (const inputs of [{ manifest: other }, { manifest: '' }]) {
      await using run = await execute(inputs)
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
      expect(run.outputs['failure-message']).toContain('a different manifest')
    }
    expect(destination()).toEqual([])
  })

  it('copies nothing that its manifest does not say, whatever somebody wrote into it', async () => {
    await forge(join(folder, 'plan.ndjson'), (lines) =>
      lines.map((line) => (line['to'] === 'copy/y' ? { ...line, key: 'data/c' } : line)),
    )
    await using run = await execute()
    expect(run.exitCode).toBe(1)
    expect(destination()).not.toContain('copy/y')
  })

  it('is what a check compares', async () => {
    await using drift = await stage.run({ manifest, mode: 'check' })
    expect(drift.outputs).toMatchObject({ result: 'drift', 'planned-copies': '2' })
    await using run = await stage.run({ manifest })
    expect(run.outputs).toMatchObject({ result: 'success' })
    await using same = await stage.run({ manifest, mode: 'check' })
    expect(same.outputs).toMatchObject({ result: 'nothing-to-do' })
  })
})

describe('an S3 Inventory', () => {
  const gz = (text: string) => gzipSync(text)
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex')
  const inventory = (bytes: Buffer, more: object = {}) =>
    JSON.stringify({
      sourceBucket: 'src',
      destinationBucket: 'arn:aws:s3:::lists',
      version: '2016-11-30',
      fileFormat: 'CSV',
      fileSchema: 'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, ETag',
      files: [{ key: 'inv/data.csv.gz', size: bytes.length, MD5checksum: md5(bytes) }],
      ...more,
    })
  const row = (key: string, ...rest: readonly string[]) =>
    ['src', key, ...rest].map((field) => `"${field}"`).join(',')
  const etag = createHash('md5').update('body of a b').digest('hex')

  it('names the objects that stand now, and leaves out the rest with its reason', async () => {
    put('src', 'data/a b', 'data/old', 'data/gone', 'elsewhere/x')
    const bytes = gz(
      [
        row('data/a+b', 'v1', 'true', 'false', '11', etag),
        row('data/old', 'v2', 'false', 'false', '1', 'x'),
        row('data/gone', 'v3', 'true', 'true', '', ''),
        row('elsewhere/x', 'v4', 'true', 'false', '9', 'y'),
      ].join('\n'),
    )
    stage.kit.store.put('lists', 'inv/data.csv.gz', { body: bytes })
    stage.kit.store.put('lists', 'inv/manifest.json', { body: inventory(bytes) })
    await using run = await stage.run({ manifest: 's3://lists/inv/manifest.json' })
    expect(run.outputs, run.log).toMatchObject({
      result: 'success',
      copied: '1',
      skipped: '3',
      'manifest-rows': '4',
    })
    expect(destination()).toEqual(['copy/a b'])
    const { reasons } = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(reasons).toMatchObject({
      noncurrent: { objects: 1 },
      'delete-marker': { objects: 1 },
      filtered: { objects: 1 },
    })
  })

  it.each([
    [
      'a data file of another inventory',
      gz(row('data/a', '', 'true', 'false', '', '')),
      { files: [{ key: 'inv/data.csv.gz', size: 1, MD5checksum: '0'.repeat(32) }] },
      'MD5 differs',
    ],
    ['another format', gz(''), { fileFormat: 'Parquet' }, 'Parquet'],
    ['half a data file', gz(row('data/a')).subarray(0, 20), {}, 'cannot be unpacked'],
    ['a data file that is not compressed', Buffer.from('a'), {}, 'cannot be unpacked'],
    ['a bomb', gz('a'.repeat(2 ** 25)), {}, 'unpacks to more than'],
    [
      'another bucket',
      gz(row('data/a', '', 'true', 'false', '', '').replace('src', 'other')),
      {},
      'not the source bucket',
    ],
  ])('with %s is refused, and nothing is copied', async (_what, bytes, more, told) => {
    put('src', 'data/a')
    stage.kit.store.put('lists', 'inv/data.csv.gz', { body: bytes })
    stage.kit.store.put('lists', 'inv/manifest.json', { body: inventory(bytes, more) })
    await using run = await stage.run({ manifest: 's3://lists/inv/manifest.json' })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain(told)
    expect(destination()).toEqual([])
  })
})

describe('a hostile manifest', () => {
  beforeEach(() => put('src', 'data/a'))
  const refused = async (manifest: string, told: string) => {
    await using run = await stage.run({ manifest })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain(told)
    expect(asked()).toBe(0)
  }

  it.each([
    [
      'a line of megabytes',
      'l.txt',
      `a\n${'x'.repeat(5 * 2 ** 20)}\n`,
      'line 2: is longer than 64 KiB',
    ],
    ['a NUL', 'l.txt', 'a\0b\n', 'line 1, column 2: contains a NUL'],
    ['deep JSON', 'l.ndjson', `${'['.repeat(30_000)}\n`, 'line 1'],
    ['a name twice', 'l.ndjson', '{"key":"a","key":"b"}\n', 'a duplicate name'],
    [
      'a quote that is never closed',
      'l.csv',
      `key\n"a\n${'b\n'.repeat(1000)}`,
      'line 2: a quoted field is not closed',
    ],
    ['half a character', 'l.ndjson', '{"key":"\\ud800"}', 'is not valid text'],
    ['UTF-16', 'l.csv', Buffer.from('\ufeffkey\r\na\r\n', 'utf16le').toString('latin1'), 'line 1'],
    ['a missing file', '', '', 'the file does not exist'],
  ])('with %s is refused before anything is asked', async (_what, name, text, told) => {
    await refused(name === '' ? join(folder, 'none.txt') : await list(name, text), told)
  })

  it('that is a link, a folder or a pipe is refused, and nobody waits for it', async () => {
    await symlink('/etc/passwd', join(folder, 'link.txt'))
    execFileSync('mkfifo', [join(folder, 'pipe.txt')])
    await refused(join(folder, 'link.txt'), 'it is a link')
    await refused(join(folder, 'pipe.txt'), 'not a regular file')
    await refused(folder, 'it is a folder')
    await refused('/dev/zero', 'not a regular file')
  })
})

it('a list that an earlier step failed to name is not taken for none, where it is said what becomes of its rows', async () => {
  put('src', 'data/a')
  await using run = await stage.run({ manifest: '', 'manifest-missing': 'fail' })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
  expect(run.outputs['failure-message']).toContain('manifest: is empty')
  expect(destination()).toEqual([])
})

it.each([
  ['delete', { delete: 'true' }, 'which lists what to copy, not what to remove: remove delete'],
  ['a packed file', { manifest: 'list.csv.gz' }, 'decompress it first'],
])('%s is refused with a manifest', async (_what, inputs, told) => {
  const manifest = await list('l.txt', 'a\n')
  await using run = await stage.run({ manifest, ...inputs })
  expect(run.outputs).toMatchObject({ 'failure-kind': 'inputs' })
  expect(run.outputs['failure-message']).toContain(told)
})

describe('who may do what the policy of the run requires, and no more', () => {
  const runAs = (Statement: readonly Statement[], inputs: Readonly<Record<string, string>>) => {
    const trust = trustGitHub(stage.kit.issuer, 'repo:o/r:*')
    const role = stage.kit.iam.addRole({ name: 'Least', trust, policies: [{ Statement }] })
    return stage.run({ ...inputs, 'role-to-assume': role })
  }

  it('copies the objects of a list without the right to list their bucket, and is refused for one that is missing', async () => {
    put('src', 'data/a', 'data/b')
    stage.kit.store.put('lists', 'l.csv', { body: 'key\na\nb\n' })
    stage.kit.store.put('lists', 'gone.csv', { body: 'key\na\ngone\n' })
    const manifest = 's3://lists/l.csv'
    await using planned = await stage.run({ manifest, mode: 'plan' })
    const policy = JSON.parse(await readFile(planned.outputs['policy-path'] ?? '', 'utf8'))
    const required = policy.Statement.filter(({ Sid }: Statement) => Sid.startsWith('Required'))
    expect(required.map(({ Sid }: Statement) => Sid)).not.toContain('RequiredSourceList')
    await using run = await runAs(required, { manifest })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
    const all = [
      ...required,
      {
        Sid: 'Lists',
        Effect: 'Allow',
        Action: ['s3:GetObject'],
        Resource: ['arn:aws:s3:::lists/*'],
      },
    ]
    const inputs = { manifest: 's3://lists/gone.csv', 'manifest-missing': 'skip' }
    await using refused = await runAs(all, inputs)
    expect(refused.outputs, refused.log).toMatchObject({ result: 'failed', unknown: '1' })
    expect(refused.outputs['failure-message']).toContain('s3:ListBucket')
  })
})
