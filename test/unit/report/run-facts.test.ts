import { describe, expect, test } from 'vitest'
import type { RouteReason } from '../../../src/model/outcome.ts'
import type { EngineFacts, IdentityFacts, Report, Toolchain } from '../../../src/model/report.ts'
import type { TuningRule } from '../../../src/model/tuned.ts'
import { runFacts } from '../../../src/report/run-facts.ts'
import { rowsOf } from './reading.ts'
import { SUCCESS } from './sample.ts'

const none = { objects: 0, bytes: 0 }

const TOOLCHAIN: Toolchain = {
  path: '/s5cmd',
  version: '2.3.0',
  reported: '2.3.0',
  sha256: 'a1b2c3d4e5f60718',
  metadataDirective: true,
  origin: 'release',
}

/** An engine that did nothing worth telling. */
const ENGINE: EngineFacts = {
  used: ['s5cmd'],
  numworkers: 50,
  workersRule: 'size-class',
  concurrency: [],
  processes: 1,
  crashes: 0,
  unconditional: false,
  tagsUnreadable: false,
  slowdowns: 0,
  requestRetries: 0,
  extraPasses: 0,
  batches: 1,
  batchOps: { small: { value: 500, rule: 'size-class' } },
  partBytes: [],
}

const factsOf = (over: Partial<Report>): Record<string, string | undefined> =>
  Object.fromEntries(rowsOf(runFacts({ ...SUCCESS, ...over })))
const engineFacts = (over: Partial<EngineFacts>) => factsOf({ engine: { ...ENGINE, ...over } })

test('the manifest that named the objects is told with its rows', () => {
  const lookUps = { source: { heads: 2, lists: 0 }, destination: { heads: 2, lists: 0 } }
  const counts = { rows: 2, sha256Unproven: 0, lookUps }
  const manifest = { name: 'lists/a|b.csv', sha256: '00', missing: 'fail', ...counts } as const
  expect(factsOf({ manifest })['Manifest']).toBe('`lists/a\\|b.csv` · 2 rows')
})

