import { describe, expect, it } from 'vitest'
import { PageWatch } from '../../../src/model/page-watch.ts'

/** The first of the values, counted from 1, at which a circle is noticed; undefined: at none of so many. */
function noticedAt(valueAt: (i: number) => string, values: number): number | undefined {
  const watch = new PageWatch()
  for (let i = 0; i < values; i++) if (watch.problemOf(valueAt(i), 1)) return i + 1
  return undefined
}

describe('pages that lead on', () => {
  it('in a circle of any length, behind any way to it, are noticed within four times both', () => {
    for (const way of [0, 1, 2, 3, 7, 30, 1000])
      for (const length of [1, 2, 3, 5, 64, 65, 999]) {
        const valueAt = (i: number) => `token-${i < way ? i : way + ((i - way) % length)}`
        const at = noticedAt(valueAt, 10_000) ?? Number.NaN
        // Not before one comes again.
        expect(at).toBeGreaterThan(way + length)
        expect(at).toBeLessThanOrEqual(4 * (way + length))
      }
  })

  it('to ever new ones are no circle', () => {
    expect(noticedAt((i) => `token-${i}`, 100_000)).toBeUndefined()
  })

  it('end where they have nothing on them, or are named at too great length', () => {
    const watch = new PageWatch()
    for (let i = 0; i < 999; i++) expect(watch.problemOf(`token-${i}`, 0)).toBeUndefined()
    expect(watch.problemOf('token-999', 0)).toContain('empty pages')
    expect(new PageWatch().problemOf('x'.repeat(8193), 1)).toContain('8 KiB')
    const again = new PageWatch()
    expect(again.problemOf('one', 1)).toBeUndefined()
    expect(again.problemOf('one', 1)).toBe('the service returned the same page twice')
  })
})
