import type { Op } from './op.ts'

/** What carries an op out. */
export type EngineName = 's5cmd' | 'direct' | 'delete'

/** What carries a copy out. */
export type CopyEngineName = Exclude<EngineName, 'delete'>

const WHOLE_RUN_REASONS = [
  'asked-for',
  'approved-plan',
  'overwrite-never',
  'two-services',
  'two-identities',
  'local-files',
] as const

/** Why the direct engine carries all ops of a request. */
export type WholeRunReason = (typeof WHOLE_RUN_REASONS)[number]

/** All of them, for who reads rows that others wrote. */
export const ROUTE_REASONS = [
  'newline-in-key',
  'trailing-slash',
  'over-5-gib',
  'over-4-gib-on-compatible-service',
  'space-on-compatible-service',
  'dot-segment',
  'pinned-by-manifest',
  'not-utf-8',
  'archived',
  'metadata-on-old-s5cmd',
  'type-kept',
  'headers-by-rule',
  'tags-by-rule',
  'few-ports',
  's5cmd-unavailable',
  's5cmd-crashed',
  'tags-dropped',
  'bucket-in-host',
  's5cmd-refused',
  'batch-operations',
  ...WHOLE_RUN_REASONS,
] as const

/** Why the direct engine carries an op although s5cmd is at hand. */
export type RouteReason = (typeof ROUTE_REASONS)[number]

/** How one op ended. `unknown`: nothing was heard of it, and the destination could not settle it. */
export type OutcomeStatus = 'done' | 'failed' | 'unknown'

/** The end of one op; every planned op has exactly one. */
export interface Outcome<T extends Op = Op> {
  readonly op: T
  readonly status: OutcomeStatus
  readonly engine: EngineName
  readonly route?: RouteReason | undefined
  /** Times the op was given to an engine. */
  readonly attempts: number
  /** S3 or engine error code, for `failed` and `unknown`. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** HTTP status of the answer, where one came. */
  readonly httpStatus?: number | undefined
  /** Without quotes; known where the engine saw the answer. */
  readonly resultEtag?: string | undefined
  /** Hex, of the bytes that were written, where it is known. */
  readonly sha256?: string | undefined
  /** Server time when the op's batch began, milliseconds since the epoch; 0 where nothing is proven by it. */
  readonly batchBeganMs: number
  /** Of the last attempt, milliseconds; with s5cmd its wait in the process is part of it. */
  readonly tookMs?: number | undefined
}

/** A line of results.ndjson and failed.ndjson. */
export interface ResultRow {
  readonly op: 'copy' | 'delete'
  readonly key: string
  /** Where a copy goes. */
  readonly to?: string | undefined
  /** Of a copy; without one it is of wave 0. */
  readonly wave?: number | undefined
  readonly size: number
  readonly status: OutcomeStatus
  /** Another object stood there when the copy was planned. */
  readonly replaced?: true | undefined
  /** `direct` for a delete too: it is never s5cmd's. */
  readonly engine: CopyEngineName
  readonly route?: RouteReason | undefined
  readonly attempts: number
  /** How long the copy took. */
  readonly seconds?: number | undefined
  /** Hex, of the bytes that were written, where it is known. */
  readonly sha256?: string | undefined
  /** It is what the manifest says. */
  readonly sha256Proven?: true | undefined
  /** What proves its content: the answer to the copy named the source's ETag, or full-object checksums are equal. */
  readonly proof?: 'etag' | 'checksum' | undefined
  readonly code?: string | undefined
  readonly message?: string | undefined
}

/** Whether an op changed the destination, or may have: of one that was begun and not heard of again nobody knows. */
export const mayHaveChanged = ({
  status,
  attempts,
}: Pick<ResultRow, 'status' | 'attempts'>): boolean =>
  status === 'done' || (status === 'unknown' && attempts > 0)

/** How far a copy that was reported done is to be believed: by its answer, as was asked for, or when it was seen. */
export type Belief = 'proven' | 'believed' | 'claimed'

/** The code of a copy that was reported done, and whose object was not seen at the destination. */
const NOT_VERIFIED = 'NotVerified'

/** What the row of a copy says that was reported done and is still to be looked at: so it stays where nobody looks. */
export const NOT_LOOKED_AT = {
  status: 'unknown',
  code: NOT_VERIFIED,
  message: 'The copy was reported as done, but not checked at the destination.',
} as const satisfies Partial<ResultRow>

/** Whether a row waits for a look at the destination. */
export const awaitsLook = ({ op, status, code }: ResultRow): boolean =>
  op === 'copy' && status === NOT_LOOKED_AT.status && code === NOT_VERIFIED
