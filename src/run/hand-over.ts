import { SyncError } from '../errors/sync-error.ts'
import {
  headOf,
  JOB_CREATION,
  JOB_LEFT,
  JOB_LIST,
  JOB_ROLE_POLICY,
  JOB_ROLE_TRUST,
  type JobLeft,
  jobFolder,
} from '../model/batch-job.ts'
import { NO_TALLY } from '../model/op.ts'
import { type Place, s3Url } from '../model/place.ts'
import { visibleJson } from '../model/safe.ts'
import { jobAsked, PARTS_FOLDER } from '../model/shard.ts'
import type { JobPart, PlanIndex } from '../model/shard-schema.ts'
import { humanBytes, humanObjects } from '../model/units.ts'
import { jobCreation, jobFlaws, jobRoleTrust } from '../plan/create-job.ts'
import type { JobCut } from '../plan/job-list.ts'
import type { Files } from '../ports.ts'
import { jobRolePolicy } from '../preflight/job-policy.ts'
import type { Ready } from './ready.ts'

const STREAMED = {
  'two-services': 'only copies within AWS, but source and destination are different services',
  'two-identities':
    'uses one role, but no identity of this run can both read the source and write the destination',
  'local-files': 'only copies from bucket to bucket, but one side is a local folder',
} as const

/**
 * What of a plan goes to S3 Batch Operations; undefined: that is not asked for. Throws SyncError where the service can
 * make none of its copies.
 */
export function jobCut({ request, facts }: Ready): JobCut | undefined {
  const job = jobAsked(request.shard)
  if (!job) return undefined
  const { source, destination, transferPath } = facts
  const { streamed } = transferPath
  const flaws = [
    ...(streamed === undefined ? [] : [STREAMED[streamed]]),
    ...(source.isAlias || destination.isAlias
      ? ['needs the names of buckets, but one side is an access point alias']
      : []),
    ...jobFlaws({ source, destination, write: request.transfer.write }),
  ]
  const head = headOf(source.prefix, destination.prefix)
  const [first] = flaws
  if (first === undefined && head !== undefined)
    return { request: job, head, bucket: source.bucket }
  const named = flaws.map((flaw) => `- it ${flaw}`)
  throw new SyncError(
    'plan',
    `S3 Batch Operations cannot make these copies:\n${named.join('\n')}`,
    {
      title: `S3 Batch Operations cannot make these copies: it ${first}`,
      hint: 'Remove batch-role and the other batch settings from shard, and apply all parts by mode: execute (docs/shards.md). Nothing was touched.',
    },
  )
}

/** What is handed over and what is not, in words. */
function told(job: JobPart, planId: string, { endpoint }: Place): string {
  const left = (Object.keys(JOB_LEFT) as JobLeft[]).flatMap((why) => {
    const { objects } = job.left[why] ?? NO_TALLY
    return objects === 0 ? [] : [`${humanObjects(objects)} ${JOB_LEFT[why]}`]
  })
  const rest = left.length === 0 ? '' : ` In the parts instead: ${left.join(', ')}.`
  if (job.ops === 0)
    return left.length === 0
      ? 'There is nothing to copy, so there is no job for S3 Batch Operations.'
      : `S3 Batch Operations can copy none of the objects.${rest}`
  const isAws = endpoint === undefined || /\.amazonaws\.com(?:\.cn)?\/?$/.test(endpoint)
  const ofOthers = isAws ? '' : ` It is a service of AWS and cannot access ${endpoint}.`
  const address = s3Url(job.bucket, `${jobFolder(job, planId)}/${JOB_LIST}`)
  return `${humanObjects(job.ops)}, ${humanBytes(job.bytes)}, for S3 Batch Operations: upload ${PARTS_FOLDER}/${JOB_LIST} to ${address}, then create the job with ${PARTS_FOLDER}/${JOB_CREATION}.${rest}${ofOthers}`
}

/** Writes what the job is created by, and what its role needs, beside the plan; gives what is to be said of it; undefined: nothing. */
export async function handOver(
  files: Files,
  { request, facts, paths }: Ready,
  index: PlanIndex,
): Promise<string | undefined> {
  const asked = jobAsked(request.shard)
  const { job, planId } = index
  if (!asked || !job) return undefined
  if (job.ops > 0) {
    const { source, destination } = facts
    const { write, requestPayer } = request.transfer
    const { bucket, versions } = job
    const place = { bucket, versions, folder: jobFolder(job, planId) }
    const put = (name: string, value: object): Promise<void> =>
      files.writeText(files.join(paths.parts, name), `${visibleJson(value, 2)}\n`)
    await put(
      JOB_CREATION,
      jobCreation({ planId, job, request: asked, source, destination, write, requestPayer }),
    )
    await put(JOB_ROLE_TRUST, jobRoleTrust(asked, destination))
    await put(JOB_ROLE_POLICY, jobRolePolicy(request, facts, place))
  }
  return told(job, planId, facts.destination)
}
