import { describe, expect, it } from 'vitest'
import type { Batch, SizeClass } from '../../../src/model/batch.ts'
import type { Engine } from '../../../src/model/engine.ts'
import type { CopyOp } from '../../../src/model/op.ts'
import { FanOut } from '../../../src/transfer/fan-out.ts'
import { memoryFiles } from '../../memory-files.ts'
import { routed } from './copies.ts'

const BYTES: Readonly<Record<SizeClass, number>> = { small: 1, medium: 5e7, large: 5e8 }

const batchOf = (id: number, sizeClass: SizeClass): Batch => ({
  id,
  engine: 's5cmd',
  sizeClass,
  ops: [routed({ key: `in/${id}`, size: BYTES[sizeClass] })],
  bytes: BYTES[sizeClass],
  beganMs: id,
})

const engineOf = (sizeClass: SizeClass): Engine => ({
  name: 's5cmd',
  takes: ({ op }) => op.size === BYTES[sizeClass],
  run: async () => undefined,
})

/** Batches for two engines, and how many were read. */
function fanOutOf(classes: readonly SizeClass[]) {
  const files = memoryFiles()
  const read: number[] = []
  async function* batches(): AsyncGenerator<Batch> {
    for (const [at, sizeClass] of classes.entries()) {
      read.push(at + 1)
      yield batchOf(at + 1, sizeClass)
    }
  }
  const [small, large] = [engineOf('small'), engineOf('large')]
  const handedOver = (batch: Batch): Batch => ({ ...batch, beganMs: 1000 })
  const fanOut = new FanOut(batches(), [small, large], { files, folder: '/f', handedOver })
  return { fanOut, small, large, read, files }
}

async function idsFor(fanOut: FanOut<CopyOp>, engine: Engine): Promise<number[]> {
  const ids: number[] = []
  for (let next = await fanOut.next(engine); next; next = await fanOut.next(engine))
    ids.push(next.id)
  return ids
}

const SKEWED: readonly SizeClass[] = [
  ...Array.from({ length: 20 }, () => 'large' as const),
  'small',
]

describe('the batches of a pass', () => {
  it('are read once, and each goes to the engine that takes it, in order', async () => {
    const { fanOut, small, large, read } = fanOutOf(['small', 'large', 'small', 'large'])
    const [ofSmall, ofLarge] = await Promise.all([idsFor(fanOut, small), idsFor(fanOut, large)])
    expect([ofSmall, ofLarge]).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(read).toEqual([1, 2, 3, 4])
  })

  it('are read no further than they are asked for', async () => {
    const { fanOut, small, read } = fanOutOf(['small', 'small', 'small'])
    await fanOut.next(small)
    expect(read).toEqual([1])
  })

  it('wait for an engine that is busy, most of them on disk, and none is lost', async () => {
    const { fanOut, small, large, files } = fanOutOf(SKEWED)
    expect((await fanOut.next(small))?.id).toBe(21)
    expect(files.texts.size).toBe(16)
    expect(await idsFor(fanOut, large)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    expect(files.texts.size).toBe(0)
  })

  it('begin when they are handed over, not when they were read', async () => {
    const { fanOut, small, large } = fanOutOf(SKEWED)
    expect((await fanOut.next(small))?.beganMs).toBe(21)
    expect((await fanOut.next(large))?.beganMs).toBe(1000)
  })

  it('end the pass where no engine takes one', async () => {
    const { fanOut, small } = fanOutOf(['medium'])
    await expect(fanOut.next(small)).rejects.toThrow('No engine takes batch 1.')
  })
})
