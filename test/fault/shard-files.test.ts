import { cp, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localFiles } from '../../src/adapters/files.ts'
import { SyncError } from '../../src/errors/sync-error.ts'
import { mergeRows } from '../../src/ledger/handed-rows.ts'
import { sealedText } from '../../src/model/sealed.ts'
import { receiptFile, rowsFile } from '../../src/model/shard.ts'
import type { PlanIndex } from '../../src/model/shard-schema.ts'
import { checkedFile, readIndex } from '../../src/plan/plan-index.ts'
import { findShards } from '../../src/run/find-shards.ts'
import { forget, type JobsBucket, openJobsBucket } from '../jobs-bucket.ts'
import { doneShards, headerFor, leaveShard } from '../shard-fixture.ts'

const MUTATIONS = Number(process.env['N'] ?? 60)
const PARTS = 4

/** Each of these goes through a server of its own requests. */
const MUTATIONS_IN_BUCKET = Math.ceil(MUTATIONS / 4)

let root: string
let index: PlanIndex
let bucket: JobsBucket
beforeAll(async () => {
  bucket = await openJobsBucket()
  root = await mkdtemp(path.join(tmpdir(), 'shard-files-'))
  ;({ index } = await doneShards(path.join(root, 'good'), { of: 'good', copies: 20, parts: PARTS }))
  await doneShards(path.join(root, 'other'), { of: 'other', copies: 20, parts: PARTS })
})
afterAll(async () => {
  await bucket[Symbol.asyncDispose]()
  await rm(root, { recursive: true })
})

/** Why the last job does not believe what it finds; '' where it believes all of it. */
async function doubts(stage: string, planId: string | undefined): Promise<string> {
  const files = localFiles
  const planDir = path.join(stage, 'plan')
  try {
    const plan = await readIndex({ files, planDir, header: headerFor('good'), planId })
    for (const file of [...plan.index.parts, plan.index.finish])
      await checkedFile(files, plan, file)
    const { shards, foreign } = await findShards(files, path.join(stage, 'shards'), plan.index)
    const whys = [...foreign]
    for (const [at, part] of plan.index.parts.entries()) {
      const shard = shards.get(at + 1) ?? 'missing'
      if (typeof shard === 'string') whys.push(shard)
      else {
        const merged = await mergeRows(
          { name: `${at}`, path: shard.rowsPath, sum: part.rows },
          {
            files,
            folder: stage,
            sourcePrefix: 'data/',
            signal: new AbortController().signal,
          },
        )
        if (typeof merged === 'string') whys.push(merged)
      }
    }
    return whys.join('; ')
  } catch (error) {
    if (error instanceof SyncError) return error.message
    throw error
  }
}

/** Where the last job finds what was left: in folders of its runner, or in a bucket. */
type Where = 'in folders' | 'in a bucket'

/** Tries something on a copy of what is good. */
async function tried(
  change: (stage: string) => Promise<unknown>,
  pinned = true,
  where: Where = 'in folders',
): Promise<string> {
  const stage = await mkdtemp(path.join(root, 'tried-'))
  await cp(path.join(root, 'good'), stage, { recursive: true, verbatimSymlinks: true })
  try {
    await change(stage)
    const planId = pinned ? index.planId : undefined
    if (where === 'in folders') return await doubts(stage, planId)
    const brought = await bucket.brought(stage, index)
    try {
      return await doubts(brought, planId)
    } finally {
      await forget(brought)
    }
  } finally {
    await rm(stage, { recursive: true })
  }
}

const shardDir = (stage: string, number: number) => path.join(stage, 'shards', `s3-shard-${number}`)
const edit = async (file: string, change: (text: string) => string): Promise<void> => {
  const text = await readFile(file, 'utf8')
  const changed = change(text)
  expect(changed).not.toBe(text)
  await writeFile(file, changed)
}
const filesIn = async (stage: string): Promise<string[]> => {
  const names = await readdir(stage, { recursive: true, withFileTypes: true })
  return names
    .filter((entry) => entry.isFile() && entry.parentPath !== stage)
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
}
/** Rows of a shard, said by a receipt that was made to fit, as somebody would who means harm. */
const forgeRows = async (
  stage: string,
  number: number,
  change: (lines: string[]) => string[],
): Promise<void> => {
  const text = await readFile(path.join(shardDir(stage, number), rowsFile(number)), 'utf8')
  const lines = change(text.trimEnd().split('\n'))
  await leaveShard(
    shardDir(stage, number),
    number,
    index,
    lines.map((line) => `${line}\n`).join(''),
  )
}

