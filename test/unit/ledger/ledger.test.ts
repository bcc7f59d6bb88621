import { describe, expect, test } from 'vitest'
import { Ledger } from '../../../src/ledger/ledger.ts'
import type { CopyOp, DeleteOp } from '../../../src/model/op.ts'
import type { Outcome } from '../../../src/model/outcome.ts'
import { memoryFiles } from '../../memory-files.ts'

const PATHS = { results: '/r/results.ndjson', claims: '/t/claims.ndjson' }

const copyOp: CopyOp = {
  ...{ op: 'copy', key: 'a/k', to: 'b/k', size: 3, etag: 'e' },
  ...{ lastModified: '2026-01-01T00:00:00Z', reason: 'missing' },
}
const deleteOp: DeleteOp = {
  ...{ op: 'delete', key: 'b/old', size: 5, etag: 'f', reason: 'only-at-destination' },
}

const copied: Outcome = {
  ...{ op: copyOp, status: 'done', engine: 's5cmd', attempts: 1, batchBeganMs: 7 },
}
const deleted: Outcome = {
  ...{ op: deleteOp, status: 'done', engine: 'delete', attempts: 2, batchBeganMs: 0 },
}

async function recorded(outcomes: readonly Outcome[], files = memoryFiles(), mode?: 'append') {
  const rules = {
    ...{ destinationPrefix: 'b/', verify: 'auto' as const, onRecorded: () => {}, onLost: () => {} },
    hide: (text: string) => text.replaceAll('secret', '***'),
  }
  const ledger = await Ledger.open(files, PATHS, rules, mode)
  for (const outcome of outcomes) ledger.record(outcome)
  const settled = await ledger.close()
  const rows = (files.texts.get(PATHS.results) ?? '').trim().split('\n')
  return { settled, rows: rows.map((row) => JSON.parse(row)), files }
}

describe('the ledger', () => {
  test('has a row for each copy and each delete, and a claim for what is still to be seen', async () => {
    const { settled, rows, files } = await recorded([copied, deleted])
    expect(rows).toMatchObject([
      { op: 'copy', key: 'a/k', to: 'b/k', status: 'unknown', code: 'NotVerified' },
      { op: 'delete', key: 'b/old', status: 'done', engine: 'direct', attempts: 2 },
    ])
    expect(settled).toMatchObject({ done: 2, results: { count: 2 }, claims: { count: 1 } })
    expect(JSON.parse(files.texts.get(PATHS.claims) ?? '')).toMatchObject({ key: 'k', from: 'a/k' })
  })

  test('adds the rows of a wave behind those of the wave before it', async () => {
    const { files } = await recorded([{ ...copied, resultEtag: 'e' }])
    const { rows, settled } = await recorded([deleted], files, 'append')
    expect(rows.map(({ op, status }) => `${op} ${status}`)).toEqual(['copy done', 'delete done'])
    expect(settled).toMatchObject({ done: 1, claims: { count: 0 } })
  })

  test('writes no secret that a service sent back, of a delete neither', async () => {
    const failed = { status: 'failed', code: 'Bad', message: 'a secret' } as const
    const { rows } = await recorded([
      { ...copied, ...failed },
      { ...deleted, ...failed },
    ])
    expect(rows.map(({ message }) => message)).toEqual(['a ***', 'a ***'])
  })

  test('leaves no file open where its rows cannot be', async () => {
    const files = memoryFiles()
    const open = new Set<string>()
    const writer: typeof files.writer = async (path, mode) => {
      if (path === PATHS.results) throw new Error('no space left')
      const opened = await files.writer(path, mode)
      open.add(path)
      return { ...opened, close: () => opened.close().finally(() => open.delete(path)) }
    }
    await expect(recorded([], { ...files, writer })).rejects.toThrow('no space left')
    expect([...open]).toEqual([])
  })
})
