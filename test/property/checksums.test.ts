import fc from 'fast-check'
import { CHECKSUMS } from 's3-direct-sync-testkit/s3/checksums.ts'
import { expect, it } from 'vitest'
import { listedChecksum, wholeChecksums } from '../../src/model/checksum.ts'
import { toKeyBytes } from '../../src/model/key.ts'
import type { ObjectInfo } from '../../src/model/object-info.ts'
import { ChecksumLooks } from '../../src/plan/checksum-looks.ts'
import { decide } from '../../src/plan/decide.ts'
import { jumpingClock, recordingLog, scriptedObjects, scriptedStore } from '../ports.ts'

const MODIFIED = '2026-01-01T00:00:00.000Z'

const ALGORITHMS = Object.keys(CHECKSUMS).map((name) => name.toUpperCase())

/** How a side tells of the checksums that it has. */
const side = fc.record({
  algorithms: fc.uniqueArray(fc.constantFrom(...ALGORITHMS), { minLength: 1 }),
  /** What the service keeps is of this: a composite is what it makes of parts. */
  kept: fc.constantFrom('whole', 'whole', 'whole', 'whole', 'composite', 'nothing'),
  named: fc.constantFrom('all', 'algorithms', 'nothing'),
  told: fc.constantFrom(
    'all',
    'all',
    'all',
    'all',
    'values',
    'some',
    'empty',
    'short',
    'type',
    'nothing',
  ),
  parted: fc.boolean(),
})
type Side = typeof side extends fc.Arbitrary<infer Of> ? Of : never

const sumOf = (name: string, bytes: Buffer): string => CHECKSUMS[name.toLowerCase()]?.(bytes) ?? ''

/** What the service keeps of an object that was put together from two parts, or written whole. */
function keptOf({ algorithms, kept }: Side, bytes: Buffer): [string, string][] {
  if (kept === 'nothing') return []
  const half = bytes.length >>> 1
  return algorithms.map((name) => {
    if (kept === 'whole') return [name, sumOf(name, bytes)]
    const sums = [bytes.subarray(0, half), bytes.subarray(half)].map((part) =>
      Buffer.from(sumOf(name, part), 'base64'),
    )
    return [name, `${sumOf(name, Buffer.concat(sums))}-2`]
  })
}

function headersOf(own: Side, bytes: Buffer): Record<string, string> {
  const { told, kept } = own
  const shown = keptOf(own, bytes).slice(0, told === 'some' ? 1 : undefined)
  const values = shown.map(([name, value]) => {
    const sent = told === 'empty' ? '' : told === 'short' ? value.slice(0, 4) : value
    return [`x-amz-checksum-${name.toLowerCase()}`, sent]
  })
  const type = kept === 'composite' ? 'COMPOSITE' : 'FULL_OBJECT'
  return {
    ...(['nothing', 'type'].includes(told) ? {} : Object.fromEntries(values)),
    ...(['nothing', 'values'].includes(told) ? {} : { 'x-amz-checksum-type': type }),
  }
}

function listedOf({ algorithms, kept, named }: Side): number {
  if (named === 'nothing' || kept === 'nothing') return 0
  const type = kept === 'composite' ? 'COMPOSITE' : 'FULL_OBJECT'
  return algorithms
    .map((name) => listedChecksum('ChecksumAlgorithm', name))
    .concat(named === 'all' ? [listedChecksum('ChecksumType', type)] : [])
    .reduce((sum, bits) => sum | bits, 0)
}

/** A side with one object, and how it is listed. */
function played(own: Side, bytes: Buffer, name: 'source' | 'destination') {
  const isParted = own.parted || own.kept === 'composite'
  const etag = `${(name === 'source' ? 'a' : 'b').repeat(32)}${isParted ? '-2' : ''}`
  const listed: ObjectInfo = {
    ...{ key: toKeyBytes('k'), size: bytes.length, etag, modified: MODIFIED },
    ...{ storageClass: '', restored: false, checksums: listedOf(own) || undefined },
  }
  const objects = scriptedObjects({
    stat: async () => ({
      ...{ size: bytes.length, etag, modified: MODIFIED, restored: false },
      checksums: wholeChecksums(headersOf(own, bytes), etag),
    }),
  })
  const place = { bucket: name, prefix: '', single: false, region: 'r' }
  return { listed, place: { ...place, store: scriptedStore({ objects }) } }
}

const BYTES = { minLength: 1, maxLength: 12 }
/** Two contents of one size, every other time the same. */
const contents = fc
  .tuple(fc.uint8Array(BYTES), fc.boolean(), fc.nat(11), fc.integer({ min: 1, max: 255 }))
  .map(([bytes, same, at, change]) => {
    const other = Buffer.from(bytes)
    const i = at % bytes.length
    if (!same) other[i] = (other[i] ?? 0) ^ change
    return [Buffer.from(bytes), other] as const
  })

it('two contents of one size are never taken for the same, however services tell their checksums', async () => {
  let equal = 0
  await fc.assert(
    fc.asyncProperty(contents, side, side, async ([ours, theirs], one, other) => {
      const [source, destination] = [
        played(one, ours, 'source'),
        played(other, theirs, 'destination'),
      ]
      const looks = new ChecksumLooks({
        ...{ source: source.place, destination: destination.place },
        rules: { requestTimeoutMs: 1000, requestsPerSecond: undefined, retryCount: 0 },
        ...{ clock: jumpingClock(), log: recordingLog(), signal: new AbortController().signal },
      })
      const pair = { from: source.listed, to: destination.listed, fromKey: 'k', toKey: 'k' }
      const { verdict } = await looks.look(pair)
      if (verdict === 'equal') equal++
      const same = Buffer.compare(ours, theirs) === 0
      expect(verdict).toBeOneOf(same ? ['equal', 'none'] : ['differs', 'none'])
      for (const compare of ['auto', 'checksum'] as const) {
        const rules = { compare, overwrite: 'if-different' } as const
        const decision = decide(rules, source.listed, destination.listed, 0, verdict)
        if (!same) expect(decision).not.toEqual({ skip: 'same-checksum' })
      }
    }),
    { numRuns: 3000 },
  )
  // Else nothing would have been tried.
  expect(equal).toBeGreaterThan(50)
})
