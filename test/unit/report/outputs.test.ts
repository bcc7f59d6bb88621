import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outputs } from '../../../src/report/outputs.ts'
import { parseCommand } from '../../../testkit/runner-commands.ts'
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
    'plan-path': '/tmp/s3-direct-sync/sync/plan.ndjson',
    'report-path': '/tmp/s3-direct-sync/sync/report.json',
    'failed-path': '',
    'batch-dir': '/tmp/s3-direct-sync/sync/batches',
    'policy-path': '/tmp/s3-direct-sync/sync/policy.json',
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
  expect(kind).toBe('execute')
  expect(message).toMatch(/^AccessDenied \(8 objects\): User: .* is not authorized\. The identity/)
})

test('drift is a cause of its own', () => {
  expect(outputs(DRIFT)).toMatchObject({
    result: 'drift',
    'planned-copies': '3000',
    'planned-deletes': '3',
    copied: '0',
    'failure-kind': 'drift',
    'failure-message': expect.stringMatching(/^The places differ: .* Run with mode: sync /),
  })
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
