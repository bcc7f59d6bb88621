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
  'etag-differs': 'Same size, other content',
  'checksum-differs': 'Same size, other checksum',
  'no-common-checksum': 'Same size, no checksum to compare',
  newer: 'Source is newer',
  always: 'Copied always, as asked',
  'headers-differ': 'Identical content, other headers',
  'destination-conflict': 'Another object is published there',
  'same-etag': 'Identical content',
  'same-checksum': 'Identical checksum',
  'same-size': 'Same size',
  'not-newer': 'Source is not newer',
  exists: 'Exists already',
  'differs-unproven': 'Same size, destination is newer',
  filtered: 'Left out by include and exclude',
  'only-at-destination': 'Only at the destination',
  'not-approved': 'Not in the plan that was approved',
  'checksum-not-asked': 'Of all these, checksums not asked for',
  'not-in-source': 'Named by the manifest, not in the source',
  duplicate: 'Named by the manifest more than once',
  noncurrent: 'An older version, by the inventory',
  'delete-marker': 'Deleted, by the inventory',
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
  'type-kept': 'metadata replaced, the content type kept',
  'headers-by-rule': 'headers by a rule, the others kept',
  'tags-by-rule': 'tags by a rule, which s5cmd cannot',
  'metadata-on-old-s5cmd': 'metadata replaced, which this s5cmd cannot',
  'few-ports': 'more objects than this system has ports for s5cmd',
  's5cmd-unavailable': 's5cmd was not available',
  's5cmd-crashed': 's5cmd crashed twice',
  'tags-dropped': 'tags: drop, which s5cmd cannot',
  'bucket-in-host': 'the service wants the bucket in the host, which s5cmd cannot',
  's5cmd-refused': 'refused to s5cmd by the service',
  'batch-operations': 'copied by a job of S3 Batch Operations',
  'asked-for': 'asked for',
  'approved-plan': 'bound to the approved plan',
  'overwrite-never': 'overwrite: never',
  'two-services': 'source and destination are two services',
  'two-identities': 'source and destination have an identity each',
  'local-files': 'files of this runner, which s5cmd would send without conditions and checksums',
}

/** Where the binary came from. */
export const ORIGINS: Readonly<Record<Toolchain['origin'], string>> = {
  'tool-cache': 'from the tool cache',
  release: 'from the pinned release',
  mirror: 'from the mirror',
  pip: 'from the pinned wheel',
  path: 'your own binary, its hash checked',
  unpinned: 'unpinned: no hash of it is known',
}

/** What set a number. */
export const TUNING_RULES: Readonly<Record<TuningRule, string>> = {
  'asked-for': 'asked for',
  'size-class': 'by the size of the objects',
  memory: 'by memory',
  cores: 'by processors',
  region: 'by region',
  link: 'by a slow link',
  'most-parts': 'by the number of parts that S3 takes',
}

/** How the run proved who it is. */
export const IDENTITY_SOURCES: Readonly<Record<IdentityFacts['source'], string>> = {
  oidc: 'role by OIDC',
  'token-file': 'role by a token file',
  'role-by-keys': 'role by access keys',
  inputs: 'access keys from the inputs',
  discovered: 'found in the environment',
}

/** How the copies were proven. */
export const METHODS: Readonly<Record<VerificationFacts['method'], string>> = {
  heads: 'each copy looked at again',
  listing: 'the destination listed again',
  results: 'the ETags in the copy responses',
  none: 'not asked for',
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
  'source-bucket': 'Source bucket answers',
  'source-listing': 'Source can be listed',
  'source-reading': 'Source can be read',
  'source-encryption': 'Source encryption',
  'destination-bucket': 'Destination bucket answers',
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
  'not-allowed': '➖ not allowed to look',
  'not-known': '➖ not known',
  'not-needed': '➖ not needed',
}
