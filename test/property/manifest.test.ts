import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listedChecksum } from '../../src/model/checksum.ts'
import type { Manifest } from '../../src/model/manifest.ts'
import type { Compare, SelectionRequest } from '../../src/model/request.ts'
import { makePlanFile } from '../../src/plan/plan.ts'
import type { HeadResult, Objects, Store } from '../../src/storage/store.ts'
import { type ListedObject, listedStore } from '../listed-store.ts'
import { readBytes } from '../manifest-files.ts'
import { memoryFiles } from '../memory-files.ts'
import { idleSystem, jumpingClock, recordingLog } from '../ports.ts'
import { runs } from '../runs.ts'

/** Keys of all kinds that a file can hold in its own way. */
const key = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 8 })
  .filter((text) => text.isWellFormed() && !text.startsWith('s3://'))
const keys = fc.array(key, { maxLength: 12 })
const pieceBytes = fc.integer({ min: 1, max: 9 })
const field = (text: string): string => `"${text.replaceAll('"', '""')}"`
const form = (text: string): string => encodeURIComponent(text)

const WRITTEN = [
  ['ndjson', (all: readonly string[]) => all.map((one) => JSON.stringify({ key: one })).join('\n')],
  ['csv', (all: readonly string[]) => ['key', ...all.map(field)].join('\r\n')],
  ['keys0', (all: readonly string[]) => all.map((one) => `${one}\0`).join('')],
  ['batch', (all: readonly string[]) => all.map((one) => `src,${form(`data/${one}`)}\n`).join('')],
] as const

