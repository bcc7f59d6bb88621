import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import type { Toolchain } from '../../../src/model/report.ts'
import { CLOSING, inputsLine } from '../../../src/run/stage-lines.ts'
import type { StageResults } from '../../../src/run/stage-results.ts'
import { NOT_PROVEN } from '../../../src/verify/findings.ts'
import {
  executionOf,
  factsOf,
  planOf,
  preflightOf,
  requestOf,
  sessionsOf,
} from '../report/stage.ts'

describe('the inputs close with what runs and how many settings were given', () => {
  test.each([
    [{}, 'sync, 3 settings given'],
    [{ mode: 'check' }, 'check, 4 settings given'],
    [{ 'dry-run': 'true', compare: 'size' }, 'dry run, 5 settings given'],
  ])('%j', async (inputs, line) => {
    expect(inputsLine({ transfers: [await requestOf(inputs)], reportDir: '/r' }).line).toBe(line)
  })
})

describe('the tool closes with its version and where it is from', () => {
  const toolchain: Toolchain = {
    path: '/s5cmd',
    version: '2.3.0',
    reported: 'v2.3.0-991c9fb',
    sha256: '00',
    metadataDirective: true,
    origin: 'release',
  }
  test.each<[string, StageResults['install'], string]>([
    ['a release', { toolchain }, 's5cmd v2.3.0-991c9fb (release)'],
    [
      'a binary that calls itself otherwise',
      { toolchain: { ...toolchain, reported: 'dev', origin: 'unpinned' } },
      's5cmd 2.3.0, reported version dev, (unpinned)',
    ],
    [
      'one that was not to be had',
      { toolchainProblem: 'offline' },
      'no s5cmd: the direct engine copies everything',
    ],
    ['none that was looked for', {}, 'not needed'],
  ])('%s', (_, found, line) => {
    expect(CLOSING.install(found)).toBe(line)
  })
})

test('credentials close with who they are, or where the keys came from', () => {
  const arn = 'arn:aws:sts::111122223333:assumed-role/sync/x'
  expect(CLOSING.credentials(sessionsOf({ arn, source: 'oidc' }))).toBe(
    `${arn} (role assumed by OIDC)`,
  )
  expect(CLOSING.credentials(sessionsOf({ source: 'inputs' }))).toBe('access keys from the inputs')
})

test('preflight closes with both places, or the number of problems', () => {
  const problem = new SyncError('preflight', 'no')
  expect(CLOSING.preflight(preflightOf())).toBe(
    's3://src/a/ (eu-central-1) to s3://dst/b/ (eu-west-1)',
  )
  expect(CLOSING.preflight({ ...preflightOf(), problems: [problem] })).toBe('1 problem')
  expect(CLOSING.preflight({ checks: [], problems: [problem, problem], facts: undefined })).toBe(
    '2 problems',
  )
  expect(CLOSING.preflight({ checks: [], problems: [], facts: undefined })).toBe('0 problems')
  expect(CLOSING.preflight({ ...preflightOf(factsOf()), problems: [] })).toContain(' to ')
})

test('the lists close with what was found', () => {
  expect(CLOSING.list(planOf({ listed: { source: 1200, destination: 1 } }))).toBe(
    '1,200 objects at the source, 1 object at the destination',
  )
})

test('the plan closes with its counts, deletes where there are any', () => {
  const trailer = {
    copies: { objects: 1200, bytes: 5_000_000 },
    reasons: {
      missing: { objects: 1200, bytes: 5_000_000 },
      'same-etag': { objects: 3000, bytes: 1 },
      'only-at-destination': { objects: 7, bytes: 1 },
    },
  }
  expect(CLOSING.plan({ plan: planOf(trailer), survey: undefined })).toBe(
    '1,200 to copy (5.0 MB), 3,000 unchanged',
  )
  expect(
    CLOSING.plan({
      plan: planOf({ ...trailer, deletes: { objects: 7, bytes: 1 } }),
      survey: undefined,
    }),
  ).toBe('1,200 to copy (5.0 MB), 7 to delete, 3,000 unchanged')
})

