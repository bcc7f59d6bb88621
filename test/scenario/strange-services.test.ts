import { gzipSync } from 'node:zlib'
import { parts } from 's3-direct-sync-testkit/parts.ts'
import type { Quirk } from 's3-direct-sync-testkit/quirks/quirk.ts'
import { QUIRKS } from 's3-direct-sync-testkit/quirks.ts'
import { runAction, type StepResult } from 's3-direct-sync-testkit/runner.ts'
import type { ObjectFacts } from 's3-direct-sync-testkit/store.ts'
import { startTestkit, type Testkit } from 's3-direct-sync-testkit/testkit.ts'
import { expect, it } from 'vitest'
import { codesOf } from '../result-rows.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const HOUR_AGO = Date.now() - 3_600_000

/** What a road is expected to lead to, where that is not a mirror that is complete. */
interface Expected {
  /** Tags that the source has are not at the destination. */
  readonly tags?: 'lost'
  /** Codes of the copies that fail, by key. */
  readonly failed?: Readonly<Record<string, string>>
  /** What the only annotation says of a run that is refused. */
  readonly refused?: RegExp
  /** Inputs that the advice of the page on services names. */
  readonly inputs?: Readonly<Record<string, string>>
}

/** A service takes part in one of these ways: the bytes stay inside it, or pass through the runner. */
type Way = 'inside' | 'streamed'

const LOST: Partial<Record<Way, Expected>> = { streamed: { tags: 'lost' } }
const DROPPED: Expected = { tags: 'lost', inputs: { tags: 'drop' } }
const never = (code: string): Record<Way, Expected> => ({
  inside: { failed: { 'data/never': code } },
  streamed: { failed: { 'data/never': code } },
})
const FIRST_VERSION: Expected = { refused: /only ListObjects version 1/ }

const EXPECTED: Readonly<Record<string, Partial<Record<Way, Expected>>>> = {
  // Who does not tell of tags has none to be carried.
  ...Object.fromEntries(
    Object.keys(QUIRKS)
      .filter((name) => name.startsWith('optional questions'))
      .map((name) => [name, LOST]),
  ),
  // s5cmd signs by the clock of the runner.
  'clocks: an hour behind': { inside: { refused: /the clock of this runner is/ } },
  'clocks: an hour ahead': { inside: { refused: /the clock of this runner is/ } },
  'listings: the first form alone': { inside: FIRST_VERSION, streamed: FIRST_VERSION },
  'tags on writes: 501 NotImplemented': { streamed: DROPPED },
  'tags on writes: 400 InvalidArgument': { streamed: DROPPED },
  'conditions and tags on writes: 400 InvalidArgument': {
    streamed: { failed: { 'data/tagged': 'TagsRefused' } },
  },
  'a copy told to leave tags behind: 501 NotImplemented': { inside: DROPPED },
  'names: 400 XMinioParentIsObject': never('XMinioParentIsObject'),
  'names: 409 ObjectParentIsFile': never('ObjectParentIsFile'),
  'names: 422 and a code that nobody knows': never('WeirdName'),
}

/** Small objects go by s5cmd where that can; a name with a line end never does. */
const LARGE = 'large\n'

async function open(quirks: readonly Quirk[], ...buckets: string[]): Promise<Testkit> {
  const kit = await startTestkit(Object.assign({}, ...quirks.map(({ options }) => options)))
  const made = Object.assign({}, ...quirks.map((quirk) => quirk.buckets))
  for (const bucket of buckets) kit.store.createBucket(bucket, made)
  for (const rule of quirks.flatMap(({ rules = [] }) => rules)) kit.faults.add(rule)
  return kit
}

