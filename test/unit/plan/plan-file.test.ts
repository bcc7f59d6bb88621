import { describe, expect, it } from 'vitest'
import { joinStreams } from '../../../src/listing/join-streams.ts'
import { toKeyBytes } from '../../../src/model/key.ts'
import type { Plan } from '../../../src/model/op.ts'
import {
  copiesIn,
  fullWaves,
  type PlanLines,
  readCopies,
  readDeletes,
  writePlan,
} from '../../../src/plan/plan-file.ts'
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

  it('is read, be the fields of its lines in another order', async () => {
    const { files, make } = planStage(MIRROR)
    const plan = await make()
    const [header, ...lines] = (files.texts.get('/plan') ?? '').split('\n')
    const turned = lines.map((line) => line.replace(/^(\{)("op":"\w+"),("key":"[^"]*")/, '$1$3,$2'))
    files.texts.set('/plan', [header, ...turned].join('\n'))
    expect(await keysOf(readCopies(files, plan))).toEqual(['from/a', 'from/b'])
    expect(await keysOf(readDeletes(files, plan))).toEqual(['to/x', 'to/y'])
  })

  it.each<[string, (files: Files, plan: Plan) => AsyncIterable<unknown>, string]>([
    ['copies', readCopies, '{"op":"copy","key":"from/a"'],
    ['deletes', readDeletes, '{"op":"delete","key":"to/y"'],
  ])('that lost one of its %s is noticed', async (what, read, begins) => {
    const { files, make } = planStage(MIRROR)
    const plan = await make()
    const lines = (files.texts.get('/plan') ?? '').split('\n')
    const left = lines.filter((line) => !line.startsWith(begins))
    expect(left.length).toBe(lines.length - 1)
    files.texts.set('/plan', left.join('\n'))
    await expect(all(read(files, plan))).rejects.toMatchObject({
      kind: 'internal',
      message: `The plan file does not contain the ${what} counted in its trailer.`,
    })
  })

  it('is not there, not even in part, where it cannot be written', async () => {
    const { files, unclosed, make } = planStage(MIRROR)
    const { header, trailer } = await make()
    const failing: Files = {
      ...files,
      writer: async (path) => ({
        ...(await files.writer(path)),
        appendFile: () => Promise.reject(new Error('ENOSPC')),
      }),
    }
    files.texts.delete('/plan')
    const add = async (lines: PlanLines) => {
      await lines.appendFile('/lines')
      return { totals: trailer, samples: {} }
    }
    await expect(writePlan({ files: failing, path: '/plan' }, header, add)).rejects.toThrow(
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
    const add = async () => ({ totals: trailer, samples: {} })
    await expect(writePlan({ files: failing, path: '/next' }, header, add)).rejects.toThrow(
      'ENOSPC',
    )
    expect([...files.texts.keys()]).toEqual(['/plan'])
  })
})

describe('a plan with waves', () => {
  const WAVED = {
    source: { a: '1', 'b.html': '2', c: '3', 'say "wave":1': '5', 'z.html': '7', index: '9' },
    rules: { waves: { globs: [['*.html'], ['index', '/c']] } },
  } as const
  const wavesOf = (first: number, last = first) => ({ first, last })

  it('stays in the order of its keys, and counts the copies of each', async () => {
    const { make, lines } = planStage(WAVED)
    await make()
    const { ops, trailer } = lines()
    expect(ops.map((op) => [op.key, 'wave' in op ? op.wave : 0])).toEqual([
      ['from/a', 0],
      ['from/b.html', 1],
      ['from/c', 2],
      ['from/index', 2],
      ['from/say "wave":1', 0],
      ['from/z.html', 1],
    ])
    expect(trailer.waves).toEqual([
      { objects: 2, bytes: 6 },
      { objects: 2, bytes: 9 },
      { objects: 2, bytes: 12 },
    ])
  })

  it('is read wave by wave, or several at a time', async () => {
    const { files, make } = planStage(WAVED)
    const plan = await make()
    expect(await keysOf(readCopies(files, plan, wavesOf(0)))).toEqual([
      'from/a',
      'from/say "wave":1',
    ])
    expect(await keysOf(readCopies(files, plan, wavesOf(1)))).toEqual([
      'from/b.html',
      'from/z.html',
    ])
    expect(await keysOf(readCopies(files, plan, wavesOf(1, 2)))).toEqual([
      'from/b.html',
      'from/c',
      'from/index',
      'from/z.html',
    ])
    expect(fullWaves(plan)).toEqual([wavesOf(0), wavesOf(1), wavesOf(2)])
    expect(copiesIn(plan, wavesOf(1, 2))).toEqual({ objects: 4, bytes: 21 })
  })

  it('that lost a copy of a wave is noticed when that wave is read', async () => {
    const { files, make } = planStage(WAVED)
    const plan = await make()
    const text = files.texts.get('/plan') ?? ''
    files.texts.set('/plan', text.replace(/^.*z\.html.*\n/m, ''))
    expect(await keysOf(readCopies(files, plan, wavesOf(2)))).toEqual(['from/c', 'from/index'])
    await expect(keysOf(readCopies(files, plan, wavesOf(1)))).rejects.toMatchObject({
      kind: 'internal',
    })
  })

  it('tells globs that matched no key on either side, and what is left unproven before them', async () => {
    const { make } = planStage({
      source: { a: '1 e 1', b: '1 e 1', c: '2 e 1', d: '1 f 1' },
      destination: { a: '1 e 1', b: '1 e 1', d: '1 e 9', extra: '1 e 1' },
      rules: {
        waves: {
          globs: [
            ['a', 'no*'],
            ['extra', 'c'],
          ],
        },
      },
    })
    const { waveFindings, trailer } = await make()
    expect(waveFindings).toEqual({ idle: ['no*'], unproven: [{ objects: 1, bytes: 1 }] })
    expect(trailer.waves?.map(({ objects }) => objects)).toEqual([0, 0, 1])
    expect(trailer.reasons['same-etag']).toEqual({ objects: 2, bytes: 2 })
  })

  it('of a single object goes by its name', async () => {
    const { make, lines } = planStage({
      source: { '': '1' },
      from: { prefix: 'x/InRelease', single: true },
      to: { prefix: 'y/InRelease', single: true },
      rules: { waves: { globs: [['InRelease']] } },
    })
    await make()
    expect(lines().ops).toMatchObject([{ to: 'y/InRelease', wave: 1 }])
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
