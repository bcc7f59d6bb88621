import { REPORT_SCHEMA, type Report } from '../../../src/model/report.ts'

const none = { objects: 0, bytes: 0 }

/** A run that reached its goal: 3,000 copies of 1.2 GB. */
export const SUCCESS: Report = {
  schema: REPORT_SCHEMA,
  result: 'success',
  exitCode: 0,
  mode: 'sync',
  dryRun: false,
  startedAt: '2026-03-01T12:00:00.000Z',
  durationSeconds: 42.14,
  peakBytesPerSecond: 9_000_000,
  copySeconds: 31.5,
  settings: [
    { name: 'source', value: 's3://market-data/ticks/', origin: 'input' },
    { name: 'destination', value: 's3://research/ticks/', origin: 'input' },
    { name: 'exclude', value: '*.tmp\n*.bak', origin: 'input' },
    { name: 'aws-region', value: 'eu-central-1', origin: 'environment' },
    { name: 'retry-count', value: '5', origin: 'default' },
  ],
  identity: {
    account: '111122223333',
    arn: 'arn:aws:sts::111122223333:assumed-role/sync/s3-direct-sync',
    roleArn: 'arn:aws:iam::111122223333:role/sync',
    source: 'oidc',
  },
  source: { bucket: 'market-data', prefix: 'ticks/', single: false, region: 'eu-central-1' },
  destination: { bucket: 'research', prefix: 'ticks/', single: false, region: 'eu-west-1' },
  checks: [
    { name: 's5cmd', status: 'pass', detail: 'v2.3.0-991c9fb runs' },
    {
      name: 'destination-writing',
      status: 'pass',
      detail: 'a test upload was started and aborted',
    },
    { name: 'destination-versioning', status: 'not-allowed', detail: 'Access Denied' },
  ],
  reasons: {
    missing: { objects: 2900, bytes: 1_100_000_000 },
    'size-differs': { objects: 100, bytes: 100_000_000 },
    'same-etag': { objects: 8500, bytes: 5_400_000_000 },
    filtered: { objects: 12, bytes: 34_000 },
    'only-at-destination': { objects: 3, bytes: 4_500 },
  },
  samples: {
    missing: [
      { key: 'ticks/2026/a.parquet', size: 400_000 },
      { key: 'ticks/2026/`b|c`.parquet', size: 0 },
    ],
    'size-differs': [{ key: 'ticks/2026/d.parquet', size: 1_000_000 }],
  },
  listed: { source: 11_512, destination: 8603 },
  totals: {
    planned: { objects: 3000, bytes: 1_200_000_000 },
    copied: { objects: 3000, bytes: 1_200_000_000 },
    plannedDeletes: none,
    deleted: none,
    failed: none,
    unknown: none,
    skipped: { objects: 8512, bytes: 5_400_034_000 },
  },
  slowest: [
    { key: 'ticks/logs/big.bin', bytes: 1_000_000_000, seconds: 21.5 },
    { key: 'ticks/a|b`c', bytes: 0, seconds: 0 },
  ],
  folders: [
    { folder: 'logs/', done: { objects: 2990, bytes: 3_200_000_000 }, failed: 0 },
    { folder: '(top)', done: { objects: 10, bytes: 1000 }, failed: 0 },
  ],
  sizeClasses: {
    small: { objects: 2990, bytes: 800_000_000 },
    medium: { objects: 10, bytes: 400_000_000 },
    large: none,
  },
  stages: [
    { stage: 'inputs', seconds: 0.01, line: '5 inputs given' },
    { stage: 'install', seconds: 1.92, line: 's5cmd 2.3.0 from the pinned release' },
    { stage: 'credentials', seconds: 0.61, line: 'role sync of 111122223333 until 13:00' },
    { stage: 'preflight', seconds: 0.7, line: 'both buckets are there' },
    { stage: 'plan', seconds: 5.3, line: '3,000 copies, 8,512 left' },
    { stage: 'copy', seconds: 31.5, line: '3,000 done' },
    { stage: 'verify', seconds: 2.1, line: '3,000 hold' },
  ],
  engine: {
    used: ['s5cmd', 'direct'],
    toolchain: {
      path: '/opt/hostedtoolcache/s5cmd/2.3.0/x64/s5cmd',
      version: '2.3.0',
      reported: 'v2.3.0-991c9fb',
      sha256: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
      metadataDirective: true,
      origin: 'release',
    },
    numworkers: 50,
    workersRule: 'size-class',
    concurrency: [{ name: 's5cmd small', initial: 50, final: 113 }],
    processes: 1,
    crashes: 0,
    unconditional: false,
    tagsUnreadable: false,
    slowdowns: 0,
    requestRetries: 7,
    extraPasses: 1,
    batches: 8,
    batchOps: { small: { value: 500, rule: 'size-class' } },
    partBytes: [],
  },
  routes: { 'trailing-slash': 10, 'over-5-gib': 2 },
  verification: {
    method: 'listing',
    checked: 3000,
    mismatched: 0,
    byChecksum: 0,
    bySizeAndTime: 0,
  },
  errors: [],
  warnings: [],
  peakMemoryBytes: 182_000_000,
  files: {
    folder: '/tmp/s3-direct-sync/sync',
    report: '/tmp/s3-direct-sync/sync/report.json',
    plan: '/tmp/s3-direct-sync/sync/plan.ndjson',
    results: '/tmp/s3-direct-sync/sync/results.ndjson',
    batches: '/tmp/s3-direct-sync/sync/batches',
    policy: '/tmp/s3-direct-sync/sync/policy.json',
    summary: '/tmp/s3-direct-sync/sync/summary.md',
  },
}

