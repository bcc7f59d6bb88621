import { describe, expect, test } from 'vitest'
import { SyncError } from '../../../src/errors/sync-error.ts'
import { OutcomeTotals } from '../../../src/ledger/totals.ts'
import type { PlanTrailer } from '../../../src/model/op.ts'
import type { ResultRow } from '../../../src/model/outcome.ts'
import type { Check, Report, Toolchain } from '../../../src/model/report.ts'
import { buildReport } from '../../../src/report/build.ts'
import type { RunRecord } from '../../../src/run/pipeline.ts'
import type { StageResults } from '../../../src/run/stage-results.ts'
import { NOT_PROVEN } from '../../../src/verify/findings.ts'
import { scriptedStore } from '../../ports.ts'
import {
  executionOf,
  factsOf,
  planOf,
  preflightOf,
  requestOf,
  sessionOf,
  sessionsOf,
  stageOf,
} from './stage.ts'

const none = { objects: 0, bytes: 0 }
const one = { objects: 1, bytes: 1 }

interface Known {
  readonly found?: RunRecord['found']
  readonly entered?: readonly ('copy' | 'delete')[]
  readonly rows?: readonly ResultRow[]
  readonly failure?: unknown
  readonly cancelled?: AbortSignal
  readonly stages?: RunRecord['stages']
}

/** The report of a run of which this is known; it took three seconds. */
function reportOf({ found = {}, entered = [], rows = [], ...rest }: Known = {}): Report {
  const { run, ports, clock } = stageOf(rest)
  clock.advance(3000)
  const record: RunRecord = {
    ...run.record,
    found,
    entered: new Set(entered),
    stages: rest.stages ?? [],
    failure: rest.failure,
  }
  const outcomes = new OutcomeTotals()
  for (const row of rows) outcomes.add(row, 'a/')
  return buildReport(record, outcomes, { ports, files: { report: '/r/report.json' } })
}

const row = (over: Partial<ResultRow> = {}): ResultRow => ({
  op: 'copy',
  key: 'a/k',
  to: 'b/k',
  size: 10,
  status: 'done',
  engine: 'direct',
  attempts: 1,
  ...over,
})

const copies = { objects: 3, bytes: 30 }
const deletes = { objects: 2, bytes: 7 }

test('a run that broke before its inputs has a report all the same', () => {
  const failure = new SyncError('inputs', 'source is required', { hint: 'Set it.' })
  expect(reportOf({ failure })).toEqual({
    schema: 's3-direct-sync/report/1',
    result: 'failed',
    exitCode: 1,
    mode: 'sync',
    dryRun: false,
    startedAt: '2026-03-01T12:00:00.000Z',
    durationSeconds: 3,
    copySeconds: 0,
    peakBytesPerSecond: 0,
    settings: [],
    checks: [],
    reasons: {},
    samples: {},
    listed: { source: 0, destination: 0 },
    totals: {
      ...{ planned: none, copied: none, plannedDeletes: none, deleted: none },
      ...{ failed: none, unknown: none, skipped: none },
    },
    sizeClasses: { small: none, medium: none, large: none },
    folders: [],
    slowest: [],
    routes: {},
    stages: [],
    errors: [],
    warnings: [],
    failure: { kind: 'inputs', title: 'source is required', text: 'source is required\nSet it.' },
    peakMemoryBytes: 180_000_000,
    files: { report: '/r/report.json' },
  })
})

