import { readFile } from 'node:fs/promises'
import { before as meanwhile } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { ObjectSpec } from 's3-direct-sync-testkit/store.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Op, PlanTrailer } from '../../src/model/op.ts'
import type { Report } from '../../src/model/report.ts'
import { codesOf, rowsOf } from '../result-rows.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

const NOW = Math.floor(Date.now() / 1000) * 1000
const [EARLIER, LATER] = [NOW - 7_200_000, NOW - 3_600_000]
/** As S3 keeps them by itself. */
const OWN = { crc64nvme: undefined }
const partsEtag = (digit: string) => `${digit.repeat(32)}-2`

const from = (name: string, spec: ObjectSpec) => stage.kit.store.put('src', `data/${name}`, spec)
const to = (name: string, spec: ObjectSpec) => stage.kit.store.put('dst', `copy/${name}`, spec)

/** The same name on both sides, with ETags that prove nothing; the destination is later unless `newer` is given. */
function pair(
  name: string,
  bodies: readonly [string, string],
  more: { readonly newer?: true; readonly sums?: ObjectSpec['checksums'] } = {},
): void {
  const { newer, sums = OWN } = more
  const [early, late] = newer ? [LATER, EARLIER] : [EARLIER, LATER]
  from(name, { body: bodies[0], etag: partsEtag('a'), lastModifiedMs: early, checksums: sums })
  to(name, { body: bodies[1], etag: partsEtag('b'), lastModifiedMs: late, checksums: sums })
}

const heads = () => stage.kit.counters.of('HeadObject')

const reportOf = async ({ outputs }: StepResult): Promise<Report> =>
  JSON.parse(await readFile(outputs['report-path'] ?? '', 'utf8')) as Report

/** Objects by reason. */
const reasonsOf = async (run: StepResult): Promise<Record<string, number>> =>
  Object.fromEntries(
    Object.entries((await reportOf(run)).reasons).map(([name, { objects }]) => [name, objects]),
  )

async function planOf({ outputs }: StepResult) {
  const lines = (await readFile(outputs['plan-path'] ?? '', 'utf8')).trimEnd().split('\n')
  const [, ...rest] = lines.map((line) => JSON.parse(line) as unknown)
  const trailer = rest.pop() as PlanTrailer
  return { ops: rest as Op[], trailer }
}

/** Keys of the plan with their reasons. */
const opsOf = async (run: StepResult): Promise<string[]> =>
  (await planOf(run)).ops.map(({ key, reason }) => `${key} ${reason}`)

const PLAN = { 'dry-run': 'true' }

