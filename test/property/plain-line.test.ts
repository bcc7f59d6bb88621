import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Op } from '../../src/model/op.ts'
import { copyOp, deleteOp } from '../../src/model/plan-schema.ts'
import { COPY_REASONS } from '../../src/model/plan-words.ts'
import { visibleJson } from '../../src/model/safe.ts'
import { PlainLine } from '../../src/plan/plain-line.ts'
import { asWords } from '../../src/storage/plain-bytes.ts'

const RUNS = Number(process.env['SCHEDULES'] ?? 4000)

/** The op of a line that is plain, wherever in a block it stands. */
function plainOp(text: string, before = ''): Op | undefined {
  const block = Buffer.from(`${before}${text}\n`)
  const from = Buffer.byteLength(before)
  const line = new PlainLine()
  const end = line.read(asWords(block), from)
  if (end < 0) return undefined
  expect(end).toBe(block.length)
  const op = line.op((at, until) => block.toString('latin1', at, until))
  const { kind, reason, size, wave } = line
  expect({ op: kind, reason, size, wave: kind === 'copy' && wave > 0 ? wave : undefined }).toEqual({
    op: op.op,
    reason: op.reason,
    size: op.size,
    wave: op.op === 'copy' ? op.wave : undefined,
  })
  return op
}

/** The op of a line as JSON, the schema and the line written anew prove it; undefined: one of them does not. */
function provenOp(text: string): Op | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return undefined
  }
  const isDelete = (line as { op?: unknown } | null)?.op === 'delete'
  const read = (isDelete ? deleteOp : copyOp).safeParse(line)
  const isAsWritten = visibleJson(line) === text && !text.includes('"__proto__":')
  return read.success && isAsWritten ? read.data : undefined
}

const text = fc.oneof(
  { arbitrary: fc.stringMatching(/^[\w./= ~!-]{0,30}$/), weight: 12 },
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    'é/ж',
    '日本',
    'a\u00adb',
    '\ud800',
    '©\ufe0f',
    '\\',
    '"',
    '__proto__',
    'k\u2028',
  ),
)
const etag = fc.oneof(
  { arbitrary: fc.stringMatching(/^[0-9a-f]{32}(-\d{1,3})?$/), weight: 12 },
  text,
)
const size = fc.oneof(
  { arbitrary: fc.nat(), weight: 12 },
  fc.maxSafeNat(),
  fc.double(),
  fc.constantFrom(-0, 1e15, 1e21, -1),
)
const time = fc.oneof(
  {
    arbitrary: fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
      .map((date) => date.toISOString()),
    weight: 6,
  },
  fc.constantFrom(
    '2024-02-29T00:00:00.000Z',
    '2023-02-29T00:00:00.000Z',
    '2023-04-31T00:00:00.000Z',
    '2023-01-31T24:00:00.000Z',
    '2023-13-01T00:00:00.000Z',
    '2023-01-31T23:59:60.000Z',
    '2023-01-31T23:59:59Z',
  ),
)
const storageClass = fc.constantFrom('STANDARD', 'GLACIER_IR', 'a b')

const line: fc.Arbitrary<object> = fc.oneof(
  fc.record(
    {
      op: fc.constant('copy'),
      key: text,
      to: text,
      size,
      etag,
      lastModified: time,
      toEtag: etag,
      storageClass,
      wave: fc.integer({ min: 0, max: 11 }),
      reason: fc.constantFrom(...COPY_REASONS, 'same-etag'),
    },
    { requiredKeys: ['op', 'key', 'to', 'size', 'etag', 'lastModified', 'reason'] },
  ),
  fc.record(
    {
      op: fc.constant('delete'),
      key: text,
      size,
      etag,
      lastModified: time,
      reason: fc.constantFrom('only-at-destination', 'missing'),
    },
    { requiredKeys: ['op', 'key', 'size', 'etag', 'reason'] },
  ),
)

