import { describe, expect, it } from 'vitest'
import { joinStreams } from '../../../src/listing/join-streams.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { PlanTrailer, Samples } from '../../../src/model/op.ts'
import { readCopies, readDeletes, writePlan } from '../../../src/plan/plan-file.ts'
import { firstOf } from '../../../src/plan/samples.ts'
import { sumOf } from '../../../src/plan/tallies.ts'
import type { Files } from '../../../src/ports.ts'
import { planStage } from './stage.ts'

const MIRROR = {
  source: { a: '1', b: '2' },
  destination: { b: '1', x: '3', y: '4' },
  rules: { delete: true },
} as const

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = []
  for await (const item of items) got.push(item)
  return got
}

const keysOf = async (ops: AsyncIterable<{ readonly key: string }>): Promise<string[]> =>
  (await all(ops)).map(({ key }) => key)

describe('a plan file', () => {
  it('is read as its copies, and as its deletes', async () => {
    const { files, make } = planStage(MIRROR)
    const plan = await make()
    expect(await keysOf(readCopies(files, plan))).toEqual(['from/a', 'from/b'])
    expect(await keysOf(readDeletes(files, plan))).toEqual(['to/x', 'to/y'])
  })

  it.each([
    ['copies', readCopies, '{"op":"copy","key":"from/a"'],
    ['deletes', readDeletes, '{"op":"delete","key":"to/y"'],
  ] as const)('that lost one of its %s is noticed', async (what, read, begins) => {
    const { files, make } = planStage(MIRROR)
    const plan = await make()
    const lines = (files.texts.get('/plan') ?? '').split('\n')
    const left = lines.filter((line) => !line.startsWith(begins))
    expect(left.length).toBe(lines.length - 1)
    files.texts.set('/plan', left.join('\n'))
    await expect(keysOf(read(files, plan))).rejects.toMatchObject({
      kind: 'internal',
      message: `The plan file does not hold the ${what} that its trailer says.`,
    })
  })

  it('is not there, not even in part, where it cannot be written', async () => {
    const { files, unclosed, make } = planStage(MIRROR)
    const { header, trailer } = await make()
    const failing: Files = {
      ...files,
      // biome-ignore lint/correctness/useYield: it fails before it gives anything.
      async *chunks() {
        throw new Error('ENOSPC')
      },
    }
    files.texts.delete('/plan')
    const what = { lines: ['/lines'], totals: trailer as PlanTrailer, samples: {} as Samples }
    await expect(writePlan({ files: failing, path: '/plan' }, header, what)).rejects.toThrow(
      'ENOSPC',
    )
    expect(files.texts).toEqual(new Map())
    expect(unclosed).toEqual(new Set())
  })

  it('that cannot be closed either says why it could not be written', async () => {
    const { files, make } = planStage(MIRROR)
    const { header, trailer } = await make()
    const fails = (what: string) => () => Promise.reject(new Error(what))
    const failing: Files = {
      ...files,
      writer: async (path) => {
        const own = await files.writer(path)
        return { ...own, write: fails('ENOSPC'), close: fails('EBADF') }
      },
    }
    const what = { lines: [], totals: trailer, samples: {} }
    await expect(writePlan({ files: failing, path: '/next' }, header, what)).rejects.toThrow(
      'ENOSPC',
    )
    expect([...files.texts.keys()]).toEqual(['/plan'])
  })
})

describe('what parts of a plan have', () => {
  it('is added up by reason', () => {
    const one = { missing: { objects: 1, bytes: 5 }, newer: { objects: 2, bytes: 6 } }
    const two = { missing: { objects: 3, bytes: 7 }, exists: { objects: 4, bytes: 8 } }
    expect(sumOf([one, {}, two])).toEqual({
      missing: { objects: 4, bytes: 12 },
      newer: { objects: 2, bytes: 6 },
      exists: { objects: 4, bytes: 8 },
    })
    expect(one.missing).toEqual({ objects: 1, bytes: 5 })
  })

  it('gives the first ten examples of each reason, in the order of the parts', () => {
    const some = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => ({ key: `${name}${i}`, size: i }))
    const first = firstOf([
      { missing: some('a', 7) },
      { missing: some('b', 7), newer: some('c', 1) },
    ])
    expect(first).toEqual({
      missing: [...some('a', 7), ...some('b', 3)],
      newer: some('c', 1),
    })
  })
})

describe('two streams that are joined', () => {
  it('are both closed, however far they were read', async () => {
    const closed: string[] = []
    const stream = async function* (name: string) {
      try {
        yield* ['a', 'b', 'c'].map((key) => ({ key: toKeyBytes(key) }))
      } finally {
        closed.push(name)
      }
    }
    for await (const [from, to] of joinStreams(stream('source'), stream('destination'))) {
      expect(from).toEqual(to)
      break
    }
    expect(closed.toSorted()).toEqual(['destination', 'source'])
  })
})