function fill(source: Testkit, destination: Testkit, { names, way }: Service): void {
  const put = (key: string, spec: object) =>
    source.store.put('src', `data/${key}`, { lastModifiedMs: HOUR_AGO, ...spec })
  put('a', { body: 'a', headers: { 'content-type': 'text/x' }, metadata: { owner: 'me' } })
  put('sub/changed', { body: 'new' })
  put('odd\n', { body: 'odd' })
  put('tagged', { body: 'tagged', tags: { class: 'secret' } })
  put('zipped', { body: gzipSync('z'.repeat(1000)), headers: { 'content-encoding': 'gzip' } })
  if (names.some((name) => name.startsWith('names'))) put('never', { body: 'never' })
  // What may have to pass through the runner is not to be large.
  const isLarge = way === 'inside' && !names.some((name) => name.startsWith('copies: '))
  put(LARGE, { size: isLarge ? 1.25 * GIB : 8 * MIB, seed: 1 })
  const there = { lastModifiedMs: HOUR_AGO - 3_600_000 }
  destination.store.put('dst', 'copy/sub/changed', { body: 'older', ...there })
  destination.store.put('dst', 'copy/extra', { body: 'extra', ...there })
}

/** A service with these quirks, and how it takes part. */
interface Service {
  readonly names: readonly string[]
  readonly way: Way
}

interface Sides {
  readonly source: Testkit
  readonly destination: Testkit
}

interface Road extends Sides {
  readonly inputs: Readonly<Record<string, string>>
  readonly expected: Expected
}

/** Keys for each side, and an endpoint each. */
function inputsOf({ source, destination }: Sides, way: Way): Road['inputs'] {
  const to = destination.iam.admin
  const from = source.iam.admin
  return {
    source: 's3://src/data/',
    destination: 's3://dst/copy/',
    'destination-endpoint-url': destination.endpoint,
    'aws-access-key-id': to.accessKeyId,
    'aws-secret-access-key': to.secretAccessKey,
    'source-endpoint-url': source.endpoint,
    ...(way === 'streamed'
      ? {
          'source-aws-access-key-id': from.accessKeyId,
          'source-aws-secret-access-key': from.secretAccessKey,
        }
      : {}),
    'aws-region': 'us-east-1',
    's5cmd-path': parts().s5cmd,
    'retry-delay': '50ms',
    'retry-count': '2',
    'part-size': '5MiB',
    delete: 'true',
  }
}

async function openRoad(service: Service): Promise<Road> {
  const { names, way } = service
  const quirks = names.map((name) => QUIRKS[name] ?? {})
  const destination = await open(quirks, 'src', 'dst')
  const source = way === 'inside' ? destination : await open(quirks, 'src')
  fill(source, destination, service)
  const expected: Expected = Object.assign({}, ...names.map((name) => EXPECTED[name]?.[way]))
  const inputs = { ...inputsOf({ source, destination }, way), ...expected.inputs }
  return { source, destination, inputs, expected }
}

/** What users would miss of an object. */
const kept = ({ size, md5, headers, metadata, tags }: ObjectFacts, lost: boolean) => ({
  size,
  md5,
  headers,
  metadata,
  tags: lost ? {} : tags,
})

function snapshot(kit: Testkit, bucket: string, prefix: string, { tags, failed }: Expected) {
  const objects = [...kit.store.snapshot(bucket, prefix)].filter(
    ([key]) => key !== 'extra' || failed,
  )
  return Object.fromEntries(
    objects
      .filter(([key]) => failed?.[`data/${key}`] === undefined)
      .map(([key, facts]) => [key, kept(facts, tags === 'lost')]),
  )
}

async function walk(
  { source, destination, inputs, expected }: Road,
  isListedAgain: boolean,
): Promise<void> {
  await using run = await runAction({ inputs })
  if (expected.refused) {
    expectRefusal(run, expected.refused)
    expect(destination.store.keys('dst')).toEqual(['copy/extra', 'copy/sub/changed'])
    return
  }
  const failed = Object.keys(expected.failed ?? {})
  expect(run.outputs, run.log).toMatchObject({
    result: failed.length === 0 ? 'success' : 'partial',
    failed: String(failed.length === 0 ? 0 : failed.length + 1),
  })
  expect(snapshot(destination, 'dst', 'copy/', expected)).toEqual({
    ...snapshot(source, 'src', 'data/', expected),
    ...(failed.length > 0 ? { extra: expect.anything() } : {}),
  })
  expect(destination.store.uploads('dst')).toEqual([])
  if (failed.length > 0) {
    expect(await codesOf(run)).toMatchObject(expected.failed ?? {})
    return
  }
  if (!isListedAgain) return
  await using again = await runAction({ inputs })
  expect(again.outputs, again.log).toMatchObject({ result: 'nothing-to-do' })
}