/** What somebody does to a line; `at` and `other` are parts of its length. */
const SPOILED: Readonly<Record<string, (text: string, at: number, other: number) => string>> = {
  'left as it is': (text) => text,
  'a bit is another': (text, at, other) => {
    const code = text.charCodeAt(at) ^ (1 << (other % 16))
    return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1)
  },
  'a character is gone': (text, at) => text.slice(0, at) + text.slice(at + 1),
  'a part comes twice': (text, at, other) => text.slice(0, at) + text.slice(Math.min(at, other)),
  'it is cut': (text, at) => text.slice(0, at),
  'a field comes twice': (text, at) => {
    const fields = text.slice(1, -1).split(',"')
    const again = fields[at % fields.length] ?? ''
    return `${text.slice(0, -1)},${again.startsWith('"') ? again : `"${again}`}}`
  },
  'its fields have another order': (text, at, other) => {
    const fields = Object.entries(JSON.parse(text) as object)
    const [moved] = fields.splice(at % fields.length, 1)
    if (moved) fields.splice(other % (fields.length + 1), 0, moved)
    return JSON.stringify(Object.fromEntries(fields))
  },
  'a number is written otherwise': (text, at) =>
    text.replace(/"size":(\d+)/, (_, digits: string) => {
      const forms = [`${digits}.0`, `${digits}e0`, `+${digits}`, `0${digits}`, `-${digits}`, '1e3']
      return `"size":${forms[at % forms.length]}`
    }),
  'a character is escaped': (text, at) =>
    `${text.slice(0, at)}\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}${text.slice(at + 1)}`,
  'something unseen is in it': (text, at, other) => {
    const unseen = [
      '\u200b',
      '\u202e',
      '\ufeff',
      '\x7f',
      '\x85',
      '\u115f',
      '\u3164',
      '\ud834',
      '\n',
    ]
    return text.slice(0, at) + unseen[other % unseen.length] + text.slice(at)
  },
  'there are blanks in it': (text, at) => `${text.slice(0, at)} ${text.slice(at)}`,
  'there is more of it': (text) => `${text} `,
  'it has a field that every object has': (text) => text.replace('{', '{"__proto__":{},'),
}

describe('a line of a plan that is seen to be one at a glance', () => {
  it('is the same op as its parts prove, whatever is done to it', () => {
    let seen = 0
    fc.assert(
      fc.property(
        line,
        fc.constantFrom(...Object.keys(SPOILED)),
        fc.nat(),
        fc.nat(),
        (written, how, at, other) => {
          const whole = visibleJson(written)
          const given = SPOILED[how]?.(whole, at % whole.length, other % whole.length) ?? ''
          const op = plainOp(given, 'some line\n'.slice(other % 11))
          if (!op) return
          seen++
          expect(provenOp(given), given).toEqual(op)
        },
      ),
      { numRuns: RUNS },
    )
    expect(seen).toBeGreaterThan(RUNS / 40)
  })

  it('is nearly every line that we write', () => {
    const copy = {
      op: 'copy',
      key: "data/2024/é ж 日/x's (1)+~.zip",
      to: 'to/[x]^`{|}',
      size: 999_999_999_999_999,
      etag: `${'0'.repeat(32)}-12`,
      lastModified: '2024-12-31T23:59:59.999Z',
    }
    const lines = [
      { ...copy, reason: 'missing' },
      { ...copy, toEtag: 'e', reason: 'headers-differ' },
      { ...copy, toEtag: '', storageClass: 'GLACIER', wave: 9, reason: 'newer' },
      { ...{ op: 'delete', key: 'k', size: 0, etag: '' }, reason: 'only-at-destination' },
    ]
    for (const one of lines) expect(plainOp(JSON.stringify(one))).toEqual(one)
  })

  it('holds no character that would be written otherwise', () => {
    const lineOf = (key: string): string =>
      `{"op":"delete","key":"${key}","size":1,"etag":"e","reason":"only-at-destination"}`
    for (let code = 0; code < 0x10000; code++) {
      const given = lineOf(`a${String.fromCharCode(code)}b`)
      const op = plainOp(given)
      if (op && visibleJson(op) !== given) throw new Error(`U+${code.toString(16)}`)
    }
  })
})
