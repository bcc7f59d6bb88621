import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toKeyBytes } from '../../src/model/key.ts'
import { type LookMethod, lookAtEach } from '../../src/transfer/look.ts'
import { listedStore } from '../listed-store.ts'
import { memoryFiles } from '../memory-files.ts'
import { runs } from '../runs.ts'

/** Characters around which keys, folders and the places between keys are told apart. */
const key = fc.string({
  unit: fc.constantFrom(...'\u0001 !/0aé\ue000\u{1f600}'),
  minLength: 1,
  maxLength: 5,
})
const keys = fc.uniqueArray(key, { maxLength: 60 })
const service = fc.constantFrom(
  { order: 'bytes', endpoint: undefined } as const,
  { order: 'bytes', endpoint: 'http://127.0.0.1' } as const,
  { order: 'folder-first', endpoint: 'http://127.0.0.1' } as const,
)

describe('a look at many keys', () => {
  it('tells of each what a listing of all tells, by no more pages than lie between them', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        keys,
        service,
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (has, more, { order, endpoint }, pageKeys, mayHead) => {
          const objects = new Map(has.map((one) => [one, { size: 1, etag: 'e', second: 1 }]))
          const sought = [
            ...more,
            ...has.filter((_, i) => i % 3 === 0 && !more.includes(has[i] ?? '')),
          ]
          const look = async (method: LookMethod | undefined) => {
            const listed = listedStore({ objects, pageKeys, order })
            if (!mayHead) listed.capabilities.refusesHeads()
            const stat = async ({ key: one }: { readonly key: string }) =>
              objects.has(one)
                ? { size: 1, etag: 'e', modified: '1970-01-01T00:00:01.000Z', restored: false }
                : undefined
            const records = async function* () {
              for (const one of sought) yield { key: toKeyBytes(one) }
            }
            const store = { ...listed, stat }
            const place = { store, bucket: 'b', prefix: '', single: false, region: 'r', endpoint }
            const signal = new AbortController().signal
            const deps = { place, files: memoryFiles(), scratch: '/scratch', signal, method }
            const pairs = await lookAtEach(deps, { records: records(), count: 1001 })
            const seen = new Map<string, boolean>()
            for await (const [record, found] of pairs)
              if (record) seen.set(record.key, found !== undefined)
            return { seen, lists: listed.queries.length }
          }
          const looked = await look(undefined)
          expect(looked.seen).toEqual(
            new Map(sought.map((one) => [toKeyBytes(one), objects.has(one)])),
          )
          if (endpoint === undefined)
            expect(looked.lists).toBeLessThanOrEqual((await look('listing')).lists)
        },
      ),
      runs(300),
    )
  })
})
