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
import { doneShards, headerFor, leaveShard } from '../shard-fixture.ts'

const MUTATIONS = Number(process.env['N'] ?? 60)
const PARTS = 4

let root: string
let index: PlanIndex
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shard-files-'))
  ;({ index } = await doneShards(path.join(root, 'good'), { of: 'good', copies: 20, parts: PARTS }))
  await doneShards(path.join(root, 'other'), { of: 'other', copies: 20, parts: PARTS })
})
afterAll(() => rm(root, { recursive: true }))

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

/** Tries something on a copy of what is good. */
async function tried(change: (stage: string) => Promise<unknown>, pinned = true): Promise<string> {
  const stage = await mkdtemp(path.join(root, 'tried-'))
  await cp(path.join(root, 'good'), stage, { recursive: true, verbatimSymlinks: true })
  try {
    await change(stage)
    return await doubts(stage, pinned ? index.planId : undefined)
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

describe('what shards left', () => {
  it('is believed where nothing happened to it, also where it is there twice', async () => {
    expect(await tried(async () => {})).toBe('')
    expect(
      await tried((stage) =>
        cp(shardDir(stage, 2), path.join(stage, 'shards', 'deep', 'er'), { recursive: true }),
      ),
    ).toBe('')
  })

  it.each<[string, (stage: string) => Promise<unknown>, string]>([
    ['is lost', (stage) => rm(shardDir(stage, 2), { recursive: true }), 'it left nothing'],
    [
      'did not come to its end',
      (stage) => rm(path.join(shardDir(stage, 2), receiptFile(2))),
      'did not come to its end',
    ],
    [
      'has no rows',
      (stage) => rm(path.join(shardDir(stage, 2), rowsFile(2))),
      'results-002.ndjson is missing',
    ],
    [
      'is of another plan',
      (stage) => cp(shardDir(path.join(root, 'other'), 2), shardDir(stage, 2), { recursive: true }),
      'of another plan',
    ],
    [
      'is another shard under its name',
      async (stage) => {
        for (const name of [receiptFile, rowsFile])
          await cp(path.join(shardDir(stage, 1), name(1)), path.join(shardDir(stage, 2), name(2)))
      },
      'is of shard 1',
    ],
    [
      'has the rows of another shard',
      (stage) =>
        cp(path.join(shardDir(stage, 1), rowsFile(1)), path.join(shardDir(stage, 2), rowsFile(2))),
      'not the one that it wrote',
    ],
    [
      'is there twice, and not alike',
      async (stage) => {
        const rows = path.join(shardDir(stage, 2), rowsFile(2))
        const text = await readFile(rows, 'utf8')
        await leaveShard(path.join(stage, 'shards', 'again'), 2, index, text, {
          report: { result: 'partial', durationSeconds: 2, peakBytesPerSecond: 1, warnings: [] },
        })
      },
      'more than once',
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
      'a link',
    ],
    [
      'lies in a folder that is a link',
      async (stage) => {
        await rename(shardDir(stage, 2), path.join(stage, 'elsewhere'))
        await symlink(path.join(stage, 'elsewhere'), shardDir(stage, 2))
      },
      'it left nothing',
    ],
    [
      'names rows of another folder',
      async (stage) => {
        const text = await readFile(path.join(shardDir(stage, 2), rowsFile(2)), 'utf8')
        await leaveShard(shardDir(stage, 2), 2, index, text, {
          rows: { file: '../s3-shard-1/results-001.ndjson', digest: 'a'.repeat(64) },
        })
      },
      'is of shard 2',
    ],
    [
      'lost a row',
      (stage) => forgeRows(stage, 2, (lines) => lines.slice(1)),
      'not one row for each',
    ],
    [
      'has a row twice',
      (stage) => forgeRows(stage, 2, ([first = '', ...lines]) => [first, first, ...lines.slice(1)]),
      'not one row for each',
    ],
    [
      'tells of another object',
      (stage) =>
        forgeRows(stage, 2, ([first = '', ...lines]) => [
          first.replace('data/good', 'data/bood'),
          ...lines,
        ]),
      'not one row for each',
    ],
    [
      'tells of more bytes than there are',
      (stage) =>
        forgeRows(stage, 2, ([first = '', ...lines]) => [
          first.replace(/"size":\d+/, '"size":9007199254740993'),
          ...lines,
        ]),
      'no row of a copy',
    ],
    [
      'tells of a status twice',
      (stage) =>
        forgeRows(stage, 2, ([first = '', ...lines]) => [
          first.replace('"attempts":1', '"attempts":1,"status":"failed"'),
          ...lines,
        ]),
      'no row of a copy',
    ],
    [
      'tells of a delete',
      (stage) =>
        forgeRows(stage, 2, ([first = '', ...lines]) => [
          first.replace('"op":"copy"', '"op":"delete"'),
          ...lines,
        ]),
      'no row of a copy',
    ],
  ])('is not believed where it %s', async (_what, change, why) => {
    expect(await tried(change)).toContain(why)
  })
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
      'not as a plan',
    ],
    [
      'where a part is another one',
      withPart({ file: 'part-003.ndjson' }),
      'do not make up one plan',
    ],
    ['where its ranges overlap', withPart({ from: 'copy/a' }), 'do not make up one plan'],
    [
      'where a part has copies that nobody counted',
      withPart({ ops: 99 }),
      'do not make up one plan',
    ],
    ['where a number has no end', withPart({ ops: 1e300 }), 'not as a plan'],
    [
      'where it was cut off',
      (stage) => edit(path.join(stage, 'plan', 'plan.json'), (text) => text.slice(0, -40)),
      'it is not JSON',
    ],
    [
      'where a part was changed',
      (stage) =>
        edit(path.join(stage, 'plan', 'part-002.ndjson'), (text) =>
          text.replace('good-1', 'good-2'),
        ),
      'not the file that plan.json names',
    ],
    [
      'where a part is a link',
      async (stage) => {
        const part = path.join(stage, 'plan', 'part-002.ndjson')
        await rename(part, path.join(stage, 'elsewhere'))
        await symlink(path.join(stage, 'elsewhere'), part)
      },
      'no file of its own',
    ],
    [
      'where it is a link',
      async (stage) => {
        const file = path.join(stage, 'plan', 'plan.json')
        await rename(file, path.join(stage, 'elsewhere'))
        await symlink(path.join(stage, 'elsewhere'), file)
      },
      'no file of its own',
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
      'not the file that plan.json names',
    ],
    [
      'where it is of another request',
      (stage) =>
        cp(path.join(root, 'other', 'plan'), path.join(stage, 'plan'), {
          recursive: true,
          force: true,
        }),
      'other filters',
    ],
  ])('%s', async (_where, change, why) => {
    expect(await tried(change, false)).toContain(why)
  })

  it('where plan-id names another one, however well it was sealed anew', async () => {
    expect(await tried(reseal((plan) => ({ ...plan, refused: 'forged' })))).toContain(
      'another plan than plan-id names',
    )
  })
})

it('no change to any file of it is told as success', async () => {
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
      const why = await tried(async (stage) => {
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
      })
      if (isChanged) expect(why).not.toBe('')
      else expect(why).toBe('')
    }),
    { numRuns: MUTATIONS },
  )
})
