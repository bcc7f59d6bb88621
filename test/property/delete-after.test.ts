import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toKeyBytes } from '../../src/model/key.ts'
import {
  flawOfList,
  type KeyedExtra,
  type ListedExtra,
  mergedExtras,
  readExtras,
  withoutExtras,
  writeExtrasList,
} from '../../src/plan/extras-list.ts'
import { memoryFiles } from '../memory-files.ts'
import { scriptedObjects } from '../ports.ts'
import { planStage } from '../unit/plan/stage.ts'

const PLACE = { bucket: 'to', prefix: 'to/' }
const AFTER_SECONDS = 10
const START_SECOND = 1_700_000_000
const KEYS = ['a', 'a/b', 'b', 'é', '\u{1f600}', '\uffee']

const filesOf = (text: string) => {
  const memory = memoryFiles()
  const texts = memory.texts as Map<string, string>
  texts.set('/list', text)
  return { files: memory, texts }
}

async function* keyed(extras: readonly ListedExtra[]): AsyncGenerator<KeyedExtra, undefined> {
  const all = extras.map((extra) => ({ key: toKeyBytes(extra.key), extra }))
  yield* all.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return undefined
}

async function listText(extras: readonly ListedExtra[]): Promise<string> {
  const { files, texts } = filesOf('')
  await writeExtrasList(files, '/list', PLACE, keyed(extras))
  return texts.get('/list') ?? ''
}

async function all(entries: AsyncIterable<KeyedExtra>): Promise<ListedExtra[]> {
  const found: ListedExtra[] = []
  for await (const { extra } of entries) found.push(extra)
  return found
}

const time = fc.integer({ min: 0, max: 100 }).map((at) => new Date(at * 1000).toISOString())
const extra = fc.record({
  key: fc.constantFrom(...KEYS),
  size: fc.nat(9),
  etag: fc.constantFrom('', 'e1', 'e2'),
  lastModified: time,
  since: time,
})
const extras = fc.uniqueArray(extra, { selector: ({ key }) => key })

/** Plans with what a destination holds and says at some time. */
function planAt(at: {
  second: number
  source: readonly string[]
  list: string | undefined
  dst: ReadonlyMap<string, number>
}) {
  const { second, source, list, dst } = at
  const bytes = Buffer.from(list ?? '')
  const stage = planStage({
    source: Object.fromEntries(source.map((key) => [key, '1 new 1'])),
    destination: Object.fromEntries([...dst].map(([key, written]) => [key, `1 old ${written}`])),
    rules: {
      delete: true,
      deleteAfterMs: AFTER_SECONDS * 1000,
      allowEmptySource: true,
      maxDelete: { percent: 100 },
    },
    ground: { extrasFolder: '/extras' },
    to: {
      doors: {
        serverTimeMs: () => second * 1000,
        stat: async () =>
          list === undefined
            ? undefined
            : { size: bytes.length, etag: 'l', modified: '', restored: false },
        objects: scriptedObjects({
          read: async () => ({ size: bytes.length, etag: 'l', headers: {}, bytes }),
        }),
      },
    },
  })
  return stage.make().then((plan) => ({ plan, stage }))
}