/** What can be done to what shards left, and why it is not believed then. */
const HARM: readonly (readonly [
  what: string,
  change: (stage: string) => Promise<unknown>,
  why: string,
])[] = [
  ['is lost', (stage) => rm(shardDir(stage, 2), { recursive: true }), 'its files were not found'],
  [
    'did not finish',
    (stage) => rm(path.join(shardDir(stage, 2), receiptFile(2))),
    'is missing, so its job did not finish',
  ],
  [
    'has no rows',
    (stage) => rm(path.join(shardDir(stage, 2), rowsFile(2))),
    'results-002.ndjson is missing',
  ],
  [
    'is of another plan',
    (stage) => cp(shardDir(path.join(root, 'other'), 2), shardDir(stage, 2), { recursive: true }),
    'belong to another plan',
  ],
  [
    'is another shard under its name',
    async (stage) => {
      for (const name of [receiptFile, rowsFile])
        await cp(path.join(shardDir(stage, 1), name(1)), path.join(shardDir(stage, 2), name(2)))
    },
    'belong to shard 1',
  ],
  [
    'has the rows of another shard',
    (stage) =>
      cp(path.join(shardDir(stage, 1), rowsFile(1)), path.join(shardDir(stage, 2), rowsFile(2))),
    'does not match shard-002.json',
  ],
  [
    'is there twice, and not alike',
    async (stage) => {
      const rows = path.join(shardDir(stage, 2), rowsFile(2))
      const text = await readFile(rows, 'utf8')
      await leaveShard(path.join(stage, 'shards', 'again'), 2, index, text, {
        report: {
          result: 'partial',
          durationSeconds: 2,
          copySeconds: 1,
          peakBytesPerSecond: 1,
          warnings: [],
        },
      })
    },
    'more than once',
  ],
  [
    'is nested too deeply',
    (stage) =>
      writeFile(
        path.join(shardDir(stage, 2), receiptFile(2)),
        `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}\n`,
      ),
    'nested too deeply',
  ],
  [
    'is one too many',
    (stage) => leaveShard(path.join(stage, 'shards', 'more'), 9, index, ''),
    'shard-009.json',
  ],
  [
    'is reached by a link',
    async (stage) => {
      const receipt = path.join(shardDir(stage, 2), receiptFile(2))
      await rename(receipt, path.join(stage, 'elsewhere.json'))
      await symlink(path.join(stage, 'elsewhere.json'), receipt)
    },
    'a symbolic link',
  ],
  [
    'lies in a folder that is a link',
    async (stage) => {
      await rename(shardDir(stage, 2), path.join(stage, 'elsewhere'))
      await symlink(path.join(stage, 'elsewhere'), shardDir(stage, 2))
    },
    'its files were not found',
  ],
  [
    'names rows of another folder',
    async (stage) => {
      const text = await readFile(path.join(shardDir(stage, 2), rowsFile(2)), 'utf8')
      await leaveShard(shardDir(stage, 2), 2, index, text, {
        rows: { file: '../s3-shard-1/results-001.ndjson', digest: 'a'.repeat(64) },
      })
    },
    'belong to shard 2',
  ],
  [
    'lost a row',
    (stage) => forgeRows(stage, 2, (lines) => lines.slice(1)),
    'exactly one row for each',
  ],
  [
    'has a row twice',
    (stage) => forgeRows(stage, 2, ([first = '', ...lines]) => [first, first, ...lines.slice(1)]),
    'exactly one row for each',
  ],
  [
    'tells of another object',
    (stage) =>
      forgeRows(stage, 2, ([first = '', ...lines]) => [
        first.replace('data/good', 'data/bood'),
        ...lines,
      ]),
    'exactly one row for each',
  ],
  [
    'tells of more bytes than there are',
    (stage) =>
      forgeRows(stage, 2, ([first = '', ...lines]) => [
        first.replace(/"size":\d+/, '"size":9007199254740993'),
        ...lines,
      ]),
    'not the result of a copy',
  ],
  [
    'tells of a status twice',
    (stage) =>
      forgeRows(stage, 2, ([first = '', ...lines]) => [
        first.replace('"attempts":1', '"attempts":1,"status":"failed"'),
        ...lines,
      ]),
    'not the result of a copy',
  ],
  [
    'tells of a delete',
    (stage) =>
      forgeRows(stage, 2, ([first = '', ...lines]) => [
        first.replace('"op":"copy"', '"op":"delete"'),
        ...lines,
      ]),
    'not the result of a copy',
  ],
]

