import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PlainRows } from '../../../src/storage/s3/plain-rows.ts'
import { type KeyForm, MOST_ROWS } from '../../../src/storage/s3/scan-fields.ts'
import { scanObjects, scanOf } from '../../../src/storage/s3/scan-objects.ts'
import { unpacked } from '../listing/listing.ts'

const FORM: KeyForm = { urlEncoded: true, prefix: Buffer.from('data/') }
const HEAD = '<ListBucketResult><IsTruncated>false</IsTruncated>'

/** In place of an ETag: there is none. */
const NONE = 'none'

interface Fields {
  readonly key?: string
  readonly time?: string
  readonly etag?: string
  readonly size?: string
  readonly class?: string
  readonly more?: string
}

const objectOf = (fields: Fields): string => {
  const { key = 'data/a', time = '2026-01-02T03:04:05.678Z', etag = '&quot;0a&quot;' } = fields
  const { size = '1', class: storageClass = 'STANDARD', more = '' } = fields
  return `<Contents><Key>${key}</Key><LastModified>${time}</LastModified>${etag === NONE ? '' : `<ETag>${etag}</ETag>`}${more}<Size>${size}</Size><StorageClass>${storageClass}</StorageClass></Contents>`
}

const pageOf = (objects: readonly Fields[]): Buffer =>
  Buffer.from(`${HEAD}${objects.map(objectOf).join('')}</ListBucketResult>`)

/** How many of the objects of a page the program reads at once, from the first one on. */
function plainIn(plain: PlainRows, objects: readonly Fields[], form: KeyForm): number {
  const scan = scanOf(pageOf(objects), form, plain)
  plain.read(scan, HEAD.length)
  return scan.rows
}

/** A program that knows how objects are written. */
function learned(form: KeyForm, fields: Fields = {}): PlainRows {
  const plain = new PlainRows()
  scanObjects(pageOf([{ key: `${form.prefix}a`, ...fields }]), form, plain)
  return plain
}

/** What is read of objects, or why not. */
function read(objects: readonly Fields[], form: KeyForm, plain: PlainRows | undefined) {
  try {
    const found = scanObjects(pageOf(objects), form, plain)
    return { objects: unpacked(found.objects), facts: found.facts }
  } catch (error) {
    return (error as Error).message
  }
}

