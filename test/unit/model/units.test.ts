import { describe, expect, test } from 'vitest'
import {
  humanBytes,
  humanCount,
  humanObjects,
  humanPace,
  humanSeconds,
  perSecond,
} from '../../../src/model/units.ts'

describe('units', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1.0 kB'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [50_000_000, '50.0 MB'],
    [1_234_567_890, '1.2 GB'],
    [5 * 10 ** 15, '5.0 PB'],
  ])('%d bytes', (bytes, expected) => {
    expect(humanBytes(bytes)).toBe(expected)
  })

  test.each([
    [0, '0.0 s'],
    [42.14, '42.1 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 0 s'],
    [200, '3 min 20 s'],
    [3599.6, '1 h 0 min'],
    [3840, '1 h 4 min'],
  ])('%d seconds', (seconds, expected) => {
    expect(humanSeconds(seconds)).toBe(expected)
  })

  test('counts and rates', () => {
    expect(humanCount(1_234_567)).toBe('1,234,567')
    expect([0, 999, 1000, 999_999].map(humanCount)).toEqual(['0', '999', '1,000', '999,999'])
    expect(humanPace(12_345.67)).toBe('12,345.7 objects/s')
    expect(humanObjects(1)).toBe('1 object')
    expect(humanObjects(0, 'worker')).toBe('0 workers')
    expect(perSecond(10, 0)).toBe(0)
    expect(humanPace(perSecond(10, 4))).toBe('2.5 objects/s')
  })
})
