import { appendFile, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import {
  before as behind,
  type Fault,
  fail,
  loseReply,
  reset,
  stall,
} from 's3-direct-sync-testkit/faults.ts'
import { runPost } from 's3-direct-sync-testkit/runner.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LocalStage, linesOf, openLocalStage } from '../local-stage.ts'

const MIB = 2 ** 20

let local: LocalStage
beforeEach(async () => {
  local = await openLocalStage('beside')
})
afterEach(() => local[Symbol.asyncDispose]())

const faults = () => local.stage.kit.faults
const store = () => local.stage.kit.store
const large = (letter: string) => Buffer.alloc(20 * MIB, letter)

const failures = async (run: { readonly outputs: Readonly<Record<string, string>> }) =>
  (await linesOf(run.outputs['failed-path'])).map(({ key, code }) => `${key} ${code}`)

describe('a file that changes', () => {
  it.each([
    ['is appended to', () => appendFile(local.path('big'), 'more')],
    [
      'is written over, with its time set back',
      async () => {
        await writeFile(local.path('big'), large('b'))
        await utimes(local.path('big'), 1, 1)
      },
    ],
    [
      'is replaced by another one',
      async () => {
        await writeFile(local.path('new'), large('b'))
        await rename(local.path('new'), local.path('big'))
      },
    ],
    ['is removed', () => rm(local.path('big'))],
    ['is cut off', () => writeFile(local.path('big'), 'short')],
  ])(
    'and %s while it is read fails by name, and the destination keeps what it has',
    async (_how, change) => {
      await local.put('big', large('a'))
      await local.put('small', 'small')
      store().put('dst', 'copy/big', { body: 'old' })
      faults().add({ match: { operation: 'UploadPart' }, nth: 1, times: 1, fault: behind(change) })
      await using run = await local.publish({ concurrency: '1' })
      expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '1' })
      expect(await failures(run)).toEqual(['big ChangedWhileRead'])
      expect([local.text('big'), local.text('small')]).toEqual(['old', 'small'])
      expect(store().uploads('dst')).toEqual([])
    },
  )

  it('between plan and upload is uploaded as it is then, whole', async () => {
    await local.put('a.txt', 'planned')
    await local.put('b.txt', 'planned')
    store().put('dst', 'copy/b.txt', { body: 'PLANNED' })
    // The first thing that happens behind the plan is a look whether the destination can be written.
    faults().add({
      match: { operation: 'CreateMultipartUpload' },
      times: 1,
      fault: behind(async () => {
        await local.put('a.txt', 'other size')
        await local.put('b.txt', 'CHANGED')
      }),
    })
    await using run = await local.publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
    expect([local.text('a.txt'), local.text('b.txt')]).toEqual(['other size', 'CHANGED'])
  })

  it('between plan and upload and is gone is named', async () => {
    await local.put('a.txt', 'a')
    await local.put('b.txt', 'b')
    faults().add({
      match: { operation: 'CreateMultipartUpload' },
      times: 1,
      fault: behind(() => rm(local.path('a.txt'))),
    })
    await using run = await local.publish()
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', failed: '1' })
    expect(await failures(run)).toEqual(['a.txt NoSuchKey'])
  })

  it.each([
    ['the file', 'sub/a.txt'],
    ['the folder that it is in', 'sub'],
    ['the source', '.'],
  ])(
    'is not uploaded where %s becomes a link to elsewhere between plan and upload',
    async (_what, name) => {
      await local.put('sub/a.txt', 'planned')
      await local.put('sub/large.bin', Buffer.alloc(MIB, 'a'))
      await using elsewhere = await openLocalStage('beside')
      await elsewhere.put('sub/a.txt', 'secrets')
      await elsewhere.put('sub/large.bin', Buffer.alloc(MIB, 's'))
      faults().add({
        match: { operation: 'CreateMultipartUpload' },
        times: 1,
        fault: behind(async () => {
          await rename(local.path(name), `${local.path()}-old`)
          await symlink(elsewhere.path(name), path.resolve(local.path(name)))
        }),
      })
      await using run = await local.publish()
      expect(local.text('sub/a.txt')).toBeUndefined()
      expect(local.text('sub/large.bin')?.startsWith('s') ?? false).toBe(false)
      expect(await failures(run)).toContain('sub/a.txt FileUnreadable')
      expect(run.outputs['failure-message']).toContain('has become a symbolic link')
    },
  )

  it('comes to the source after the plan is not deleted at the destination', async () => {
    await local.put('a.txt', 'a')
    for (const key of ['b.txt', 'c.txt']) store().put('dst', `copy/${key}`, { body: 'x' })
    faults().add({
      match: { operation: 'PutObject' },
      times: 1,
      fault: behind(() => local.put('b.txt', 'b')),
    })
    await using run = await local.publish({ delete: 'true', 'max-delete': '5 100%' })
    expect(run.outputs).toMatchObject({ result: 'partial', copied: '1', deleted: '1', failed: '1' })
    expect(await failures(run)).toEqual(['copy/b.txt ExistsAtSource'])
    expect(local.keys()).toEqual(['a.txt', 'b.txt'])
  })
})

