/** Version of the plan file's lines. */
export const PLAN_SCHEMA = 's3-direct-sync/plan/1'

/** Why an object is copied; `headers-differ`: what it holds is the same, and the rules for headers say something else; `destination-conflict`: it cannot be, as overwrite: never keeps another one that stands there. */
export const COPY_REASONS = [
  'missing',
  'size-differs',
  'etag-differs',
  'checksum-differs',
  'no-common-checksum',
  'newer',
  'always',
  'headers-differ',
  'destination-conflict',
] as const
export type CopyReason = (typeof COPY_REASONS)[number]

const SKIP_REASONS = [
  'same-etag',
  'same-checksum',
  'same-size',
  'not-newer',
  'exists',
  'differs-unproven',
  'filtered',
  'folder-marker',
  'only-at-destination',
  'delete-later',
  'not-approved',
  'not-in-source',
  'duplicate',
  'noncurrent',
  'delete-marker',
] as const
/** Why an object stays as it is; `only-at-destination`: unless extra objects are to be deleted; `delete-later`: as they are not for long enough; `not-approved`: the plan that was approved does not copy it; the others are rows of a manifest that name no object of their own. */
export type SkipReason = (typeof SKIP_REASONS)[number]

/**
 * What is counted besides the reasons: pairs whose checksums could not be asked for, or were not, as there are more than
 * a run asks for. What is done with them has a reason of its own.
 */
export const CHECKSUM_NOT_ASKED = 'checksum-not-asked'

const TO_COPY: ReadonlySet<string> = new Set(COPY_REASONS)

/** All that a plan counts by. */
export const REASONS: ReadonlySet<string> = new Set([
  ...COPY_REASONS,
  ...SKIP_REASONS,
  CHECKSUM_NOT_ASKED,
])

/** Whether a reason of a plan is one to copy. */
export const isCopyReason = (reason: string): boolean => TO_COPY.has(reason)

/** Objects that the source does not have. */
const EXTRA_REASONS: ReadonlySet<string> = new Set(['only-at-destination', 'delete-later'])

/** Whether a reason is one to leave an object of the source as it is. */
export const isSkipReason = (reason: string): boolean =>
  !isCopyReason(reason) && !EXTRA_REASONS.has(reason) && reason !== CHECKSUM_NOT_ASKED
