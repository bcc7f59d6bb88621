import { describe, expect, it } from 'vitest'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import { type Compare, mayAskChecksums, type SelectionRequest } from '../../../src/model/request.ts'
import {
  asksChecksums,
  type ChecksumVerdict,
  COMPARISONS,
  canDecide,
  decide,
  skewBetween,
  skipOfSame,
} from '../../../src/plan/decide.ts'

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

const VERDICTS: readonly ChecksumVerdict[] = ['equal', 'differs', 'none', 'not-asked']

const COMPARES = Object.keys(COMPARISONS) as Compare[]

function said(
  rules: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  source: string,
  destination: string,
  verdict?: ChecksumVerdict,
): string {
  const from = object(source)
  if (!from) throw new Error('a source is needed')
  const decision = decide(rules, from, object(destination), 0, verdict)
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
      sides.flatMap((to) =>
        VERDICTS.map((verdict) => said({ compare, overwrite: 'if-different' }, from, to, verdict)),
      ),
    )
    const skips = new Set(all.filter((one) => one.startsWith('skip')))
    expect(skips).toEqual(new Set(COMPARISONS[compare].left.map((reason) => `skip ${reason}`)))
  })

  it('is copied when the words of the table say so', () => {
    expect(Object.entries(COMPARISONS).map(([name, { copied }]) => `${name}: ${copied}`)).toEqual([
      'auto: the sizes differ; or the ETags differ, and so do full-object checksums, or, with none in common, the source is not older',
      'size: the sizes differ',
      'newer: the source is later',
      'etag: the ETags differ',
      'checksum: the sizes or the full-object checksums differ; or they have none in common, and the ETags differ',
      'missing: never',
      'always: always',
    ])
  })
})

describe('checksums of whole objects', () => {
  const rules = (compare: Compare, overwrite: SelectionRequest['overwrite'] = 'if-different') => ({
    compare,
    overwrite,
  })

  it.each([
    ['auto', '5 a 2', '5 b 1', 'equal', 'skip same-checksum'],
    ['auto', '5 a 1', '5 b 2', 'equal', 'skip same-checksum'],
    ['auto', '5 a 1', '5 b 2', 'differs', 'copy checksum-differs'],
    ['auto', '5 a 2', '5 b 1', 'not-asked', 'copy etag-differs'],
    ['auto', '5 a 1', '5 b 2', 'not-asked', 'skip differs-unproven'],
    ['auto', '5 a 1', '6 b 2', 'equal', 'copy size-differs'],
    ['checksum', '5 a 1', '5 b 2', 'equal', 'skip same-checksum'],
    ['checksum', '5 a 1', '5 a 2', 'differs', 'copy checksum-differs'],
    ['checksum', '5 a 1', '5 b 2', 'none', 'copy no-common-checksum'],
    ['checksum', '5 a 1', '5 a 2', 'none', 'skip same-etag'],
    ['checksum', '5 a 1', '5 b 2', 'not-asked', 'copy no-common-checksum'],
    ['checksum', '5 a 1', '6 a 2', 'equal', 'copy size-differs'],
    ['etag', '5 a 1', '5 b 2', 'equal', 'copy etag-differs'],
  ] as const)(
    '%s: %s against %s, which are told %s: %s',
    (...[compare, from, to, verdict, expected]) => {
      expect(said(rules(compare), from, to, verdict)).toBe(expected)
    },
  )

  it('make an object identical that is published once, and another size never', () => {
    const once = rules('auto', 'never')
    expect(said(once, '5 a 1', '5 b 2', 'equal')).toBe('skip same-checksum')
    expect(said(once, '5 a 1', '5 b 2', 'differs')).toBe('copy destination-conflict')
    expect(said(once, '5 a 1', '6 b 2', 'equal')).toBe('copy destination-conflict')
  })

  it.each([
    ['auto', '5 a 2', '5 b 1', 'all'],
    ['auto', '5 a 1', '5 b 2', 'some'],
    ['auto', '5 a 1', '5 a 2', undefined],
    ['auto', '5 a 1', '6 b 2', undefined],
    ['checksum', '5 a 1', '5 a 2', 'all'],
    ['checksum', '5 a 1', '6 a 2', undefined],
    ['newer', '5 a 1', '5 b 2', undefined],
  ] as const)('%s: %s against %s: are asked for of %s such pairs', (compare, one, two, asked) => {
    const [from, to] = [object(one), object(two)]
    if (!from || !to) throw new Error('Both are needed.')
    expect(asksChecksums(rules(compare), from, to, 0)).toBe(asked)
    expect(asksChecksums(rules(compare, 'never'), from, to, 0)).toBe(
      one[0] === two[0] && one[2] !== two[2] ? 'all' : undefined,
    )
  })

  it('are asked for by the modes that say so', () => {
    for (const compare of COMPARES) {
      expect(mayAskChecksums(rules(compare))).toBe(COMPARISONS[compare].asks !== undefined)
      expect(mayAskChecksums(rules(compare, 'never'))).toBe(true)
    }
  })

  it('that differ are no reason under one ETag where nobody asks for them', () => {
    const op = { reason: 'checksum-differs', etag: 'a', toEtag: 'a' } as const
    expect(canDecide(rules('checksum'), op)).toBe(true)
    expect(canDecide(rules('auto'), op)).toBe(false)
    expect(canDecide(rules('auto'), { ...op, toEtag: 'b' })).toBe(true)
    expect(canDecide(rules('etag'), { ...op, toEtag: 'b' })).toBe(false)
    expect(canDecide(rules('checksum'), { ...op, reason: 'no-common-checksum' })).toBe(false)
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
      checksum: undefined,
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
