import { expect, it } from 'vitest'
import { createLink } from '../../../src/flow/link.ts'
import { jumpingClock } from '../../ports.ts'

it('tells how fast bytes came, once it was watched for a while', () => {
  const clock = jumpingClock()
  const link = createLink(clock)
  expect(link.bytesPerSecond()).toBeUndefined()
  for (let second = 0; second < 4; second++) {
    link.came(1000)
    clock.advance(1000)
  }
  expect(link.bytesPerSecond()).toBeUndefined()
  link.came(6000)
  clock.advance(6000)
  expect(link.bytesPerSecond()).toBe(1000)
})
