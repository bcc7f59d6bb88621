import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { hostileKeys } from 's3-direct-sync-testkit/hostile-keys.ts'
import type { StepResult } from 's3-direct-sync-testkit/runner.ts'
import type { ObjectSpec } from 's3-direct-sync-testkit/store.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runs } from '../runs.ts'
import { type ManifestStage, openManifestStage } from './manifest-stage.ts'

let opened: ManifestStage
beforeEach(async () => {
  opened = await openManifestStage()
})
afterEach(() => opened[Symbol.asyncDispose]())

const HOSTILE = hostileKeys().map(({ key }) => key)
const LETTERS = ['a', 'b', 'B', '0', '!', '-', '.', ' ', '+', '%', '"', ',', '\n', '\r', '\0', 'é']
const segment = fc.string({
  unit: fc.constantFrom(...LETTERS, '\u{ffee}', '\u{1f600}'),
  minLength: 1,
  maxLength: 4,
})
const wild = fc.array(segment, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
/** So many that they are looked up by listing, and some that are not there behind them. */
const dense = fc
  .integer({ min: 1001, max: 1300 })
  .map((count) => Array.from({ length: count }, (_, at) => `p${at % 7}/${at}.csv`))
/** What a list of one key a line can hold. */
const isLine = (key: string): boolean => !/[\n\r\0]|^s3:/.test(key)
const keys = fc
  .tuple(
    fc.boolean(),
    fc.uniqueArray(fc.oneof(fc.constantFrom(...HOSTILE), wild), { minLength: 1, maxLength: 40 }),
    fc.oneof({ weight: 4, arbitrary: fc.constant<string[]>([]) }, dense),
  )
  .map(([tame, odd, many]) => [...new Set([...(tame ? odd.filter(isLine) : odd), ...many])])
  .filter((all) => all.length > 0)

const NOW = Math.floor(Date.now() / 1000) * 1000
/** How the destination has an object. */
const fates = fc.constantFrom<(from: ObjectSpec) => ObjectSpec | undefined>(
  () => undefined,
  (from) => from,
  (from) => ({ ...from, lastModifiedMs: NOW }),
  (from) => ({ ...from, etag: `${'a'.repeat(32)}-2` }),
  (from) => ({ ...from, etag: `${'a'.repeat(32)}-2`, lastModifiedMs: NOW - 9_000_000 }),
  (from) => ({ ...from, body: `${from.body} and more` }),
)
const objects = keys.chain((all) =>
  fc.tuple(
    ...all.map((key) =>
      fc.record({
        key: fc.constant(key),
        fate: fates,
        body: fc.constantFrom('', 'one', 'three'),
        ageMs: fc.constantFrom(3_600_000, 7_200_000),
        storageClass: fc.constantFrom('STANDARD', 'STANDARD', 'STANDARD_IA', 'GLACIER'),
        checksums: fc.constantFrom({}, { crc64nvme: undefined }),
      }),
    ),
  ),
)

const FILTERS = [
  {},
  { exclude: '*a' },
  { include: '*.csv\n**/b*' },
  { include: 'p1/\np2/**\n* *', exclude: '**/*7*' },
]
const COMPARE = ['auto', 'auto', 'checksum', 'size', 'newer', 'etag', 'missing', 'always']
const WAVES = [{}, {}, { waves: '*.csv\n---\np1/**\na*' }, { waves: 'website' }]
const KEYS = [{}, {}, { 'key-template': 'by/{key}' }]
const inputs = fc
  .record({
    filters: fc.constantFrom(...FILTERS),
    compare: fc.constantFrom(...COMPARE),
    waves: fc.constantFrom(...WAVES),
    keys: fc.constantFrom(...KEYS),
    overwrite: fc.constantFrom({}, {}, { overwrite: 'never' }),
  })
  .map(({ filters, compare, waves, keys: moved, overwrite }) => ({
    ...{ compare, 'allow-empty-source': 'true' },
    ...filters,
    ...waves,
    ...moved,
    ...overwrite,
  }))

type Keys = readonly string[]
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
const form = (key: string) => encodeURIComponent(`data/${key}`).replaceAll('%20', '+')

/** Puts an S3 Inventory into the source's bucket, in two data files; gives its manifest.json. */
function inventory(all: Keys, pack: (text: string) => Buffer, ending: string): string {
  const { store } = opened.stage.kit
  const half = all.length >>> 1
  const files = [all.slice(0, half), all.slice(half)].map((some, at) => {
    const rows = some.map((one) => {
      const { size, etag } = store.facts('src', `data/${one}`) ?? {}
      return `"src","${form(one)}","${size}","${etag}"\n`
    })
    const body = pack(rows.join(''))
    const key = `lists/${at}${ending}`
    store.put('src', key, { body })
    return { key, size: body.length, MD5checksum: createHash('md5').update(body).digest('hex') }
  })
  return JSON.stringify({
    sourceBucket: 'src',
    destinationBucket: 'arn:aws:s3:::src',
    fileFormat: 'CSV',
    fileSchema: 'Bucket, Key, Size, ETag',
    files,
  })
}

/** Lists by their names, each for the keys that it can hold. */
const FORMS: readonly (readonly [
  name: string,
  write: (all: Keys) => string,
  holds?: (key: string) => boolean,
])[] = [
  ['l.txt', (all) => all.map((one) => `${one}\n`).join(''), isLine],
  ['l.keys0', (all) => all.map((one) => `${one}\0`).join(''), (one) => !/\0|^s3:/.test(one)],
  ['l.csv', (all) => ['key', ...all.map(quoted)].join('\r\n')],
  [
    'urls.csv',
    (all) => ['source_url', ...all.map((one) => quoted(`s3://src/data/${one}`))].join('\n'),
  ],
  ['l.ndjson', (all) => all.map((key) => JSON.stringify({ key })).join('\n')],
  ['l.batch.csv', (all) => all.map((one) => `src,${form(one)}\n`).join('')],
  ['manifest.json', (all) => inventory(all, Buffer.from, '.csv')],
  ['manifest.json', (all) => inventory(all, (text) => gzipSync(text), '.csv.gz')],
]

/** The copies of a plan, as they stand there, but for the mark of rows that say what their object is. */
async function opsOf({ outputs, log }: StepResult): Promise<readonly string[]> {
  expect(outputs['plan-path'], log).toBeDefined()
  const lines = (await readFile(outputs['plan-path'] ?? '', 'utf8')).split('\n')
  const copies = lines.filter((line) => line.startsWith('{"op":"copy"'))
  return copies.map((line) => line.replace(',"pinned":true', ''))
}

const MOST_TOLD = 5
/** What a plan has that another one has not: both are long. */
const more = (ops: readonly string[], other: readonly string[]): readonly string[] => {
  const known = new Set(other)
  return ops.filter((op) => !known.has(op)).slice(0, MOST_TOLD)
}

const tries = fc.record({
  objects,
  inputs,
  forms: fc.subarray([...FORMS], { minLength: 2, maxLength: 3 }),
  withDelete: fc.boolean(),
})

it('the plan of a full listing given as a manifest has the ops of the listing, byte for byte', async () => {
  const { stage, list } = opened
  const { store } = stage.kit
  let planned = 0
  await fc.assert(
    fc.asyncProperty(tries, async ({ objects: all, inputs: options, forms, withDelete }) => {
      for (const bucket of ['src', 'dst'])
        for (const key of store.keys(bucket)) store.delete(bucket, key)
      for (const { key, fate, ageMs, ...spec } of all) {
        const from = { ...spec, lastModifiedMs: NOW - ageMs }
        store.put('src', `data/${key}`, from)
        const to = fate(from)
        if (to) store.put('dst', `copy/${'key-template' in options ? 'by/' : ''}${key}`, to)
      }
      store.put('dst', 'copy/extra', { body: 'extra' })
      // What only the destination has is no row of a list: the copies are the same ones beside it.
      const deletes = withDelete ? { delete: 'true', 'max-delete': '1000 100%' } : {}
      await using prefix = await stage.run({ ...options, ...deletes, mode: 'plan' })
      const expected = await opsOf(prefix)
      planned += expected.length
      const named = all.map(({ key }) => key).reverse()
      for (const [name, write, holds = () => true] of forms) {
        if (!named.every(holds)) continue
        const manifest = await list(name, write(named))
        await using run = await stage.run({ ...options, manifest, mode: 'plan' })
        const ops = await opsOf(run)
        expect(
          [more(ops, expected), more(expected, ops)],
          `${name} ${JSON.stringify(options)}`,
        ).toEqual([[], []])
        expect(ops.join('\n') === expected.join('\n')).toBe(true)
        expect(run.outputs['planned-copies']).toBe(prefix.outputs['planned-copies'])
      }
    }),
    {
      ...runs(3),
      endOnFailure: true,
      // The objects of a case fill hundreds of pages.
      reporter: ({ errorInstance, seed, counterexamplePath }) => {
        if (errorInstance)
          throw new Error(`seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance })
      },
    },
  )
  expect(planned).toBeGreaterThan(0)
}, 3_600_000)
