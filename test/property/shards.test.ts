import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MergedRows, mergeRows } from '../../src/ledger/handed-rows.ts'
import { OutcomeTotals } from '../../src/ledger/totals.ts'
import type { CopyOp, Op } from '../../src/model/op.ts'
import type { ResultRow } from '../../src/model/outcome.ts'
import { visibleJson } from '../../src/model/safe.ts'
import { cutPlan } from '../../src/plan/cut.ts'
import { memoryFiles } from '../memory-files.ts'
import { copyOf, deleteOf, headerFor, planOf, rowFor } from '../shard-fixture.ts'

const RUNS = Number(process.env['N'] ?? 50)

const name = fc.oneof(
  fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.constantFrom('a/b', '"size":1', '","size":2', 'é', '\u{1f600}', 'back\\slash', '\u202e', ' '),
)
const size = fc.oneof(fc.nat(100), fc.integer({ min: 0, max: 2 ** 40 }))
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Copies in the order of their keys, with deletes behind them, as a plan has them. */
const plans = fc.record({
  copies: fc.uniqueArray(fc.tuple(name, size, fc.nat(2), fc.boolean()), {
    selector: ([text]) => text,
    maxLength: 30,
  }),
  deletes: fc.uniqueArray(name, { maxLength: 5 }),
  withWaves: fc.boolean(),
  parts: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant('auto' as const)),
  streamed: fc.boolean(),
  /** In which order rows, and shards, come. */
  seed: fc.infiniteStream(fc.nat()),
  seconds: fc.infiniteStream(fc.double({ min: 0, max: 1e10, noNaN: true })),
  ends: fc.infiniteStream(fc.constantFrom('done', 'done', 'failed', 'unknown', 'replaced')),
})

const opsOf = ({
  copies,
  deletes,
  withWaves,
}: {
  copies: [string, number, number, boolean][]
  deletes: string[]
  withWaves: boolean
}): Op[] => [
  ...copies
    .toSorted(([a], [b]) => byBytes(a, b))
    .map(
      ([text, bytes, wave, unnameable]): CopyOp => ({
        ...copyOf(text, bytes, withWaves ? wave : 0),
        ...(unnameable && text.length === 1 ? { unnameable: true as const } : {}),
      }),
    ),
  ...deletes.toSorted(byBytes).map(deleteOf),
]

const rowOf = (op: CopyOp, end: string, seconds: number): ResultRow =>
  end === 'done'
    ? rowFor(op, { route: 'approved-plan', seconds, proof: 'etag' })
    : end === 'replaced'
      ? rowFor(op, { replaced: true })
      : rowFor(op, { status: end as 'failed', code: 'SlowDown', message: `"key": ${op.key}` })

function shuffled<T>(items: readonly T[], seed: Iterator<number>): T[] {
  return items
    .map((item) => ({ item, at: Number(seed.next().value) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

const told = (all: OutcomeTotals) => ({
  status: all.status,
  sizeClasses: all.sizeClasses,
  routes: all.routes,
  slowest: all.slowest,
  errors: all.errorGroups(),
  folders: all.folderRows(),
})

describe('a plan in parts', () => {
  it('is the plan, whatever it holds: no op is lost, doubled or in two parts', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (one) => {
        const files = memoryFiles()
        const ops = opsOf(one)
        const waves = one.withWaves ? 3 : undefined
        const plan = await planOf(files, '/r', ops, { header: headerFor('x'), waves })
        const { parts, streamed } = one
        const index = await cutPlan(files, '/p', plan, { parts, streamed, refused: undefined })
        const linesOf = (file: string) =>
          (files.texts.get(`/p/${file}`) ?? '').trimEnd().split('\n')
        const inParts = index.parts.map(({ file }) => linesOf(file).slice(1, -1))
        const rest = linesOf(index.finish.file).slice(1, -1)
        const first = ops.filter((op) => op.op === 'copy' && !op.wave).map((op) => visibleJson(op))
        const later = ops.filter((op) => op.op === 'delete' || op.wave).map((op) => visibleJson(op))
        expect(inParts.flat()).toEqual(first)
        expect(rest).toEqual(later)
        expect(index.parts.map(({ ops: many }) => many)).toEqual(inParts.map((own) => own.length))
        expect(index.parts.length).toBeLessThanOrEqual(parts === 'auto' ? 1 : parts)
        expect(first.length === 0 || inParts.every((own) => own.length > 0)).toBe(true)
        let last = ''
        for (const { from, to } of index.parts.filter((part) => part.to !== '')) {
          expect(last === '' || byBytes(last, from) < 0).toBe(true)
          expect(byBytes(from, to)).toBeLessThanOrEqual(0)
          last = to
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('comes to what one runner comes to, in whatever order its rows and its shards come', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (one) => {
        const files = memoryFiles()
        const ops = opsOf({ ...one, withWaves: false, deletes: [] }) as CopyOp[]
        const plan = await planOf(files, '/r', ops, { header: headerFor('x') })
        const { parts, streamed } = one
        const index = await cutPlan(files, '/p', plan, { parts, streamed, refused: undefined })
        const seed = one.seed[Symbol.iterator]()
        const ends = one.ends[Symbol.iterator]()
        const seconds = one.seconds[Symbol.iterator]()
        const alone = new OutcomeTotals()
        const merged: MergedRows[] = []
        let at = 0
        for (const [number, part] of index.parts.entries()) {
          const rows = ops
            .slice(at, at + part.ops)
            .map((op) => rowOf(op, `${ends.next().value}`, Number(seconds.next().value)))
          at += part.ops
          for (const row of rows) alone.add(row, 'data/')
          const path = `/rows-${number}`
          const writer = await files.writer(path)
          for (const row of shuffled(rows, seed)) await writer.write(visibleJson(row))
          await writer.close()
          const found = await mergeRows(
            { name: `${number}`, path, sum: part.rows },
            {
              files,
              folder: '/m',
              sourcePrefix: 'data/',
              signal: new AbortController().signal,
            },
          )
          expect(found).toBeTypeOf('object')
          merged.push(found as MergedRows)
        }
        const all = new OutcomeTotals()
        for (const { totals } of shuffled(merged, seed)) all.merge(totals)
        expect(told(all)).toEqual(told(alone))
      }),
      { numRuns: RUNS },
    )
  })
})
