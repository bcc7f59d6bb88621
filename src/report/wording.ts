import type { CHECKSUM_NOT_ASKED, CopyReason, SkipReason } from '../model/op.ts'
import type { Check, CheckName, Toolchain, VerificationFacts } from '../model/report.ts'
import type { TuningRule } from '../model/tuned.ts'

/** What the plan decided and why, in people's words. */
export const REASONS: Readonly<
  Record<CopyReason | SkipReason | typeof CHECKSUM_NOT_ASKED, string>
> = {
  missing: 'Missing at the destination',
  'size-differs': 'Size differs',
  'etag-differs': 'Same size, different ETag',
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

/** How the copies were proven. */
export const METHODS: Readonly<Record<VerificationFacts['method'], string>> = {
  heads: 'one HEAD request per copy',
  listing: 'a listing of the destination',
  results: 'the ETag in the response to each copy',
  none: 'nothing',
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
  'source-bucket': 'Source is reachable',
  'source-listing': 'Source can be listed',
  'source-reading': 'Source can be read',
  'source-encryption': 'Source encryption',
  'destination-bucket': 'Destination is reachable',
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

/** Words that begin with a capital, within a sentence. */
export const withinSentence = (words: string): string =>
  words.charAt(0).toLowerCase() + words.slice(1)
