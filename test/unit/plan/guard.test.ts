import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deleteLimit } from '../../../src/inputs/parsers.ts'
import type { SelectionRequest } from '../../../src/model/request.ts'
import { checkGuards, type GuardInput } from '../../../src/plan/guard.ts'
import { PLAIN_RULES } from './stage.ts'

const place = { bucket: 'b', prefix: 'p/', region: 'us-east-1', endpoint: undefined, single: false }

interface Asked {
  readonly rules?: Partial<SelectionRequest>
  readonly maxDelete?: string
  readonly deletes?: number
  readonly inScope?: number
  /** Copies to keys where nothing stands. */
  readonly added?: number
  readonly mode?: GuardInput['mode']
  readonly sourceIsEmpty?: boolean
  readonly unnameable?: string
}

function judged(asked: Asked) {
  const { rules, maxDelete = '1000', deletes = 0, inScope = 0, added = 0 } = asked
  return checkGuards({
    source: { ...place, bucket: 'from' },
    destination: { ...place, bucket: 'to' },
    rules: {
      ...PLAIN_RULES,
      delete: true,
      maxDelete: deleteLimit.safeParse(maxDelete).data ?? {},
      ...rules,
    },
    mode: asked.mode ?? 'sync',
    sourceIsEmpty: asked.sourceIsEmpty ?? false,
    unnameable: asked.unnameable,
    filters: undefined,
    trailer: {
      inScope,
      deletes: { objects: deletes, bytes: 0 },
      reasons: {
        missing: { objects: added, bytes: 0 },
        'only-at-destination': { objects: deletes, bytes: 0 },
        'size-differs': { objects: 77, bytes: 0 },
      },
    },
  })
}

