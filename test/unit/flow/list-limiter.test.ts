import { expect, it } from 'vitest'
import { openListLimiter } from '../../../src/flow/list-limiter.ts'
import { idleSystem, jumpingClock } from '../../ports.ts'

const once = async () => ({ attempts: 1 })
const again = async () => ({ attempts: 2 })

function limiterWith(busyPart: () => number) {
  const clock = jumpingClock()
  const limiter = openListLimiter({ clock, system: { ...idleSystem, busyPart } })
  return { clock, limiter }
}

it('grows step by step while the machine has time, and no further than its most', async () => {
  const { clock, limiter } = limiterWith(() => 0.5)
  const first = limiter.limit()
  clock.advance(200)
  await limiter.send(once)
  expect(limiter.limit()).toBeGreaterThan(first)
  for (let i = 0; i < 50; i++) {
    clock.advance(200)
    await limiter.send(once)
  }
  const most = limiter.limit()
  clock.advance(200)
  await limiter.send(once)
  expect(limiter.limit()).toBe(most)
  expect(most).toBeLessThan(100)
})

it('shrinks while the machine only queues what comes, but keeps it busy', async () => {
  const { clock, limiter } = limiterWith(() => 1)
  for (let i = 0; i < 50; i++) {
    clock.advance(200)
    await limiter.send(once)
  }
  expect(limiter.limit()).toBe(4)
})

it('halves when the service had to be asked again, once a second, and then waits', async () => {
  const { clock, limiter } = limiterWith(() => 0)
  clock.advance(2000)
  await limiter.send(once)
  const before = limiter.limit()
  await limiter.send(again)
  await limiter.send(again)
  expect(limiter.limit()).toBe(before >> 1)
  clock.advance(900)
  await limiter.send(once)
  expect(limiter.limit()).toBe(before >> 1)
  clock.advance(200)
  await limiter.send(once)
  expect(limiter.limit()).toBeGreaterThan(before >> 1)
})

it('never has more under way than its limit, and forgets nobody', async () => {
  const { limiter } = limiterWith(() => 0)
  let open = 0
  let most = 0
  const ends = Array.from({ length: 200 }, (_, i) =>
    limiter.send(async () => {
      most = Math.max(most, ++open)
      await new Promise((resolve) => setImmediate(resolve))
      open--
      if (i % 10 === 0) throw new Error('refused')
      return { attempts: 1 }
    }),
  )
  const settled = await Promise.allSettled(ends)
  expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(20)
  expect(most).toBeLessThanOrEqual(limiter.limit())
  expect(most).toBeGreaterThan(4)
})
