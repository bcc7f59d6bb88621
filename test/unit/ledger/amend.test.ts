import { describe, expect, test } from 'vitest'
import { amendRows, type Proof } from '../../../src/ledger/amend.ts'
import { NOT_LOOKED_AT, type ResultRow } from '../../../src/model/outcome.ts'
import { reportFiles } from '../report/stage.ts'

const PATHS = { results: '/r/results.ndjson', failed: '/r/failed.ndjson' }

const copy = (over: Partial<ResultRow> = {}): ResultRow => ({
  op: 'copy',
  key: 'a/x/k',
  to: 'b/x/k',
  size: 10,
  status: 'done',
  engine: 's5cmd',
  attempts: 1,
  ...over,
})

/** The row of a copy that awaits a look. */
const claimed = (over: Partial<ResultRow> = {}): ResultRow => ({ ...copy(over), ...NOT_LOOKED_AT })

const lines = (rows: readonly ResultRow[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('')

async function settled(rows: readonly ResultRow[], proof: Proof) {
  const { files, texts, put } = reportFiles()
  await put(PATHS.results, lines(rows))
  const totals = await amendRows(files, PATHS, {
    proofOf: () => proof,
    claimed: true,
    sourcePrefix: 'a/',
    isLate: onTime,
  })
  return { totals, results: texts.get(PATHS.results), failed: texts.get(PATHS.failed), texts }
}

const onTime = (): boolean => false

const believed: Proof = { mismatches: new Map() }
const missing: Proof = {
  mismatches: new Map([['b/x/lost', 'The destination does not have the object.']]),
}

describe('rows that are believed', () => {
  test('stay as they are, and those that did not end well are the rows to run again', async () => {
    const failed = copy({ key: 'a/f', status: 'failed', code: 'AccessDenied' })
    const unknown = copy({ key: 'a/u', status: 'unknown', code: 'EngineLost' })
    const rows = [copy(), failed, copy({ key: 'a/y/k', to: 'b/y/k' }), unknown]
    const { totals, results, failed: again } = await settled(rows, believed)
    expect(results).toBe(lines(rows))
    expect(again).toBe(lines([failed, unknown]))
    expect(totals.status).toEqual({
      done: { objects: 2, bytes: 20 },
      failed: { objects: 1, bytes: 10 },
      unknown: { objects: 1, bytes: 10 },
    })
    expect(
      totals
        .folderRows()
        .map(({ folder }) => folder)
        .sort(),
    ).toEqual(['(top)', 'x/', 'y/'])
  })

  test('are not written anew', async () => {
    const { files, put } = reportFiles()
    await put(PATHS.results, lines([copy()]))
    const written: string[] = []
    const writer: typeof files.writer = (path) => {
      written.push(path)
      return files.writer(path)
    }
    await amendRows({ ...files, writer }, PATHS, {
      proofOf: () => believed,
      claimed: false,
      sourcePrefix: '',
      isLate: onTime,
    })
    expect(written).toEqual([PATHS.failed])
  })
})

describe('what the destination does not hold', () => {
  test('is not done, with what is there instead', async () => {
    const rows = [claimed(), claimed({ key: 'a/x/lost', to: 'b/x/lost' })]
    const { totals, results, failed, texts } = await settled(rows, missing)
    const lost = {
      ...copy({ key: 'a/x/lost', to: 'b/x/lost' }),
      ...{ status: 'failed' as const, code: 'NotVerified' },
      message: 'The destination does not have the object.',
    }
    expect(results).toBe(lines([copy(), lost]))
    expect(failed).toBe(lines([lost]))
    expect(totals.status).toMatchObject({ done: { objects: 1 }, failed: { objects: 1 } })
    expect([...texts.keys()].sort()).toEqual([PATHS.failed, PATHS.results])
  })

  test('is no news of an op that had failed already, of a delete, or of a copy whose answer proves it', async () => {
    const lost = { key: 'a/x/lost', to: 'b/x/lost' }
    const rows = [
      copy({ ...lost, status: 'failed', code: 'AccessDenied', message: 'no' }),
      copy({ ...lost, status: 'unknown', code: 'EngineLost' }),
      copy({ ...lost, proof: 'etag' }),
      copy({ ...lost, op: 'delete' }),
    ]
    expect((await settled(rows, missing)).results).toBe(lines(rows))
  })

  test('is nothing without a name', async () => {
    const rows = [claimed({ to: undefined })]
    expect((await settled(rows, missing)).totals.status.done.objects).toBe(1)
  })
})

test('where the destination could not be looked at, copies that no answer proves are unknown', async () => {
  const rows = [
    claimed(),
    copy({ key: 'a/p', proof: 'etag' }),
    copy({ op: 'delete', key: 'b/d', to: undefined }),
  ]
  const { totals, results, failed } = await settled(rows, 'unproven')
  const unknown = {
    ...copy({ status: 'unknown' }),
    code: 'NotVerified',
    message: 'The copy was reported as done, but the destination could not be checked.',
  }
  expect(results).toBe(lines([unknown, ...rows.slice(1)]))
  expect(failed).toBe(lines([unknown]))
  expect(totals.status).toMatchObject({ done: { objects: 1 }, unknown: { objects: 1 } })
  expect(totals.deleted).toEqual({ objects: 1, bytes: 10 })
})

test('where the rows to run again cannot be written, none says that what nobody saw is done', async () => {
  const { files, texts, put } = reportFiles()
  await put(PATHS.results, lines([claimed()]))
  const full = new Error('ENOSPC')
  const writer: typeof files.writer = (path) =>
    path === PATHS.failed ? Promise.reject(full) : files.writer(path)
  const rules = { proofOf: () => missing, claimed: true, sourcePrefix: '', isLate: onTime }
  await expect(amendRows({ ...files, writer }, PATHS, rules)).rejects.toBe(full)
  expect(texts.get(PATHS.results)).toContain('"status":"unknown"')
})

test('a row that cannot be read leaves results as they were, what was made of them beside, and no file open', async () => {
  const { files, texts, put } = reportFiles()
  const broken = `${lines([claimed()])}{"op":"co\n`
  await put(PATHS.results, broken)
  const open = new Set<string>()
  const writer: typeof files.writer = async (path) => {
    const opened = await files.writer(path)
    open.add(path)
    const close = async () => {
      open.delete(path)
      await opened.close()
    }
    return { ...opened, close }
  }
  const options = {
    proofOf: (): Proof => 'unproven',
    claimed: true,
    sourcePrefix: '',
    isLate: onTime,
  } as const
  await expect(amendRows({ ...files, writer }, PATHS, options)).rejects.toThrow(SyntaxError)
  expect(texts.get(PATHS.results)).toBe(broken)
  const beside = [...texts].find(([path]) => /^\/r\/results\.ndjson\..+\.part$/.test(path))
  expect(beside?.[1]).toContain('NotVerified')
  expect([...open]).toEqual([])
})

test('no file stays open where the rows cannot be written anew', async () => {
  const { files, texts, put } = reportFiles()
  await put(PATHS.results, lines([claimed()]))
  const open = new Set<string>()
  const writer: typeof files.writer = async (path) => {
    if (path.endsWith('.part')) throw new Error('no space left')
    const opened = await files.writer(path)
    open.add(path)
    return { ...opened, close: () => opened.close().finally(() => open.delete(path)) }
  }
  const rules = { proofOf: () => believed, claimed: true, sourcePrefix: '', isLate: onTime }
  await expect(amendRows({ ...files, writer }, PATHS, rules)).rejects.toThrow('no space left')
  expect([...open]).toEqual([])
  expect(texts.get(PATHS.results)).toBe(lines([claimed()]))
})

test.each<[string, Proof]>([
  ['believed', believed],
  ['not proven', 'unproven'],
])(
  'rows that there is no time for stay as they are, and are not counted (%s)',
  async (_how, proof) => {
    const rows = [1, 2, 3].map((n) => copy({ key: `a/${n}`, status: 'unknown', code: 'Cancelled' }))
    const { files, texts, put } = reportFiles()
    await put(PATHS.results, lines(rows))
    let asked = 0
    const rules = {
      proofOf: () => proof,
      claimed: true,
      sourcePrefix: '',
      isLate: () => ++asked > 2,
    }
    const { status } = await amendRows(files, PATHS, rules)
    expect(status.unknown.objects).toBe(2)
    expect(texts.get(PATHS.results)).toBe(lines(rows))
    expect(texts.get(PATHS.failed)).toBe(lines(rows.slice(0, 2)))
    expect(texts.has('/r/results.ndjson.part')).toBe(false)
  },
)

test('rows of each wave are judged by what was seen of it: a look that failed says nothing of another wave', async () => {
  const { files, texts, put } = reportFiles()
  const seen = claimed({ key: 'a/0', to: 'b/0' })
  const gone = claimed({ key: 'a/lost', to: 'b/x/lost', wave: 1 })
  const unseen = claimed({ key: 'a/2', to: 'b/2', wave: 2 })
  await put(PATHS.results, lines([seen, gone, unseen]))
  const proofs = new Map<number, Proof>([
    [0, believed],
    [1, missing],
  ])
  const totals = await amendRows(files, PATHS, {
    proofOf: (wave) => proofs.get(wave) ?? 'unproven',
    claimed: true,
    sourcePrefix: 'a/',
    isLate: onTime,
  })
  const rows = (texts.get(PATHS.results) ?? '').trimEnd().split('\n')
  expect(rows.map((line) => (JSON.parse(line) as ResultRow).status)).toEqual([
    'done',
    'failed',
    'unknown',
  ])
  expect(totals.waves).toEqual([
    { done: { objects: 1, bytes: 10 }, failed: 0, heldBack: 0 },
    { done: { objects: 0, bytes: 0 }, failed: 1, heldBack: 0 },
    { done: { objects: 0, bytes: 0 }, failed: 1, heldBack: 0 },
  ])
})

test('what was held back is counted by its wave, and not among what failed', async () => {
  const held = copy({ key: 'a/h', wave: 2, status: 'failed', code: 'HeldBack' })
  const failed = copy({ key: 'a/f', status: 'failed', code: 'AccessDenied' })
  const { totals } = await settled([copy(), failed, held, held], believed)
  expect(totals.waves.map(({ done, ...row }) => ({ done: done.objects, ...row }))).toEqual([
    { done: 1, failed: 1, heldBack: 0 },
    { done: 0, failed: 0, heldBack: 0 },
    { done: 0, failed: 0, heldBack: 2 },
  ])
})

test('Of what was begun and not heard of again nobody knows whether it changed the destination', async () => {
  const { files, put } = reportFiles()
  const rows = [
    copy({ key: 'a/done' }),
    copy({ key: 'a/begun', status: 'unknown', code: 'Timeout' }),
    copy({ key: 'a/waiting', status: 'unknown', code: 'Cancelled', attempts: 0 }),
    copy({ key: 'a/refused', status: 'failed', code: 'AccessDenied' }),
    claimed({ key: 'a/unseen' }),
  ]
  await put(PATHS.results, lines(rows))
  const changed: string[] = []
  await amendRows(files, PATHS, {
    proofOf: () => 'unproven',
    claimed: true,
    sourcePrefix: 'a/',
    isLate: onTime,
    onChange: ({ key }) => void changed.push(key),
  })
  expect(changed).toEqual(['a/done', 'a/begun', 'a/unseen'])
})
