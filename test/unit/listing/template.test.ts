import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { templateOf } from '../../../src/listing/template.ts'

const hex = (n: number) => n.toString(16).padStart(4, '0')

describe('a template', () => {
  it('is none where names do not vary', () => {
    expect(templateOf([])).toBeUndefined()
    expect(templateOf(['same'])).toBeUndefined()
  })

  it('takes a word for varying as a whole when one place of it does', () => {
    const template = templateOf(['part-00001.csv', 'part-00002.csv', 'part-00019.csv'])
    expect(template?.position('part-50000.csv')).toBeCloseTo(0.5)
    expect(template?.nameAt(0.5, 0.1)).toBe('part-50')
  })

  it.each([
    ['digits', ['001', '002', '003'], '5'],
    ['hex', ['00a1', '00b2', '00cf'], '8'],
    ['capitals', ['AAB', 'AAC'], 'N'],
  ])('knows whole alphabets by a few letters: %s', (_what, names, middle) => {
    expect(templateOf(names)?.nameAt(0.5, 1)).toBe(middle)
  })

  it('expects as many letters again behind those seen of another script', () => {
    const seen = ['\u4e00', '\u4e01', '\u4e02', '\u4e03']
    expect(templateOf(seen)?.position('\u4e04')).toBeCloseTo(0.5)
    expect(templateOf(seen)?.nameAt(0.75, 1)).toBe('\u4e06')
  })

  it('gives names in the order of their positions, and positions back', () => {
    const template = templateOf(Array.from({ length: 300 }, (_, i) => hex(i * 7)))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 65_535 }),
        fc.integer({ min: 0, max: 65_535 }),
        (a, b) => {
          const [x, y] = [hex(a), hex(b)].map((name) => template?.position(name) ?? -1)
          expect(Math.sign((x ?? 0) - (y ?? 0))).toBe(Math.sign(a - b))
          expect(template?.nameAt(x ?? 0, 1e-9)).toBe(hex(a))
        },
      ),
    )
  })

  it('makes text of any names that can be a key', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (names, position) => {
          const name = templateOf(names.filter((one) => one.isWellFormed()))?.nameAt(position, 0.01)
          if (name !== undefined) expect(name.isWellFormed()).toBe(true)
        },
      ),
    )
  })
})