/** The table of docs/max-delete.md. */
function documented(): readonly (readonly string[])[] {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/max-delete.md'), 'utf8')
  const lines = page.split('\n')
  const head = lines.findIndex((line) => line.startsWith('| Situation |'))
  const end = lines.indexOf('', head)
  return lines.slice(head + 2, end).map((line) =>
    line
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
}

const SAYS: Readonly<Record<string, RegExp>> = {
  'goes on': /^$/,
  'is refused: nothing stays': /^Every object in scope under s3:\/\/to\/p\/ would be deleted/,
  'is refused: more than max-delete': /; max-delete is [\d,]+%?\.$/,
  'is refused: fewer than half left': /: fewer than half\.$/,
}

describe('the table of docs/max-delete.md', () => {
  it('has examples of every verdict', () => {
    const verdicts = new Set(documented().map((row) => row[5]))
    expect(verdicts).toEqual(new Set(Object.keys(SAYS)))
    expect(documented().length).toBeGreaterThan(20)
  })

  it.each(documented())('%s: %s found, %s deletes, %s new, max-delete %s: %s', (...row) => {
    const [inScope = 0, deletes = 0, added = 0] = row
      .slice(1, 4)
      .map((cell) => Number(cell.replaceAll(',', '')))
    const [, , , , limit = '', verdict = ''] = row
    const maxDelete = limit.replaceAll('`', '')
    const refusal = judged({ inScope, deletes, added, maxDelete })
    expect(refusal?.message ?? '').toMatch(SAYS[verdict] ?? /no such verdict/)
    if (refusal) expect(refusal.kind).toBe('guard')
  })
})

it('what a refusal advises lets the same plan go on, and no larger one', () => {
  for (const row of documented()) {
    const [inScope = 0, deletes = 0, added = 0] = row
      .slice(1, 4)
      .map((cell) => Number(cell.replaceAll(',', '')))
    const advised = /`max-delete: ([^`]+)`/.exec(judged({ inScope, deletes, added })?.hint ?? '')
    if (!advised) continue
    expect(judged({ inScope, deletes, added, maxDelete: advised[1] ?? '' })).toBeUndefined()
    const more = { inScope: 99_999, deletes: Math.max(deletes, 1000) + 1, added }
    expect(judged({ ...more, maxDelete: advised[1] ?? '' })).toBeDefined()
  }
})

const objects = fc.nat({ max: 5000 })

it('a mirror that deletes no more than half of what was found, and stays within the count, is never refused', () => {
  fc.assert(
    fc.property(objects, objects, objects, (inScope, some, added) => {
      const deletes = Math.min(some, 1000, Math.floor(inScope / 2))
      expect(judged({ inScope, deletes, added })).toBeUndefined()
    }),
  )
})

it('nothing lets a whole destination go but a percentage of 100', () => {
  const count = fc.nat({ max: 9999 })
  const part = fc.double({ min: 0, max: 99.99, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), objects, count, part, (found, added, a, b) => {
      const whole = { inScope: found, deletes: found, added }
      for (const maxDelete of [`${a}`, `${b.toFixed(2)}%`, `${a} ${b.toFixed(2)}%`])
        expect(judged({ ...whole, maxDelete })).toBeDefined()
      expect(judged({ ...whole, maxDelete: '100%' })).toBeUndefined()
    }),
  )
})

/** The most deletes out of `inScope` objects that a `max-delete` lets through, where what is left is no matter. */
function mostDeletes(
  maxDelete: string,
  inScope: number,
  mode: GuardInput['mode'] = 'sync',
): number {
  let most = 0
  const passes = (deletes: number) =>
    judged({ maxDelete, inScope, deletes, added: inScope, mode }) === undefined
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
  ['7', 7, 6],
  ['100 10%', 500, 50],
  ['100 10%', 5000, 100],
  ['10% 100', 5000, 100],
])('max-delete %s of %i lets %i go', (maxDelete, inScope, most) => {
  expect(mostDeletes(maxDelete, inScope)).toBe(most)
})

it.each([
  '99.99999999999999999999%',
  '100.01%',
  '-1',
  '1e3',
  '0.001%',
  '1000 50% 2',
  '10% 20%',
  '1000, 50%',
  '1000 x',
])('max-delete may not be %s', (text) => {
  expect(deleteLimit.safeParse(text).success).toBe(false)
})

it('a check is refused no difference, as it deletes nothing', () => {
  expect(mostDeletes('0', 10, 'check')).toBe(10)
  expect(judged({ mode: 'check', inScope: 100, deletes: 100, maxDelete: '0' })).toBeUndefined()
})

/** Title, message and hint of what a plan is refused with; undefined when it may be carried out. */
function refusal(asked: Asked): unknown {
  const refused = judged(asked)
  return refused && [refused.title, refused.message, refused.hint]
}

const EMPTY = [
  'Source is empty: s3://from/p/',
  'The source is empty: there is no object under s3://from/p/',
  'Check the spelling of source; if it may be empty, set `allow-empty-source: true`. Nothing was touched.',
]
const UNNAMEABLE = [
  'Key is not valid UTF-8: "a\\"\ufffd"',
  'A key is not valid UTF-8 ("a\\"\ufffd"), so it is unclear which objects may be deleted.',
  'Rename or remove that object, exclude it, or run without delete. Nothing was touched.',
]
const nothingStays = (deletes: string, inScope: string, limit: string, others = '') => [
  `All of s3://to/p/ would be deleted: ${deletes}`,
  `Every object in scope under s3://to/p/ would be deleted (${inScope})${others}.`,
  `Check source and destination; if this is intended, set \`max-delete: ${limit}\`. Nothing was touched.`,
]
const tooMany = (title: string, deletes: string, inScope: string, limit: string, set: string) => [
  title,
  `${deletes} of ${inScope} objects in scope at the destination would be deleted; max-delete is ${limit}.`,
  `Read the list in the plan; if all of them may be deleted, set \`max-delete: ${set}\`. Nothing was touched.`,
]

describe('a plan is refused, with its cause as title and what to do,', () => {
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
      { deletes: 1234, inScope: 1234, maxDelete: '5000' },
      nothingStays('1,234 deletes', '1,234', '5000 100%'),
    ],
    [
      'when it would delete everything, though it copies too',
      { deletes: 1, inScope: 1, added: 2 },
      nothingStays('1 delete', '1', '1000 100%', ', and 2 new ones copied'),
    ],
    [
      'when it would delete everything by a percentage short of all',
      { deletes: 2, inScope: 2, maxDelete: '99.99%' },
      nothingStays('2 deletes', '2', '2 100%'),
    ],
    [
      'when it would delete everything, and a count says 100',
      { deletes: 100, inScope: 100, maxDelete: '100' },
      nothingStays('100 deletes', '100', '100 100%'),
    ],
    [
      'when it would delete more than there is by now',
      { deletes: 3, inScope: 2, maxDelete: '5' },
      nothingStays('3 deletes', '2', '5 100%'),
    ],
    [
      'over a count',
      { deletes: 1001, inScope: 20_000 },
      tooMany('1,001 deletes, max-delete is 1,000', '1,001', '20,000', '1,000', '1001 6%'),
    ],
    [
      'over a percentage',
      { deletes: 1001, inScope: 10_000, maxDelete: '10%' },
      tooMany('1,001 deletes, max-delete is 10% of 10,000', '1,001', '10,000', '10%', '1001 11%'),
    ],
    [
      'over the percentage of both',
      { deletes: 11, inScope: 100, maxDelete: '1000 10%' },
      tooMany('11 deletes, max-delete is 10% of 100', '11', '100', '10%', '1000 11%'),
    ],
    [
      'over the count of both',
      { deletes: 11, inScope: 100, maxDelete: '10 50%' },
      tooMany('11 deletes, max-delete is 10', '11', '100', '10', '11 50%'),
    ],
    [
      'when it would leave fewer than half',
      { deletes: 70, inScope: 100, added: 2 },
      [
        '70 deletes would leave 32 of 100 objects',
        '70 deletes would leave 32 objects, new ones included, where 100 were found in scope under s3://to/p/: fewer than half.',
        'Check source and destination; if this is intended, set `max-delete: 1000 70%`. Nothing was touched.',
      ],
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
      { unnameable: 'a"\ufffd', deletes: 5, inScope: 5, maxDelete: '0' },
      UNNAMEABLE,
    ],
    [
      'that nothing would stay, before the limit',
      { deletes: 5, inScope: 5, maxDelete: '0' },
      nothingStays('5 deletes', '5', '5 100%'),
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
    ['with no deletes, where none may be', { inScope: 5, maxDelete: '0' }],
    ['with deletes up to the limit', { deletes: 3, inScope: 4, maxDelete: '3' }],
    ['with deletes of all, as 100% says so', { deletes: 4, inScope: 4, maxDelete: '100%' }],
    [
      'in a check, whatever a sync would delete',
      { mode: 'check', unnameable: 'x', deletes: 4, inScope: 4 },
    ],
  ])('%s', (_what, asked) => {
    expect(refusal(asked)).toBeUndefined()
  })
})