describe('ops that have no row', () => {
  const list = planOf({ copies, deletes })

  test('are unknown once their stage was entered: every planned op is accounted for', () => {
    const rows = [row(), row({ status: 'failed', size: 5 })]
    expect(reportOf({ found: { list }, entered: ['copy'], rows }).totals).toMatchObject({
      copied: { objects: 1, bytes: 10 },
      failed: { objects: 1, bytes: 5 },
      unknown: { objects: 1, bytes: 15 },
    })
    expect(reportOf({ found: { list }, entered: ['copy', 'delete'], rows }).totals.unknown).toEqual(
      { objects: 3, bytes: 22 },
    )
    expect(reportOf({ found: { list }, entered: ['delete'] }).totals.unknown).toEqual(deletes)
  })

  test('are added to those whose rows are unknown', () => {
    const rows = [row({ status: 'unknown', size: 4 })]
    expect(reportOf({ found: { list }, entered: ['copy'], rows }).totals.unknown).toEqual({
      objects: 3,
      bytes: 30,
    })
  })

  test('are not started, and no more, before that', () => {
    expect(reportOf({ found: { list } }).totals).toMatchObject({
      planned: copies,
      plannedDeletes: deletes,
      copied: none,
      unknown: none,
    })
  })

  test('are none where all ended, whatever size the objects have by now', () => {
    const rows = [row({ size: 9 }), row({ size: 9 }), row({ size: 9 })]
    const all = reportOf({ found: { list: planOf({ copies }) }, entered: ['copy'], rows })
    expect(all.totals.unknown).toEqual(none)
    const two = [row({ size: 90 }), row({ size: 90 })]
    const most = reportOf({ found: { list: planOf({ copies }) }, entered: ['copy'], rows: two })
    expect(most.totals.unknown).toEqual({ objects: 1, bytes: 0 })
  })

  test('of a delete count as deleted where they are done', () => {
    const rows = [row({ op: 'delete', size: 3 }), row({ op: 'delete', size: 4 })]
    const found = { list: planOf({ deletes }) }
    expect(reportOf({ found, entered: ['delete'], rows }).totals).toMatchObject({
      deleted: deletes,
      copied: none,
      unknown: none,
    })
  })
})

describe('the verdict', () => {
  const list = planOf({ copies: one, deletes: one })
  const done = [row(), row({ op: 'delete' })]
  const entered = ['copy', 'delete'] as const

  test.each([
    ['a sync', {}, 'success'],
    ['a plan', { mode: 'plan' }, 'planned'],
    ['a dry run', { 'dry-run': 'true' }, 'planned'],
    ['a check', { mode: 'check' }, 'drift'],
  ])('of %s whose ops all ended well or were to wait', async (_, asked, result) => {
    const found = { inputs: await requestOf(asked), list }
    const report = reportOf({ found, entered, rows: done })
    expect(report.result).toBe(result)
    expect(report).toMatchObject({ mode: found.inputs.mode, dryRun: found.inputs.dryRun })
    expect(report.settings).toBe(found.inputs.settings)
  })

  test('counts copies and deletes, planned and done', async () => {
    const found = { inputs: await requestOf(), list }
    expect(reportOf({ found, entered, rows: done.slice(0, 1) }).result).toBe('partial')
    expect(reportOf({ found, entered, rows: done.slice(1) }).result).toBe('partial')
    expect(reportOf({ found, entered }).result).toBe('failed')
    expect(reportOf({ found: { ...found, list: planOf() } }).result).toBe('nothing-to-do')
  })

  test('is that of a signal, or of the error that ended the run', async () => {
    const found = { inputs: await requestOf(), list }
    const failure = new SyncError('credentials', 'expired')
    expect(reportOf({ found, entered, rows: done, failure }).result).toBe('partial')
    const cancelled = AbortSignal.abort(new SyncError('cancelled', 'SIGINT'))
    expect(reportOf({ found, cancelled }).result).toBe('cancelled')
    expect(reportOf({ found, failure: new SyncError('cancelled', 'x') }).result).toBe('cancelled')
  })

  test('forgives what fail-on says', async () => {
    const rows = done.slice(1)
    const forgiving = { inputs: await requestOf({ 'fail-on': 'never' }), list }
    expect(reportOf({ found: forgiving, entered, rows }).exitCode).toBe(0)
    expect(reportOf({ found: { ...forgiving, inputs: await requestOf() }, rows }).exitCode).toBe(1)
    // Before its inputs are read a run forgives nothing.
    expect(reportOf({ found: { list }, entered, rows }).exitCode).toBe(1)
  })
})

