import { expect, it } from 'vitest'
import { partBytesOf, statedPartBytes } from '../../../src/model/part-size.ts'

const of = (stated: string | undefined, size: number, etag: string) =>
  statedPartBytes(stated, { size, etag })

it('is believed where it gives as many parts as the ETag counts', () => {
  expect(of('8388608', 3 * 8388608, 'x-3')).toBe(8388608)
  expect(of('8388608', 3 * 8388608 + 1, 'x-4')).toBe(8388608)
  expect(of('5242880', 1, 'x-1')).toBe(5242880)
})

it.each([
  ['another number of parts', '8388608', 8388608, 'x-3'],
  ['no number of parts', '8388608', 8388608, 'x'],
  ['more parts than there can be', '1', 10_001, 'x-10001'],
  ['a fraction', '0.5', 1, 'x-2'],
  ['less than nothing', '-1', 1, 'x-1'],
  ['nothing', '0', 0, 'x-0'],
  ['no number', 'x', 1, 'x-1'],
  ['an unknown size', '1', Number.NaN, 'x-1'],
  ['no statement', undefined, 1, 'x-1'],
])('is not believed with %s', (_what, stated, size, etag) => {
  expect(of(stated, size, etag)).toBeUndefined()
})

it('is believed of the first part where it gives as many as the ETag counts, and no more than there can be', () => {
  const told = (bytes: string, etag: string) => ({ etag, headers: { 'content-length': bytes } })
  expect(partBytesOf(told('8388608', 'x-3'), 3 * 8388608)).toBe(8388608)
  expect(partBytesOf(told('8388608', 'x-3'), 4 * 8388608)).toBeUndefined()
  expect(partBytesOf(told('1', 'x-10000'), 10_000)).toBe(1)
  expect(partBytesOf(told('1', 'x-10001'), 10_001)).toBeUndefined()
})