describe('the list of extras', () => {
  it('is read as it was written, and not at all once a single character of it is another', async () => {
    await fc.assert(
      fc.asyncProperty(
        extras,
        fc.nat(),
        fc.constantFrom('', '0', '"', '\n', 'x'),
        async (given, place, instead) => {
          const text = await listText(given)
          const { files } = filesOf(text)
          expect(await flawOfList(files, '/list', PLACE)).toBeUndefined()
          const read = await all(readExtras(files, '/list'))
          expect(read).toEqual(await all(keyed(given)))
          const at = place % (text.length - 1)
          const bent = text.slice(0, at) + instead + text.slice(at + 1)
          fc.pre(bent !== text)
          expect(await flawOfList(filesOf(bent).files, '/list', PLACE)).toBeDefined()
          expect(await flawOfList(files, '/list', { bucket: 'to', prefix: '' })).toBeDefined()
        },
      ),
    )
  })

  it.each([
    ['empty', ''],
    ['no text', '\0\ufffd'],
    ['JSON of another kind', '[]\n{}\nnull\n'],
    ['without its end', '{"schema":"s3-direct-sync/extras/1","bucket":"to","prefix":"to/"}\n'],
  ])('counts for nothing where it is %s', async (_what, text) => {
    expect(await flawOfList(filesOf(text).files, '/list', PLACE)).toBeDefined()
  })

  it('has the later time of two that were written at once, and all that either has', async () => {
    await fc.assert(
      fc.asyncProperty(extras, extras, async (ours, theirs) => {
        const both = await all(mergedExtras(keyed(ours), keyed(theirs)))
        const keys = new Set([...ours, ...theirs].map(({ key }) => key))
        expect(new Set(both.map(({ key }) => key))).toEqual(keys)
        for (const { key, since } of both) {
          const times = [...ours, ...theirs]
            .filter((one) => one.key === key)
            .map((one) => one.since)
          expect(since).toBe(times.toSorted().at(-1))
        }
      }),
    )
  })
})

describe('delete-after', () => {
  const step = fc.record({
    seconds: fc.integer({ min: 0, max: 12 }),
    source: fc.subarray(KEYS),
    // Written by somebody else, with the content that it had.
    restored: fc.subarray(KEYS),
    list: fc.constantFrom('kept', 'kept', 'kept', 'lost', 'cut', 'spoilt'),
    outcome: fc.constantFrom('done', 'done', 'nothing deleted'),
  })

  it('deletes what only the destination had for so long, in whatever way its list is treated, and that at once where it was kept', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const dst = new Map(KEYS.map((key) => [key, 1]))
        /** Since when each is an extra, as somebody knows who saw all. */
        const since = new Map<string, number>()
        let [list, second]: [string | undefined, number] = [undefined, START_SECOND]
        let isKept = true
        for (const { seconds, source, restored, list: fate, outcome } of steps) {
          second += seconds
          if (fate === 'lost') list = undefined
          else if (fate === 'cut') list = list?.slice(0, list.length / 2)
          else if (fate === 'spoilt') list = list?.replace(/"since":"20/g, '"since":"19')
          isKept &&= fate === 'kept'
          for (const key of restored) {
            dst.set(key, second)
            since.delete(key)
          }
          for (const key of source) since.delete(key)
          for (const key of dst.keys())
            if (!source.includes(key) && !since.has(key)) since.set(key, second)
          const { plan, stage } = await planAt({ second, source, list, dst })
          const deleted = stage
            .lines()
            .ops.flatMap((op) => (op.op === 'delete' ? [op.key.slice(3)] : []))
          const isDue = (key: string) => second - (since.get(key) ?? second) >= AFTER_SECONDS
          expect(deleted.filter((key) => !isDue(key))).toEqual([])
          if (isKept) expect(new Set(deleted)).toEqual(new Set([...since.keys()].filter(isDue)))
          expect(plan.trailer.deletes.objects + (plan.extras?.waiting.objects ?? 0)).toBe(
            since.size,
          )
          const gone = outcome === 'done' ? deleted : []
          const staying = withoutExtras(
            readExtras(stage.files, '/extras/extras.ndjson'),
            (async function* () {
              for await (const {
                key,
                extra: { key: name },
              } of readExtras(stage.files, '/extras/extras.ndjson'))
                if (gone.includes(name)) yield { key }
              return undefined
            })(),
          )
          await writeExtrasList(stage.files, '/list', PLACE, staying)
          list = stage.files.texts.get('/list')
          for (const key of gone) {
            dst.delete(key)
            since.delete(key)
          }
          for (const key of source) dst.set(key, second)
        }
      }),
      { numRuns: 150 },
    )
  })
})