describe('an upload', () => {
  it('that is reset, throttled or answered in vain is made again, and holds the right bytes', async () => {
    for (let i = 0; i < 30; i++) await local.put(`${i}.txt`, `content ${i}`)
    await local.put('big', large('a'))
    let requests = 0
    const faulty: readonly Fault[] = [
      reset,
      fail(503, 'SlowDown'),
      fail(500, 'InternalError'),
      loseReply,
    ]
    faults().add({
      match: ({ operation }) => operation === 'PutObject' || operation === 'UploadPart',
      fault: (request, next) => {
        const fault = faulty[requests++ % 8]
        return fault ? fault(request, next) : next()
      },
    })
    await using run = await local.publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '31' })
    for (let i = 0; i < 30; i++) expect(local.text(`${i}.txt`)).toBe(`content ${i}`)
    expect(store().bytes('dst', 'copy/big')?.equals(large('a'))).toBe(true)
    faults().clear()
    await using again = await local.publish()
    expect(again.outputs['result']).toBe('nothing-to-do')
  })

  it('that is killed leaves what was there, its post step tidies up, and the next run completes it', async () => {
    await local.put('big', large('b'))
    store().put('dst', 'copy/big', { body: 'old' })
    const { promise: endedBy, resolve } = Promise.withResolvers<'SIGKILL'>()
    faults().add({
      match: { operation: 'UploadPart' },
      nth: 2,
      fault: (request, next) => {
        resolve('SIGKILL')
        return stall(request, next)
      },
    })
    const killed = await local.publish({}, { endedBy })
    faults().clear()
    expect(killed.exitCode).not.toBe(0)
    expect(local.text('big')).toBe('old')
    expect(store().uploads('dst').length).toBe(1)
    await using _post = await runPost(killed)
    expect(store().uploads('dst')).toEqual([])
    await using run = await local.publish()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
    expect(store().bytes('dst', 'copy/big')?.equals(large('b'))).toBe(true)
  })

  it('goes on without checksums where the service does not know them', async () => {
    await local.put('a.txt', 'a')
    await local.put('b.txt', 'b')
    await local.put('big', large('a'))
    faults().add({
      match: ({ headers }) =>
        Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-')),
      fault: fail(501, 'NotImplemented'),
    })
    await using run = await local.publish({ numworkers: '1' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3' })
    await using again = await local.publish()
    expect(again.outputs['result']).toBe('nothing-to-do')
  })

  it('does not overwrite what somebody else put there meanwhile', async () => {
    await local.put('a.txt', 'mine')
    await local.put('big', large('a'))
    for (const operation of ['PutObject', 'UploadPart'])
      faults().add({
        match: { operation },
        times: 1,
        fault: behind(({ key = '' }) => store().put('dst', key, { body: 'theirs' })),
      })
    await using run = await local.publish({ 'max-retries': '0' })
    expect(run.outputs).toMatchObject({ result: 'failed', failed: '2' })
    expect(new Set(await failures(run))).toEqual(
      new Set(['a.txt DestinationChanged', 'big DestinationChanged']),
    )
    expect([local.text('a.txt'), local.text('big')]).toEqual(['theirs', 'theirs'])
    expect(store().uploads('dst')).toEqual([])
  })
})

describe('where the files of the run lie', () => {
  it('in the source, nothing of them is uploaded', async () => {
    await mkdir(path.join(local.job.workspace, 'site'))
    await writeFile(path.join(local.job.workspace, 'site', 'a.txt'), 'a')
    await using run = await local.publish({
      source: path.dirname(local.job.workspace),
      'report-dir': path.join(local.job.workspace, 'report'),
      include: '*',
    })
    expect(run.outputs['result']).toBe('success')
    expect(local.keys().filter((key) => /plan\.ndjson|s3-direct-sync|report\//.test(key))).toEqual(
      [],
    )
    expect(local.keys()).toContain('workspace/site/a.txt')
  })
})
