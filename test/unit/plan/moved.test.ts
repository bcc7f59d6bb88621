import { describe, expect, it } from 'vitest'
import { type KeyBytes, toKeyBytes } from '../../../src/model/key.ts'
import type { SourceObject } from '../../../src/model/object-info.ts'
import type { KeyRules } from '../../../src/model/request.ts'
import { moverOf, oneTarget } from '../../../src/plan/moved.ts'
import { makePlanFile } from '../../../src/plan/plan.ts'
import type { Files } from '../../../src/ports.ts'
import { jumpingClock } from '../../ports.ts'
import { PLAIN_RULES, planStage, refusalOf, type StageScript, spoilt } from './stage.ts'

const FLAT: KeyRules = {
  pattern: '^(?<dir>[^/]+)/(?<rest>.+)$',
  template: '{rest}-{dir}',
  mismatch: 'keep',
}

async function planned(script: StageScript, keys = FLAT) {
  const stage = planStage({ ...script, rules: { ...script.rules, keys } })
  const plan = await stage.make()
  const { ops, trailer } = stage.lines()
  const words = ops.map((op) =>
    op.op === 'copy' ? `copy ${op.key} > ${op.to} ${op.reason}` : `delete ${op.key}`,
  )
  return { stage, plan, trailer, words }
}

