import { JOB_FILES, JOB_PART, type JobRequest } from './batch-job.ts'

/** A matrix of GitHub has no more jobs. */
export const MOST_SHARDS = 256

/** Into how many parts a plan is to be cut, or which of them a run carries out. */
export type ShardRequest =
  | {
      readonly parts: number | 'auto'
      /** How copies are handed to S3 Batch Operations; undefined: they are not. */
      readonly job?: JobRequest | undefined
    }
  | { readonly number: number; readonly of: number }

/** Whether a run carries out one part of a plan. */
export const isPart = (
  shard: ShardRequest | undefined,
): shard is Extract<ShardRequest, { readonly number: number }> =>
  shard !== undefined && 'number' in shard

/** How copies of a plan in parts are to be handed to S3 Batch Operations; undefined: they are not. */
export const jobAsked = (shard: ShardRequest | undefined): JobRequest | undefined =>
  shard === undefined || isPart(shard) ? undefined : shard.job

/** Version of plan.json. */
export const INDEX_SCHEMA = 's3-direct-sync/plan-index/1'
/** Version of what a shard says of itself. */
export const RECEIPT_SCHEMA = 's3-direct-sync/shard/1'

/** The folder of a plan in parts, in the report folder of who made it. */
export const PARTS_FOLDER = 'plan'
/** What a plan in parts is known by. */
export const INDEX_FILE = 'plan.json'
/** What is left to the last job: the copies of later waves, and all deletes. */
export const REST_FILE = 'finish.ndjson'

const numbered = (number: number): string => String(number).padStart(3, '0')

/** The file of a part of a plan; parts count from 1. */
export const partFile = (number: number): string => `part-${numbered(number)}.ndjson`
/** What a shard says of itself. */
export const receiptFile = (number: number): string => `shard-${numbered(number)}.json`
/** The rows of a shard. */
export const rowsFile = (number: number): string => `results-${numbered(number)}.ndjson`

/** Of the files of parts. */
export const PART_NAME = /^part-\d{3}\.ndjson$/
const SHARD_NAME = /^(?:shard-(\d{3})\.json|results-(\d{3})\.ndjson)$/

/** Whether a name is one of a file of a plan in parts. */
export const isOfParts = (name: string): boolean =>
  name === INDEX_FILE ||
  name === REST_FILE ||
  name === JOB_PART ||
  JOB_FILES.includes(name) ||
  PART_NAME.test(name)

/** The shard that a file of this name is of; undefined: of none. */
export function shardOf(name: string): number | undefined {
  const [, receipt, rows] = SHARD_NAME.exec(name) ?? []
  const number = receipt ?? rows
  return number === undefined ? undefined : Number(number)
}

/** Copies of a plan that are looked at together: those behind one key, up to another. */
export interface PartSpan {
  /** Keys relative to the destination; '' and undefined: from the first on, and to the last. */
  readonly from: string
  readonly until: string | undefined
}
