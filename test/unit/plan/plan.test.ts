import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import type { Op } from '../../../src/model/op.ts'
import type { Store } from '../../../src/storage/store.ts'
import { pageOf, plainInfo } from '../../listed-store.ts'
import { planStage, refusalOf, type StageScript, spoilt } from './stage.ts'

/** Each op as `copy from/key > to/key reason`, or `delete to/key`. */
const inWords = (ops: readonly Op[]): string[] =>
  ops.map((op) =>
    op.op === 'copy' ? `copy ${op.key} > ${op.to} ${op.reason}` : `delete ${op.key}`,
  )

async function planned(script: StageScript) {
  const stage = planStage(script)
  const plan = await stage.make()
  const { header, ops, trailer } = stage.lines()
  return { stage, plan, header, ops, trailer, words: inWords(ops) }
}

describe('the lines of a plan', () => {
  it('are all copies, then all deletes, each with what it rests on', async () => {
    const { ops } = await planned({
      source: { a: '5 e-a 60', b: '6 e-b 60' },
      destination: { b: '7 f-b 30', x: '8 f-x 30' },
      rules: { delete: true },
    })
    const lastModified = '1970-01-01T00:01:00.000Z'
    expect(ops).toEqual([
      {
        op: 'copy',
        key: 'from/a',
        to: 'to/a',
        size: 5,
        etag: 'e-a',
        lastModified,
        reason: 'missing',
      },
      {
        op: 'copy',
        key: 'from/b',
        to: 'to/b',
        size: 6,
        etag: 'e-b',
        lastModified,
        toEtag: 'f-b',
        reason: 'size-differs',
      },
      {
        op: 'delete',
        key: 'to/x',
        size: 8,
        etag: 'f-x',
        lastModified: '1970-01-01T00:00:30.000Z',
        reason: 'only-at-destination',
      },
    ])
  })

  it('tell size and time of what is overwritten where the service tells no ETag', async () => {
    const { ops } = await planned({ source: { b: '6 e-b 60' }, destination: { b: '7  30' } })
    expect(ops).toMatchObject([
      { toEtag: '', toSize: 7, toLastModified: '1970-01-01T00:00:30.000Z' },
    ])
  })

  it('are totalled and proven by the last one', async () => {
    const { stage, plan, trailer } = await planned({
      source: { a: '5', b: '6', same: '7', 'x.tmp': '100' },
      destination: { b: '1', same: '7', extra: '20', more: '30', 'y.tmp': '1000' },
      rules: { delete: true, exclude: ['*.tmp'] },
    })
    const text = stage.files.texts.get('/plan') ?? ''
    const before = text.slice(0, text.indexOf('{"trailer"'))
    expect(trailer).toEqual({
      trailer: true,
      copies: { objects: 2, bytes: 11 },
      deletes: { objects: 2, bytes: 50 },
      reasons: {
        missing: { objects: 1, bytes: 5 },
        'size-differs': { objects: 1, bytes: 6 },
        'same-etag': { objects: 1, bytes: 7 },
        filtered: { objects: 1, bytes: 100 },
        'only-at-destination': { objects: 2, bytes: 50 },
      },
      listed: { source: 4, destination: 5 },
      inScope: 4,
      digest: createHash('sha256').update(before).digest('hex'),
    })
    expect(plan).toMatchObject({ path: '/plan', trailer })
  })

  it('hold no delete that was not asked for, but count what only the destination has', async () => {
    const { words, trailer, plan } = await planned({
      source: { a: '5' },
      destination: { x: '8' },
    })
    expect(words).toEqual(['copy from/a > to/a missing'])
    expect(trailer).toMatchObject({
      deletes: { objects: 0, bytes: 0 },
      reasons: { 'only-at-destination': { objects: 1, bytes: 8 } },
    })
    expect(Object.keys(plan.samples)).toEqual(['missing'])
  })

  it('keep the class of an object, where it has one', async () => {
    const bend = (object: ObjectInfo) =>
      object.key === 'a' ? { ...object, storageClass: 'STANDARD_IA' } : object
    const { ops } = await planned({ source: { a: '5', b: '5' }, from: { bend } })
    expect(ops.map((op) => 'storageClass' in op && op.storageClass)).toEqual(['STANDARD_IA', false])
  })

  it('are the same by many ranges as by one', async () => {
    const keys = Array.from({ length: 400 }, (_, i) => (i * 163).toString(16).padStart(4, '0'))
    const script = {
      source: Object.fromEntries(keys.map((key, i) => [key, `${i}`])),
      destination: Object.fromEntries(keys.map((key, i) => [i % 3 ? key : `${key}x`, `${i % 5}`])),
      rules: { delete: true },
    }
    const one = await planned({ ...script, from: { pageKeys: 1000 }, to: { pageKeys: 1000 } })
    const many = await planned({ ...script, from: { pageKeys: 4 }, to: { pageKeys: 4 } })
    expect(one.stage.opened.length).toBe(3)
    expect(many.stage.opened.length).toBeGreaterThan(10)
    expect(many.words).toEqual(one.words)
    expect(many.trailer).toEqual(one.trailer)
    expect(many.plan.samples).toEqual(one.plan.samples)
    expect(many.stage.unclosed).toEqual(new Set())
  })
})