/** A run in which 10 of 3,000 copies did not succeed. */
export const PARTIAL: Report = {
  ...SUCCESS,
  result: 'partial',
  exitCode: 1,
  totals: {
    ...SUCCESS.totals,
    copied: { objects: 2990, bytes: 1_190_000_000 },
    failed: { objects: 8, bytes: 9_000_000 },
    unknown: { objects: 2, bytes: 1_000_000 },
  },
  verification: {
    method: 'listing',
    checked: 2990,
    mismatched: 0,
    byChecksum: 0,
    bySizeAndTime: 0,
  },
  errors: [
    {
      code: 'AccessDenied',
      objects: 8,
      resolution:
        'The identity may not read the source object or write the destination key: allow s3:GetObject (and s3:GetObjectTagging) on the source, s3:PutObject (and s3:PutObjectTagging) on the destination, and the KMS key where one is used.',
      help: 'docs/troubleshooting.md#slowdown',
      examples: ['ticks/2026/a|b.parquet', 'ticks/2026/`quoted`.parquet'],
      message: 'User: arn:aws:sts::111122223333:assumed-role/sync/x is not authorized',
    },
    {
      code: 'EngineLost',
      objects: 2,
      resolution: 's5cmd exited without reporting a result for this object: run again.',
      help: 'docs/troubleshooting.md#slowdown',
      examples: ['ticks/2026/c.parquet'],
      message: '',
    },
  ],
  warnings: ['The destination bucket research is not versioned.'],
  files: { ...SUCCESS.files, failed: '/tmp/s3-direct-sync/sync/failed.ndjson' },
}

/** A run that was refused before its first write. */
export const REFUSED: Report = {
  ...SUCCESS,
  result: 'failed',
  exitCode: 1,
  durationSeconds: 3.2,
  copySeconds: 0,
  reasons: {},
  samples: {},
  listed: { source: 0, destination: 8603 },
  totals: {
    planned: none,
    copied: none,
    plannedDeletes: none,
    deleted: none,
    failed: none,
    unknown: none,
    skipped: none,
  },
  folders: [],
  slowest: [],
  sizeClasses: { small: none, medium: none, large: none },
  stages: SUCCESS.stages.slice(0, 4),
  engine: undefined,
  routes: {},
  verification: undefined,
  failure: {
    kind: 'guard',
    title: 'Source is empty: s3://market-data/ticks/',
    text: 'The source s3://market-data/ticks/ is empty or missing.\nCheck the spelling, or set `allow-empty-source: true` when an empty source is meant.',
  },
  files: { report: SUCCESS.files.report },
}

