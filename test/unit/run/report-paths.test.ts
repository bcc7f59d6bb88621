import { expect, test } from 'vitest'
import { reportPaths } from '../../../src/run/report-paths.ts'
import { reportFiles } from '../report/stage.ts'

test('the files of a run have the names that are documented', () => {
  expect(reportPaths(reportFiles().files, '/r')).toEqual({
    plan: '/r/plan.ndjson',
    carried: '/r/carried.ndjson',
    parts: '/r/plan',
    receipt: undefined,
    batches: '/r/batches',
    results: '/r/results.ndjson',
    failed: '/r/failed.ndjson',
    notInSource: '/r/not-in-source.ndjson',
    published: '/r/published.ndjson',
    sums: '/r/SHA256SUMS',
    report: '/r/report.json',
    policy: '/r/policy.json',
    changed: '/r/changed-paths.txt',
    summary: '/r/summary.md',
    uploads: '/r/uploads.ndjson',
    note: '/r/s3-direct-sync.json',
  })
})
