import { expect, it } from 'vitest'
import { countOrPercent } from '../../../src/inputs/parsers.ts'
import { judge } from '../../../src/plan/guard.ts'

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
