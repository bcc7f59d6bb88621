import { expect, it } from 'vitest'
import { type CsvRecord, recordsOf } from '../../../../src/storage/manifest/csv.ts'
import { linesOf } from '../../../../src/storage/manifest/lines.ts'

async function recordsIn(text: string): Promise<readonly CsvRecord[]> {
  const chunks = async function* () {
    yield Buffer.from(text)
  }
  const records: CsvRecord[] = []
  for await (const some of recordsOf(linesOf(chunks()))) records.push(...some)
  return records
}

it('a quoted field holds ends of lines, quotes and commas, and ends with its quote', async () => {
  expect(await recordsIn('a,"b\n""c"",\r\n\nd",e\r\n"f"\n')).toEqual([
    { line: 1, fields: ['a', 'b\n"c",\r\n\nd', 'e'] },
    { line: 5, fields: ['f'] },
  ])
})

it('what stands behind a closing quote of a later line is told by its record', async () => {
  expect(await recordsIn('"a\nb"c\nd\n')).toEqual([
    { line: 1, column: 6, problem: 'there is text after a closing quote' },
    { line: 3, fields: ['d'] },
  ])
})

it('nothing is read behind a field that is not closed', async () => {
  const open = { problem: 'a quoted field is not closed' }
  expect(await recordsIn('a\n"b\nc\n')).toEqual([
    { line: 1, fields: ['a'] },
    { line: 2, ...open },
  ])
  expect(await recordsIn(`"${'x\n'.repeat(40_000)}"\na\n`)).toEqual([{ line: 1, ...open }])
})

it.each(['\n', '""\n'])(
  'records of very many lines take no time that grows with their square: %j',
  async (line) => {
    const many = Math.floor(60_000 / line.length)
    const records = await recordsIn(`"${line.repeat(many)}"\n`.repeat(8))
    expect(records.map((record) => record.line)).toEqual(
      Array.from({ length: 8 }, (_, at) => 1 + at * (many + 1)),
    )
  },
)
