import { describe, expect, it } from 'vitest'
import { isBatchFileName, writeBatchFile } from '../../../src/s5cmd/batch-file.ts'
import { copyLine } from '../../../src/s5cmd/line.ts'
import { noFiles } from '../../ports.ts'
import { copyOf } from '../transfer/copies.ts'

const RULES = {
  source: { bucket: 'src' },
  destination: { bucket: 'dst', prefix: '', single: false },
  metadataDirective: false,
  options: {},
}

/** The file that a batch becomes: its path and its text. */
async function written(id: number, startedAt: string, keys: readonly string[]) {
  const texts: [path: string, text: string][] = []
  const files = {
    ...noFiles,
    writeText: async (path: string, text: string) => {
      texts.push([path, text])
    },
  }
  const place = { files, folder: '/report/batches', startedAtMs: Date.parse(startedAt) }
  const lines = keys.map((key) => copyLine(copyOf({ key, to: key }), RULES))
  const path = await writeBatchFile({ id }, lines, place)
  expect(texts.map(([at]) => at)).toEqual([path])
  return { path, text: texts[0]?.[1] }
}

describe('the file of a batch', () => {
  it('has a line for every op, for s5cmd run', async () => {
    expect((await written(1, '2026-01-01T00:00:00Z', ['a b', 'c'])).text).toBe(
      "cp --raw 's3://src/a b' 's3://dst/a b'\ncp --raw 's3://src/c' 's3://dst/c'\n",
    )
  })

  it.each([
    [1, '2026-01-02T03:04:05.678Z', 's5cmd_batch_20260102_030405_001.txt'],
    [42, '2026-12-31T23:59:59Z', 's5cmd_batch_20261231_235959_042.txt'],
    [1234, '2027-02-28T23:30:00-01:00', 's5cmd_batch_20270301_003000_1234.txt'],
  ])('%i of a run begun at %s is %s', async (id, startedAt, name) => {
    const { path } = await written(id, startedAt, ['a'])
    expect(path).toBe(`/report/batches/${name}`)
    expect(isBatchFileName(name)).toBe(true)
  })

  it.each([
    'report.json',
    's5cmd_batch_20260102_030405_01.txt',
    's5cmd_batch_2026010_030405_001.txt',
    's5cmd_batch_20260102_03040_001.txt',
    's5cmd_batch_20260102_030405_001.txt.bak',
    'my_s5cmd_batch_20260102_030405_001.txt',
    's5cmd_batch_2026x102_030405_001.txt',
    's5cmd_batch_20260102_0304x5_001.txt',
    's5cmd_batch_20260102_030405_x01.txt',
    's5cmd_batch_20260102_030405_001_txt',
  ])('is not %s', (name) => {
    expect(isBatchFileName(name)).toBe(false)
  })
})
