import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import {
  creationIn,
  encoded,
  leaveReport,
  listIn,
  type ReportOptions,
  reportFiles,
  type Task,
} from 's3-direct-sync-testkit/batch-job.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localFiles } from '../../src/adapters/files.ts'
import { toText } from '../../src/model/key.ts'
import type { CopyOp } from '../../src/model/op.ts'
import type { JobPart, PlanIndex } from '../../src/model/shard-schema.ts'
import { jobCreation } from '../../src/plan/create-job.ts'
import { cutPlan } from '../../src/plan/cut.ts'
import { findShards } from '../../src/run/find-shards.ts'
import { ReportFlaw, saidOfJob } from '../../src/run/job-report.ts'
import { copyOf, headerFor, planOf } from '../shard-fixture.ts'

/** As those read them that read forms: `+` is a space, as S3 Batch Operations writes keys in its events. */
const inForm = (key: string): string => encoded(key).replaceAll('%20', '+')

const NAMES = ['a', 'b c', 'd+e', 'f%20g', 'h,"i"', "it's (1)*!", 'ü/j']
const MUTATIONS = Number(process.env['N'] ?? 100)
const REQUEST = {
  roleArn: 'arn:aws:iam::123456789012:role/batch',
  bucket: 'lists',
  prefix: 'handed',
  priority: 10,
  confirm: false,
}
const place = { bucket: 'src', prefix: 'data/', single: false, region: 'eu-west-1' }

/** A plan that was handed over. */
interface Handed {
  readonly index: PlanIndex & { readonly job: JobPart }
  readonly planDir: string
  readonly tasks: readonly Task[]
  readonly ops: readonly CopyOp[]
}

let root: string
let handed: Handed
let tasks: readonly Task[]

/** Hands over a plan that copies objects of these names. */
async function handOver(names: readonly string[]): Promise<Handed> {
  const folder = await mkdtemp(path.join(root, 'plan-'))
  const ops = names.map((name) => ({ ...copyOf(name, 1), to: `data/${name}` }))
  const plan = await planOf(localFiles, folder, ops, { header: headerFor('one') })
  const cut = { parts: 1, streamed: false, refused: undefined } as const
  const job = { request: REQUEST, head: '', bucket: 'src' }
  const planDir = path.join(folder, 'plan')
  const found = await cutPlan(localFiles, planDir, plan, { ...cut, job })
  if (!found.job) throw new Error('There is no job.')
  const index = { ...found, job: found.job }
  const creation = jobCreation({
    ...{ planId: index.planId, job: index.job, request: REQUEST, source: place },
    ...{ destination: { ...place, bucket: 'dst' }, write: {}, requestPayer: undefined },
  })
  await writeFile(path.join(planDir, 'create-job.json'), JSON.stringify(creation))
  return { index, planDir, tasks: await listIn(planDir), ops }
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'job-report-'))
  handed = await handOver(NAMES)
  tasks = handed.tasks
})
afterAll(() => rm(root, { recursive: true }))

/** What a report says of each key, or why it is not believed. */
async function said(
  leave: (folder: string, planDir: string) => Promise<unknown>,
  { index, planDir, ops }: Handed = handed,
): Promise<unknown> {
  const folder = await mkdtemp(path.join(root, 'found-'))
  await leave(path.join(folder, 'shards', 'deep'), planDir)
  const { reports } = await findShards(localFiles, path.join(folder, 'shards'), index)
  try {
    const ends: Record<string, string> = {}
    const copies = async function* () {
      yield* ops
    }
    const input = { paths: reports, index, copies, folder }
    for await (const { key, done, code } of await saidOfJob(localFiles, input))
      ends[toText(key) ?? ''] = done ? 'done' : code
    return ends
  } catch (error) {
    if (error instanceof ReportFlaw) return error.message
    throw error
  }
}
const left = (own: readonly Task[], options?: ReportOptions, of?: Handed) =>
  said((folder, planDir) => leaveReport(folder, planDir, own, options), of)

const ALL_DONE = Object.fromEntries(NAMES.map((name) => [`data/${name}`, 'done']))