describe('what shards left', () => {
  it.each<Where>(['in folders', 'in a bucket'])(
    'is believed where nothing happened to it, also where it is there twice: %s',
    async (where) => {
      expect(await tried(async () => {}, true, where)).toBe('')
      const twice = (stage: string) =>
        cp(shardDir(stage, 2), path.join(stage, 'shards', 'deep', 'er'), { recursive: true })
      expect(await tried(twice, true, where)).toBe('')
      const alike = (stage: string) =>
        rename(shardDir(stage, 2), path.join(stage, 'shards', receiptFile(2)))
      expect(await tried(alike, true, where)).toBe('')
    },
  )

  it('is what the newest attempt of its job left, where several did and whatever is wrong with others', async () => {
    const report = {
      result: 'partial',
      durationSeconds: 2,
      copySeconds: 1,
      peakBytesPerSecond: 1,
      warnings: [],
    }
    /** Adds what further attempts of shard 2 left; gives which of all is believed. */
    const taken = async (attempts: readonly number[], cut?: number) => {
      const stage = await mkdtemp(path.join(root, 'attempts-'))
      await cp(path.join(root, 'good', 'shards'), path.join(stage, 'shards'), { recursive: true })
      const rows = await readFile(path.join(shardDir(stage, 2), rowsFile(2)), 'utf8')
      for (const attempt of attempts) {
        const folder = path.join(stage, 'shards', `a-${attempt}`)
        await leaveShard(folder, 2, index, rows, { attempt, report })
        if (attempt === cut)
          await edit(path.join(folder, receiptFile(2)), (text) => text.slice(0, -40))
      }
      const { shards } = await findShards(localFiles, stage, index)
      const found = shards.get(2)
      return typeof found === 'object' ? found.receipt.attempt : found
    }
    expect(await taken([2])).toBe(2)
    expect(await taken([3, 2])).toBe(3)
    expect(await taken([10, 9])).toBe(10)
    expect(await taken([0])).toBe(1)
    // Of the same attempt as that of before, and not alike.
    expect(await taken([1])).toContain('more than once')
    expect(await taken([1, 2])).toBe(2)
    expect(await taken([2, 3], 3)).toBe(2)
    expect(await taken([2], 2)).toBe(1)
  })

  it.each(HARM)('is not believed where it %s', async (_what, change, why) => {
    expect(await tried(change)).toContain(why)
  })

  // A bucket has no links.
  it.each(HARM.filter(([what]) => !what.includes('link')))(
    'is not believed where it %s, in a bucket',
    async (_what, change, why) => {
      expect(await tried(change, true, 'in a bucket')).toContain(why)
    },
  )
})

