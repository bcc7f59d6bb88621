import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeRows } from '../../src/ledger/handed-rows.ts'
import { RowLines } from '../../src/ledger/row-lines.ts'
import type { ResultRow } from '../../src/model/outcome.ts'
import { RowSum } from '../../src/model/row-sum.ts'
import { visibleJson } from '../../src/model/safe.ts'
import { asWords } from '../../src/storage/plain-bytes.ts'
import { linesCutAt } from '../lines-cut-at.ts'
import { memoryFiles } from '../memory-files.ts'
import { runs } from '../runs.ts'

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    'data/a/b',
    'é',
    '\u{1f600}',
    'a"b',
    'a\\b',
    '","size":1',
    '\u007f',
    '\u202e',
    '',
  ),
)
const NO_ROW = 'a line of its results is not the result of a copy'
const DONE = { status: 'done', engine: 'direct', attempts: 1 } as const

/** Few of them: most rows end as another one did. */
const ending = fc.constantFrom<Omit<ResultRow, 'op' | 'key' | 'to' | 'size'>>(
  { status: 'done', engine: 'direct', route: 'approved-plan', attempts: 1, seconds: 0.051 },
  { status: 'done', replaced: true, engine: 's5cmd', attempts: 2, proof: 'etag' },
  { status: 'done', engine: 'direct', attempts: 1, sha256: 'ab', sha256Proven: true },
  { status: 'failed', engine: 'direct', attempts: 4, code: 'SlowDown', message: 'Slow "down"' },
  { status: 'unknown', engine: 'direct', attempts: 0, code: 'LostShard', message: 'é' },
)
const size = fc.oneof(fc.nat(99), fc.integer({ min: 0, max: 2 ** 50 }))
const line = fc
  .tuple(text, text, size, ending)
  .map(([key, to, bytes, end]) => visibleJson({ op: 'copy', key, to, size: bytes, ...end }))

/** What is put in place of some bytes of a line. */
const harm = fc.record({
  at: fc.nat(),
  length: fc.constantFrom(0, 0, 1, 1, 2),
  put: fc.oneof(
    fc.constantFrom('0', '-', '.5', 'e3', '"', '\\', '\\u0041', '\t', '\0', ',', '{', '}', ' '),
    fc.constantFrom('"wave":1,', '"status":"done",', '"o\\u0070":"delete",', '"size":2,'),
  ),
})
const harmed = fc
  .tuple(line, fc.array(harm, { maxLength: 2 }), fc.option(fc.integer({ min: 0x80, max: 0xff })))
  .map(([written, harms, byte]) => {
    let bytes: Buffer = Buffer.from(written)
    for (const { at, length, put } of harms) {
      const from = at % bytes.length
      const rest = bytes.subarray(from + length)
      bytes = Buffer.concat([bytes.subarray(0, from), Buffer.from(put), rest])
    }
    if (byte !== null) bytes[byte % bytes.length] = byte
    return bytes
  })

const read = (lines: readonly Buffer[], rowsOf: (sum: RowSum) => () => RowLines) => {
  const sum = new RowSum()
  const reader = rowsOf(sum)
  const all = asWords(Buffer.concat(lines.flatMap((one) => [one, Buffer.from('\n')])))
  let from = 0
  const rows = lines.map(({ length }) => {
    const row = reader().read(all, from, from + length)
    from += length + 1
    return row
  })
  return { rows, sum: sum.digest }
}

/** Merges rows that come some at a time. */
async function merge(bytes: Buffer, cuts: readonly number[], sum: string) {
  const files = memoryFiles()
  const lineBytes = () => linesCutAt(bytes, cuts)
  const { signal } = new AbortController()
  const deps = { files: { ...files, lineBytes }, folder: '/m', sourcePrefix: 'data/', signal }
  const merged = await mergeRows({ name: 'x', path: '/rows', sum }, deps)
  if (typeof merged === 'string') return merged
  const { done, failed, unknown } = merged.totals.status
  const linesOf = (path: string | undefined) =>
    path === undefined ? [] : (files.texts.get(path) ?? '').split('\n').slice(0, -1)
  return {
    counts: [done, failed, unknown].map(({ objects }) => objects),
    failed: linesOf(merged.failed),
    replaced: linesOf(merged.replaced).map((one) => JSON.parse(one) as string),
  }
}

describe('rows that were handed over', () => {
  it('are read as each of them is by itself, whichever came before', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            line.map((one) => Buffer.from(one)),
            harmed,
          ),
          { maxLength: 8 },
        ),
        (lines) => {
          // A line may have become two: each of them is one to read.
          const single = lines.filter((one) => !one.includes(10))
          const remembering = read(single, (sum) => {
            const reader = new RowLines(sum)
            return () => reader
          })
          expect(remembering).toEqual(read(single, (sum) => () => new RowLines(sum)))
        },
      ),
      runs(2000),
    )
  })

  it('tell what was written, however many come at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (lines, cuts) => {
          const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''))
          const sum = new RowSum()
          for (const one of lines) sum.add(one)
          const rows = lines.map((one) => JSON.parse(one) as ResultRow)
          const statuses = ['done', 'failed', 'unknown'] as const
          expect(await merge(bytes, cuts, sum.digest)).toEqual({
            counts: statuses.map((status) => rows.filter((row) => row.status === status).length),
            failed: lines.filter((_, at) => rows[at]?.status !== 'done'),
            replaced: rows.filter(({ replaced }) => replaced).map(({ to }) => to),
          })
        },
      ),
      runs(500),
    )
  })

  it('are refused where the last of them has no end', async () => {
    const bytes = Buffer.from(visibleJson({ op: 'copy', key: 'k', to: 'k', size: 1, ...DONE }))
    const sum = new RowSum()
    sum.add(bytes.toString())
    expect(await merge(bytes, [], sum.digest)).toBe(NO_ROW)
    expect(await merge(Buffer.concat([bytes, Buffer.from('\n')]), [], sum.digest)).toMatchObject({
      counts: [1, 0, 0],
    })
  })
})