describe('the report of a job', () => {
  it('was made of a list in which both readings of a key are one', () => {
    expect(tasks.map(({ key }) => key)).toEqual(NAMES.map((name) => `data/${name}`))
  })

  it.each<[string, ReportOptions]>([
    ['names keys as the list does', {}],
    ['names keys as they are', { key: (key) => key }],
    ['names keys as a form does', { key: inForm }],
    [
      'has its columns in another order, and not all of them',
      { columns: ['TaskStatus', 'Key', 'HTTPStatusCode', 'Bucket', 'ErrorCode'] },
    ],
    ['has a column that nobody knows', { columns: ['Bucket', 'Key', 'New', 'TaskStatus'] }],
    ['names its files from their folder on', { folder: '' }],
  ])('is believed where it %s', async (_what, options) => {
    expect(await left(tasks, options)).toEqual(ALL_DONE)
  })

  it.each<[string, readonly string[]]>([
    ['in its own column', ['ErrorCode', 'HTTPStatusCode']],
    ['in that of the status', ['HTTPStatusCode', 'ErrorCode']],
  ])('tells why a task failed, be the code %s', async (_where, [code = '', status = '']) => {
    const own = tasks.map((one) =>
      one.key === 'data/a' ? { ...one, failed: 'AccessDenied' } : one,
    )
    const columns = ['Bucket', 'Key', 'TaskStatus', 'ErrorCode', 'HTTPStatusCode', 'ResultMessage']
    const schema = ['Bucket', 'Key', 'TaskStatus', code, status, 'ResultMessage'].join(', ')
    expect(await left(own, { columns, schema })).toEqual({ ...ALL_DONE, 'data/a': 'AccessDenied' })
  })

  it.each<[string, ReportOptions | ((own: readonly Task[]) => readonly Task[]), string]>([
    ['was changed', { after: (csv) => csv.replace('data', 'Data') }, 'another MD5'],
    ['was cut off', { after: (csv) => csv.slice(0, -20) }, 'another MD5'],
    ['was cut off before it was summed up', { before: (csv) => csv.slice(0, -20) }, 'fields'],
    [
      'has its columns swapped',
      { schema: 'Key, Bucket, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage' },
      'another bucket',
    ],
    [
      'has its status in another column',
      { schema: 'Bucket, Key, TaskStatus, VersionId, ErrorCode, HTTPStatusCode, ResultMessage' },
      'TaskStatus',
    ],
    [
      'names a column twice',
      { schema: 'Bucket, Key, Key, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage' },
      'exactly one column Key',
    ],
    ['tells of an object twice', (own) => [...own, ...own.slice(0, 1)], 'more than once'],
    [
      'tells of an object twice, and not alike',
      (own) => [...own, ...own.slice(0, 1).map((one) => ({ ...one, failed: 'SlowDown' }))],
      'more than once',
    ],
    [
      'tells of another bucket',
      (own) => own.map((one) => ({ ...one, bucket: 'other' })),
      'another bucket',
    ],
    ['is of another plan', { folder: `handed/${'0'.repeat(64)}` }, 'another job'],
    ['lies where another prefix is', { folder: 'elsewhere' }, 'another job'],
    ['leads out of its folder', { job: 'job-1/../../x' }, 'was not found'],
    ['has a key that is none', { key: () => 'data/%FF' }, 'not valid UTF-8'],
  ])('is not believed where it %s', async (_what, fault, why) => {
    const [own, options] = typeof fault === 'function' ? [fault(tasks), {}] : [tasks, fault]
    expect(await left(own, options)).toContain(why)
  })

  it('is not believed where it is not there, lacks a file, is no JSON, or is there of two jobs', async () => {
    expect(await said(async () => {})).toBe('was not found')
    const lacking = said(async (folder, planDir) => {
      const at = await leaveReport(folder, planDir, tasks)
      await rm(path.join(at, 'results'), { recursive: true })
    })
    expect(await lacking).toContain('missing in results/')
    const garbled = said(async (folder, planDir) => {
      const at = await leaveReport(folder, planDir, tasks)
      await writeFile(path.join(at, 'manifest.json'), '{"Format":')
    })
    expect(await garbled).toContain('no valid manifest.json')
    const two = said(async (folder, planDir) => {
      await leaveReport(folder, planDir, tasks)
      await leaveReport(path.join(folder, 'more'), planDir, tasks, { job: 'job-2' })
    })
    expect(await two).toContain('more than one job')
  })

  it('is believed where the same one is there twice', async () => {
    const twice = said(async (folder, planDir) => {
      await leaveReport(folder, planDir, tasks)
      await leaveReport(path.join(folder, 'again'), planDir, tasks)
    })
    expect(await twice).toEqual(ALL_DONE)
  })
})