describe('a plan with other keys at the destination', () => {
  it('compares each object with what stands under its new key', async () => {
    const { words, trailer, stage, plan } = await planned({
      source: { 'a/1': '1', 'a/2': '2', 'b/1': '3', é: '4' },
      destination: { '1-a': '1', '1-b': '9', 'a/1': '5', x: '6' },
      rules: { delete: true },
    })
    expect(words).toEqual([
      'copy from/b/1 > to/1-b size-differs',
      'copy from/a/2 > to/2-a missing',
      'copy from/é > to/é missing',
      'delete to/a/1',
      'delete to/x',
    ])
    expect(trailer).toMatchObject({
      copies: { objects: 3, bytes: 9 },
      deletes: { objects: 2, bytes: 11 },
      reasons: {
        'same-etag': { objects: 1, bytes: 1 },
        'size-differs': { objects: 1, bytes: 3 },
        missing: { objects: 2, bytes: 6 },
        'only-at-destination': { objects: 2, bytes: 11 },
      },
      listed: { source: 4, destination: 4 },
      inScope: 4,
    })
    expect(trailer.reasons).not.toHaveProperty('filtered')
    expect(plan.samples['size-differs']).toEqual([{ key: 'from/b/1', size: 3 }])
    expect([...stage.files.texts.keys()]).toEqual(['/plan'])
    expect(stage.unclosed).toEqual(new Set())
  })

  it('gives an example of what is left unproven by its key in the source', async () => {
    const { plan } = await planned({
      source: { 'a/1': '3 e 1' },
      destination: { '1-a': '3 f 2' },
    })
    expect(plan.samples).toEqual({ 'differs-unproven': [{ key: 'from/a/1', size: 3 }] })
  })

  it('counts what matches nothing as filtered, where that is skipped', async () => {
    const { words, trailer } = await planned(
      { source: { 'a/1': '1', top: '20', left: '300' } },
      { ...FLAT, mismatch: 'skip' },
    )
    expect(words).toEqual(['copy from/a/1 > to/1-a missing'])
    expect(trailer).toMatchObject({
      listed: { source: 3, destination: 0 },
      reasons: { filtered: { objects: 2, bytes: 320 }, missing: { objects: 1, bytes: 1 } },
    })
  })

  it('protects what stands under the key of an object that is skipped, as where that is kept', async () => {
    const script: StageScript = {
      source: { 'a/1': '1', odd: '20', left: '300' },
      destination: { odd: '9', 'left/x': '4', '1-a': '1' },
      rules: { delete: true },
    }
    const { words, trailer } = await planned(script, { ...FLAT, mismatch: 'skip' })
    expect(words).toEqual(['delete to/left/x'])
    expect(trailer).toMatchObject({
      listed: { source: 3, destination: 3 },
      inScope: 2,
      reasons: { filtered: { objects: 2, bytes: 320 }, 'only-at-destination': { objects: 1 } },
    })
    const kept = await planned(script)
    expect(kept.words.filter((word) => word.startsWith('delete'))).toEqual(['delete to/left/x'])
  })

  it('counts a skipped object that another takes the place of', async () => {
    const { words, trailer } = await planned(
      { source: { '1-a': '20', 'a/1': '1' } },
      { pattern: '^(?<dir>a)/(?<rest>.+)$', template: '{rest}-{dir}', mismatch: 'skip' },
    )
    expect(words).toEqual(['copy from/a/1 > to/1-a missing'])
    expect(trailer).toMatchObject({
      listed: { source: 2, destination: 0 },
      reasons: { filtered: { objects: 1, bytes: 20 }, missing: { objects: 1, bytes: 1 } },
    })
  })

  it('lets filters read the keys of the source, and protects what those would become', async () => {
    const { words, trailer } = await planned({
      source: { 'a/1': '1', 'a/2': '2', 'b/1': '3' },
      destination: { '1-a': '1', '2-a': '9', '1-b': '9', 'a/x': '4', old: '5' },
      rules: { delete: true, exclude: ['a/**'] },
    })
    expect(words).toEqual(['copy from/b/1 > to/1-b size-differs', 'delete to/old'])
    expect(trailer).toMatchObject({
      inScope: 2,
      reasons: { filtered: { objects: 2, bytes: 3 } },
    })
  })

  it('lets includes say nothing of what only the destination has', async () => {
    const { words } = await planned({
      source: { 'a/1': '1', 'b/1': '3' },
      destination: { '1-a': '1', old: '5' },
      rules: { delete: true, include: ['a/**'] },
    })
    expect(words).toEqual(['delete to/old'])
  })

  it("keeps the folder's own marker, and what is no text, where it is", async () => {
    const { words, trailer } = await planned(
      { source: { '': '0', 'a/1\ufffd': '1', 'a/2': '2' }, from: { bend: spoilt } },
      { template: 'all/{key}', mismatch: 'fail' },
    )
    expect(words).toEqual([
      'copy from/ > to/ missing',
      'copy from/a/1\ufffd > to/a/1\ufffd missing',
      'copy from/a/2 > to/all/a/2 missing',
    ])
    expect(trailer.listed).toEqual({ source: 2, destination: 0 })
  })

  it('is of many pages what it is of one', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `${i % 7}/${(i * 218).toString(16)}`)
    const script = {
      source: Object.fromEntries(keys.map((key, i) => [key, `${i}`])),
      destination: Object.fromEntries(
        keys.map((key, i) => [
          i % 2 ? `x${key}` : `${(i * 218).toString(16)}-${i % 7}`,
          `${i % 5}`,
        ]),
      ),
      rules: { delete: true },
    }
    const one = await planned({ ...script, from: { pageKeys: 1000 }, to: { pageKeys: 1000 } })
    const many = await planned({ ...script, from: { pageKeys: 4 }, to: { pageKeys: 4 } })
    expect(one.trailer.reasons).toMatchObject({ 'size-differs': {}, missing: {}, 'same-etag': {} })
    expect(many.words).toEqual(one.words)
    expect(many.trailer).toEqual(one.trailer)
    expect(many.stage.unclosed).toEqual(new Set())
  })

  it('is written a thousand lines at a time', async () => {
    const source = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`a/${i}`, '1']))
    const stage = planStage({ source, from: { pageKeys: 1000 }, rules: { keys: FLAT } })
    const written: number[] = []
    const writer: Files['writer'] = async (path, mode) => {
      const own = await stage.files.writer(path, mode)
      const append = (bytes: Uint8Array) => {
        const lines = Buffer.from(bytes).toString().split('\n').length - 1
        if (path.endsWith('copies.ndjson')) written.push(lines)
        return own.append(bytes)
      }
      return { ...own, append }
    }
    const { ground } = stage
    await makePlanFile(ground, '/plan', { ...ground, files: { ...stage.files, writer } })
    expect(written).toEqual([1000, 1000, 500])
  })

  it.each<[string, StageScript, KeyRules, string, string]>([
    [
      'two objects would get the key one',
      { source: { 'a/1': '1', 'b/1': '1' } },
      { ...FLAT, template: '{rest}' },
      'Two objects would get the key "1": "a/1" and "b/1".',
      'Make key-template include the parts that differ. Nothing was copied.',
    ],
    [
      'an object would become another that keeps its key',
      { source: { '1-a': '1', 'a/1': '1' } },
      FLAT,
      'Two objects would get the key "1-a": "1-a" and "a/1".',
      'Make key-template include the parts that differ. Nothing was copied.',
    ],
    [
      'a key matches nothing and that is to fail',
      { source: { 'a/1': '1', top: '1' } },
      { ...FLAT, mismatch: 'fail' },
      '"top" does not match key-pattern.',
      'Correct key-pattern, or set key-mismatch to keep or skip. Nothing was copied.',
    ],
    [
      'a key would become none',
      { source: { b: '1' } },
      { pattern: '(?<a>x)?', template: '{a}', mismatch: 'keep' },
      'key-template results in an empty key for "b".',
      'Add a part that is never empty, such as {name}. Nothing was copied.',
    ],
  ])('is refused where %s', async (...[, script, keys, message, hint]) => {
    const stage = planStage({ ...script, rules: { keys } })
    expect(await refusalOf(stage.make())).toEqual({ kind: 'guard', message, hint })
    expect(stage.files.texts).toEqual(new Map())
    expect(stage.unclosed).toEqual(new Set())
  })

  it('is refused with the key that the pattern finds no end with', async () => {
    const limits: number[] = []
    const within = <T extends object>(limitMs: number, work: () => T): T | undefined => {
      limits.push(limitMs)
      work()
      return undefined
    }
    const stage = planStage({
      source: { 'a/1': '1', 'a/é': '1' },
      rules: { keys: FLAT },
      ground: { clock: { ...jumpingClock(), within } },
    })
    expect(await refusalOf(stage.make())).toEqual({
      kind: 'guard',
      message: 'key-pattern takes too long with "a/é".',
      hint: 'Remove nested repetitions such as (a+)+ from it. Nothing was copied.',
    })
    expect(limits[0]).toBe(2000)
  })
})

