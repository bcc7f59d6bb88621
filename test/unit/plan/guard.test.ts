import { describe, expect, it } from 'vitest'
import { countOrPercent } from '../../../src/inputs/parsers.ts'
import type { PlanRules } from '../../../src/model/request.ts'
import { type Judged, judge } from '../../../src/plan/guard.ts'
import { PLAIN_RULES } from './stage.ts'

const place = { bucket: 'b', prefix: 'p/', region: 'us-east-1', endpoint: undefined, single: false }

/** The most deletes out of `inScope` objects that a `max-delete` lets through. */
function mostDeletes(maxDelete: string, inScope: number, mode: 'sync' | 'check' = 'sync'): number {
  const rules = {
    include: [],
    exclude: [],
    compare: 'auto',
    overwrite: 'if-different',
    allowEmptySource: false,
    delete: true,
    maxDelete: countOrPercent.parse(maxDelete),
  } as const
  const passes = (objects: number): boolean => {
    const trailer = { inScope, deletes: { objects, bytes: 0 } }
    try {
      judge({
        source: place,
        destination: place,
        rules,
        mode,
        sourceIsEmpty: false,
        unnameable: undefined,
        trailer,
        filters: undefined,
      })
      return true
    } catch {
      return false
    }
  }
  let most = 0
  while (most < inScope && passes(most + 1)) most++
  return most
}

it.each([
  ['0.57%', 10_000, 57],
  ['1.1%', 1000, 11],
  ['10%', 9, 0],
  ['33.33%', 10_000, 3333],
  ['99.99%', 5000, 4999],
  ['100%', 7, 7],
  ['3', 10_000, 3],
  ['0', 10, 0],
])('max-delete %s of %i lets %i go', (maxDelete, inScope, most) => {
  expect(mostDeletes(maxDelete, inScope)).toBe(most)
})

it.each(['99.99999999999999999999%', '100.01%', '-1', '1e3', '0.001%'])(
  'max-delete may not be %s',
  (text) => {
    expect(countOrPercent.safeParse(text).success).toBe(false)
  },
)

it('a check is refused no difference, as it deletes nothing', () => {
  expect(mostDeletes('0', 10, 'check')).toBe(10)
})

interface Asked {
  readonly rules?: Partial<PlanRules>
  readonly deletes?: number
  readonly inScope?: number
  readonly mode?: Judged['mode']
  readonly sourceIsEmpty?: boolean
  readonly unnameable?: string
}

/** What a plan is refused with; undefined when it may be carried out. */
function refusal(asked: Asked): unknown {
  const { rules, deletes = 0, inScope = 0, mode = 'sync', sourceIsEmpty = false } = asked
  try {
    judge({
      source: { ...place, bucket: 'from' },
      destination: { ...place, bucket: 'to' },
      rules: { ...PLAIN_RULES, delete: true, ...rules },
      mode,
      sourceIsEmpty,
      unnameable: asked.unnameable,
      trailer: { inScope, deletes: { objects: deletes, bytes: 0 } },
      filters: undefined,
    })
  } catch (error) {
    const { kind, message, hint } = error as Readonly<Record<string, string>>
    return [kind, message, hint]
  }
  return undefined
}

const EMPTY = [
  'guard',
  'The source is empty: nothing lies under s3://from/p/',
  'Check the spelling of source; if it may be empty, set allow-empty-source: true. Nothing was touched.',
]
const UNNAMEABLE = [
  'guard',
  'A key is not valid UTF-8 ("a\\"\ufffd"), so it is not certain what may be deleted.',
  'Rename or remove that object, exclude it, or run without delete. Nothing was touched.',
]
const everyObject = (inScope: string) => [
  'guard',
  `Every object in scope under s3://to/p/ would be deleted (${inScope}).`,
  'Check source and destination; if that is meant, set max-delete: 100%. Nothing was touched.',
]
const tooMany = (objects: string, inScope: string, limit: string) => [
  'guard',
  `${objects} of ${inScope} objects in scope at the destination would be deleted; max-delete is ${limit}.`,
  'Look at the plan with mode: plan and a higher max-delete; if all of them may go, raise max-delete. Nothing was touched.',
]

describe('a plan is refused, with what to do,', () => {
  it.each<[string, Asked, readonly string[]]>([
    ['when the source is empty', { sourceIsEmpty: true }, EMPTY],
    [
      'when the source is empty, even without delete',
      { sourceIsEmpty: true, rules: { delete: false } },
      EMPTY,
    ],
    ['when the source is empty, even in a check', { sourceIsEmpty: true, mode: 'check' }, EMPTY],
    ['when it deletes and some key is no text', { unnameable: 'a"\ufffd' }, UNNAMEABLE],
    [
      'when it would delete everything',
      { deletes: 1234, inScope: 1234, rules: { maxDelete: { objects: 5000 } } },
      everyObject('1,234'),
    ],
    [
      'when it would delete everything by a percentage short of all',
      { deletes: 2, inScope: 2, rules: { maxDelete: { percent: 99.99 } } },
      everyObject('2'),
    ],
    [
      'when it would delete everything, and a count says 100',
      { deletes: 100, inScope: 100, rules: { maxDelete: { objects: 100 } } },
      everyObject('100'),
    ],
    [
      'when it would delete more than there is by now',
      { deletes: 3, inScope: 2, rules: { maxDelete: { objects: 5 } } },
      everyObject('2'),
    ],
    [
      'over a count',
      { deletes: 1001, inScope: 20_000, rules: { maxDelete: { objects: 1000 } } },
      tooMany('1,001', '20,000', '1,000'),
    ],
    [
      'over a percentage',
      { deletes: 1001, inScope: 10_000, rules: { maxDelete: { percent: 10 } } },
      tooMany('1,001', '10,000', '10%'),
    ],
  ])('%s', (_when, asked, expected) => {
    expect(refusal(asked)).toEqual(expected)
  })

  it.each<[string, Asked, readonly string[]]>([
    [
      'the empty source, before all else',
      { sourceIsEmpty: true, unnameable: 'x', deletes: 5, inScope: 5 },
      EMPTY,
    ],
    [
      'the key that is no text, before any count',
      { unnameable: 'a"\ufffd', deletes: 5, inScope: 5, rules: { maxDelete: { objects: 0 } } },
      UNNAMEABLE,
    ],
    [
      'that nothing would stay, before the limit',
      { deletes: 5, inScope: 5, rules: { maxDelete: { objects: 0 } } },
      everyObject('5'),
    ],
  ])('and names %s', (_what, asked, expected) => {
    expect(refusal(asked)).toEqual(expected)
  })
})

describe('a plan may be carried out', () => {
  it.each<[string, Asked]>([
    [
      'of an empty source that may be empty',
      { sourceIsEmpty: true, rules: { allowEmptySource: true } },
    ],
    [
      'with a key that is no text, as nothing is deleted',
      { unnameable: 'x', rules: { delete: false } },
    ],
    ['with no deletes, where nothing lies at the destination', {}],
    ['with no deletes, where none may be', { inScope: 5, rules: { maxDelete: { objects: 0 } } }],
    [
      'with deletes up to the limit',
      { deletes: 3, inScope: 4, rules: { maxDelete: { objects: 3 } } },
    ],
    [
      'with deletes of all, as 100% says so',
      { deletes: 4, inScope: 4, rules: { maxDelete: { percent: 100 } } },
    ],
    [
      'in a check, whatever a sync would delete',
      { mode: 'check', unnameable: 'x', deletes: 4, inScope: 4 },
    ],
  ])('%s', (_what, asked) => {
    expect(refusal(asked)).toBeUndefined()
  })
})
