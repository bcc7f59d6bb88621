import type { CHECKSUM_NOT_ASKED, CopyReason, SkipReason } from '../model/op.ts'
import type { RouteReason } from '../model/outcome.ts'
import type {
  Check,
  CheckName,
  IdentityFacts,
  Toolchain,
  VerificationFacts,
} from '../model/report.ts'
import type { TuningRule } from '../model/tuned.ts'

/** What the plan decided and why, in people's words. */
export const REASONS: Readonly<
  Record<CopyReason | SkipReason | typeof CHECKSUM_NOT_ASKED, string>
> = {
  missing: 'Missing at the destination',
  'size-differs': 'Size differs',
  'etag-differs': 'Same size, different content',
  'checksum-differs': 'Same size, different checksum',
  'no-common-checksum': 'Same size, no checksum to compare',
  newer: 'Source is newer',
  always: 'compare: always',
  'headers-differ': 'Identical content, different headers',
  'destination-conflict': 'Another object already exists there',
  'same-etag': 'Identical content',
  'same-checksum': 'Identical checksum',
  'same-size': 'Same size',
  'not-newer': 'Source is not newer',
  exists: 'Already exists',
  'differs-unproven': 'Same size, destination is newer',
  filtered: 'Filtered out by include and exclude',
  'folder-marker': 'Empty folder markers, which are not files',
  'only-at-destination': 'Only at the destination',
  'delete-later': 'Only at the destination, to be deleted later',
  'not-approved': 'Not in the approved plan',
  'checksum-not-asked': 'Of all these, checksum not read',
  'not-in-source': 'In the manifest, missing at the source',
  duplicate: 'Listed more than once in the manifest',
  noncurrent: 'Noncurrent version in the inventory',
  'delete-marker': 'Delete marker in the inventory',
}

/** Why the direct engine carried an op. */
export const ROUTES: Readonly<Record<RouteReason, string>> = {
  'newline-in-key': 'newline in the key',
  'trailing-slash': 'key ends in a slash',
  'over-5-gib': 'over 5 GiB',
  'over-4-gib-on-compatible-service': 'over 4 GiB on an S3-compatible service',
  'space-on-compatible-service': 'space in the key on an S3-compatible service',
  'dot-segment': 'dot segment in the key',
  'not-utf-8': 'key is not valid UTF-8',
  archived: 'archived, not restored',
  'type-kept': 'metadata replaced, content type kept',
  'headers-by-rule': 'headers set by a rule, other headers kept',
  'tags-by-rule': 'tags set by a rule, which s5cmd cannot do',
  'metadata-on-old-s5cmd': 'metadata replaced, which this s5cmd version cannot do',
  'few-ports': 'more objects than s5cmd has TCP ports for on this system',
  's5cmd-unavailable': 's5cmd was not available',
  's5cmd-crashed': 's5cmd crashed twice',
  'tags-dropped': 'tags: drop, which s5cmd cannot do',
  'bucket-in-host': 'the service needs virtual-hosted-style URLs, which s5cmd cannot use',
  's5cmd-refused': 'the service rejects requests of s5cmd',
  'batch-operations': 'copied by a job of S3 Batch Operations',
  'asked-for': 'set by input',
  'approved-plan': 'limited to the approved plan',
  'overwrite-never': 'overwrite: never',
  'two-services': 'source and destination are different services',
  'two-identities': 'source and destination use different identities',
  'local-files':
    'local files, which s5cmd uploads without conditions and checksums, and overwrites in place',
}

/** Where the binary came from. */
export const ORIGINS: Readonly<Record<Toolchain['origin'], string>> = {
  'tool-cache': 'from the tool cache',
  release: 'from the pinned release',
  mirror: 'from the mirror',
  pip: 'from the pinned Python wheel',
  path: 'your own binary, hash verified',
  unpinned: 'unpinned: no known hash',
}

/** What set a number. */
export const TUNING_RULES: Readonly<Record<TuningRule, string>> = {
  'asked-for': 'set by input',
  'size-class': 'by object size',
  memory: 'by memory',
  cores: 'by processors',
  region: 'by region',
  link: 'by a slow link',
  'most-parts': 'by the S3 limit on the number of parts',
}

/** How the run proved who it is. */
export const IDENTITY_SOURCES: Readonly<Record<IdentityFacts['source'], string>> = {
  oidc: 'role assumed by OIDC',
  'token-file': 'role assumed by token file',
  'role-by-keys': 'role assumed by access keys',
  inputs: 'access keys from the inputs',
  discovered: 'found in the environment',
  none: 'none, unsigned requests',
}

/** How the copies were proven. */
export const METHODS: Readonly<Record<VerificationFacts['method'], string>> = {
  heads: 'one HEAD request per copy',
  listing: 'a listing of the destination',
  results: 'the ETags in the copy responses',
  none: 'not requested',
}

/** The word for a value, where there is one: a value may come from another version's file. */
export const wordFor = (
  words: Readonly<Record<string, string>>,
  value: string,
): string | undefined => (Object.hasOwn(words, value) ? words[value] : undefined)

/** What is looked at before the start. */
export const CHECKS: Readonly<Record<CheckName, string>> = {
  s5cmd: 's5cmd is usable',
  identity: 'Credentials are valid',
  'source-bucket': 'Source bucket is reachable',
  'source-listing': 'Source can be listed',
  'source-reading': 'Source can be read',
  'source-encryption': 'Source encryption',
  'destination-bucket': 'Destination bucket is reachable',
  'destination-listing': 'Destination can be listed',
  'destination-writing': 'Destination can be written',
  'destination-encryption': 'Destination encryption',
  'destination-versioning': 'Destination versioning',
  clock: 'Clocks',
  memory: 'Memory',
  disk: 'Disk space',
}

/** What a check came to. */
export const CHECK_WORDS: Readonly<Record<Check['status'], string>> = {
  pass: '✅ pass',
  warn: '⚠️ warning',
  fail: '❌ fail',
  'not-allowed': '➖ no permission to check',
  'not-known': '➖ unknown',
  'not-needed': '➖ not needed',
}
