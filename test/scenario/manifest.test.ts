import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, fail } from 's3-direct-sync-testkit/faults.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ManifestStage, openManifestStage } from './manifest-stage.ts'

let opened: ManifestStage
let stage: Stage

beforeEach(async () => {
  opened = await openManifestStage()
  stage = opened.stage
})
afterEach(() => opened[Symbol.asyncDispose]())

const put = (...given: Parameters<ManifestStage['put']>) => opened.put(...given)
const list = (...given: Parameters<ManifestStage['list']>) => opened.list(...given)
const destination = () => stage.kit.store.keys('dst')
const rows = (path = ''): Promise<readonly Record<string, unknown>[]> =>
  readFile(path, 'utf8').then((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  )
const failedRows = (run: StepResult) => rows(run.outputs['failed-path'])

/** What a service is asked beside the requests about single objects. */
const lists = () => stage.kit.counters.of('ListObjectsV2')
const heads = () => stage.kit.counters.of('HeadObject')

const THREE: readonly (readonly [string, string])[] = [
  ['list.txt', 'a\nsub/b\ns3://src/data/c d\n'],
  ['list.csv', 'key,size\na,9\nsub/b,\n"c d",\n'],
  ['list.ndjson', '{"key":"a"}\n\n{"source_url":"s3://src/data/sub/b"}\n{"key":"c d"}'],
  ['list.keys0', 'a\0sub/b\0c d\0'],
  ['list.batch.csv', 'src,data/a\nsrc,data/sub/b\nsrc,data/c+d\n'],
]

describe.each(['auto', 'direct'])('exactly these, with engine %s', (engine) => {
  it.each(THREE)('are copied and nothing else, as %s names them', async (name, text) => {
    put('src', 'data/a', 'data/sub/b', 'data/c d', 'data/not-this', 'other/a')
    put('dst', 'copy/only-here')
    await using run = await stage.run({ engine, manifest: await list(name, text) })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '3', 'manifest-rows': '3' })
    expect(destination()).toEqual(['copy/a', 'copy/c d', 'copy/only-here', 'copy/sub/b'])
    await using again = await stage.run({ engine, manifest: await list(name, text) })
    expect(again.outputs).toMatchObject({ result: 'nothing-to-do', skipped: '3' })
  })
})

it('the names of the specification say where each object goes', async () => {
  put('src', 'data/klines/BTC.zip', 'data/klines/ETH.zip')
  const manifest = await list(
    'source_files.csv',
    'source_url,target_path\ns3://src/data/klines/BTC.zip,spot/symbol=BTC/a.zip\ns3://src/data/klines/ETH.zip,spot/symbol=ETH/a.zip\n',
  )
  await using run = await stage.run({ manifest })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
  expect(destination()).toEqual(['copy/spot/symbol=BTC/a.zip', 'copy/spot/symbol=ETH/a.zip'])
})

it('full URLs name the source by themselves', async () => {
  put('src', 'data/a', 'elsewhere/b')
  const text =
    '{"source_url":"s3://src/data/a","target_path":"x"}\n{"source_url":"s3://src/elsewhere/b"}\n'
  await using run = await stage.run({ source: '', manifest: await list('l.ndjson', text) })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '2' })
  expect(destination()).toEqual(['copy/elsewhere/b', 'copy/x'])
})