const at = (key: string, origin: string, out?: boolean): SourceObject => ({
  key: toKeyBytes(key),
  origin: toKeyBytes(origin),
  size: 1,
  etag: 'e',
  modified: '',
  storageClass: '',
  restored: false,
  ...(out === undefined ? {} : { out }),
})

describe('of two objects with one new key', () => {
  it('the one that the filters leave out gives way', () => {
    const [left, kept] = [at('x', 'a', true), at('x', 'b', false)]
    expect(oneTarget(left, kept)).toBe(kept)
    expect(oneTarget(kept, left)).toBe(kept)
  })

  it('either is as good where the filters leave out both, or both are one object', () => {
    const [first, second] = [at('x', 'a', true), at('x', 'b', true)]
    expect([first, second]).toContain(oneTarget(first, second))
    const again = at('x', 'a')
    expect(oneTarget(again, at('x', 'a'))).toEqual(again)
  })

  it('both are named, also the one that is no text elsewhere', () => {
    const { origin: _origin, ...own } = at('x/é', '')
    expect(() => oneTarget(at('x/é', 'é/x'), own)).toThrow(
      'Two objects would get the key "x/é": "é/x" and "x/é".',
    )
  })
})

describe('a mover', () => {
  it('tells where each object goes, in their order', () => {
    const source = { bucket: 'b', prefix: 'p/', single: false, region: 'r' }
    const rules = { ...PLAIN_RULES, exclude: ['*.tmp'] }
    const move = moverOf({ source, rules }, { ...FLAT, mismatch: 'skip' }, jumpingClock())
    const objects = ['a/é', 'top', 'a/x.tmp', 'y.tmp', ''].map((key) => at(key, ''))
    const { origin: _none, ...raw } = { ...at('', ''), key: '\xff' as KeyBytes }
    expect(move([...objects, raw]).map(({ key, origin, out }) => [key, origin, out])).toEqual([
      [toKeyBytes('é-a'), toKeyBytes('a/é'), false],
      ['top', 'top', true],
      ['x.tmp-a', 'a/x.tmp', true],
      ['y.tmp', 'y.tmp', true],
      ['', '', false],
      ['\xff', undefined, undefined],
    ])
  })
})
