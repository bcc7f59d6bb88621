import { z } from 'zod'
import { JOB_FILES, JOB_PART, type JobRequest, jobFacts } from './batch-job.ts'
import { planHeader, planTrailer } from './op.ts'

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

const PART_NAME = /^part-\d{3}\.ndjson$/
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

const count = z.number().int().nonnegative()
const tally = z.strictObject({ objects: count, bytes: count })
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const rowSum = z.string().regex(/^[0-9a-f]{32}$/)

const planPart = z.strictObject({
  file: z.string().regex(PART_NAME),
  /** First and last key at the destination; '' where no request can name any of them. */
  from: z.string(),
  to: z.string(),
  ops: count,
  bytes: count,
  /** sha256 of the file. */
  digest: sha256,
  /** The sum of what its rows must tell, in whatever order. */
  rows: rowSum,
})

/** One part of a plan: copies whose keys follow one another. */
export type PlanPart = z.infer<typeof planPart>

/** plan.json: the parts of a plan, and what all of them come to. */
export const planIndex = z.strictObject({
  schema: z.literal(INDEX_SCHEMA),
  /** Of each of the files, as their first line has it. */
  header: planHeader,
  /** Of the whole plan. */
  totals: planTrailer.omit({ trailer: true, digest: true }),
  /** Why no run may carry it out, where only who listed both places can see it. */
  refused: z.string().optional(),
  parts: z.array(planPart).min(1).max(MOST_SHARDS),
  /** The copies that S3 Batch Operations makes, whose keys may lie among those of the parts. */
  job: planPart.extend({ file: z.literal(JOB_PART), ...jobFacts.shape }).optional(),
  finish: z.strictObject({
    file: z.literal(REST_FILE),
    copies: tally,
    deletes: tally,
    digest: sha256,
  }),
  /** sha256 of all that stands before it. */
  planId: sha256,
})
export type PlanIndex = z.infer<typeof planIndex>

/** Copies that a job of S3 Batch Operations makes. */
export type JobPart = NonNullable<PlanIndex['job']>

/** Copies of a plan that are looked at together: those behind one key, up to another. */
export interface PartSpan {
  /** Keys relative to the destination; '' and undefined: from the first on, and to the last. */
  readonly from: string
  readonly until: string | undefined
}

/** What the last job reads of the report of a shard. */
const shardReport = z.looseObject({
  result: z.string(),
  durationSeconds: z.number().nonnegative(),
  peakBytesPerSecond: z.number().nonnegative(),
  engine: z
    .looseObject({
      used: z.array(z.enum(['s5cmd', 'direct'])),
      numworkers: count,
      crashes: count,
      processes: count,
      requestRetries: count,
      slowdowns: count,
      extraPasses: count,
      batches: count,
      unconditional: z.boolean(),
      tagsUnreadable: z.boolean(),
    })
    .optional(),
  verification: z
    .looseObject({
      method: z.enum(['heads', 'listing', 'results', 'none']),
      checked: count,
      byChecksum: count,
      bySizeAndTime: count,
    })
    .optional(),
  warnings: z.array(z.string()),
  failure: z.looseObject({ title: z.string() }).optional(),
})

/** shard-NNN.json: which part of which plan a run carried out, its rows, and its report. */
export const shardReceipt = z.strictObject({
  schema: z.literal(RECEIPT_SCHEMA),
  planId: sha256,
  shard: count,
  of: count,
  /** sha256 of the part that was carried out. */
  part: sha256,
  /** `digest`: sha256 of the file. */
  rows: z.strictObject({ file: z.string(), digest: sha256 }),
  report: shardReport,
  /** sha256 of all that stands before it. */
  digest: sha256,
})
export type ShardReceipt = z.infer<typeof shardReceipt>
