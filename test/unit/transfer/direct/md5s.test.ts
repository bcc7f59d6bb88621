import { hash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../../src/adapters/clock.ts'
import { Md5Lanes } from '../../../../src/model/md5-lanes.ts'
import { Md5s } from '../../../../src/transfer/direct/md5s.ts'

const hex = async (md5s: Md5s, bytes: Uint8Array): Promise<string> =>
  (await md5s.digest(bytes)).toString('hex')

describe('a program that takes in four contents at a time', () => {
  it('can be compiled on this machine: else all would be left to Node, one after the other', () => {
    expect(() => new Md5Lanes()).not.toThrow()
  })
})

describe('MD5s of several contents at a time', () => {
  it('are those of Node, of contents of any lengths, however many come at once', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.nat(300), fc.nat(70_000)), { minLength: 1, maxLength: 12 }),
        async (lengths) => {
          const contents = lengths.map((length) => randomBytes(length))
          const md5s = new Md5s(systemClock)
          const found = await Promise.all(contents.map((content) => hex(md5s, content)))
          expect(found).toEqual(contents.map((content) => hash('md5', content)))
        },
      ),
      { numRuns: 60 },
    ))

  it('are right where some come while others are under way', async () => {
    const md5s = new Md5s(systemClock)
    const contents = [3_000_000, 5_000_017, 64, 4_000_000].map((length) => randomBytes(length))
    const [first, second, ...others] = contents.map((content) => () => hex(md5s, content))
    const begun = [first?.(), second?.()]
    await new Promise((resolve) => setImmediate(resolve))
    const found = await Promise.all([...begun, ...others.map((begin) => begin())])
    expect(found).toEqual(contents.map((content) => hash('md5', content)))
  })

  it('are right at every length around a block', async () => {
    const md5s = new Md5s(systemClock)
    const contents = Array.from({ length: 131 }, (_, length) => randomBytes(length))
    const found = await Promise.all(contents.map((content) => hex(md5s, content)))
    expect(found).toEqual(contents.map((content) => hash('md5', content)))
  })

  it('wait for others that are under way, and for none that will not come', async () => {
    let wake = (): void => {}
    const md5s = new Md5s({ sleep: () => new Promise((resolve) => (wake = resolve)) })
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const sending = ends.map(({ promise }) => md5s.holding(() => promise))
    const contents = [100, 200, 300].map((length) => randomBytes(length))
    const [first, ...others] = contents.map((content) => md5s.holding(() => hex(md5s, content)))
    let isDone = false
    void first?.then(() => (isDone = true))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(isDone).toBe(false)
    ends[0]?.resolve()
    await Promise.all([first, ...others])
    ends[1]?.resolve()
    await Promise.all(sending)
    // While others are under way who do not come, it goes on after a while.
    const stuck = [0, 1].map(() => md5s.holding(() => new Promise<void>(() => {})))
    const late = md5s.holding(() => hex(md5s, Buffer.from('late')))
    await new Promise((resolve) => setTimeout(resolve, 5))
    wake()
    expect(await late).toBe(hash('md5', 'late'))
    expect(stuck.length).toBe(2)
  })
})
