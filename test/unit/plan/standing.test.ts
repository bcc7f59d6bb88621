import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeyBytes, toKeyBytes } from '../../../src/model/key.ts'
import type { ObjectInfo } from '../../../src/model/object-info.ts'
import { visibleJson } from '../../../src/model/safe.ts'
import { gatherStanding, StandingLines } from '../../../src/plan/standing.ts'
import { packed } from '../../../src/storage/object-page.ts'
import { memoryFiles } from '../../memory-files.ts'

type Row = readonly [key: string, size: number, etag: string]

const infoOf = ([key, size, etag]: Row): ObjectInfo => ({
  key: toKeyBytes(key),
  size,
  etag,
  modified: '2026-01-02T03:04:05.000Z',
  storageClass: '',
  restored: false,
})

const lineOf = (within: string, [key, size, etag]: Row): string =>
  visibleJson({ key: within + key, size, ...(etag === '' ? {} : { etag }), status: 'unchanged' })

/** The lines of rows of one page, the keys of some of them withdrawn. */
async function linesOf(within: string, rows: readonly Row[], withdrawn: readonly string[] = []) {
  const files = memoryFiles()
  const standing = new StandingLines(files, '/part')
  const objects = packed(rows.map(infoOf))
  for (const row of rows.keys()) standing.addRow(toKeyBytes(within), objects, row)
  for (const key of withdrawn) standing.withdraw(toKeyBytes(key))
  await standing.flush()
  await standing.close()
  await gatherStanding(files, [{ standing }], '/all')
  return (files.texts.get('/all') ?? '').split('\n').slice(0, -1)
}

const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
  fc.string({ unit: fc.constantFrom('a', '/', '"', '\\', '\x7f', '\x1f', ' ', '~', 'ü', '\0') }),
  fc.stringMatching(/^[\x20-\x7e]{0,40}$/),
)
const etag = fc.oneof(
  fc.stringMatching(/^[0-9a-f]{32}$/),
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
)
const size = fc.oneof(
  fc.integer({ min: 0, max: 1100 }),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32, 5 * 2 ** 40, 999_999_999, 1_000_000_000),
  fc.maxSafeNat(),
)

describe('lines of what stays at the destination', () => {
  it('are the JSON of its rows, whatever their bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(key, fc.array(fc.tuple(key, size, etag)), async (within, rows) => {
        expect(await linesOf(within, rows)).toEqual(rows.map((row) => lineOf(within, row)))
      }),
      { numRuns: 300 },
    )
  })

  it('are whole, however long one is and however many there are', async () => {
    const rows = Array.from(
      { length: 10_000 },
      (_, i): Row => [`${i}`, i, i === 5000 ? '"x'.repeat(200_000) : 'e'.repeat(i % 300)],
    )
    expect(await linesOf('in/', rows)).toEqual(rows.map((row) => lineOf('in/', row)))
  })

  it('leave out what is copied all the same', async () => {
    const rows: Row[] = ['a', 'b', '"c"'].map((name) => [name, 1, 'e'])
    expect(await linesOf('', rows, ['b', '"c"'])).toEqual([lineOf('', ['a', 1, 'e'])])
  })

  it('of parts stand one part behind the other, and those of none are no file', async () => {
    const files = memoryFiles()
    const parts = await Promise.all(
      ['a', '', 'b'].map(async (name, i) => {
        const standing = new StandingLines(files, `/${i}`)
        if (name !== '') standing.add(name as KeyBytes, i, 'e')
        await standing.flush()
        await standing.close()
        return { standing }
      }),
    )
    expect([...files.texts.keys()]).toEqual(['/0', '/2'])
    await gatherStanding(files, parts, '/all')
    expect(files.texts.get('/all')).toBe(
      `${lineOf('', ['a', 0, 'e'])}\n${lineOf('', ['b', 2, 'e'])}\n`,
    )
  })
})