describe('rows of several buckets', () => {
  const text = [
    '{"source_url":"s3://src/data/a"}',
    '{"source_url":"s3://Archive.2026/b","target_path":"x/b"}',
    '{"source_url":"s3://src/data/c","target_path":"x/c"}',
  ]
  beforeEach(() => {
    stage.kit.store.createBucket('Archive.2026', { region: 'eu-west-1' })
    put('src', 'data/a', 'data/c')
    put('Archive.2026', 'b', 'not-this')
  })

  /** Writes the list into the workspace, or to S3. */
  const listAt = async (where: string, rows: readonly string[], name = 'l.ndjson') => {
    if (where === 'the workspace') return list(name, rows.join('\n'))
    stage.kit.store.put('src', `lists/${name}`, { body: rows.join('\n') })
    return `s3://src/lists/${name}`
  }

  describe.each(['the workspace', 'S3'])('of a list in %s', (where) => {
    it('are transfers of one run, each of its own bucket and region', async () => {
      const manifest = await listAt(where, text)
      await using run = await stage.run({ source: '', manifest })
      expect(run.outputs, run.log).toMatchObject({
        result: 'success',
        copied: '3',
        'manifest-rows': '3',
      })
      expect(destination()).toEqual(['copy/data/a', 'copy/x/b', 'copy/x/c'])
      expect(JSON.parse(run.outputs['transfers'] ?? '')).toMatchObject([
        { name: 'src', copied: 2 },
        { name: 'archive-2026', copied: 1 },
      ])
      await using again = await stage.run({ source: '', manifest })
      expect(again.outputs, again.log).toMatchObject({ result: 'nothing-to-do', skipped: '3' })
    })

    it('are all refused where one of them is missing: nothing is written', async () => {
      const gone = '{"source_url":"s3://Archive.2026/gone"}'
      const manifest = await listAt(where, [...text, gone])
      await using run = await stage.run({ source: '', manifest })
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
      expect(destination()).toEqual([])
    })

    it('are refused where two of them would become one object', async () => {
      const twin = '{"source_url":"s3://src/data/c","target_path":"x/b"}'
      const manifest = await listAt(where, [...text, twin])
      await using run = await stage.run({ source: '', manifest })
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
      expect(run.outputs['failure-message']).toContain('objects of two buckets would become "x/b"')
      expect(destination()).toEqual([])
    })

    it('are planned, and carried out by the plans of each', async () => {
      const manifest = await listAt(where, text)
      const plans = join(opened.folder, 'plans')
      const inputs = { source: '', manifest, 'report-dir': plans }
      await using plan = await stage.run({ ...inputs, mode: 'plan' })
      expect(plan.outputs, plan.log).toMatchObject({ result: 'planned', 'planned-copies': '3' })
      expect(destination()).toEqual([])
      await using run = await stage.run({ ...inputs, mode: 'execute' })
      expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '3' })
      expect(destination()).toEqual(['copy/data/a', 'copy/x/b', 'copy/x/c'])
    })
  })

  it('are read once, so that a list that changes meanwhile is no other for one of them', async () => {
    const manifest = await listAt('S3', text)
    const readings = stage.kit.faults.add({
      match: { operation: 'GetObject', key: 'lists/l.ndjson' },
      fault: (_request, next) => next(),
    })
    await using run = await stage.run({ source: '', manifest })
    expect(run.outputs, run.log).toMatchObject({ result: 'success' })
    expect(readings()).toBe(1)
  })

  it('have folders that any system can keep, whatever their buckets are called', async () => {
    stage.kit.store.createBucket('nul')
    put('nul', 'n')
    const manifest = await listAt('the workspace', ['s3://nul/n', 's3://src/data/a'], 'l.txt')
    await using run = await stage.run({ source: '', manifest })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
    expect(JSON.parse(run.outputs['transfers'] ?? '')).toMatchObject([
      { name: 'nul-2' },
      { name: 'src' },
    ])
  })

  it('are refused in an entry of transfers, and with key-template', async () => {
    const manifest = await listAt('the workspace', ['s3://nul/n', 's3://src/data/a'], 'l.txt')
    const transfers = `[{ name: one, destination: s3://dst/copy/, manifest: '${manifest}' }]`
    await using entry = await stage.run({ source: '', destination: '', transfers })
    expect(entry.outputs['failure-message'], entry.log).toContain(
      'the transfer one can read only one',
    )
    const template = { manifest, 'key-template': 'x/{name}' }
    await using templated = await stage.run({ source: '', ...template })
    expect(templated.outputs['failure-message'], templated.log).toContain(
      'has rows of 2 buckets (nul, src), but key-template can be used with only one',
    )
  })
})

describe.each(['plan', 'sync'])('a list of two transfers, with mode: %s,', (mode) => {
  const transfers = `
- { name: eu, destination: s3://dst/eu/ }
- { name: us, destination: s3://dst/us/ }`

  it('that changes between their readings refuses both', async () => {
    put('src', 'data/a', 'data/b')
    stage.kit.store.put('src', 'lists/l.txt', { body: 'a\n' })
    stage.kit.faults.add({
      match: { operation: 'HeadObject', key: 'lists/l.txt' },
      nth: 2,
      times: 1,
      fault: before(() => stage.kit.store.put('src', 'lists/l.txt', { body: 'b\n' })),
    })
    const manifest = 's3://src/lists/l.txt'
    await using run = await stage.run({ destination: '', transfers, manifest, mode })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
    expect(run.outputs['failure-message']).toContain(
      'The manifest s3://src/lists/l.txt changed while it was read: the transfers eu and us',
    )
    expect(destination()).toEqual([])
  })
})