describe('the examples of a plan', () => {
  it('are all deletes up to a hundred, and the first ten of each other reason', async () => {
    const names = Array.from({ length: 12 }, (_, i) => String.fromCharCode(97 + i))
    const objects = (prefix: string, text: string) =>
      Object.fromEntries(names.map((name) => [prefix + name, text]))
    const { plan } = await planned({
      source: { ...objects('new-', '5 e 1'), same: '9 e 1', unproven: '3 e 1' },
      destination: { ...objects('old-', '6 e 1'), same: '9 e 1', unproven: '3 f 2' },
      rules: { delete: true },
    })
    expect(plan.samples).toEqual({
      missing: names.slice(0, 10).map((name) => ({ key: `from/new-${name}`, size: 5 })),
      'only-at-destination': names.map((name) => ({ key: `to/old-${name}`, size: 6 })),
      'differs-unproven': [{ key: 'from/unproven', size: 3 }],
    })
  })

  it('are no more than a hundred deletes', async () => {
    const many = Array.from({ length: 120 }, (_, i) => [`old-${`${i}`.padStart(3, '0')}`, '6'])
    const { plan } = await planned({
      source: { a: '1' },
      destination: Object.fromEntries(many),
      rules: { delete: true },
    })
    const deletes = plan.samples['only-at-destination'] ?? []
    expect(deletes.map(({ key }) => key)).toEqual(many.slice(0, 100).map(([name]) => `to/${name}`))
  })
})

describe("a folder's own marker", () => {
  it('is copied, but makes no folder that holds nothing else a full one', async () => {
    const { words, trailer } = await planned({
      source: { '': '0' },
      rules: { allowEmptySource: true },
    })
    expect(words).toEqual(['copy from/ > to/ missing'])
    expect(trailer).toMatchObject({
      copies: { objects: 1, bytes: 0 },
      listed: { source: 0, destination: 0 },
    })
    expect(await refusalOf(planStage({ source: { '': '0' } }).make())).toMatchObject({
      kind: 'guard',
      message: 'The source is empty: there is no object under s3://from/from/',
    })
  })

  it('is never deleted, and does not count at the destination', async () => {
    const { words, trailer } = await planned({
      source: { a: '1' },
      destination: { '': '0', a: '1' },
      rules: { delete: true },
    })
    expect(words).toEqual([])
    expect(trailer).toMatchObject({
      reasons: { 'same-etag': { objects: 1, bytes: 1 } },
      listed: { source: 1, destination: 1 },
      inScope: 1,
    })
    expect(trailer.reasons).not.toHaveProperty('only-at-destination')
  })

  it('is compared as any object where both sides have it', async () => {
    const { words, trailer } = await planned({
      source: { '': '1', a: '1' },
      destination: { '': '0', a: '1' },
    })
    expect(words).toEqual(['copy from/ > to/ size-differs'])
    expect(trailer).toMatchObject({ listed: { source: 1, destination: 1 }, inScope: 1 })
  })

  it('has no key at the root of a bucket', async () => {
    const { words, trailer } = await planned({
      source: { '': '0', a: '1' },
      to: { prefix: '' },
    })
    expect(words).toEqual(['copy from/a > a missing'])
    expect(trailer.reasons).toEqual({
      missing: { objects: 1, bytes: 1 },
      'folder-marker': { objects: 1, bytes: 0 },
    })
  })

  it('within what an include names is content', async () => {
    const { words } = await planned({
      source: { 'sub/': '0', 'sub/a': '1', b: '1' },
      destination: { 'sub/': '0' },
      rules: { include: ['sub/**'], compare: 'always' },
    })
    expect(words).toEqual(['copy from/sub/ > to/sub/ always', 'copy from/sub/a > to/sub/a missing'])
  })
})