describe('who and where', () => {
  const facts = { account: '111122223333', source: 'oidc' } as const

  test('one identity is told once', () => {
    const report = reportOf({ found: { credentials: sessionsOf(facts) } })
    expect(report.identity).toEqual(facts)
    expect(report.sourceIdentity).toBeUndefined()
  })

  test('who reads the source is told where that is somebody else, or nobody', () => {
    const destination = sessionOf(facts)
    const other = { account: '444455556666', source: 'inputs' } as const
    expect(
      reportOf({ found: { credentials: { destination, source: sessionOf(other) } } }),
    ).toMatchObject({ identity: facts, sourceIdentity: other })
    expect(
      reportOf({ found: { credentials: { destination, source: undefined } } }).sourceIdentity,
    ).toBe('anonymous')
  })

  test('places are told without the store that reaches them', () => {
    const facts = factsOf()
    const endpoint = 'http://127.0.0.1:9000'
    const source = { ...facts.source, endpoint }
    const report = reportOf({ found: { preflight: preflightOf({ ...facts, source }) } })
    expect(report.source).toEqual({
      bucket: 'src',
      prefix: 'a/',
      single: false,
      endpoint,
      region: 'eu-central-1',
    })
    expect(report.destination).toEqual({
      bucket: 'dst',
      prefix: 'b/',
      single: false,
      region: 'eu-west-1',
    })
  })

  test('who writes the destination is the one who carries', () => {
    const facts = factsOf()
    expect(reportOf({ found: { preflight: preflightOf(facts) } })).toMatchObject({
      writtenBy: 'destination',
      streamed: undefined,
    })
    const transferPath = {
      ...facts.transferPath,
      carrier: scriptedStore({}),
      streamed: 'two-services',
    }
    expect(
      reportOf({ found: { preflight: preflightOf({ ...facts, transferPath } as typeof facts) } }),
    ).toMatchObject({ writtenBy: 'source', streamed: 'two-services' })
    const nowhere = { checks: [], problems: [], facts: undefined }
    expect(reportOf({ found: { preflight: nowhere } }).writtenBy).toBeUndefined()
  })
})

test('what the plan found is told as it stands there', () => {
  const trailer = {
    copies,
    reasons: { missing: copies, 'same-etag': one, 'only-at-destination': one },
    listed: { source: 4, destination: 2 },
  }
  const list = { ...planOf(trailer), samples: { missing: [{ key: 'a/k', size: 10 }] } }
  expect(reportOf({ found: { list } })).toMatchObject({
    reasons: trailer.reasons,
    samples: list.samples,
    listed: trailer.listed,
    totals: { skipped: one },
  })
})

test('what became of the rows is told by size, folder, time, route and code', () => {
  const rows = [
    row({ key: 'a/x/k', seconds: 2, route: 'trailing-slash' }),
    row({ key: 'a/y/k', status: 'failed', code: 'AccessDenied' }),
  ]
  const report = reportOf({ found: { list: planOf({ copies }) }, entered: ['copy'], rows })
  expect(report.sizeClasses.small).toEqual({ objects: 1, bytes: 10 })
  expect(report.folders.map(({ folder }) => folder)).toEqual(['x/', 'y/'])
  expect(report.slowest).toEqual([{ key: 'a/x/k', bytes: 10, seconds: 2 }])
  expect(report.routes).toEqual({ 'trailing-slash': 1 })
  expect(report.errors).toMatchObject([{ code: 'AccessDenied', objects: 1 }])
})

describe('the speed', () => {
  const stages = [
    { stage: 'plan' as const, seconds: 5, line: '' },
    { stage: 'copy' as const, seconds: 2, line: '' },
  ]
  const known = { stages, rows: [row()], entered: ['copy'] as const }

  test('is of the copying alone, and its peak never below the average', () => {
    expect(reportOf(known)).toMatchObject({ stages, copySeconds: 2, peakBytesPerSecond: 5 })
  })

  test('has the peak that was measured', () => {
    const copy = { ...executionOf(), peakBytesPerSecond: 80 }
    expect(reportOf({ ...known, found: { copy } }).peakBytesPerSecond).toBe(80)
  })
})

