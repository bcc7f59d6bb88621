import { z } from 'zod'
import { JOB_PART, type JobFacts, type JobLeft } from './batch-job.ts'
import { planHeader, planTrailer } from './plan-schema.ts'
import { INDEX_SCHEMA, MOST_SHARDS, PART_NAME, RECEIPT_SCHEMA, REST_FILE } from './shard.ts'

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

/** The reasons of copies that the service cannot make. */
const jobLeft = z.enum([
  'over-5-gb',
  'renamed',
  'archived',
  'not-utf-8',
  'version',
  'list-full',
]) satisfies z.ZodType<JobLeft>

/** What plan.json says of the job. */
const jobFacts = z.strictObject({
  bucket: z.string(),
  prefix: z.string(),
  versions: z.boolean(),
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  left: z.partialRecord(jobLeft, tally),
}) satisfies z.ZodType<JobFacts>

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

/** What the last job reads of the report of a shard. */
const shardReport = z.looseObject({
  result: z.string(),
  durationSeconds: z.number().nonnegative(),
  copySeconds: z.number().nonnegative(),
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
      mismatched: count,
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
  /** Which attempt of its workflow run wrote it, from 1: a job that is run again leaves both. 0: the runner does not tell. */
  attempt: count,
  /** sha256 of the part that was carried out. */
  part: sha256,
  /** `digest`: sha256 of the file. */
  rows: z.strictObject({ file: z.string(), digest: sha256 }),
  report: shardReport,
  /** sha256 of all that stands before it. */
  digest: sha256,
})
export type ShardReceipt = z.infer<typeof shardReceipt>