test('the plan tells what it has not compared apart from what is unchanged, and how many copies a wave has', () => {
  const trailer = {
    copies: { objects: 3, bytes: 26 },
    waves: [2, 0, 1].map((objects) => ({ objects, bytes: objects })),
    reasons: {
      'same-etag': { objects: 5, bytes: 1 },
      filtered: { objects: 4, bytes: 1 },
      'not-in-source': { objects: 2, bytes: 0 },
      duplicate: { objects: 1, bytes: 0 },
    },
  }
  expect(CLOSING.plan({ plan: planOf(trailer), survey: undefined })).toBe(
    '3 to copy (26 B; by wave: 2, 0, 1), 5 unchanged, 4 filtered out, 3 left out',
  )
})

test('the plan closes with who carries how many, and by how many workers', () => {
  const survey: NonNullable<StageResults['plan']['survey']> = {
    routes: {
      transfer: { engine: 'auto', write: {} },
      s5cmd: undefined,
      destination: { prefix: '', single: false },
      fewPorts: false,
    },
    workers: { value: 1, rule: 'memory' },
    work: {
      classes: new Set(),
      averageBytes: 1,
      streamed: false,
      sameRegion: true,
      cores: 2,
      memoryBytes: 1,
    },
    ops: { s5cmd: 2990, direct: 10 },
    because: new Map([
      ['trailing-slash', 8],
      ['over-5-gib', 2],
    ]),
    engines: ['s5cmd', 'direct'],
    s5cmdClasses: new Set(),
    conflicts: 0,
  }
  const plan = planOf()
  expect(CLOSING.plan({ plan, survey })).toBe(
    '0 to copy (0 B); 2,990 by s5cmd, 10 by the direct engine (8 × key ends in a slash, 2 × over 5 GiB), 1 worker',
  )
  // A part whose copies another run of its job made.
  expect(CLOSING.plan({ plan, survey: { ...survey, engines: [] } })).toBe('0 to copy (0 B)')
  expect(
    CLOSING.plan({
      plan,
      survey: { ...survey, engines: ['direct'], workers: { value: 16, rule: 'cores' } },
    }),
  ).toBe(
    '0 to copy (0 B); 10 by the direct engine (8 × key ends in a slash, 2 × over 5 GiB), 16 workers',
  )
  const asked = {
    ...survey,
    engines: ['direct'] as const,
    because: new Map([['asked-for', 10]] as const),
  }
  expect(CLOSING.plan({ plan, survey: asked })).toBe(
    '0 to copy (0 B); 10 by the direct engine (engine: direct), 1 worker',
  )
})

test('copies close with how many are done, of how many, and by whom', () => {
  const all = executionOf({ used: ['s5cmd', 'direct'] })
  expect(CLOSING.copy(all)).toBe('2 objects copied by s5cmd and the direct engine')
  expect(CLOSING.copy({ ...all, done: 1 })).toBe(
    '1 of 2 objects copied by s5cmd and the direct engine',
  )
  const lost = executionOf({ used: [] })
  expect(CLOSING.copy({ ...lost, done: 0 })).toBe('0 of 2 objects copied')
})

test('deletes close with how many of those planned are gone', () => {
  expect(CLOSING.delete({ deleted: 1500, planned: 2000 })).toBe('1,500 of 2,000 deleted')
})

describe('the proof closes with how it was made and what it found', () => {
  const two = new Map([
    ['a', 'gone'],
    ['b', 'gone'],
  ])
  test.each<[StageResults['verify'], string]>([
    [{ method: 'none', checked: 0, proven: NOT_PROVEN, mismatches: new Map() }, 'not requested'],
    [
      { method: 'results', checked: 0, proven: NOT_PROVEN, mismatches: new Map() },
      'by the ETag in the response to each copy',
    ],
    [
      { method: 'heads', checked: 1, proven: NOT_PROVEN, mismatches: new Map() },
      '1 object checked one by one',
    ],
    [
      { method: 'listing', checked: 3000, proven: NOT_PROVEN, mismatches: two },
      '3,000 objects checked by listing, 2 mismatches',
    ],
  ])('%o', (found, line) => {
    expect(CLOSING.verify(found)).toBe(line)
  })
})