describe('the engine', () => {
  const toolchain: Toolchain = {
    path: '/s5cmd',
    version: '2.3.0',
    reported: 'v2.3.0',
    sha256: '00',
    metadataDirective: true,
    origin: 'release',
  }

  test('is told where it worked, with the tool that was at hand', () => {
    const copy = executionOf({ used: ['s5cmd'], crashes: 2 })
    expect(reportOf({ found: { install: { toolchain }, copy } }).engine).toEqual({
      ...copy.engine,
      toolchain,
    })
  })

  test('is idle where the tool was had, or was not to be had, and nothing was copied', () => {
    const idle = {
      ...{ used: [], numworkers: 0, workersRule: 'size-class', concurrency: [], processes: 0 },
      ...{ crashes: 0, requestRetries: 0, slowdowns: 0, extraPasses: 0, batches: 0 },
      ...{ unconditional: false, tagsUnreadable: false, batchOps: {}, partBytes: [] },
    }
    expect(reportOf({ found: { install: { toolchain } } }).engine).toEqual({ ...idle, toolchain })
    const toolchainProblem = 'offline'
    expect(reportOf({ found: { install: { toolchainProblem } } }).engine).toEqual({
      ...idle,
      toolchainProblem,
    })
  })

  test('is nothing where none was needed', () => {
    expect(reportOf({ found: { install: {} } }).engine).toBeUndefined()
    expect(reportOf().engine).toBeUndefined()
    expect(reportOf({ found: { copy: executionOf() } }).engine).toMatchObject({ batches: 1 })
  })
})

describe('the proof', () => {
  const verify: StageResults['verify'] = {
    method: 'heads',
    checked: 3,
    proven: NOT_PROVEN,
    mismatches: new Map([['b/k', 'gone']]),
  }

  test('is told where copies were made', () => {
    expect(reportOf({ found: { copy: executionOf(), verify } }).verification).toEqual({
      method: 'heads',
      checked: 3,
      mismatched: 1,
      byChecksum: 0,
      bySizeAndTime: 0,
    })
    expect(reportOf({ found: { verify } }).verification).toBeUndefined()
    expect(reportOf({ found: { copy: executionOf() } }).verification).toBeUndefined()
  })
})