describe('a single object', () => {
  const single = { prefix: 'dir/one.txt', single: true }

  it('is the only one, and counts', async () => {
    const { words, trailer } = await planned({
      source: { '': '5 e 2', '.bak': '5' },
      destination: { '': '4 e 1', '.old': '4' },
      from: single,
      to: { prefix: 'copy/two.txt', single: true },
    })
    expect(words).toEqual(['copy dir/one.txt > copy/two.txt size-differs'])
    expect(trailer).toMatchObject({ listed: { source: 1, destination: 1 }, inScope: 1 })
  })

  it.each([
    [['one.*'], [], 1],
    [['/one.txt'], [], 1],
    [['dir/*'], [], 0],
    [['*.zip'], [], 0],
    [[], ['one.txt'], 0],
    [[], ['two.txt'], 1],
  ])(
    'is filtered by its own name: include %j, exclude %j: %i copied',
    async (...[include, exclude, copies]) => {
      const { trailer } = await planned({
        source: { '': '5' },
        from: single,
        to: { prefix: 'two.txt', single: true },
        rules: { include, exclude, allowEmptySource: 'filtered' },
      })
      expect(trailer.copies.objects).toBe(copies)
    },
  )
})

describe('filters', () => {
  it('narrow both listings to what all includes begin with, in any alphabet', async () => {
    const { stage, words, trailer } = await planned({
      source: { 'é/1': '1', 'é/2.tmp': '1', z: '1' },
      destination: { 'é/3': '1', y: '1' },
      rules: { include: ['é/**'], exclude: ['*.tmp'], delete: true, maxDelete: { percent: 100 } },
    })
    expect(words).toEqual(['copy from/é/1 > to/é/1 missing', 'delete to/é/3'])
    expect(trailer.listed).toEqual({ source: 2, destination: 1 })
    expect(stage.ground.source).toMatchObject({ prefix: 'from/' })
  })

  it('leave alone what only the destination has, and what both have', async () => {
    const { words, trailer } = await planned({
      source: { a: '1', 'b.tmp': '2' },
      destination: { 'b.tmp': '3', 'c.tmp': '4' },
      rules: { exclude: ['*.tmp'], delete: true },
    })
    expect(words).toEqual(['copy from/a > to/a missing'])
    expect(trailer).toMatchObject({ inScope: 0, reasons: { filtered: { objects: 1, bytes: 2 } } })
    expect(trailer.reasons).not.toHaveProperty('only-at-destination')
  })
})

describe('an empty source', () => {
  it('is no guess: what includes leave out is looked for', async () => {
    const rules = { include: ['sub/**'], allowEmptySource: 'filtered' } as const
    const { words } = await planned({ source: { other: '1' }, rules })
    expect(words).toEqual([])
    expect(await refusalOf(planStage({ rules }).make())).toMatchObject({
      message: 'The source is empty: there is no object under s3://from/from/',
    })
  })

  it('is not looked at again where the whole of it was listed', async () => {
    const page: Store['page'] = async ({ mostKeys }) => pageOf(mostKeys ? [plainInfo('late')] : [])
    const doors = { page }
    expect(await refusalOf(planStage({ from: { doors } }).make())).toMatchObject({
      message: 'The source is empty: there is no object under s3://from/from/',
    })
  })

  it('is not supposed where that could not be seen', async () => {
    const page: Store['page'] = async ({ mostKeys }) => {
      if (mostKeys) throw Object.assign(new Error('no'), { name: 'AccessDenied' })
      return pageOf([])
    }
    const doors = { page }
    const stage = planStage({ from: { doors }, rules: { include: ['sub/**'] } })
    expect(await refusalOf(stage.make())).toMatchObject({
      kind: 'list',
      message: 'The bucket from could not be listed: AccessDenied: no',
    })
  })
})

describe('what stays of a plan', () => {
  it('is its file alone', async () => {
    const { stage } = await planned({
      source: { a: '1' },
      destination: { b: '1', c: '1' },
      rules: { delete: true, maxDelete: { percent: 100 } },
    })
    expect([...stage.files.texts.keys()]).toEqual(['/plan'])
    expect(stage.unclosed).toEqual(new Set())
  })

  it('is its file, whole, where a guard refuses it too', async () => {
    const { plan, words, stage } = await planned({
      source: { a: '1' },
      destination: { b: '1' },
      rules: { delete: true },
    })
    expect(plan.refused).toMatchObject({
      kind: 'guard',
      title: expect.stringContaining('1 delete'),
    })
    expect(words).toEqual(['copy from/a > to/a missing', 'delete to/b'])
    expect(plan.trailer.deletes).toEqual({ objects: 1, bytes: 1 })
    expect([...stage.files.texts.keys()]).toEqual(['/plan'])
    expect(stage.unclosed).toEqual(new Set())
  })

  it('is nothing where the disk is full', async () => {
    const stage = planStage({ source: { a: '1' } })
    const full = {
      ...stage.files,
      rename: () => Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
    }
    const failing = planStage({ source: { a: '1' }, ground: { files: full } })
    await expect(failing.make()).rejects.toThrow('ENOSPC')
    expect(stage.files.texts).toEqual(new Map())
    expect(stage.unclosed).toEqual(new Set())
  })
})