it('a manifest may lie at S3, where whoever reads the source reads it', async () => {
  put('src', 'data/a')
  stage.kit.store.put('src', 'lists/today.csv', { body: 'key\na\n' })
  await using run = await stage.run({ manifest: 's3://src/lists/today.csv' })
  expect(run.outputs).toMatchObject({ result: 'success', copied: '1' })
})

describe('a row whose object is missing', () => {
  beforeEach(() => put('src', 'data/a'))

  it('refuses the run: nothing is written, and the row is named with its line', async () => {
    await using run = await stage.run({ manifest: await list('l.txt', 'a\ngone\n') })
    expect(run.exitCode).toBe(1)
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard', failed: '1' })
    expect(run.outputs['failure-message']).toContain('line 2: "data/gone"')
    expect(destination()).toEqual([])
    expect(await failedRows(run)).toEqual([
      expect.objectContaining({ key: 'data/gone', to: 'copy/gone', code: 'NotInSource' }),
    ])
  })

  it('is skipped where that is asked for, and counted', async () => {
    const manifest = await list('l.txt', 'a\ngone\n')
    await using run = await stage.run({ manifest, 'manifest-missing': 'skip' })
    expect(run.outputs).toMatchObject({ result: 'success', copied: '1', skipped: '1' })
    const report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.reasons['not-in-source']).toEqual({ objects: 1, bytes: 0 })
  })

  it('does not end a dry run, which tells it', async () => {
    await using run = await stage.run({
      manifest: await list('l.txt', 'a\ngone\n'),
      'dry-run': 'true',
    })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ result: 'planned', 'failure-kind': 'guard' })
    expect(await failedRows(run)).toHaveLength(1)
  })

  it('is an empty source where no row names an object', async () => {
    const manifest = await list('l.txt', 'gone\n')
    await using run = await stage.run({ manifest, 'manifest-missing': 'skip' })
    expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
    await using blank = await stage.run({ manifest: await list('e.txt', '\n') })
    expect(blank.outputs['failure-message']).toContain('lists no object')
    await using allowed = await stage.run({
      manifest,
      'manifest-missing': 'skip',
      'allow-empty-source': 'true',
    })
    expect(allowed.outputs).toMatchObject({ result: 'nothing-to-do' })
  })
})

it.each([
  ['a size', '{"key":"a","size":8}'],
  ['an ETag', '{"key":"a","etag":"0123456789abcdef0123456789abcdef"}'],
])('an object that is another than %s says refuses the run, also with skip', async (_what, row) => {
  put('src', 'data/a', 'data/b')
  const manifest = await list('l.ndjson', `{"key":"b"}\n${row}\n`)
  await using run = await stage.run({ manifest, 'manifest-missing': 'skip' })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  expect(destination()).toEqual([])
  expect(await failedRows(run)).toEqual([
    expect.objectContaining({ key: 'data/a', code: 'ChangedSinceManifest' }),
  ])
})

