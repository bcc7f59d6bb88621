import { describe, expect, it } from 'vitest'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import type { Compare, SelectionRequest } from '../../../src/model/request.ts'
import { COMPARISONS, decide, skewBetween, skipOfSame } from '../../../src/plan/decide.ts'

/** `size etag second` */
function object(text: string): ObjectInfo | undefined {
  if (text === '-') return undefined
  const [size, etag = '', second] = text.split(' ')
  return {
    key: toKeyBytes('k'),
    size: Number(size),
    etag,
    modified: new Date(Number(second) * 1000).toISOString(),
    storageClass: '',
    restored: false,
  }
}

const TABLE: readonly (readonly [
  Compare,
  source: string,
  destination: string,
  decision: string,
])[] = [
  ['auto', '5 a 1', '-', 'copy missing'],
  ['auto', '5 a 1', '6 a 2', 'copy size-differs'],
  ['auto', '5 a 9', '5 a 1', 'skip same-etag'],
  ['auto', '5 a 2', '5 b 1', 'copy etag-differs'],
  ['auto', '5 a 1', '5 b 1', 'copy etag-differs'],
  ['auto', '5 a 1', '5 b 2', 'skip differs-unproven'],
  ['auto', '5  1', '5  2', 'skip differs-unproven'],
  ['auto', '5  2', '5  1', 'copy etag-differs'],
  ['auto', '5 ABC 9', '5 abc 1', 'skip same-etag'],
  ['size', '5 a 2', '5 b 1', 'skip same-size'],
  ['size', '5 a 1', '6 a 1', 'copy size-differs'],
  ['size', '5 a 1', '-', 'copy missing'],
  ['newer', '5 a 2', '5 a 1', 'copy newer'],
  ['newer', '5 a 1', '6 b 1', 'skip not-newer'],
  ['newer', '5 a 1', '-', 'copy missing'],
  ['etag', '5 a 1', '5 b 9', 'copy etag-differs'],
  ['etag', '5 a 1', '6 a 9', 'skip same-etag'],
  ['missing', '5 a 9', '6 b 1', 'skip exists'],
  ['missing', '5 a 9', '-', 'copy missing'],
  ['always', '5 a 1', '5 a 1', 'copy always'],
  ['always', '5 a 1', '-', 'copy missing'],
]

const COMPARES = Object.keys(COMPARISONS) as Compare[]

function said(
  rules: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  source: string,
  destination: string,
): string {
  const from = object(source)
  if (!from) throw new Error('a source is needed')
  const decision = decide(rules, from, object(destination))
  return 'copy' in decision ? `copy ${decision.copy}` : `skip ${decision.skip}`
}

describe('an object is compared', () => {
  it.each(TABLE)('%s: %s against %s: %s', (...[compare, source, destination, expected]) => {
    expect(said({ compare, overwrite: 'if-different' }, source, destination)).toBe(expected)
  })

  it.each([
    ['-', 'copy missing'],
    ['5 a 9', 'skip same-etag'],
    ['5 b 1', 'copy destination-conflict'],
    ['6 a 1', 'copy destination-conflict'],
  ])('published once: 5 a 1 against %s: %s, whatever compare says', (destination, expected) => {
    for (const compare of COMPARES)
      expect(said({ compare, overwrite: 'never' }, '5 a 1', destination)).toBe(expected)
  })

  it('the newer of equal times is neither', () => {
    expect(said({ compare: 'newer', overwrite: 'if-different' }, '5 a 1', '5 b 1')).toBe(
      'skip not-newer',
    )
  })

  it.each(COMPARES)('%s leaves objects for the reasons that its description names', (compare) => {
    const sides = ['5', '6'].flatMap((size) =>
      ['a', 'b'].flatMap((etag) => ['1', '2'].map((second) => `${size} ${etag} ${second}`)),
    )
    const all = sides.flatMap((from) =>
      sides.map((to) => said({ compare, overwrite: 'if-different' }, from, to)),
    )
    const skips = new Set(all.filter((one) => one.startsWith('skip')))
    expect(skips).toEqual(new Set(COMPARISONS[compare].left.map((reason) => `skip ${reason}`)))
  })

  it('is copied when the words of the table say so', () => {
    expect(Object.entries(COMPARISONS).map(([name, { copied }]) => `${name}: ${copied}`)).toEqual([
      'auto: the sizes differ; or the ETags differ and the source is not older',
      'size: the sizes differ',
      'newer: the source is later',
      'etag: the ETags differ',
      'missing: never',
      'always: always',
    ])
  })
})

describe('objects of one size and one ETag', () => {
  const left = (compare: Compare, overwrite: SelectionRequest['overwrite'] = 'if-different') =>
    skipOfSame({ compare, overwrite })

  it('are left for one reason, unless their times tell', () => {
    expect(Object.fromEntries(COMPARES.map((compare) => [compare, left(compare)]))).toEqual({
      auto: 'same-etag',
      size: 'same-size',
      newer: undefined,
      etag: 'same-etag',
      missing: 'exists',
      always: undefined,
    })
    for (const compare of COMPARES) expect(left(compare, 'never')).toBe('same-etag')
  })

  it.each([-3_600_000, 0, 3_600_000])('are so whatever the clocks say: %i ms', (skewMs) => {
    for (const compare of COMPARES)
      for (const times of ['1 2', '2 1', '1 1']) {
        const [one, other] = times.split(' ').map((second) => object(`5 a ${second}`))
        const reason = left(compare)
        if (!one || !reason) continue
        const rules = { compare, overwrite: 'if-different' } as const
        expect(decide(rules, one, other, skewMs)).toEqual({ skip: reason })
      }
  })
})

describe('clocks of two services', () => {
  const at = (serverTimeMs: number | undefined) => ({ serverTimeMs: () => serverTimeMs })

  it('are compared where both tell their time, and are far enough apart', () => {
    expect(skewBetween(at(3_600_000), at(0))).toBe(3_600_000)
    expect(skewBetween(at(0), at(3_600_000))).toBe(-3_600_000)
    expect(skewBetween(at(3000), at(0))).toBe(0)
    expect(skewBetween(at(undefined), at(0))).toBe(0)
  })

  it.each([
    ['auto', { copy: 'etag-differs' }, { skip: 'differs-unproven' }],
    ['newer', { copy: 'newer' }, { skip: 'not-newer' }],
  ] as const)('do not count with compare: %s', (compare, without, corrected) => {
    const [source, destination] = [object('5 a 3600'), object('5 b 1800')]
    if (!source) throw new Error('There is no source.')
    const rules = { compare, overwrite: 'if-different' } as const
    expect(decide(rules, source, destination)).toEqual(without)
    expect(decide(rules, source, destination, 3_600_000)).toEqual(corrected)
  })
})