describe('compare: auto', () => {
  it.each([true, undefined])(
    'copies what they prove to be there where rules ask for other headers (newer at the source: %s)',
    async (newer) => {
      pair('same', ['one', 'one'], newer ? { newer } : {})
      pair('other', ['one', 'two'], newer ? { newer } : {})
      from('plain', { body: 'plain' })
      to('plain', { body: 'plain' })
      const headers = "- { files: ['*'], cache-control: no-cache }"
      await using run = await stage.run({ engine: 'direct', headers })
      expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '3' })
      expect(await reasonsOf(run)).toEqual({ 'checksum-differs': 1, 'headers-differ': 2 })
      for (const name of ['same', 'other', 'plain'])
        expect(stage.kit.store.facts('dst', `copy/${name}`)?.headers).toMatchObject({
          'cache-control': 'no-cache',
        })
      await using again = await stage.run({ engine: 'direct', headers })
      expect(again.outputs, again.log).toMatchObject({ result: 'nothing-to-do', skipped: '3' })
    },
  )

  it('copies nothing that full-object checksums prove to be there, though times would', async () => {
    pair('same', ['one', 'one'], { newer: true })
    pair('other', ['one', 'two'], { newer: true })
    await using run = await stage.run(PLAN)
    expect(await opsOf(run)).toEqual(['data/other checksum-differs'])
    expect(await reasonsOf(run)).toEqual({ 'same-checksum': 1, 'checksum-differs': 1 })
    expect(run.summary).toContain('Identical checksum')
    expect(run.summary).toContain('4 HEAD requests to compare checksums')
    expect(run.log).toContain('Checksums of 2 pairs compared: 4 HEAD requests.')
    expect((await planOf(run)).trailer.checksums).toEqual({ pairs: 2, source: 2, destination: 2 })
  })

  it.each(['sha512', 'md5'])('knows %s, as S3 does since 2026', async (name) => {
    pair('same', ['one', 'one'], { newer: true, sums: { [name]: undefined } })
    pair('other', ['one', 'two'], { newer: true, sums: { [name]: undefined } })
    await using run = await stage.run(PLAN)
    expect(await reasonsOf(run)).toEqual({ 'same-checksum': 1, 'checksum-differs': 1 })
  })

  it('takes hashes that only their uploader could work out, by what S3 tells of them', async () => {
    const sums = (value: string) => ({ xxhash128: value.repeat(22).concat('==') })
    const late = { body: 'one', lastModifiedMs: LATER }
    from('same', { ...late, etag: partsEtag('a'), checksums: sums('A') })
    to('same', { ...late, etag: partsEtag('b'), checksums: sums('A') })
    from('other', { ...late, etag: partsEtag('a'), checksums: sums('A') })
    to('other', { ...late, etag: partsEtag('b'), checksums: sums('B') })
    await using run = await stage.run(PLAN)
    expect(await reasonsOf(run)).toEqual({ 'same-checksum': 1, 'checksum-differs': 1 })
  })

  it('finds what a later destination has that is other content', async () => {
    for (const name of ['b', 'd', 'f']) pair(name, ['one', 'one'])
    for (const name of ['a', 'c', 'e', 'g']) pair(name, ['one', 'two'])
    from('d1', { body: 'new' })
    await using run = await stage.run()
    expect(run.outputs).toMatchObject({ result: 'success', copied: '5', skipped: '3' })
    expect(await opsOf(run)).toEqual([
      'data/a checksum-differs',
      'data/c checksum-differs',
      'data/d1 missing',
      'data/e checksum-differs',
      'data/g checksum-differs',
    ])
    expect(stage.kit.store.bytes('dst', 'copy/a')?.toString()).toBe('one')
  })

  it('asks nothing where ETags or sizes tell', async () => {
    from('same', { body: 'one', checksums: OWN })
    to('same', { body: 'one', checksums: OWN })
    from('longer', { body: 'longer', checksums: OWN })
    to('longer', { body: 'one', checksums: OWN })
    await using run = await stage.run(PLAN)
    const before = heads()
    expect(await reasonsOf(run)).toEqual({ 'same-etag': 1, 'size-differs': 1 })
    await using again = await stage.run({ ...PLAN, compare: 'etag' })
    // Both look once whether the source can be read.
    expect([again.exitCode, heads()]).toEqual([0, 2 * before])
  })

  it('asks for a thousand of those that times leave, and says of how many it did not', async () => {
    for (let i = 0; i < 1100; i++) pair(`k${i}`, ['one', 'one'])
    await using run = await stage.run(PLAN)
    expect(await reasonsOf(run)).toEqual({
      'same-checksum': 1000,
      'differs-unproven': 100,
      'checksum-not-asked': 100,
    })
    expect((await planOf(run)).trailer.checksums).toMatchObject({ pairs: 1000 })
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '1100' })
    expect(run.log).toContain('100 more pairs not compared')
  })

  it('goes by time where checksums are of parts, or not the same', async () => {
    for (const [name, newer] of [
      ['old', false],
      ['new', true],
    ] as const) {
      const more = newer ? { newer } : {}
      pair(`parts-${name}`, ['one', 'one'], more)
      const side = {
        body: 'one',
        checksumType: 'COMPOSITE',
        checksums: { sha256: 'AAAA-2' },
      } as const
      from(`parts-${name}`, {
        ...side,
        etag: partsEtag('a'),
        lastModifiedMs: newer ? LATER : EARLIER,
      })
      pair(`two-${name}`, ['one', 'one'], more)
      to(`two-${name}`, {
        ...{ body: 'one', etag: partsEtag('b'), checksums: { sha256: undefined } },
        lastModifiedMs: newer ? EARLIER : LATER,
      })
    }
    await using run = await stage.run(PLAN)
    expect(await reasonsOf(run)).toEqual({ 'etag-differs': 2, 'differs-unproven': 2 })
    expect((await planOf(run)).trailer.checksums).toBeUndefined()
  })
})