describe('a key that is not UTF-8', () => {
  it('is shown in the plan, as one that no request can name', async () => {
    const { ops, plan, trailer } = await planned({
      source: { 'a\ufffdb': '5', c: '1' },
      destination: { 'x\ufffd': '1' },
      from: { bend: spoilt },
      to: { bend: spoilt },
      rules: { include: ['*.none', 'c'] },
    })
    expect(ops).toMatchObject([
      { key: 'from/a\ufffdb', to: 'to/a\ufffdb', unnameable: true, reason: 'missing' },
      { key: 'from/c' },
    ])
    expect(ops[1]).not.toHaveProperty('unnameable')
    expect(plan.samples['missing']?.[0]).toEqual({ key: 'from/a\ufffdb', size: 5 })
    expect(trailer.reasons['only-at-destination']).toEqual({ objects: 1, bytes: 1 })
  })

  it.each([
    ['to be copied', { source: { 'a\ufffd': '1', b: '1' }, from: { bend: spoilt } }],
    [
      'to be deleted',
      { source: { b: '1' }, destination: { 'a\ufffd': '1' }, to: { bend: spoilt } },
    ],
  ])('forbids deletes where it is %s', async (_what, script) => {
    const stage = planStage({ ...script, rules: { delete: true, maxDelete: { percent: 100 } } })
    expect(await refusalOf(stage.make())).toMatchObject({
      message:
        'A key is not valid UTF-8 ("a\ufffd"), so it is unclear which objects may be deleted.',
    })
  })

  it('forbids deletes wherever it lies among many', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => (i * 218).toString(16).padStart(4, '0'))
    const source = Object.fromEntries([...keys, 'ffff\ufffd'].map((key) => [key, '1']))
    const stage = planStage({
      source,
      from: { bend: spoilt, pageKeys: 3 },
      rules: { delete: true },
    })
    expect(await refusalOf(stage.make())).toMatchObject({
      message: expect.stringContaining('("ffff\ufffd")'),
    })
    expect(stage.opened.length).toBeGreaterThan(3)
  })
})

describe('an archived object', () => {
  const glacier = (object: ObjectInfo) => ({ ...object, storageClass: 'GLACIER' })
  const names = Array.from({ length: 40 }, (_, i) => `k${10 + i}`)
  const source = Object.fromEntries(names.map((name) => [name, '5']))
  const found = { etag: 'e', size: 5, modified: '1970-01-01T00:00:01.000Z' }

  it('of a compatible service is asked for, a few at a time, whether it was restored', async () => {
    const asked: string[] = []
    let [now, most] = [0, 0]
    const stat: Store['stat'] = async ({ bucket, key }) => {
      asked.push(`${bucket}:${key}`)
      most = Math.max(most, ++now)
      await Promise.resolve()
      now--
      if (key === 'from/k11') throw new Error('gone')
      if (key === 'from/k12') return undefined
      return { ...found, restored: key !== 'from/k10' }
    }
    const from = { endpoint: 'https://s3.example', bend: glacier, doors: { stat } }
    const { ops } = await planned({ source, from })
    expect(asked).toEqual(names.map((name) => `from:from/${name}`))
    expect(most).toBe(16)
    const cold = ops.flatMap((op) => ('archived' in op && op.archived ? [op.key] : []))
    expect(cold).toEqual(['from/k10', 'from/k11', 'from/k12'])
    expect(ops.map(({ key }) => key)).toEqual(names.map((name) => `from/${name}`))
    expect(ops[5]).toMatchObject({ storageClass: 'GLACIER' })
  })

  it('is asked for only where it is archived', async () => {
    const stat = async () => {
      throw new Error('Nothing is to be asked.')
    }
    const from = { endpoint: 'https://s3.example', doors: { stat } }
    const { ops } = await planned({ source: { a: '1' }, from })
    expect(ops[0]).not.toHaveProperty('archived')
  })
})

describe('a key that would have too many bytes at the destination', () => {
  const LONG = 'é'.repeat(511)

  it('refuses the plan and names it, before anything is written', async () => {
    const { plan } = await planned({ source: { [LONG]: '1', short: '1' } })
    expect(plan.refused?.message).toContain('would have 1,025 bytes in UTF-8')
    expect(plan.refused?.hint).toContain('Shorten')
  })

  it('is not in the way of others where it fits, is filtered or stands there', async () => {
    const fits = await planned({ source: { [LONG.slice(1)]: '1' } })
    expect(fits.plan.refused).toBeUndefined()
    const filtered = await planned({
      source: { [LONG]: '1', short: '1' },
      rules: { exclude: ['é*'] },
    })
    expect(filtered.plan.refused).toBeUndefined()
  })
})