const digit = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '/', ':')
const two = fc.oneof(
  fc.nat({ max: 60 }).map((number) => String(number).padStart(2, '0')),
  fc.tuple(digit, digit).map((digits) => digits.join('')),
)
const TIME = ['2026', '01', '02', '03', '04', '05', '.678Z']
const time = fc
  .oneof(
    fc.tuple(fc.integer({ min: 1, max: 5 }), two),
    fc.tuple(
      fc.constant(6),
      fc.constantFrom('Z', '.1Z', '+00:00', '.12aZ', '.9999', '.999Z', '.1Z ', 'ZZ'),
    ),
  )
  .map(([at, odd]) => {
    const [year, month, day, hour, minute, second, end] = TIME.with(at, odd)
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${end}`
  })
const part = fc.constantFrom(
  ...[
    'a',
    'b/',
    '%2F',
    '%zz',
    '%',
    '%4',
    '+',
    '&amp;',
    '&',
    'é',
    '\n',
    '\x01',
    '=',
    '0123456789abcdef',
    '-',
  ],
)
const key = fc
  .tuple(fc.constantFrom('data/', 'data%2F', 'dat', 'd%61ta/'), fc.array(part, { maxLength: 9 }))
  .map(([start, parts]) => start + parts.join(''))
const quote = fc.constantFrom('&quot;', '"', '&#34;', '', 'W/"', '&', '&quo')
const quoted = fc
  .tuple(
    quote,
    fc.constantFrom('', '0', 'abc', 'x', 'a'.repeat(32), `${'b'.repeat(32)}-17`, 'c--gzip'),
    quote,
  )
  .map((parts) => parts.join(''))
const etag = fc.oneof(quoted, fc.constant(NONE))
const size = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('', '-1', '1e3', '007', '999999999999999', '1000000000000000', ' 1', '1 '),
)
const CLASSES = ['STANDARD', 'STANDARDS', 'GLACIER', 'DEEP_ARCHIVE', '', 'STANDARX']
const MORE = [
  '',
  '<ChecksumAlgorithm>CRC32</ChecksumAlgorithm>',
  '<Owner><ID>x</ID></Owner>',
  '<Size>7</Size>',
]
/** Of one object only one thing is odd, as a page is refused where anything is. */
const fields = fc.oneof(
  key.map((odd) => ({ key: odd })),
  time.map((odd) => ({ time: odd })),
  etag.map((odd) => ({ etag: odd })),
  size.map((odd) => ({ size: odd })),
  fc.constantFrom(...CLASSES).map((odd) => ({ class: odd })),
  fc.constantFrom(...MORE).map((odd) => ({ more: odd })),
)

describe('the program for plain objects', () => {
  it('reads at once what looks alike, whatever the values', () => {
    const objects = [
      { key: 'data/b' },
      { key: 'data/c%3Dd+e/é', size: '999999999999999' },
      { key: 'data/d', time: '2000-02-29T00:00:00Z' },
      { key: `data/${'long-name/'.repeat(100)}`, class: 'GLACIER' },
      { key: 'data/x', time: '1999-12-31T23:59:59.999Z', etag: `"${'f'.repeat(32)}-1000"` },
    ]
    expect(plainIn(learned(FORM), objects, FORM)).toBe(objects.length)
  })

  it('reads at once what has no ETag', () => {
    const plain = learned(FORM, { etag: NONE })
    const page = [{}, { etag: NONE }, { etag: NONE }]
    // What stood there before must not be taken for theirs.
    read([{}, {}, {}], FORM, plain)
    expect(plainIn(plain, page.slice(1), FORM)).toBe(2)
    expect(read(page, FORM, plain)).toEqual(read(page, FORM, undefined))
  })

  it.each<Fields>([
    { key: 'data/&lt;' },
    { key: 'other' },
    { time: '2026-13-02T03:04:05.678Z' },
    { time: '2026-01-02T03:04:05.Z' },
    { time: '2026-01-02T03:04:05+00:00' },
    { time: '2026-01-02T24:04:05.678Z' },
    { size: '' },
    { etag: '' },
    { more: '<Owner/>' },
  ])('leaves to others what is not plain: %j', (odd) => {
    expect(plainIn(learned(FORM), [{}, odd, {}], FORM)).toBe(1)
  })

  it('knows some forms at a time, and takes up new ones for them', () => {
    const plain = learned(FORM)
    const numbered = (number: number): Fields => ({ more: `<Kind>${number}</Kind>` })
    for (let number = 0; number < 20; number++) {
      scanObjects(pageOf([numbered(number)]), FORM, plain)
      expect(plainIn(plain, [numbered(number)], FORM)).toBe(1)
    }
    expect(plainIn(plain, [numbered(0)], FORM)).toBe(0)
  })

  it('reads keys below any prefix', () => {
    for (const prefix of ['', 'a', 'données/', 'x=1/'.repeat(255), 'y'.repeat(5000)]) {
      const form = { urlEncoded: true, prefix: Buffer.from(prefix) }
      const objects = ['b', 'c'].map((name) => ({ key: encodeURIComponent(prefix) + name }))
      const keys = unpacked(scanObjects(pageOf(objects), form, learned(FORM)).objects)
      expect(keys.map(({ key: found }) => found)).toEqual(['b', 'c'])
    }
  })

  it('reads as many objects as a page may have, and one more', () => {
    const objects = Array.from({ length: MOST_ROWS + 1 }, () => ({}))
    expect(plainIn(learned(FORM), objects, FORM)).toBe(MOST_ROWS + 1)
    expect(read(objects, FORM, learned(FORM))).toMatch('more than 20000 entries')
  })

  it('reads nothing otherwise than one object after the other is read', () => {
    const plain = learned(FORM)
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 3 }), fc.boolean(), (objects, urlEncoded) => {
        const form = { ...FORM, urlEncoded }
        const expected = read(objects, form, undefined)
        expect(read(objects, form, plain)).toEqual(expected)
        expect(read(objects, form, plain)).toEqual(expected)
      }),
      { numRuns: 3000 },
    )
  })
})
