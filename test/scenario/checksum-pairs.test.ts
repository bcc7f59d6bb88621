import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { openStage, type Stage } from 's3-direct-sync-testkit/stage.ts'
import type { ObjectSpec } from 's3-direct-sync-testkit/store.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Op } from '../../src/model/op.ts'
import type { Report } from '../../src/model/report.ts'
import { runs } from '../runs.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage[Symbol.asyncDispose]())

const ALGORITHMS = ['crc64nvme', 'crc32', 'crc32c', 'sha1', 'sha256']

/** What HEAD tells of the checksums that an object has. */
const TOLD = ['all', 'all', 'all', 'all', 'no type', 'no values', 'short values', 'the first']
/** How one side keeps an object. */
const side = fc.record({
  algorithms: fc.oneof(
    { weight: 7, arbitrary: fc.uniqueArray(fc.constantFrom(...ALGORITHMS), { minLength: 2 }) },
    fc.constant<string[]>([]),
  ),
  composite: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  told: fc.constantFrom(...TOLD),
})
type Side = typeof side extends fc.Arbitrary<infer Of> ? Of : never

/** Two contents of one size, every other time the same, and how either side keeps its own. */
const pair = fc
  .record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
    isSame: fc.boolean(),
    change: fc.record({ at: fc.nat(11), by: fc.integer({ min: 1, max: 255 }) }),
    sides: fc.tuple(side, side),
  })
  .map(({ bytes, isSame, change, sides }) => {
    const other = Buffer.from(bytes)
    const at = change.at % bytes.length
    if (!isSame) other[at] = (other[at] ?? 0) ^ change.by
    return { bodies: [Buffer.from(bytes), other] as const, isSame, sides }
  })

const NOW = Math.floor(Date.now() / 1000) * 1000
/** With ETags that prove nothing. */
const specOf = ({ algorithms, composite }: Side, body: Buffer, etag: string): ObjectSpec => ({
  ...{ body, etag: `${etag.repeat(32)}-2`, lastModifiedMs: NOW - 3_600_000 },
  checksums: Object.fromEntries(algorithms.map((name) => [name, composite ? 'AAAA-2' : undefined])),
  checksumType: composite ? 'COMPOSITE' : 'FULL_OBJECT',
})

/** What is left of the headers of an answer. */
function shown(headers: Readonly<Record<string, string>>, told: string): Record<string, string> {
  const sums = Object.keys(headers).filter((name) => name.startsWith('x-amz-checksum-'))
  const values = sums.filter((name) => name !== 'x-amz-checksum-type')
  const left = { ...headers }
  const gone =
    told === 'no type'
      ? ['x-amz-checksum-type']
      : told === 'no values'
        ? values
        : told === 'the first'
          ? values.slice(1)
          : []
  for (const name of gone) delete left[name]
  if (told === 'short values') for (const name of values) left[name] = left[name]?.slice(0, 4) ?? ''
  return left
}

it.each(['checksum', 'auto'])(
  'of pairs of one size none is taken for the same that is not, whatever is told of their checksums (compare: %s)',
  async (compare) => {
    const { store, faults } = stage.kit
    const { numRuns } = runs(500)
    const pairs = fc.sample(pair, { numRuns, seed: Date.now() })
    const told = new Map<string, string>()
    for (const [at, { bodies, sides }] of pairs.entries()) {
      const name = `k${String(at).padStart(7, '0')}`
      store.put('src', `data/${name}`, specOf(sides[0], bodies[0], 'a'))
      store.put('dst', `copy/${name}`, specOf(sides[1], bodies[1], 'b'))
      told.set(`src data/${name}`, sides[0].told)
      told.set(`dst copy/${name}`, sides[1].told)
    }
    faults.add({
      match: { operation: 'HeadObject' },
      fault: async ({ bucket, key }, next) => {
        const reply = await next()
        const headers = shown(reply.headers, told.get(`${bucket} ${key}`) ?? 'all')
        return { ...reply, headers }
      },
    })
    await using run = await stage.run({ compare, mode: 'plan' }, { timeoutMs: 600_000 })
    expect(run.outputs, run.log).toMatchObject({ result: 'planned' })
    const lines = (await readFile(run.outputs['plan-path'] ?? '', 'utf8')).split('\n').slice(1, -2)
    const copied = new Set(lines.map((line) => (JSON.parse(line) as Op).key))
    // None is older than the other: what is not proven to be the same is copied.
    const left = pairs.filter((_, at) => !copied.has(`data/k${String(at).padStart(7, '0')}`))
    expect(left.filter(({ isSame }) => !isSame)).toEqual([])
    const report: Report = JSON.parse(await readFile(run.outputs['report-path'] ?? '', 'utf8'))
    expect(report.reasons['same-checksum']?.objects).toBe(left.length)
    // Else nothing would have been tried.
    expect(left.length).toBeGreaterThan(numRuns / 20)
    expect(report.reasons['checksum-differs']?.objects).toBeGreaterThan(numRuns / 20)
  },
  900_000,
)
