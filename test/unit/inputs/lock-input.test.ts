import { expect, it } from 'vitest'
import { lockInput } from '../../../src/inputs/lock-input.ts'

const problems = (text: string): string =>
  (lockInput.safeParse(text).error?.issues ?? []).map(({ message }) => message).join('; ')

it('reads a place and its settings, by commas or lines, whichever stands first', () => {
  expect(lockInput.safeParse('auto').data).toEqual({ at: 'auto', waitMs: 600_000, ttlMs: 300_000 })
  expect(lockInput.safeParse('s3://locks/site\nttl=15m, wait=0').data).toEqual({
    at: { bucket: 'locks', key: 'site' },
    waitMs: 0,
    ttlMs: 900_000,
  })
  expect(lockInput.safeParse('wait=30s,auto').data).toMatchObject({ at: 'auto', waitMs: 30_000 })
})

it('refuses what is no object, what it does not know, and times that hold nobody back', () => {
  for (const text of ['s3://locks', 's3://locks/folder/', 'true', 'wait=1m', 'auto,waits=1m'])
    expect(problems(text)).toContain('expected auto, or one object')
  expect(problems('auto,s3://locks/site')).toContain('"s3://locks/site"')
  expect(problems('auto,wait=1m,wait=2m')).toContain('wait is set twice')
  expect(problems('auto,ttl=59s')).toContain('ttl: expected a duration from 1m to 12h')
  expect(problems('auto,ttl=13h')).toContain('ttl: expected a duration from 1m to 12h')
})