describe('what is written as', () => {
  it.each(WRITTEN)(
    '%s comes back as it was, however it is cut into pieces',
    async (format, write) => {
      await fc.assert(
        fc.asyncProperty(keys, pieceBytes, async (all, bytes) => {
          const given = format === 'keys0' ? all.filter((one) => !one.includes('\0')) : all
          const { rows } = await readBytes(write(given), format, { pieceBytes: bytes })
          expect(rows.map((row) => row.key)).toEqual(given)
        }),
        runs(100),
      )
    },
  )

  it('anything at all is read or refused, and never takes down the reader', async () => {
    const formats = fc.constantFrom('ndjson', 'csv', 'keys0', 'keys', 'batch')
    const text = fc.string({ unit: fc.constantFrom(...'a",\n\r\0{}:\ufeff%+\\ké'), maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(text, formats, pieceBytes, async (content, format, bytes) => {
        const read = await readBytes(content, format, { pieceBytes: bytes }).catch((error) => error)
        if (read instanceof Error) expect(read.message).toMatch(/^The manifest list needs/)
        else expect(read.manifest.rows).toBe(read.rows.length + read.manifest.leftOut.filtered)
      }),
      runs(300),
    )
  })
})

const RULES: SelectionRequest = {
  include: [],
  exclude: [],
  compare: 'auto',
  overwrite: 'if-different',
  allowEmptySource: true,
  delete: false,
  maxDelete: { percent: 100 },
}

type Held = ReadonlyMap<string, ListedObject>

/** A store that is listed and looked at alike. */
function store(objects: Held, pageKeys: number, order: 'bytes' | 'folder-first') {
  const listed = listedStore({ objects, pageKeys, order })
  const counts = { heads: 0 }
  const stat: Objects['stat'] = async ({ key }, _limit, what) => {
    counts.heads++
    const found = objects.get(key)
    if (!found) return undefined
    const { size, etag, second, storageClass } = found
    const modified = new Date(second * 1000).toISOString()
    const checksums = what ? (found.checksums ?? new Map()) : undefined
    return { size, etag, modified, restored: false, storageClass, checksums } satisfies HeadResult
  }
  const all: Store = { ...listed, objects: { ...listed.objects, stat } }
  return { all, counts, queries: listed.queries }
}

const under = (prefix: string, objects: Held): Held =>
  new Map([...objects].map(([name, object]) => [prefix + name, object]))

interface World {
  readonly source: Held
  readonly destination: Held
  readonly pageKeys: number
  readonly order: 'bytes' | 'folder-first'
  readonly endpoint: string | undefined
  readonly compare: Compare
}

async function opsOf(world: World, named: readonly string[] | undefined) {
  const files = memoryFiles()
  const { pageKeys, order, endpoint, compare } = world
  const rules: SelectionRequest = { ...RULES, compare }
  const [from, to] = [
    store(under('s/', world.source), pageKeys, order),
    store(under('d/', world.destination), pageKeys, order),
  ]
  const place = { single: false, region: 'r', endpoint }
  const source = { ...place, store: from.all, bucket: 'source', prefix: 's/' }
  const destination = { ...place, store: to.all, bucket: 'destination', prefix: 'd/' }
  const writer = await files.writer('/rows')
  for (const [at, one] of (named ?? []).entries())
    await writer.write(JSON.stringify({ line: at + 1, key: one }))
  const manifest: Manifest = {
    name: 'list',
    sha256: 'f'.repeat(64),
    missing: 'fail',
    path: '/rows',
    rows: named?.length ?? 0,
    leftOut: { noncurrent: 0, 'delete-marker': 0, filtered: 0 },
    hasTargets: false,
    bucket: 'source',
    firstKeys: [],
  }
  const transfer = { requestTimeoutMs: 1000, retryCount: 0 }
  const plan = await makePlanFile(
    {
      source,
      destination,
      rules: named
        ? {
            ...rules,
            manifest: { name: 'list', address: { path: '/l' }, format: 'keys', missing: 'fail' },
          }
        : rules,
      mode: 'plan',
      write: {},
      looks: transfer,
      manifest: named && { manifest, transfer, failedPath: '/failed' },
    },
    '/plan',
    {
      files,
      clock: jumpingClock(),
      system: idleSystem,
      signal: new AbortController().signal,
      log: recordingLog(),
    },
  )
  const lines = (files.texts.get('/plan') ?? '')
    .split('\n')
    .filter((line) => line.startsWith('{"op"'))
  return {
    lines,
    plan,
    heads: from.counts.heads + to.counts.heads,
    failed: files.texts.get('/failed'),
  }
}

const segment = fc.string({
  unit: fc.constantFrom('a', 'b', '0', '!', '-', ' ', 'é', '\u{ffee}', '\u{1f600}'),
  minLength: 1,
  maxLength: 4,
})
const wild = fc.array(segment, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const dense = fc.integer({ min: 0, max: 3000 }).map((n) => `p${Math.floor(n / 100)}/${n}`)
const NAMED =
  listedChecksum('ChecksumAlgorithm', 'CRC32') | listedChecksum('ChecksumType', 'FULL_OBJECT')
/** Some were written before S3 stored any checksums. */
const sums = fc.constantFrom(
  ...[{}, { listed: NAMED, checksums: new Map([['CRC32', 'AAAAAA==']]) }],
  { listed: NAMED, checksums: new Map([['CRC32', 'BBBBBA==']]) },
)
const object: fc.Arbitrary<ListedObject> = fc
  .tuple(
    fc.record({
      size: fc.integer({ min: 0, max: 2 }),
      etag: fc.constantFrom('e', 'f'),
      second: fc.integer({ min: 0, max: 2 }),
    }),
    sums,
  )
  .map(([one, more]) => ({ ...one, ...more }))

// The folder itself may have a marker.
const marked = fc.oneof({ weight: 30, arbitrary: wild }, { weight: 1, arbitrary: fc.constant('') })
const few = fc.uniqueArray(marked, { maxLength: 40 })
const many = fc.uniqueArray(dense, { minLength: 1001, maxLength: 1400, size: 'max' })
const world = (all: fc.Arbitrary<string[]>): fc.Arbitrary<World> =>
  all
    .chain((names) => {
      const objects = fc.array(object, { minLength: names.length, maxLength: names.length })
      const held = objects.map(
        (some) => new Map(names.map((one, at) => [one, some[at] as ListedObject])),
      )
      const some = fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length })
      const part = fc
        .tuple(held, some)
        .map(([map, kept]) => new Map([...map].filter((_, at) => kept[at])))
      return fc.record({
        source: held,
        destination: part,
        pageKeys: fc.integer({ min: 1, max: 300 }),
        order: fc.constantFrom('bytes', 'folder-first'),
        endpoint: fc.constantFrom('http://other', undefined),
        compare: fc.constantFrom('auto', 'checksum'),
      })
    })
    // AWS lists in the order of bytes.
    .map((one) => (one.endpoint === undefined ? { ...one, order: 'bytes' as const } : one))

describe('a manifest of a full listing', () => {
  it.each([
    ['few', few, 60],
    ['many', many, 12],
  ])(
    'has the ops of a sync of the prefix, byte for byte: %s keys',
    async (_what, all, times) => {
      await fc.assert(
        fc.asyncProperty(world(all), async (one) => {
          const named = [...one.source.keys()].reverse()
          const [listed, given] = [await opsOf(one, undefined), await opsOf(one, named)]
          expect(given.lines).toEqual(listed.lines)
          expect(given.failed).toBeUndefined()
          expect(given.plan.refused).toBeUndefined()
        }),
        runs(times),
      )
    },
    60_000,
  )

  it('loses no row: each is planned, unchanged, or left out with its reason', async () => {
    await fc.assert(
      fc.asyncProperty(world(few), few, async (one, more) => {
        const named = [...one.source.keys(), ...more, ...more.slice(0, 2)]
        const { plan, failed } = await opsOf(one, named)
        const counted = Object.values(plan.trailer.reasons).reduce(
          (sum, { objects }) => sum + objects,
          0,
        )
        const missing = (failed ?? '').split('\n').length - 1
        expect(counted + Math.max(0, missing)).toBe(named.length)
      }),
      runs(60),
    )
  }, 60_000)
})