describe('compare: checksum', () => {
  const BY = { compare: 'checksum' }

  it('asks for every pair of one size, whatever its ETags are', async () => {
    pair('same', ['one', 'one'])
    pair('other', ['one', 'two'])
    pair('none', ['one', 'one'], { sums: {} })
    from('bare', { body: 'one' })
    to('bare', { body: 'one' })
    from('lied', { body: 'one', etag: 'a'.repeat(32), checksums: OWN })
    to('lied', { body: 'two', etag: 'a'.repeat(32), checksums: OWN })
    from('longer', { body: 'longer', checksums: OWN })
    to('longer', { body: 'one', checksums: OWN })
    await using run = await stage.run({ ...BY, engine: 'direct' })
    expect(await opsOf(run)).toEqual([
      'data/lied checksum-differs',
      'data/longer size-differs',
      'data/none no-common-checksum',
      'data/other checksum-differs',
    ])
    expect(await reasonsOf(run)).toMatchObject({ 'same-checksum': 1, 'same-etag': 1 })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '4' })
    expect(stage.kit.store.bytes('dst', 'copy/lied')?.toString()).toBe('one')
  })

  it.each(['direct', 's5cmd'])(
    'finds nothing to do behind a copy by %s of what was put together from parts',
    async (engine) => {
      from('parted', { size: 40, seed: 1, etag: partsEtag('a'), checksums: OWN })
      if (engine === 'direct')
        from('large', {
          ...{ size: 1100 * 2 ** 20, seed: 2, etag: partsEtag('c') },
          checksums: { crc32c: undefined },
        })
      await using first = await stage.run({ ...BY, engine })
      expect(first.outputs['result']).toBe('success')
      expect(first.summary).toContain('verified')
      expect(first.summary).not.toContain('by size and time')
      const copies = (await rowsOf(first, 'results')).map(({ key, proof }) => [key, proof])
      expect(copies).toContainEqual(['data/parted', 'checksum'])
      expect(copies.every(([, proof]) => proof === 'checksum' || proof === 'etag')).toBe(true)
      await using second = await stage.run({ ...BY, engine })
      expect(second.outputs).toMatchObject({ result: 'nothing-to-do', 'planned-copies': '0' })
      expect(await reasonsOf(second)).toEqual({ 'same-checksum': engine === 'direct' ? 2 : 1 })
    },
  )
})

describe('what cannot be read', () => {
  const KEY = 'arn:aws:kms:us-east-1:123456789012:key/1'
  const encryption = {
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': KEY,
  }

  it('as nobody may use the KMS key, is never taken for equal, and refused only a few times', async () => {
    for (let i = 0; i < 300; i++) {
      pair(`k${i}`, ['one', 'one'], { newer: true })
      const object = { body: 'one', etag: partsEtag('a'), lastModifiedMs: LATER, checksums: OWN }
      from(`k${i}`, { ...object, encryption })
    }
    const policies = [{ Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }] as const
    const user = stage.kit.iam.addUser('reader', policies)
    await using run = await stage.run({
      ...{ ...PLAN, 'role-to-assume': '', numworkers: '1' },
      'aws-access-key-id': user.accessKeyId,
      'aws-secret-access-key': user.secretAccessKey,
    })
    expect(await reasonsOf(run)).toEqual({ 'etag-differs': 300, 'checksum-not-asked': 300 })
    expect(run.log).toContain('kms:Decrypt')
    expect((await planOf(run)).trailer.checksums?.source).toBeLessThan(100)
  })

  it('as the service passes over the question, is never taken for equal', async () => {
    await stage[Symbol.asyncDispose]()
    stage = await openStage({ passesOver: ['x-amz-checksum-mode'] })
    pair('a', ['one', 'one'], { newer: true })
    await using run = await stage.run({ ...PLAN, compare: 'checksum' })
    expect(await reasonsOf(run)).toEqual({ 'no-common-checksum': 1 })
  })
})

describe('where listings name no checksums', () => {
  /** Listings of a service that keeps checksums and does not name them. */
  const silence = () =>
    stage.kit.faults.add({
      match: { operation: 'ListObjectsV2' },
      fault: async (_request, next) => {
        const reply = await next()
        const xml = reply.body?.toString() ?? ''
        return { ...reply, body: xml.replace(/<Checksum(Algorithm|Type)>\w+<\/Checksum\1>/g, '') }
      },
    })

  it('one pair tells whether the others are asked: so they are where it has some', async () => {
    silence()
    for (let i = 0; i < 20; i++) pair(`k${i}`, ['one', i === 7 ? 'two' : 'one'])
    await using run = await stage.run(PLAN)
    expect(await reasonsOf(run)).toEqual({ 'same-checksum': 19, 'checksum-differs': 1 })
  })

  it('and are not where it has none', async () => {
    for (let i = 0; i < 20; i++) pair(`k${i}`, ['one', 'one'], { sums: {} })
    await using run = await stage.run({ ...PLAN, compare: 'checksum' })
    expect(await reasonsOf(run)).toEqual({ 'no-common-checksum': 20 })
    expect((await planOf(run)).trailer.checksums).toEqual({ pairs: 1, source: 1, destination: 1 })
  })
})

