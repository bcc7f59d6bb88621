import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { addSample, type Collected, firstOf } from '../../../src/plan/samples.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const PAGE_BYTES = 500_000

/** The key of an object as a page gives it: a piece of the text of all of them. */
function keyOfPage(page: number): string {
  const text = Buffer.alloc(PAGE_BYTES, `folder/${page}/object.parquet `).toString('latin1')
  return `data/${text.slice(0, 21)}`
}

it('keeps examples without the pages that they were read from', () => {
  const samples: Collected = {}
  const before = heapBytes()
  for (let page = 0; page < 100; page++)
    addSample(samples, 'only-at-destination', { key: keyOfPage(page), size: page })
  expect(samples['only-at-destination']).toHaveLength(100)
  expect(samples['only-at-destination']?.[7]).toEqual({
    key: 'data/folder/7/object.parqu',
    size: 7,
  })
  expect(heapBytes() - before).toBeLessThan(10 * PAGE_BYTES)
})

it('keeps the first ten of a reason, of deletes the first hundred, in the order of the parts', () => {
  const parts = [0, 1].map((part) => {
    const samples: Collected = {}
    for (let at = 0; at < 80; at++)
      for (const reason of ['missing', 'only-at-destination'])
        addSample(samples, reason, { key: `\u00e9 ${part} ${at}`, size: 1 })
    return samples
  })
  const first = firstOf(parts)
  expect(first['missing']?.map(({ key }) => key)).toEqual(
    Array.from({ length: 10 }, (_, at) => `\u00e9 0 ${at}`),
  )
  expect(first['only-at-destination']).toHaveLength(100)
  expect(first['only-at-destination']?.at(-1)?.key).toBe('\u00e9 1 19')
})