describe('whatever characters keys have, a report is read', () => {
  const keys = fc.uniqueArray(fc.string({ unit: fc.constantFrom(...'ab +%2BÜ/0'), minLength: 1 }), {
    ...{ minLength: 1, maxLength: 4 },
  })
  const expectRead = (key: (key: string) => string, isCertain: boolean) =>
    fc.assert(
      fc.asyncProperty(keys, async (drawn) => {
        const names = drawn.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        const of = await handOver(names)
        const found = await left(of.tasks, { key }, of)
        const all = Object.fromEntries(names.map((name) => [`data/${name}`, 'done']))
        // What is misread names an object that is not in the plan, or one twice, and is not believed.
        const told = typeof found === 'object' && found ? Object.keys(found) : []
        if (isCertain || told.every((one) => Object.hasOwn(all, one))) {
          if (typeof found === 'object' || isCertain) expect(found).toEqual(all)
        }
      }),
      { numRuns: MUTATIONS },
    )

  it('as it is meant, with keys as in the list', () => expectRead(encoded, true))
  it('as it is meant, with keys as in a form', () => expectRead(inForm, true))
  it('as it is meant, or not at all, with keys as they are', () => expectRead((key) => key, false))
})

/** Changes of a file: of its bytes, its lines, or the columns of its rows. */
const CHANGES = {
  flip: (text: string, at: number, byte: number) =>
    text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ byte) + text.slice(at + 1),
  cut: (text: string, at: number) => text.slice(0, at),
  append: (text: string, at: number) => text + text.slice(at),
  'drop-line': (text: string, at: number) => onLines(text, at, () => []),
  'double-line': (text: string, at: number) => onLines(text, at, (line) => [line, line]),
  'swap-columns': (text: string, at: number, byte: number) =>
    text.replace(/[^\n]+/g, (line) => swapped(line, at % 7, byte % 7)),
  'swap-schema': (text: string, at: number, byte: number) =>
    text.replace(/(?<="ReportSchema":")[^"]+/, (schema) => swapped(schema, at % 7, byte % 7)),
  'other-status': (text: string) => text.replace(/failed|succeeded/, 'succeeded'),
  lost: () => undefined,
} as const

function onLines(text: string, at: number, change: (line: string) => readonly string[]): string {
  const lines = text.split(/(?<=\n)/)
  const line = text.slice(0, at).split('\n').length - 1
  return lines.flatMap((one, place) => (place === line ? change(one) : [one])).join('')
}

function swapped(line: string, one: number, other: number): string {
  const fields = line.split(',')
  const [a = '', b = ''] = [fields[one], fields[other]]
  return fields.with(one, b).with(other, a).join(',')
}

it('no change to a report tells a task that failed as done, also where its sums are made to fit', async () => {
  const own = tasks.map((one) => (one.key === 'data/a' ? { ...one, failed: 'AccessDenied' } : one))
  const creation = await creationIn(handed.planDir)
  const good = reportFiles(creation, own)
  const change = fc.record({
    file: fc.constantFrom(...good.keys()),
    how: fc.constantFrom(...(Object.keys(CHANGES) as (keyof typeof CHANGES)[])),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    byte: fc.integer({ min: 1, max: 127 }),
    isSummedAnew: fc.boolean(),
  })
  let believed = 0
  await fc.assert(
    fc.asyncProperty(change, async ({ file, how, at, byte, isSummedAnew }) => {
      const text = good.get(file) ?? ''
      const changed = CHANGES[how](text, Math.floor(at * text.length), byte)
      const sums = [text, changed ?? ''].map((one) => createHash('md5').update(one).digest('hex'))
      const found = await said(async (folder) => {
        for (const [name, kept] of good) {
          const whole = name === file ? changed : kept
          if (whole === undefined) continue
          const summed = isSummedAnew ? whole.replace(sums[0] ?? '', sums[1] ?? '') : whole
          await mkdir(path.dirname(path.join(folder, name)), { recursive: true })
          await writeFile(path.join(folder, name), summed)
        }
      })
      if (typeof found === 'string') return
      believed++
      const ends = found as Readonly<Record<string, string>>
      expect(ends['data/a']).not.toBe('done')
      // A manifest that names fewer files leaves objects without a row: they are looked at.
      if (!isSummedAnew && file !== 'job-1f2e/manifest.json')
        expect(ends).toEqual({ ...ALL_DONE, 'data/a': 'AccessDenied' })
    }),
    { numRuns: MUTATIONS },
  )
  expect(believed).toBeGreaterThan(0)
})