describe('a plan in parts is refused', () => {
  /** Sealed anew, as somebody would who means harm: plan-id alone tells it from the one that was made. */
  const reseal = (change: (index: PlanIndex) => object) => async (stage: string) => {
    const { planId: _own, ...said } = change(index) as PlanIndex
    await writeFile(path.join(stage, 'plan', 'plan.json'), sealedText(said, 'planId'))
  }
  const withPart = (over: object) =>
    reseal((plan) => ({
      ...plan,
      parts: plan.parts.with(1, { ...plan.parts[1], ...over } as never),
    }))

  it.each<[string, (stage: string) => Promise<unknown>, string]>([
    [
      'where a part leads out of its folder',
      withPart({ file: '../part-002.ndjson' }),
      'not a plan in parts',
    ],
    [
      'where a part is another one',
      withPart({ file: 'part-003.ndjson' }),
      'do not add up to one plan',
    ],
    ['where its ranges overlap', withPart({ from: 'copy/a' }), 'do not add up to one plan'],
    [
      'where a part has copies that nobody counted',
      withPart({ ops: 99 }),
      'do not add up to one plan',
    ],
    ['where a number has no end', withPart({ ops: 1e300 }), 'not a plan in parts'],
    [
      'where it was cut off',
      (stage) => edit(path.join(stage, 'plan', 'plan.json'), (text) => text.slice(0, -40)),
      'it is not JSON',
    ],
    [
      'where it is nested too deeply',
      (stage) =>
        writeFile(path.join(stage, 'plan', 'plan.json'), '['.repeat(1e5) + ']'.repeat(1e5)),
      'nested too deeply',
    ],
    [
      'where a part was changed',
      (stage) =>
        edit(path.join(stage, 'plan', 'part-002.ndjson'), (text) =>
          text.replace('good-1', 'good-2'),
        ),
      'not the one in plan.json',
    ],
    [
      'where a part is a link',
      async (stage) => {
        const part = path.join(stage, 'plan', 'part-002.ndjson')
        await rename(part, path.join(stage, 'elsewhere'))
        await symlink(path.join(stage, 'elsewhere'), part)
      },
      'not a regular file',
    ],
    [
      'where it is a link',
      async (stage) => {
        const file = path.join(stage, 'plan', 'plan.json')
        await rename(file, path.join(stage, 'elsewhere'))
        await symlink(path.join(stage, 'elsewhere'), file)
      },
      'not a regular file',
    ],
    [
      'where two parts were swapped',
      async (stage) => {
        const [one, two] = ['part-001.ndjson', 'part-002.ndjson'].map((file) =>
          path.join(stage, 'plan', file),
        )
        await rename(one ?? '', path.join(stage, 'x'))
        await rename(two ?? '', one ?? '')
        await rename(path.join(stage, 'x'), two ?? '')
      },
      'not the one in plan.json',
    ],
    [
      'where it is of another request',
      (stage) =>
        cp(path.join(root, 'other', 'plan'), path.join(stage, 'plan'), {
          recursive: true,
          force: true,
        }),
      'different filters',
    ],
  ])('%s', async (_where, change, why) => {
    expect(await tried(change, false)).toContain(why)
  })

  it('where plan-id names another one, however well it was sealed anew', async () => {
    expect(await tried(reseal((plan) => ({ ...plan, refused: 'forged' })))).toContain(
      'not the plan that plan-id names',
    )
  })
})

it.each<[Where, number]>([
  ['in folders', MUTATIONS],
  ['in a bucket', MUTATIONS_IN_BUCKET],
])('no change to any file of it is told as success: %s', async (where, numRuns) => {
  const all = await filesIn(path.join(root, 'good'))
  const change = fc.record({
    file: fc.nat(all.length - 1),
    how: fc.constantFrom(
      'flip',
      'cut',
      'drop',
      'double-line',
      'drop-line',
      'swap',
      'other',
      'append',
    ),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    byte: fc.integer({ min: 1, max: 255 }),
    second: fc.nat(all.length - 1),
  })
  await fc.assert(
    fc.asyncProperty(change, async ({ file, how, at, byte, second }) => {
      let isChanged = true
      const why = await tried(
        async (stage) => {
          const names = await filesIn(stage)
          const [target = '', other = ''] = [names[file], names[second]]
          const bytes = await readFile(target)
          const place = Math.floor(at * bytes.length)
          const lines = bytes.toString('latin1').split(/(?<=\n)/)
          const line = Math.floor(at * lines.length)
          const changed = {
            flip: () => Buffer.from(bytes.map((one, i) => (i === place ? one ^ byte : one))),
            cut: () => bytes.subarray(0, place),
            drop: () => undefined,
            'double-line': () =>
              Buffer.from(lines.toSpliced(line, 0, lines[line] ?? '').join(''), 'latin1'),
            'drop-line': () => Buffer.from(lines.toSpliced(line, 1).join(''), 'latin1'),
            swap: async () => readFile(other),
            other: async () =>
              readFile(path.join(root, 'other', path.relative(stage, other))).catch(() =>
                Buffer.alloc(0),
              ),
            append: () => Buffer.concat([bytes, bytes.subarray(place)]),
          }[how]()
          const found = await changed
          isChanged = found === undefined || Buffer.compare(found, bytes) !== 0
          if (found === undefined) await rm(target)
          else await writeFile(target, found)
        },
        true,
        where,
      )
      if (isChanged) expect(why).not.toBe('')
      else expect(why).toBe('')
    }),
    { numRuns },
  )
})
