import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { clearFolder, reportPaths } from '../../../src/report/paths.ts'
import { reportFiles } from './stage.ts'

const OWN = [
  '/r/plan.ndjson',
  '/r/results.ndjson',
  '/r/failed.ndjson',
  '/r/report.json',
  '/r/policy.json',
  '/r/uploads.ndjson',
]
const BATCH = '/r/batches/s5cmd_batch_20260301_120000_001.txt'
const OTHERS = ['/r/notes.txt', '/r/batches/notes.txt', '/elsewhere/report.json']

async function filledFolder() {
  const stage = reportFiles()
  for (const path of [...OWN, BATCH, ...OTHERS]) await stage.put(path, 'old')
  return stage
}

test('the files of a run have the names that are documented', () => {
  expect(reportPaths(reportFiles().files, '/r')).toEqual({
    plan: '/r/plan.ndjson',
    carried: '/r/carried.ndjson',
    batches: '/r/batches',
    results: '/r/results.ndjson',
    failed: '/r/failed.ndjson',
    report: '/r/report.json',
    policy: '/r/policy.json',
    uploads: '/r/uploads.ndjson',
  })
})

describe('clearing the report folder', () => {
  test('removes the files of an earlier run, and nothing else', async () => {
    const { files, texts } = await filledFolder()
    await clearFolder(files, '/r')
    expect([...texts.keys()]).toEqual(OTHERS)
  })

  test('makes the folder where there is none', async () => {
    const { files } = reportFiles()
    const made: string[] = []
    await clearFolder({ ...files, makeFolder: async (path) => void made.push(path) }, '/r')
    expect(made).toEqual(['/r'])
  })

  test('keeps a plan that is to be carried out, by whatever name it is reached', async () => {
    const { files, texts } = await filledFolder()
    await clearFolder(files, '/r', '/link/plan.ndjson')
    expect([...texts.keys()]).toEqual(['/r/plan.ndjson', ...OTHERS])
  })

  test('writes a file to see that it can, and takes it back', async () => {
    const { files, texts } = reportFiles()
    const written: string[] = []
    const writeText = async (path: string, text: string) => {
      written.push(path)
      await files.writeText(path, text)
    }
    await clearFolder({ ...files, writeText }, '/r')
    expect(written).toEqual(['/r/.s3-direct-sync'])
    expect([...texts.keys()]).toEqual([])
  })

  test.each([
    ['an error', new Error('EROFS: read-only file system'), 'EROFS: read-only file system'],
    ['anything else', 'no room', 'no room'],
  ])('that cannot be written says why and what to do: %s', async (_, cause, why) => {
    const { files } = reportFiles()
    const error: unknown = await clearFolder(
      { ...files, writeText: () => Promise.reject(cause) },
      '/r',
    ).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SyncError)
    expect(error).toMatchObject({
      kind: 'input',
      message: `report-dir cannot be written: ${why}`,
      hint: 'Set report-dir to a folder that this job may write. Nothing was touched.',
      cause,
    })
  })
})
