import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toKeyBytes } from '../../src/model/key.ts'
import { LOCK_NAME } from '../../src/model/lock.ts'
import type { ObjectInfo } from '../../src/model/object-info.ts'
import { OWN_KEYS } from '../../src/model/own-keys.ts'
import { runs } from '../runs.ts'
import { planStage, type StageScript, spoilt } from '../unit/plan/stage.ts'

/** How objects of a listing are. */
type Looks = Partial<ObjectInfo>

const key = fc.oneof(
  { arbitrary: fc.stringMatching(/^[\w./=~ !-]{1,30}$/), weight: 4 },
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
    .filter((text) => text.isWellFormed()),
  fc.constantFrom('', OWN_KEYS.sums, LOCK_NAME, `a/${LOCK_NAME}`),
  fc.constantFrom('"', '\\', 'a\ufffd', '\x7f', 'x'.repeat(1019), 'x'.repeat(1024)),
)
const looks: fc.Arbitrary<Looks> = fc.record(
  {
    // Sums of larger ones would be rounded.
    size: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 45 })),
    etag: fc.oneof(
      fc.stringMatching(/^[0-9a-f]{32}(-\d{1,3})?$/),
      fc.constantFrom('', '"', 'é', 'a b'),
    ),
    modified: fc.constantFrom(
      '2026-01-02T03:04:05.000Z',
      '2024-02-29T03:04:05.000Z',
      '2026-01-02T03:04:05Z',
      '2026-12-31T23:59:59.999Z',
      'Fri, 02 Jan 2026 03:04:05 GMT',
    ),
    storageClass: fc.constantFrom('', 'STANDARD_IA', 'GLACIER', 'DEEP_ARCHIVE', 'A B', 'ü'),
    restored: fc.boolean(),
  },
  { requiredKeys: [] },
)
const objects = fc.dictionary(key, looks, { maxKeys: 30, size: 'max' })

interface Drawn {
  readonly source: Readonly<Record<string, Looks>>
  readonly destination: Readonly<Record<string, Looks>>
  readonly from: string
  readonly to: string
  readonly pageKeys: number
  /** Which objects of the source the destination has alike. */
  readonly alike: readonly boolean[]
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  source: objects,
  destination: fc.dictionary(fc.stringMatching(/^[a-z]{1,2}$/), looks, { maxKeys: 3 }),
  from: fc.constantFrom('', 'from/', 'from/', 'from/', 'von "hier"/', 'für/'),
  to: fc.constantFrom('to/', 'to/', 'to/', 'to/', 'nach\\dort/', 'é/'),
  pageKeys: fc.integer({ min: 1, max: 40 }),
  alike: fc.array(fc.boolean(), { maxLength: 30 }),
})

function stageOf(
  { source, destination: others, from, to, pageKeys, alike }: Drawn,
  include: readonly string[],
) {
  const both = Object.entries(source).filter((_, at) => alike[at])
  const destination = { ...others, ...Object.fromEntries(both) }
  const bent = (all: Readonly<Record<string, Looks>>) => {
    const byKey = new Map(Object.entries(all).map(([name, one]) => [toKeyBytes(name), one]))
    return (object: ObjectInfo) => spoilt({ ...object, ...byKey.get(object.key) })
  }
  const named = (prefix: string, all: Readonly<Record<string, Looks>>) =>
    Object.fromEntries(
      Object.keys(all).flatMap((name) => (prefix + name === '' ? [] : [[name, '5']])),
    )
  const script: StageScript = {
    source: named(from, source),
    destination: named(to, destination),
    from: { prefix: from, pageKeys, bend: bent(source) },
    to: { prefix: to, pageKeys, bend: bent(destination) },
    rules: { include, sums: { upload: true, read: false } },
  }
  return planStage(script)
}

/** All that a plan tells but what it is known by. */
async function toldOf(given: Drawn, include: readonly string[]) {
  const stage = stageOf(given, include)
  const { samples, trailer, refused } = await stage.make()
  const lines = (stage.files.texts.get('/plan') ?? '').split('\n').slice(1, -2)
  return { lines, samples, trailer: { ...trailer, digest: '' }, why: refused?.message }
}

describe('what only the source has, and what both sides have alike,', () => {
  it('is planned from the bytes of a listing as from its objects, whatever these are', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async (given) => {
        // Where there are filters, each object is looked at.
        expect(await toldOf(given, [])).toEqual(await toldOf(given, ['**']))
      }),
      runs(150),
    )
  })
})
