import fc from 'fast-check'
import { parseCommand } from 's3-direct-sync-testkit/runner-commands.ts'
import { describe, expect, test } from 'vitest'
import type { Tally } from '../../../src/model/op.ts'
import type { Report } from '../../../src/model/report.ts'
import { outputs } from '../../../src/report/outputs.ts'
import { HOSTILE_RUNS, hostileReport } from './hostile.ts'
import { DRIFT, PARTIAL, REFUSED, SUCCESS } from './sample.ts'

test('a run that reached its goal', () => {
  expect(outputs(SUCCESS)).toEqual({
    result: 'success',
    'planned-copies': '3000',
    'planned-deletes': '0',
    copied: '3000',
    deleted: '0',
    skipped: '8512',
    failed: '0',
    unknown: '0',
    'bytes-planned': '1200000000',
    'bytes-copied': '1200000000',
    'duration-seconds': '42.1',
    'objects-per-second': '95.2',
    'bytes-per-second': '38095238',
    engine: 's5cmd,direct',
    's5cmd-version': '2.3.0',
    's5cmd-path': '/opt/hostedtoolcache/s5cmd/2.3.0/x64/s5cmd',
    'source-region': 'eu-central-1',
    'destination-region': 'eu-west-1',
    'aws-account-id': '111122223333',
    'assumed-role-arn': 'arn:aws:sts::111122223333:assumed-role/sync/s3-direct-sync',
    'report-dir': '/tmp/s3-direct-sync/sync',
    'plan-id': '',
    shards: '',
    'shard-count': '',
    'plan-path': '/tmp/s3-direct-sync/sync/plan.ndjson',
    'report-path': '/tmp/s3-direct-sync/sync/report.json',
    'failed-path': '',
    'not-in-source-path': '',
    'sha256sums-path': '',
    'published-path': '',
    'manifest-rows': '',
    'lock-epoch': '',
    'batch-dir': '/tmp/s3-direct-sync/sync/batches',
    'policy-path': '/tmp/s3-direct-sync/sync/policy.json',
    'changed-paths-path': '',
    'cloudfront-invalidations': '',
    transfers: '',
    'summary-path': '/tmp/s3-direct-sync/sync/summary.md',
    'failure-kind': '',
    'failure-message': '',
  })
})

test('a refusal names its cause in one line', () => {
  expect(outputs(REFUSED)).toMatchObject({
    result: 'failed',
    copied: '0',
    'objects-per-second': '0.0',
    engine: '',
    's5cmd-path': '',
    'failure-kind': 'guard',
    'failure-message':
      'The source s3://market-data/ticks/ is empty or missing. Check the spelling, or set `allow-empty-source: true` when an empty source is meant.',
  })
})

test('failed objects are a cause, too', () => {
  const { 'failure-kind': kind, 'failure-message': message } = outputs(PARTIAL)
  expect(kind).toBe('copy')
  expect(message).toMatch(
    /^The identity .* AccessDenied \(8 objects\): User: .* is not authorized\. /,
  )
})

test('drift is a cause of its own', () => {
  expect(outputs(DRIFT)).toMatchObject({
    result: 'drift',
    'planned-copies': '3000',
    'planned-deletes': '3',
    copied: '0',
    'failure-kind': 'drift',
    'failure-message': expect.stringMatching(
      /^Source and destination differ: .* Run with mode: sync /,
    ),
  })
})

describe('what there is of the identity', () => {
  const role = { account: '111122223333', roleArn: 'arn:role', source: 'oidc' } as const

  test.each<[string, Report['identity'], [string, string]]>([
    ['a role, as STS names it', { ...role, arn: 'arn:session' }, ['111122223333', 'arn:session']],
    ['a role that STS did not name', role, ['111122223333', 'arn:role']],
    ['keys of a user', { arn: 'arn:user', source: 'inputs' }, ['', '']],
    ['nobody', undefined, ['', '']],
  ])('%s', (_, identity, [account, arn]) => {
    expect(outputs({ ...SUCCESS, identity })).toMatchObject({
      'aws-account-id': account,
      'assumed-role-arn': arn,
    })
  })
})

test('what is not known is empty', () => {
  const unknown = { engine: undefined, source: undefined, destination: undefined }
  expect(outputs({ ...SUCCESS, ...unknown, files: { report: '' } })).toMatchObject({
    ...{ engine: '', 's5cmd-version': '', 's5cmd-path': '', 'source-region': '' },
    ...{ 'destination-region': '', 'plan-path': '', 'report-path': '', 'batch-dir': '' },
  })
  const engine = SUCCESS.engine && { ...SUCCESS.engine, toolchain: undefined }
  expect(outputs({ ...SUCCESS, engine })).toMatchObject({ 's5cmd-version': '', 's5cmd-path': '' })
})

test('every count is its own', () => {
  const [planned, copied, plannedDeletes, deleted, failed, unknown, skipped] = [
    1, 2, 3, 4, 5, 6, 7,
  ].map((objects) => ({ objects, bytes: objects * 10 })) as [
    Tally,
    Tally,
    Tally,
    Tally,
    Tally,
    Tally,
    Tally,
  ]
  const totals = { planned, copied, plannedDeletes, deleted, failed, unknown, skipped }
  expect(
    outputs({ ...SUCCESS, totals, copySeconds: 3, files: { ...SUCCESS.files, failed: '/f' } }),
  ).toMatchObject({
    ...{ 'planned-copies': '1', copied: '2', 'planned-deletes': '3', deleted: '4' },
    ...{ failed: '5', unknown: '6', skipped: '7', 'bytes-planned': '10', 'bytes-copied': '20' },
    ...{ 'objects-per-second': '0.7', 'bytes-per-second': '7', 'failed-path': '/f' },
  })
})

test('a message of many lines is one, and is cut', () => {
  const told = (text: string) =>
    outputs({ ...REFUSED, failure: { kind: 'guard', title: 't', text } })['failure-message']
  expect(told('a\r\n\nb\rc')).toBe('a. b. c')
  expect(told('It failed (a)\nCheck b: \n- one\n- two.\nAdd:\n  x: y\n  z: w')).toBe(
    'It failed (a). Check b:  - one. - two. Add:   x: y   z: w',
  )
  expect(told('x'.repeat(5000))).toBe(`${'x'.repeat(3999)}…`)
})

test('a value is one line that the runner does not obey', () => {
  fc.assert(
    fc.property(hostileReport, (report) => {
      for (const value of Object.values(outputs(report))) {
        expect(value).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(parseCommand(value)).toBeUndefined()
      }
    }),
    HOSTILE_RUNS,
  )
})