/** A plan that waits for its execution. */
export const PLANNED: Report = {
  ...SUCCESS,
  result: 'planned',
  dryRun: true,
  copySeconds: 0,
  totals: { ...SUCCESS.totals, copied: none },
  requests: {
    copies: 3000,
    deletes: 0,
    lookUps: 0,
    lookUpLists: 0,
    sourceLists: 12,
    destinationLists: 9,
    rowLooks: { source: 0, destination: 0 },
    typeLooks: 0,
    headerLooks: 0,
    headerCompares: 0,
    checksumLooks: { source: 0, destination: 0 },
  },
  folders: [],
  slowest: [],
  sizeClasses: REFUSED.sizeClasses,
  stages: SUCCESS.stages.slice(0, 5),
  engine: undefined,
  routes: {},
  verification: undefined,
}

const TOO_MANY = {
  kind: 'guard',
  title: '40 deletes, max-delete is 10',
  text: '40 of 8,603 objects in scope at the destination would be deleted; max-delete is 10.\nRead the list in the plan; if all of them may be deleted, set `max-delete: 1000 1%`. Nothing was touched.',
}

/** A plan that a guard would refuse to carry out. */
export const PLANNED_REFUSED: Report = {
  ...PLANNED,
  totals: { ...PLANNED.totals, plannedDeletes: { objects: 40, bytes: 45_000 } },
  requests: {
    copies: 3000,
    deletes: 1,
    lookUps: 40,
    lookUpLists: 0,
    sourceLists: 12,
    destinationLists: 9,
    rowLooks: { source: 0, destination: 0 },
    typeLooks: 0,
    headerLooks: 0,
    headerCompares: 0,
    checksumLooks: { source: 0, destination: 0 },
  },
  reasons: { ...PLANNED.reasons, 'only-at-destination': { objects: 40, bytes: 45_000 } },
  samples: {
    ...PLANNED.samples,
    'only-at-destination': [
      { key: 'ticks/old/a.csv', size: 1_500 },
      { key: 'ticks/old/b|`c`\n.csv', size: 20 },
      { key: `ticks/old/${'x'.repeat(300)}`, size: 0 },
      { key: 'ticks/old/d.csv', size: 1 },
    ],
  },
  refused: TOO_MANY,
}

/** The same plan in a run that was to carry it out. */
export const REFUSED_PLAN: Report = {
  ...PLANNED_REFUSED,
  result: 'failed',
  exitCode: 1,
  dryRun: false,
  failure: TOO_MANY,
}

/** A check that found differences. */
export const DRIFT: Report = {
  ...PLANNED,
  result: 'drift',
  exitCode: 1,
  mode: 'check',
  dryRun: false,
  totals: { ...PLANNED.totals, plannedDeletes: { objects: 3, bytes: 4_500 } },
  reasons: {
    ...PLANNED.reasons,
    'differs-unproven': { objects: 2, bytes: 100 },
    'only-at-destination': { objects: 3, bytes: 4_500 },
  },
  samples: {
    'differs-unproven': [{ key: 'ticks/touched.csv', size: 50 }],
    ...PLANNED.samples,
    'only-at-destination': [{ key: 'mirror/left\nover.csv', size: 1_500 }],
  },
}

/** A run that copied, and then deleted. */
export const MIRRORED: Report = {
  ...SUCCESS,
  totals: {
    ...SUCCESS.totals,
    plannedDeletes: { objects: 3, bytes: 4_500 },
    deleted: { objects: 3, bytes: 4_500 },
  },
}

/** A run that a signal ended. */
export const CANCELLED: Report = {
  ...SUCCESS,
  result: 'cancelled',
  exitCode: 1,
  totals: {
    ...SUCCESS.totals,
    copied: { objects: 1200, bytes: 480_000_000 },
    unknown: { objects: 1800, bytes: 720_000_000 },
  },
  verification: undefined,
  failure: { kind: 'cancelled', title: 'Cancelled', text: 'The run was ended by SIGINT.' },
}
