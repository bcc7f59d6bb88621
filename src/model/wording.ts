import type { RouteReason } from './outcome.ts'
import type { IdentityFacts } from './report.ts'

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
  'pinned-by-manifest': 'size, ETag or SHA-256 given in the manifest, which s5cmd cannot check',
  'few-ports': 'more objects than s5cmd has TCP ports for on this system',
  's5cmd-unavailable': 's5cmd was not available',
  's5cmd-crashed': 's5cmd crashed twice',
  'tags-dropped': 'tags: drop, which s5cmd cannot do',
  'bucket-in-host': 'the service needs virtual-hosted-style URLs, which s5cmd cannot use',
  's5cmd-refused': 'the service rejects requests of s5cmd',
  'batch-operations': 'copied by a job of S3 Batch Operations',
  'asked-for': 'engine: direct',
  'approved-plan': 'only what the approved plan allows',
  'overwrite-never': 'overwrite: never',
  'two-services': 'source and destination are different services',
  'two-identities': 'source and destination use different identities',
  'local-files': 'local files',
}

/** How the run proved who it is. */
export const IDENTITY_SOURCES: Readonly<Record<IdentityFacts['source'], string>> = {
  oidc: 'role assumed by OIDC',
  'token-file': 'role assumed by token file',
  'role-by-keys': 'role assumed by access keys',
  inputs: 'access keys from the inputs',
  discovered: 'default credential chain',
  none: 'none, unsigned requests',
}