test('what is not known has no row', () => {
  const nothing: Partial<Report> = {
    source: undefined,
    destination: undefined,
    identity: undefined,
    engine: undefined,
    routes: {},
    sizeClasses: { small: none, medium: none, large: none },
    totals: { ...SUCCESS.totals, copied: none },
    verification: undefined,
    peakMemoryBytes: 1,
  }
  const known = { ...nothing, source: SUCCESS.source }
  expect(runFacts({ ...SUCCESS, ...known })).toMatch(/^### The run\n\n/)
  const names = Object.keys(factsOf(known)).filter((name) => name !== 'What')
  expect(names).toEqual(['Source', 'Peak memory'])
  expect(runFacts({ ...SUCCESS, ...nothing })).toBe('')
})

describe('places', () => {
  test('are told with their region, and their endpoint where they are not at AWS', () => {
    const place = { bucket: 'b', prefix: 'p/', single: false, region: 'eu-west-1' }
    const { Source, Destination } = factsOf({
      source: place,
      destination: { ...place, endpoint: 'https://s3.example' },
    })
    expect(Source).toBe('`s3://b/p/` · `eu-west-1`')
    expect(Destination).toBe('`s3://b/p/` · `eu-west-1` · `https://s3.example`')
  })
})

describe('who ran', () => {
  test.each<[IdentityFacts['source'], string]>([
    ['oidc', 'role assumed by OIDC'],
    ['token-file', 'role assumed by token file'],
    ['role-by-keys', 'role assumed by access keys'],
    ['inputs', 'access keys from the inputs'],
    ['discovered', 'default credential chain'],
  ])('%s: %s', (source, words) => {
    expect(factsOf({ identity: { source } })['Identity']).toBe(words)
    expect(factsOf({ identity: { source, arn: 'arn:x' } })['Identity']).toBe(`\`arn:x\` · ${words}`)
  })

  test('somebody else at the source has a row, and it says who writes', () => {
    const sourceIdentity = { source: 'inputs', arn: 'arn:y' } as const
    const at = (over: Partial<Report>) => factsOf(over)['Identity at the source']
    expect(at({})).toBeUndefined()
    expect(at({ writtenBy: 'destination' })).toBeUndefined()
    expect(at({ sourceIdentity: 'anonymous' })).toBe('anonymous (unsigned requests)')
    expect(at({ sourceIdentity, writtenBy: 'destination' })).toBe(
      '`arn:y` · access keys from the inputs',
    )
    expect(at({ sourceIdentity, writtenBy: 'source' })).toBe(
      '`arn:y` · access keys from the inputs · same as the destination',
    )
  })
})

test('bytes that passed through the runner are told with the reason', () => {
  const through = (streamed: Report['streamed']) =>
    factsOf({ streamed })['Bytes through this runner']
  expect(through(undefined)).toBeUndefined()
  expect(through('two-services')).toBe(
    '3,000 objects · 1.2 GB · source and destination are different services',
  )
  expect(through('two-identities')).toBe(
    '3,000 objects · 1.2 GB · source and destination use different identities',
  )
})

describe('the engine', () => {
  test.each<[Toolchain['origin'], string]>([
    ['tool-cache', 'from the tool cache'],
    ['release', 'from the pinned release'],
    ['mirror', 'from the mirror'],
    ['pip', 'from the pinned Python wheel'],
    ['path', 'your own binary, hash verified'],
    ['unpinned', 'unpinned: no known hash'],
  ])('says where the binary came from: %s', (origin, words) => {
    expect(engineFacts({ toolchain: { ...TOOLCHAIN, origin } })['Engine']).toBe(
      `s5cmd \`2.3.0\` · sha256 \`a1b2c3d4e5f6\` · ${words}`,
    )
  })

  test('says what the binary calls itself where that is another name', () => {
    const toolchain = { ...TOOLCHAIN, reported: 'v2.3.0-991c9fb' }
    expect(engineFacts({ toolchain })['Engine']).toBe(
      's5cmd `2.3.0` · `v2.3.0-991c9fb` · sha256 `a1b2c3d4e5f6` · from the pinned release',
    )
  })

  test('is what was used, or what was at hand where nothing was copied', () => {
    const toolchain = TOOLCHAIN
    const engine = (over: Partial<EngineFacts>) => engineFacts(over)['Engine']
    const tool = 's5cmd `2.3.0` · sha256 `a1b2c3d4e5f6` · from the pinned release'
    expect(engine({ used: ['s5cmd', 'direct'], toolchain })).toBe(`${tool} · direct engine`)
    expect(engine({ used: ['direct'], toolchain })).toBe('direct engine')
    expect(engine({ used: [], toolchain })).toBe(tool)
    expect(engine({ used: ['direct'], toolchainProblem: 'no <release>' })).toBe(
      'direct engine · no `<release>`',
    )
    expect(engine({ used: [] })).toBeUndefined()
  })
})

describe('parallel work', () => {
  const parallel = (over: Partial<EngineFacts>) => engineFacts(over)['Parallel']

  test.each<[TuningRule, string]>([
    ['asked-for', 'set by input'],
    ['size-class', 'by object size'],
    ['memory', 'by memory'],
    ['cores', 'by processors'],
    ['region', 'by region'],
    ['link', 'by a slow link'],
    ['most-parts', 'by the S3 limit on the number of parts'],
  ])('says why so much: %s', (rule, words) => {
    expect(
      parallel({ numworkers: 1, workersRule: rule, batchOps: { small: { value: 5, rule } } }),
    ).toBe(`1 worker (${words}) · 1 process · 1 batch of at most 5 (${words})`)
  })

  test('has no row where there was no batch', () => {
    expect(parallel({ batches: 0 })).toBeUndefined()
  })

  test('tells what became of a crew where that is another number', () => {
    const concurrency = [
      { name: 's5cmd small', initial: 50, final: 1130 },
      { name: 's5cmd large', initial: 10, final: 10 },
      { name: 'direct', initial: 1000, final: 8 },
    ]
    expect(parallel({ concurrency, processes: 2000, batches: 1500 })).toBe(
      '50 workers (by object size) · s5cmd small: 50 → 1,130 · direct: 1,000 → 8 · 2,000 processes · 1,500 batches of at most 500 (by object size)',
    )
  })

  test('has no processes without s5cmd', () => {
    expect(parallel({ used: ['direct'] })).toBe(
      '50 workers (by object size) · 1 batch of at most 500 (by object size)',
    )
  })

  test('tells the largest batch of all sizes', () => {
    const batchOps = {
      small: { value: 100, rule: 'size-class' as const },
      large: { value: 1500, rule: 'size-class' as const },
      medium: { value: 50, rule: 'size-class' as const },
    }
    expect(parallel({ batchOps, batches: 3 })).toContain('3 batches of at most 1,500 (')
  })
})

test('parts are told with their sizes and the speed they came at', () => {
  const parts = (over: Partial<EngineFacts>) => engineFacts(over)['Parts']
  expect(parts({})).toBeUndefined()
  const partBytes = [
    { value: 8_000_000, rule: 'size-class' as const },
    { value: 64_000_000, rule: 'link' as const },
  ]
  expect(parts({ partBytes })).toBe('8.0 MB (by object size) · 64.0 MB (by a slow link)')
  expect(parts({ partBytes: partBytes.slice(1), linkBytesPerSecond: 2_000_000 })).toBe(
    '64.0 MB (by a slow link) · 2.0 MB/s measured',
  )
})

describe('retries', () => {
  test.each<[Partial<EngineFacts>, string | undefined]>([
    [{}, undefined],
    [{ requestRetries: 1 }, '1 request retried'],
    [{ slowdowns: 1 }, 'slowed down 1 time'],
    [{ extraPasses: 1 }, 'failed objects retried 1 time'],
    [{ extraPasses: 2 }, 'failed objects retried 2 times'],
    [{ crashes: 1 }, 's5cmd ended early 1 time'],
    [
      { requestRetries: 2000, slowdowns: 3, extraPasses: 1000, crashes: 2 },
      '2,000 requests retried · slowed down 3 times · failed objects retried 1,000 times · s5cmd ended early 2 times',
    ],
  ])('%j: %s', (over, words) => {
    expect(engineFacts(over)['Retries']).toBe(words)
  })
})

describe('what the direct engine carried', () => {
  const carried = (routes: Readonly<Record<string, number>>) =>
    factsOf({ routes: routes as Report['routes'] })['Why the direct engine']

  test.each<[RouteReason, string]>([
    ['newline-in-key', 'newline in the key'],
    ['trailing-slash', 'key ends in a slash'],
    ['over-5-gib', 'over 5 GiB'],
    ['over-4-gib-on-compatible-service', 'over 4 GiB on an S3-compatible service'],
    ['space-on-compatible-service', 'space in the key on an S3-compatible service'],
    ['dot-segment', 'dot segment in the key'],
    ['not-utf-8', 'key is not valid UTF-8'],
    ['archived', 'archived, not restored'],
    ['metadata-on-old-s5cmd', 'metadata replaced, which this s5cmd version cannot do'],
    ['few-ports', 'more objects than s5cmd has TCP ports for on this system'],
    ['s5cmd-unavailable', 's5cmd was not available'],
    ['s5cmd-crashed', 's5cmd crashed twice'],
    ['tags-dropped', 'tags: drop, which s5cmd cannot do'],
    ['bucket-in-host', 'the service needs virtual-hosted-style URLs, which s5cmd cannot use'],
    ['s5cmd-refused', 'the service rejects requests of s5cmd'],
    ['asked-for', 'engine: direct'],
    ['approved-plan', 'only what the approved plan allows'],
    ['pinned-by-manifest', 'size, ETag or SHA-256 given in the manifest, which s5cmd cannot check'],
    ['overwrite-never', 'overwrite: never'],
    ['two-services', 'source and destination are different services'],
    ['two-identities', 'source and destination use different identities'],
  ])('is told with the reason: %s', (reason, words) => {
    expect(carried({ [reason]: 1200 })).toBe(`1,200 × ${words}`)
  })

  test('is told the most frequent reason first, a strange one as it is, and none without ops', () => {
    expect(carried({ 'over-5-gib': 2, archived: 0, constructor: 5, 'asked-for': 10 })).toBe(
      '10 × engine: direct · 5 × `constructor` · 2 × over 5 GiB',
    )
  })
})

test('copies are told by size, those that there are', () => {
  const sizes = (sizeClasses: Report['sizeClasses']) =>
    factsOf({ sizeClasses })['Copied objects by size']
  const some = { objects: 1200, bytes: 1 }
  expect(sizes({ small: some, medium: some, large: some })).toBe(
    '1,200 under 10 MB · 1,200 to 100 MB · 1,200 over 100 MB',
  )
  expect(sizes({ small: none, medium: some, large: none })).toBe('1,200 to 100 MB')
})

test('the speed is that of what was copied', () => {
  expect(factsOf({})['Speed']).toBe('95.2 objects/s · 38.1 MB/s · at most 9.0 MB/s')
  expect(
    factsOf({ totals: { ...SUCCESS.totals, copied: { objects: 1, bytes: 0 } }, copySeconds: 2 })[
      'Speed'
    ],
  ).toBe('0.5 objects/s · 0 B/s · at most 9.0 MB/s')
})

describe('the proof', () => {
  test.each<[NonNullable<Report['verification']>, string]>([
    [{ method: 'none', checked: 0, mismatched: 0, byChecksum: 0, bySizeAndTime: 0 }, 'nothing'],
    [
      { method: 'results', checked: 0, mismatched: 0, byChecksum: 0, bySizeAndTime: 0 },
      'the ETag in the response to each copy',
    ],
    [
      { method: 'heads', checked: 1, mismatched: 0, byChecksum: 0, bySizeAndTime: 0 },
      '1 object checked · one HEAD request per copy',
    ],
    [
      { method: 'listing', checked: 3000, mismatched: 1200, byChecksum: 0, bySizeAndTime: 0 },
      '3,000 objects checked · a listing of the destination · **1,200 mismatches**',
    ],
    [
      { method: 'listing', checked: 3000, mismatched: 0, byChecksum: 0, bySizeAndTime: 1200 },
      '3,000 objects checked · a listing of the destination · 1,200 by size and time (no comparable ETag or checksum)',
    ],
  ])('%j', (verification, words) => {
    expect(factsOf({ verification })['Verified by']).toBe(words)
  })
})
