import { expect, it } from 'vitest'
import type { Batch, RoutedOp } from '../../../src/model/batch.ts'
import { type PackRules, pack } from '../../../src/transfer/batcher.ts'
import { routed, stream } from './copies.ts'

const MB = 1_000_000

/** Batches as they come, and when each came: at the op of that number, or at the end. */
async function packed(ops: readonly RoutedOp[], opsPerBatch: PackRules['opsPerBatch']) {
  let [taken, id] = [0, 0]
  async function* counted(): AsyncGenerator<RoutedOp> {
    for await (const op of stream(ops)) {
      taken++
      yield op
    }
  }
  const got: (Batch & { readonly after: number })[] = []
  const rules = { opsPerBatch, nextId: () => ++id, serverTimeMs: () => 1000 + taken }
  for await (const batch of pack(counted(), rules)) got.push({ ...batch, after: taken })
  return got
}

const sizes = (batch: Batch): number[] => batch.ops.map(({ op }) => op.size)

it('hands a batch over as soon as it is full, and the rest at the end', async () => {
  const ops = [1, 2, 3].map((size) => routed({ size }))
  const batches = await packed(ops, () => 2)
  expect(batches).toEqual([
    {
      id: 1,
      engine: 's5cmd',
      sizeClass: 'small',
      ops: ops.slice(0, 2),
      bytes: 3,
      beganMs: 1002,
      after: 2,
    },
    {
      id: 2,
      engine: 's5cmd',
      sizeClass: 'small',
      ops: ops.slice(2),
      bytes: 3,
      beganMs: 1003,
      after: 3,
    },
  ])
})

it('keeps size classes apart, each with its own size of a batch', async () => {
  const ops = [1, 20 * MB, 2, 30 * MB, 3].map((size) => routed({ size }))
  const batches = await packed(ops, (sizeClass) => (sizeClass === 'small' ? 3 : 1))
  expect(batches.map((batch) => [batch.sizeClass, sizes(batch), batch.after])).toEqual([
    ['medium', [20 * MB], 2],
    ['medium', [30 * MB], 4],
    ['small', [1, 2, 3], 5],
  ])
})

it('keeps engines apart', async () => {
  const direct: RoutedOp = { ...routed({ size: 2 }), engine: 'direct', route: 'trailing-slash' }
  const batches = await packed([routed(), direct, routed()], () => 10)
  expect(batches.map(({ engine, ops }) => [engine, ops.length])).toEqual([
    ['s5cmd', 2],
    ['direct', 1],
  ])
})

it('gives no batch without an op', async () => {
  expect(await packed([], () => 1)).toEqual([])
  expect(await packed([routed()], () => 1)).toHaveLength(1)
})