describe('what a person should know although the run went on', () => {
  const warningsOf = (found: RunRecord['found']) => reportOf({ found }).warnings
  const UNVERSIONED =
    'The destination bucket is not versioned: objects that this plan overwrites or deletes cannot be restored.'

  test('nothing, of a run in which nothing is odd', async () => {
    const install = {}
    const copy = executionOf()
    expect(warningsOf({ inputs: await requestOf(), install, copy, list: planOf() })).toEqual([])
  })

  test('that s5cmd was not to be had, and why', () => {
    expect(warningsOf({ install: { toolchainProblem: 'offline' } })).toEqual(['offline'])
  })

  test('that writes were unconditional, or objects lost their tags', () => {
    expect(
      warningsOf({ copy: executionOf({ unconditional: true, tagsUnreadable: true }) }),
    ).toEqual([
      'The destination does not support conditional writes: objects that somebody else wrote there during the run may have been overwritten.',
      'Objects were copied without tags: if they have any, allow s3:GetObjectTagging on the source to the identity that reads it.',
    ])
  })

  test('checks that give a warning, but for those that are told elsewhere', () => {
    const check = (name: Check['name'], status: Check['status'] = 'warn') => ({
      ...{ name, status },
      detail: `${name} is odd`,
    })
    const checks = [
      check('s5cmd'),
      check('memory'),
      check('destination-versioning'),
      check('clock'),
      check('disk', 'pass'),
      check('identity', 'fail'),
    ]
    expect(warningsOf({ preflight: { ...preflightOf(), checks } })).toEqual([
      'Memory: memory is odd.',
      'Clocks: clock is odd.',
    ])
  })

  test.each([
    [
      1,
      '1 object already exists at the destination with other content, and overwrite: never protects it: this plan would copy nothing.',
    ],
    [
      2000,
      '2,000 objects already exist at the destination with other content, and overwrite: never protects them: this plan would copy nothing.',
    ],
  ])('that %i objects are in the way, before they are met', (objects, warning) => {
    const list = planOf({ reasons: { 'destination-conflict': { objects, bytes: 1 } } })
    expect(warningsOf({ list })).toEqual([warning])
    expect(warningsOf({ list, copy: executionOf() })).toEqual([])
  })

  test('that globs matched nothing on either side', () => {
    const idle = (include: readonly string[], exclude: readonly string[]) =>
      warningsOf({ list: { ...planOf(), idleGlobs: { include, exclude } } })
    expect(idle([], ['*.tmp', 'a"b'])).toEqual([
      'exclude "*.tmp", "a\\"b" matched nothing at the source and at the destination.',
    ])
    expect(idle(['1', '2', '3', '4', '5'], ['x'])).toEqual([
      'include "1", "2", "3" and 2 more matched nothing at the source and at the destination.',
      'exclude "x" matched nothing at the source and at the destination.',
    ])
    expect(idle([], [])).toEqual([])
    expect(warningsOf({ list: planOf() })).toEqual([])
  })

  test('that a filter lets nothing pass', async () => {
    const reasons = { filtered: { objects: 4, bytes: 1 } }
    const list = planOf({ reasons, listed: { source: 4, destination: 0 } })
    const warning = ['No source object matches include and exclude.']
    const included = { inputs: await requestOf({ include: '*.csv' }), list }
    const excluded = { inputs: await requestOf({ exclude: '*.csv' }), list }
    expect(warningsOf(included)).toEqual(warning)
    expect(warningsOf(excluded)).toEqual(warning)
    expect(warningsOf({ inputs: await requestOf(), list })).toEqual([])
    expect(warningsOf({ list })).toEqual([])
    const refused = new SyncError('guard', 'No source object is in scope.')
    expect(warningsOf({ ...included, list: { ...list, refused } })).toEqual([])
    expect(warningsOf({ inputs: included.inputs })).toEqual([])
    const some = planOf({ reasons, listed: { source: 5, destination: 0 } })
    expect(warningsOf({ ...included, list: some })).toEqual([])
    const empty = planOf({ listed: { source: 5, destination: 0 } })
    expect(warningsOf({ ...included, list: empty })).toEqual([])
  })

  test.each<[string, Partial<PlanTrailer>, boolean]>([
    ['deletes', { deletes: one }, true],
    ['another size', { reasons: { 'size-differs': one } }, true],
    ['another ETag', { reasons: { 'etag-differs': one } }, true],
    ['a newer source', { reasons: { newer: one } }, true],
    [
      'copies of everything over what is there',
      { reasons: { always: one }, listed: { source: 1, destination: 1 } },
      true,
    ],
    [
      'copies of everything to where nothing is',
      { reasons: { always: one }, listed: { source: 1, destination: 0 } },
      false,
    ],
    [
      'what is missing only',
      { reasons: { missing: one }, listed: { source: 1, destination: 1 } },
      false,
    ],
    ['what is kept', { reasons: { 'same-etag': one, 'destination-conflict': none } }, false],
  ])('that no older version keeps what a plan takes away: %s', (_, trailer, told) => {
    const list = planOf(trailer)
    const at = (versioned: boolean | undefined) => preflightOf(factsOf({ versioned }))
    expect(warningsOf({ list, preflight: at(false) })).toEqual(told ? [UNVERSIONED] : [])
    expect(warningsOf({ list, preflight: at(true) })).toEqual([])
    expect(warningsOf({ list, preflight: at(undefined) })).toEqual([])
  })

  test('nothing of versions before there is a plan, or a bucket', () => {
    expect(warningsOf({ preflight: preflightOf(factsOf({ versioned: false })) })).toEqual([])
    expect(warningsOf({ list: planOf({ deletes: one }) })).toEqual([])
    const nowhere = { checks: [], problems: [], facts: undefined }
    expect(warningsOf({ list: planOf({ deletes: one }), preflight: nowhere })).toEqual([])
  })
})