describe('an object that changes while its checksum is asked for', () => {
  const change = (times: number) =>
    stage.kit.faults.add({
      match: { operation: 'HeadObject', bucket: 'dst', key: 'copy/a' },
      times,
      fault: meanwhile(() => {
        to('a', { body: `${++changes}`.padStart(3, '0'), checksums: OWN })
      }),
    })
  let changes = 0

  it('is compared as it is by then', async () => {
    pair('a', ['001', '001'])
    changes = 0
    change(1)
    await using run = await stage.run({ ...PLAN, compare: 'checksum' })
    expect(await reasonsOf(run)).toEqual({ 'same-checksum': 1 })
  })

  it('again and again refuses the run', async () => {
    pair('a', ['one', 'one'])
    change(100)
    await using run = await stage.run({ compare: 'checksum' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    expect(run.outputs['failure-message']).toContain('s3://dst/copy/a changed twice')
  })
})

describe('an approved plan', () => {
  /** The plan is made, then somebody does something, then it is carried out. */
  async function approve(inputs: Record<string, string>, then: () => void = () => {}) {
    const planned = await stage.run({ ...inputs, mode: 'plan' })
    then()
    const execute = { ...inputs, mode: 'execute', 'plan-dir': planned.reportDir }
    return stage.run(execute, { job: planned.job })
  }

  it.each(['auto', 'checksum'])(
    'is carried out where checksums decided it (%s)',
    async (compare) => {
      pair('other', ['one', 'two'])
      pair('same', ['one', 'one'])
      await using run = await approve({ compare })
      expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
      expect(stage.kit.store.bytes('dst', 'copy/other')?.toString()).toBe('one')
      const warned = run.annotations.warnings.map(({ title }) => title)
      expect(warned).toEqual(['The destination bucket is not versioned'])
    },
  )

  it('copies nothing that the destination got meanwhile, as checksums prove', async () => {
    pair('other', ['one', 'two'], { newer: true })
    await using run = await approve({}, () =>
      to('other', { body: 'one', etag: partsEtag('d'), checksums: OWN }),
    )
    expect(run.outputs).toMatchObject({ result: 'nothing-to-do' })
  })

  it('leaves what was planned by checksums that nobody tells any more', async () => {
    pair('other', ['one', 'two'])
    await using run = await approve({}, () =>
      stage.kit.faults.add({
        match: { operation: 'HeadObject', bucket: 'dst' },
        fault: async (_request, next) => {
          const reply = await next()
          const { 'x-amz-checksum-crc64nvme': _sum, ...headers } = reply.headers
          return { ...reply, headers }
        },
      }),
    )
    expect(await codesOf(run)).toEqual({ 'data/other': 'ChecksumUnknown' })
    expect(stage.kit.store.bytes('dst', 'copy/other')?.toString()).toBe('two')
  })
})

it('overwrite: never takes an equal full-object checksum for identical', async () => {
  pair('a', ['one', 'one'])
  from('b', { body: 'new' })
  await using run = await stage.run({ overwrite: 'never' })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '1' })
  expect(await reasonsOf(run)).toEqual({ 'same-checksum': 1, missing: 1 })
  pair('a', ['one', 'two'])
  await using other = await stage.run({ overwrite: 'never' })
  expect(other.outputs['result']).toBe('failed')
  expect(await codesOf(other)).toEqual({ 'data/a': 'DestinationExists' })
})

it('a check finds drift by checksum, and none where only ETags differ', async () => {
  pair('same', ['one', 'one'], { newer: true })
  await using none = await stage.run({ mode: 'check' })
  expect(none.outputs['result']).toBe('nothing-to-do')
  pair('other', ['one', 'two'])
  await using run = await stage.run({ mode: 'check' })
  expect(run.outputs['result']).toBe('drift')
  expect(run.summary).toContain('same size, different checksum: 1')
})

it('keeps to requests-per-second, and tells what HEADs cost', async () => {
  for (let i = 0; i < 20; i++) pair(`k${i}`, ['one', 'one'])
  const began = performance.now()
  await using run = await stage.run({ ...PLAN, 'requests-per-second': '20' })
  expect(performance.now() - began).toBeGreaterThan(1800)
  expect((await reportOf(run)).requests?.checksumLooks).toEqual({ source: 20, destination: 20 })
})

it('keys that are organised anew are compared as they will be', async () => {
  const same = { lastModifiedMs: EARLIER, checksums: OWN }
  from('x', { ...same, body: 'one', etag: partsEtag('a') })
  from('y', { ...same, body: 'one', etag: partsEtag('a') })
  to('k=x', { ...same, lastModifiedMs: LATER, body: 'one', etag: partsEtag('b') })
  to('k=y', { ...same, lastModifiedMs: LATER, body: 'two', etag: partsEtag('b') })
  await using run = await stage.run({
    ...{ ...PLAN, 'key-pattern': '^(?<name>.)$', 'key-template': 'k={name}' },
  })
  expect(await opsOf(run)).toEqual(['data/y checksum-differs'])
  expect(await reasonsOf(run)).toEqual({ 'same-checksum': 1, 'checksum-differs': 1 })
})
