import { expect, test } from 'vitest'
import { KeySum } from '../../../src/listing/key-sum.ts'
import { toKeyBytes } from '../../../src/model/key.ts'

const sumOf = (...keys: readonly string[]): KeySum => {
  const sum = new KeySum()
  for (const key of keys) sum.add(toKeyBytes(key))
  return sum
}

test('the same keys have the same sum, in whatever order and pieces they come', () => {
  const whole = sumOf('a', 'b', 'c').value()
  expect(sumOf('c', 'a', 'b').value()).toEqual(whole)
  const pieces = sumOf('b')
  pieces.merge(sumOf('c', 'a'))
  expect(pieces.value()).toEqual(whole)
  expect(whole.objects).toBe(3)
})

test.each([[['a', 'b']], [['a', 'b', 'd']], [['a', 'b', 'c', 'c']], [['ab', 'c', '']], [[]]])(
  'other keys have another: %j',
  (keys) => {
    expect(sumOf(...keys).value()).not.toEqual(sumOf('a', 'b', 'c').value())
  },
)

test('a key that comes twice does not cancel itself out', () => {
  expect(sumOf('a', 'a').value().digest).not.toBe(sumOf('b', 'b').value().digest)
})