describe('an object that changes between its look-up and its copy', () => {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const pinned = ['a', 'b'].map((key) => JSON.stringify({ key, etag: md5(`body of ${key}`) }))
  /** Writes other objects just before the first copy. */
  const changing = ({ kit }: Stage) => {
    kit.faults.add({
      match: { operation: 'CopyObject' },
      times: 1,
      fault: before(() => {
        for (const key of ['data/a', 'data/b']) kit.store.put('src', key, { body: 'untested!' })
      }),
    })
  }

  it.each(['auto', 'direct'])(
    'is not copied where its row says what it is, with engine %s',
    async (engine) => {
      changing(stage)
      put('src', 'data/a', 'data/b')
      const manifest = await list('l.ndjson', pinned.join('\n'))
      await using run = await stage.run({ engine, manifest })
      expect(run.outputs, run.log).toMatchObject({ result: 'failed', failed: '2' })
      expect(await failedRows(run)).toMatchObject([
        { code: 'ChangedSinceManifest', engine: 'direct' },
        { code: 'ChangedSinceManifest', engine: 'direct' },
      ])
      expect(destination()).toEqual([])
    },
  )

  it('is refused with engine s5cmd, which cannot check what its row says', async () => {
    put('src', 'data/a', 'data/b')
    const manifest = await list('l.ndjson', pinned.join('\n'))
    await using run = await stage.run({ engine: 's5cmd', manifest })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed' })
    expect(run.outputs['failure-message']).toContain('"data/a" (pinned-by-manifest)')
    expect(run.outputs['failure-message']).toContain('Set engine: auto')
    expect(destination()).toEqual([])
  })

  it('fails where the service heeds no conditions, and is told', async () => {
    await using own = await openStage({ passesOver: ['x-amz-copy-source-if-match'] })
    changing(own)
    for (const key of ['a', 'b'])
      own.kit.store.put('src', `data/${key}`, { body: `body of ${key}` })
    const manifest = await list('l.ndjson', pinned.join('\n'))
    await using run = await own.run({ manifest })
    expect(run.outputs, run.log).toMatchObject({ result: 'failed', failed: '2' })
    expect((await failedRows(run)).map(({ code }) => code)).toEqual([
      'SourceChanged',
      'SourceChanged',
    ])
  })

  it('is copied as it is by then where its row only names it', async () => {
    changing(stage)
    put('src', 'data/a', 'data/b')
    await using run = await stage.run({ manifest: await list('l.txt', 'a\nb\n') })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
  })
})

it('rows that say a SHA-256 take no more requests, where S3 stores it', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `k${at}`)
  for (const name of names)
    stage.kit.store.put('src', `data/${name}`, { body: name, checksums: { sha256: undefined } })
  const row = (key: string, body = key) =>
    JSON.stringify({ key, sha256: createHash('sha256').update(body).digest('hex') })
  const manifest = await list('l.ndjson', names.map((name) => row(name)).join('\n'))
  await using run = await stage.run({ manifest, mode: 'plan' })
  expect(run.outputs, run.log).toMatchObject({ result: 'planned', 'planned-copies': '20' })
  expect(heads()).toBeLessThan(50)
  const { manifest: told } = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  expect(told).toMatchObject({ sha256Unproven: 0, lookUps: { source: { heads: 20 } } })
  const other = await list('o.ndjson', `${row('k1')}\n${row('k2', 'other bytes')}\n`)
  await using refused = await stage.run({ manifest: other })
  expect(await failedRows(refused)).toMatchObject([
    { key: 'data/k2', code: 'ChangedSinceManifest' },
  ])
})

it('a SHA-256 that may not be seen, as nobody may use the KMS key, is left unproven', async () => {
  put('src', 'data/a')
  stage.kit.faults.add({
    match: ({ operation, headers }) =>
      operation === 'HeadObject' && headers['x-amz-checksum-mode'] !== undefined,
    fault: fail(403, 'AccessDenied'),
  })
  const manifest = await list('l.ndjson', `{"key":"a","sha256":"${'0'.repeat(64)}"}`)
  await using run = await stage.run({ manifest, mode: 'plan' })
  expect(run.outputs, run.log).toMatchObject({ result: 'planned', 'planned-copies': '1' })
  const { manifest: told } = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
  // The object without its checksums is asked for once more.
  expect(told).toMatchObject({ sha256Unproven: 1, lookUps: { source: { lists: 0 } } })
})

it('an object that HEAD cannot show, as one with a key of the customer, is looked up by a listing', async () => {
  put('src', 'data/a', 'data/b')
  for (const key of ['data/b', 'copy/b'])
    stage.kit.faults.add({
      match: { operation: 'HeadObject', key },
      fault: fail(400, 'InvalidRequest'),
    })
  await using run = await stage.run({ manifest: await list('l.txt', 'a\nb\n'), mode: 'plan' })
  expect(run.outputs, run.log).toMatchObject({ result: 'planned', 'planned-copies': '2' })
})

it('a key that is too long at the destination is named, and nothing is written', async () => {
  const long = 'k'.repeat(1019)
  put('src', 'data/a', `data/${long}`)
  const manifest = await list('l.txt', `a\n${long}\n`)
  await using run = await stage.run({ manifest, destination: 's3://dst/longer/' })
  expect(run.outputs, run.log).toMatchObject({ result: 'failed', 'failure-kind': 'guard' })
  expect(run.outputs['failure-message']).toContain('would have 1,026 bytes')
  expect(destination()).toEqual([])
})

