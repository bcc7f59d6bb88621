import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { fail, before as meanwhile } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const sh = promisify(execFile)
const MIB = 2 ** 20

let stage: Stage
let folder: string
beforeEach(async () => {
  stage = await openStage()
  folder = await mkdtemp(path.join(tmpdir(), 'release-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  await stage[Symbol.asyncDispose]()
})

const sha256 = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex')
const put = (bucket: string, key: string, body: string | Buffer): void =>
  stage.kit.store.put(bucket, key, { body })
const sumsOf = async (run: StepResult): Promise<string> =>
  readFile(run.outputs['sha256sums-path'] ?? '', 'utf8')
const rowsOf = async (file: string): Promise<Record<string, unknown>[]> =>
  (await readFile(file, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Checks the file as coreutils does, where all objects of the destination lie as files. */
async function check(sums: string): Promise<string> {
  const at = await mkdtemp(path.join(tmpdir(), 'check-'))
  try {
    for (const key of stage.kit.store.keys('dst', 'copy/')) {
      const file = path.join(at, key.slice('copy/'.length))
      await mkdir(path.dirname(file), { recursive: true })
      await writeFile(file, stage.kit.store.bytes('dst', key) ?? '')
    }
    await writeFile(path.join(at, 'SUMS'), sums)
    return (await sh('sha256sum', ['--check', '--strict', 'SUMS'], { cwd: at })).stdout
  } finally {
    await rm(at, { recursive: true })
  }
}

describe('SHA256SUMS', () => {
  it('of a folder is what sha256sum checks, is published behind all copies, and stays as it is', async () => {
    const large = Buffer.alloc(17 * MIB, 'many parts')
    const files = { 'a.txt': 'a', 'b/ü b.txt': 'b', empty: '', 'large.bin': large, '-n x': 'x' }
    for (const [name, body] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
      await writeFile(path.join(folder, name), body)
    }
    put('dst', 'copy/a.txt', 'a')
    const order: string[] = []
    stage.kit.faults.add({
      match: ({ operation }) =>
        operation === 'PutObject' || operation === 'CompleteMultipartUpload',
      fault: (request, next) => {
        order.push(request.key ?? '')
        return next()
      },
    })
    const inputs = { source: folder, sha256sums: 'upload', delete: 'true' }
    await using run = await stage.run(inputs)
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4' })
    const sums = await sumsOf(run)
    const names = Object.keys(files).toSorted()
    expect(sums).toBe(
      names.map((name) => `${sha256(files[name as keyof typeof files])}  ${name}\n`).join(''),
    )
    expect((await check(sums)).trim().split('\n')).toHaveLength(5)
    expect(order.at(-1)).toBe('copy/SHA256SUMS')
    expect(stage.kit.store.bytes('dst', 'copy/SHA256SUMS')?.toString()).toBe(sums)
    expect(stage.kit.store.facts('dst', 'copy/SHA256SUMS')?.headers['content-type']).toBe(
      'text/plain; charset=utf-8',
    )
    for (const row of await rowsOf(`${run.reportDir}/published.ndjson`))
      expect(row['sha256']).toBe(sha256(files[row['key'] as keyof typeof files]))
    for (const row of await rowsOf(`${run.reportDir}/results.ndjson`))
      expect(row['sha256']).toBe(sha256(files[String(row['key']) as keyof typeof files]))

    order.length = 0
    await using again = await stage.run(inputs)
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-deletes': '0' })
    expect(await sumsOf(again)).toBe(sums)
    expect(order).toEqual([])
    // The report says which it was, and a plan is of the copies alone.
    const report = JSON.parse(await readFile(again.outputs['report-path'] ?? '', 'utf8'))
    expect(report.sha256sums).toMatchObject({ lines: 5, unknown: 0, unnamed: 0 })
  })

  it('has the headers that a rule says, and others where the rule changes, without a warning that it matched nothing', async () => {
    await writeFile(path.join(folder, 'a.txt'), 'a')
    const cached = async (control: string, more = {}) => {
      const headers = `- files: ['/SHA256SUMS']\n  cache-control: ${control}`
      await using run = await stage.run({ source: folder, sha256sums: 'upload', headers, ...more })
      expect(run.annotations.warnings, run.log).toEqual([])
      return stage.kit.store.facts('dst', 'copy/SHA256SUMS')?.headers['cache-control']
    }
    expect(await cached('no-cache')).toBe('no-cache')
    expect(await cached('no-store')).toBe('no-store')
    expect(await cached('private', { overwrite: 'never' })).toBe('no-store')
  })

  it('of copies that the service makes has what is stored, and with read what was read', async () => {
    put('src', 'data/a', 'one')
    put('src', 'data/b/c', 'two')
    await using plain = await stage.run({ sha256sums: 'true', engine: 'direct' })
    expect(plain.outputs).toMatchObject({ result: 'success' })
    expect(await sumsOf(plain)).toBe('')
    expect(plain.summary).toContain('2 objects have no line in SHA256SUMS')
    expect(stage.kit.store.keys('dst')).not.toContain('copy/SHA256SUMS')
    await using read = await stage.run({ sha256sums: 'read', engine: 'direct' })
    expect(read.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(await sumsOf(read)).toBe(`${sha256('one')}  a\n${sha256('two')}  b/c\n`)
    expect(read.log).toContain('SHA256SUMS takes at most 2 HEAD requests, and up to 6 B read')
    expect(read.summary).toContain('6 B read to compute them')
  })

  it('of objects that pass through the runner is of these bytes, and none is read for it', async () => {
    await using other = await openStage()
    const large = Buffer.alloc(11 * MIB, 'through')
    other.kit.store.put('src', 'data/large', { body: large })
    other.kit.store.put('src', 'data/small', { body: 'small' })
    await using run = await stage.run({
      'source-endpoint-url': other.kit.endpoint,
      'part-size': '5MiB',
      sha256sums: 'true',
      ...keysOf(other),
    })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect(await sumsOf(run)).toBe(`${sha256(large)}  large\n${sha256('small')}  small\n`)
  })

  it('has no line for names that coreutils escapes, and says so', async () => {
    await writeFile(path.join(folder, 'a\nb'), 'x')
    await writeFile(path.join(folder, 'a\\b'), 'x')
    await writeFile(path.join(folder, 'plain'), 'x')
    await using run = await stage.run({ source: folder, sha256sums: 'true' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    expect(await sumsOf(run)).toBe(`${sha256('x')}  plain\n`)
    expect(run.summary).toContain('2 objects have names with a line break or a backslash')
  })

  it('is neither written nor published where not every copy is done', async () => {
    await writeFile(path.join(folder, 'a'), 'x')
    await writeFile(path.join(folder, 'b'), 'x')
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: 'copy/b' },
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run({ source: folder, sha256sums: 'upload' })
    expect(run.outputs).toMatchObject({ result: 'partial', 'sha256sums-path': '' })
    expect(stage.kit.store.keys('dst')).toEqual(['copy/a'])
  })

  it('keeps deletes back where it cannot be published, and says why', async () => {
    await writeFile(path.join(folder, 'a'), 'x')
    put('dst', 'copy/old', 'old')
    put('dst', 'copy/kept', 'kept')
    await writeFile(path.join(folder, 'kept'), 'kept')
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: 'copy/SHA256SUMS' },
      fault: fail(403, 'AccessDenied'),
    })
    await using run = await stage.run({ source: folder, sha256sums: 'upload', delete: 'true' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '0' })
    expect(run.outputs['failure-message']).toContain('SHA256SUMS could not be published')
    expect(stage.kit.store.keys('dst')).toContain('copy/old')
  })

  it('does not take the place of what somebody else publishes meanwhile, nor of what overwrite: never keeps', async () => {
    await writeFile(path.join(folder, 'a'), 'x')
    stage.kit.faults.add({
      match: { operation: 'PutObject', key: 'copy/SHA256SUMS' },
      times: 1,
      fault: meanwhile(() => put('dst', 'copy/SHA256SUMS', 'theirs')),
    })
    await using run = await stage.run({ source: folder, sha256sums: 'upload' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1' })
    expect(stage.kit.store.bytes('dst', 'copy/SHA256SUMS')?.toString()).toBe('theirs')
    await using never = await stage.run({
      source: folder,
      sha256sums: 'upload',
      overwrite: 'never',
    })
    expect(never.outputs['failure-message']).toContain('overwrite: never protects it')
    await using next = await stage.run({ source: folder, sha256sums: 'upload' })
    expect(next.outputs).toMatchObject({ result: 'nothing-to-do' })
    expect(await readFile(next.outputs['changed-paths-path'] ?? '', 'utf8')).toBe(
      '/copy/SHA256SUMS\n',
    )
  })

  it('is refused before anything is written where the source has one of its own, or is one object', async () => {
    await writeFile(path.join(folder, 'SHA256SUMS'), 'of the build')
    await writeFile(path.join(folder, 'a'), 'x')
    await using run = await stage.run({ source: folder, sha256sums: 'upload' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain('Exclude it')
    expect(stage.kit.store.keys('dst')).toEqual([])
    await using excluded = await stage.run({
      source: folder,
      sha256sums: 'upload',
      exclude: '/SHA256SUMS',
    })
    expect(excluded.outputs).toMatchObject({ result: 'success' })
    await using one = await stage.run({ source: path.join(folder, 'a'), sha256sums: 'upload' })
    expect(one.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    // As a file of the report it is in nobody's way.
    await using plain = await stage.run({ source: folder, sha256sums: 'true' })
    expect(await sumsOf(plain)).toBe(`${sha256('x')}  a\n`)
  })

  it('is not written by a plan or a check', async () => {
    await writeFile(path.join(folder, 'a'), 'x')
    for (const more of [{ mode: 'plan' }, { 'dry-run': 'true' }, { mode: 'check' }]) {
      await using run = await stage.run({ source: folder, sha256sums: 'upload', ...more })
      expect(run.outputs).toMatchObject({ 'sha256sums-path': '' })
    }
    expect(stage.kit.store.keys('dst')).toEqual([])
  })
})

/** Keys of a user that may do everything at another stage. */
function keysOf(other: Stage): Record<string, string> {
  const user = other.kit.iam.addUser('reader', [
    { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } },
  ])
  return {
    'source-aws-access-key-id': user.accessKeyId,
    'source-aws-secret-access-key': user.secretAccessKey,
  }
}