function expectRefusal(run: StepResult, words: RegExp): void {
  expect(run.exitCode).toBe(1)
  expect(run.annotations.errors[0]?.message).toMatch(words)
}

it('times of two services whose clocks are an hour apart are compared as if they were not', async () => {
  const source = await open([], 'src')
  const destination = await open([{ options: { now: () => Date.now() - 3_600_000 } }], 'dst')
  try {
    const written = { body: 'x', lastModifiedMs: Date.now() - 600_000 }
    source.store.put('src', 'data/a', { ...written, etag: `${'a'.repeat(32)}-2` })
    const inputs = inputsOf({ source, destination }, 'streamed')
    await using first = await runAction({ inputs })
    expect(first.outputs, first.log).toMatchObject({ result: 'success', copied: '1' })
    await using second = await runAction({ inputs })
    expect(second.outputs, second.log).toMatchObject({ result: 'nothing-to-do' })
  } finally {
    await Promise.all([source.close(), destination.close()])
  }
})

/** What a plan is made from: with these a second run tells whether it is read alike every time. */
const AGAIN = /^(listed ETags|all ETags|listings|clocks)/

const named = (pattern: RegExp): string[] =>
  Object.keys(QUIRKS).filter((name) => pattern.test(name))

/** Quirks of two kinds, which different requests meet, so that one service may have one of each. */
const pairs = (one: readonly string[], other: readonly string[]): string[][] =>
  Array.from({ length: Math.max(one.length, other.length) }, (_, at) =>
    [one[at], other[at]].filter((name) => name !== undefined),
  )

/** What is done alike on both ways is tried on one. */
const SERVICES: Readonly<Record<Way, readonly (readonly string[])[]>> = {
  inside: [
    ...pairs(
      named(/^listings: (?!the first form)/),
      named(/^conditions on (the source|writes|the end)/),
    ),
    ...pairs(
      named(/^(deletes: Content|deletes of many: (?!501)|conditions on deletes)/),
      named(/^(copies|a copy|a policy)/),
    ),
    // Where many go at once, none goes by a request of its own.
    named(/^(deletes of many: 501|deletes: 200)/),
    ...pairs(
      named(/^listed ETags/),
      named(/^(HEAD of a bucket|encryption|versions: a delete|the end of an upload)/),
    ),
    ...named(
      /^(listings: the first form|a HEAD|told ETags: (none|with a)|all ETags: weak|gzip|conditions: )/,
    ).map((name) => [name]),
    ...named(/^(names|clocks: an hour behind)/).map((name) => [name]),
  ],
  streamed: [
    ...pairs(
      named(/^optional questions/),
      named(
        /^(conditions on reads|conditions on writes: (501|412)|a write|the end of an upload: no|gzip|told ETags|all ETags: without|listed ETags: none$)/,
      ),
    ),
    ...named(
      /^(checksums of reads|tags on writes|conditions and tags|names: 4(09|22)|clocks|versions: Object Lock)/,
    ).map((name) => [name]),
  ],
}

it('every way in which a service differs is met on some road', () => {
  expect(new Set(Object.values(SERVICES).flat(2))).toEqual(new Set(Object.keys(QUIRKS)))
})

const ROADS = (['inside', 'streamed'] as const).flatMap((way) =>
  SERVICES[way].map((names) => [names.join(', and '), way, names] as const),
)

it.concurrent.each(ROADS)('the whole road on a service with %s (%s)', async (_what, way, names) => {
  const road = await openRoad({ names, way })
  try {
    await walk(
      road,
      names.some((name) => AGAIN.test(name)),
    )
  } finally {
    await Promise.all([
      road.destination.close(),
      road.source === road.destination || road.source.close(),
    ])
  }
})