describe('the marker of the folder itself', () => {
  const marker = '{"key":""}\n{"key":"a"}\n'
  beforeEach(() => {
    put('src', 'data/a')
    stage.kit.store.put('src', 'data/', { body: '' })
  })

  it('is an object as any other, whatever key-template makes of the rest', async () => {
    const manifest = await list('l.ndjson', marker)
    await using run = await stage.run({ manifest, 'key-template': 'by/{key}', 'key-pattern': '' })
    expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '2' })
    expect(destination()).toEqual(['copy/', 'copy/by/a'])
  })

  it('has no key at the root of a bucket, and is accounted for', async () => {
    const manifest = await list('l.ndjson', marker)
    await using run = await stage.run({ manifest, destination: 's3://dst/' })
    expect(run.outputs, run.log).toMatchObject({
      ...{ result: 'success', copied: '1', skipped: '1', 'manifest-rows': '2' },
    })
    expect(destination()).toEqual(['a'])
  })
})

it('what is wrong with rows is told all at once, before anything is asked', async () => {
  put('src', 'data/a')
  const text = [
    '{"key":"a","target_path":"../x"}',
    '{"key":"a",',
    '{"key":"a","colour":"red"}',
    '{"source_url":"s3://other/data/a"}',
    '{"key":"a","size":-1,"sha256":"00"}',
  ].join('\n')
  await using run = await stage.run({ manifest: await list('l.ndjson', text) })
  expect(run.outputs).toMatchObject({ result: 'failed', 'failure-kind': 'inputs' })
  for (const line of [1, 2, 3, 4, 5])
    expect(run.outputs['failure-message']).toContain(`line ${line}`)
  expect(run.outputs['failure-message']).toContain('6 changes')
  expect(lists() + heads()).toBe(0)
})

it('two rows for one target are refused with both lines, and a row that comes twice counts once', async () => {
  put('src', 'data/a', 'data/b')
  const row = (key: string) => `{"key":"${key}","target_path":"x"}`
  const manifest = await list('l.ndjson', [row('a'), row('a'), row('b')].join('\n'))
  await using refused = await stage.run({ manifest })
  expect(refused.outputs['failure-message']).toMatch(/lines 1 and 3.*"x".*"a" and "b"/)
  expect(destination()).toEqual([])
  const twice = await list('t.ndjson', [row('a'), row('a')].join('\n'))
  await using run = await stage.run({ manifest: twice })
  expect(run.outputs).toMatchObject({
    result: 'success',
    copied: '1',
    skipped: '1',
    'manifest-rows': '2',
  })
})

it("a list of yesterday's files of an archive gets its keys by the recipe, and what is not there yet is left out", async () => {
  put(
    'src',
    'data/BTCUSDT/1m/BTCUSDT-1m-2026-11-27.zip',
    'data/BTCUSDT/1m/BTCUSDT-1m-2026-11-26.zip',
  )
  const names = ['BTCUSDT', 'ETHUSDT'].map((pair) => `${pair}/1m/${pair}-1m-2026-11-27.zip\n`)
  await using run = await stage.run({
    manifest: await list('yesterday.txt', names.join('')),
    'manifest-missing': 'skip',
    'key-template': 'kline-archive',
  })
  expect(run.outputs, run.log).toMatchObject({ result: 'success', copied: '1', skipped: '1' })
  expect(destination()).toEqual([
    'copy/symbol=BTCUSDT/interval=1m/date=2026-11-27/BTCUSDT-1m-2026-11-27.zip',
  ])
})

it('a refused run has the reason for its headline, and says what each file of it is called', async () => {
  put('src', 'data/a')
  await using run = await stage.run({ manifest: await list('l.txt', 'a\ngone\n') })
  const summary = await readFile(run.outputs['summary-path'] ?? '', 'utf8')
  expect(summary).toContain('## ❌ Manifest: 1 row is not in the source')
  expect(summary).toMatch(/\| Manifest +\| `[^`]+l\.txt` · 2 rows/)
  await using done = await stage.run({ manifest: await list('m.txt', 'a\n') })
  expect(await readFile(done.outputs['summary-path'] ?? '', 'utf8')).toContain('`published-path`')
})
