import { SyncError } from '../errors/sync-error.ts'
import {
  headOf,
  JOB_CREATION,
  JOB_LIST,
  JOB_ROLE_POLICY,
  JOB_ROLE_TRUST,
  type JobLeft,
  jobFolder,
} from '../model/batch-job.ts'
import { NO_TALLY } from '../model/op.ts'
import { type Place, s3Url } from '../model/place.ts'
import { visibleJson } from '../model/safe.ts'
import { type JobPart, jobAsked, PARTS_FOLDER, type PlanIndex } from '../model/shard.ts'
import { humanBytes, humanObjects } from '../model/units.ts'
import { jobCreation, jobFlaws, jobRoleTrust } from '../plan/create-job.ts'
import type { JobCut } from '../plan/job-list.ts'
import type { Files } from '../ports.ts'
import { jobRolePolicy } from '../preflight/policy.ts'
import type { Ready } from './ready.ts'

const STREAMED = {
  'two-services': 'copies within AWS alone, and source and destination are two services',
  'two-identities':
    'works as one role, and nobody here may both read the source and write the destination',
  'local-files': 'copies objects of a bucket, and source is a folder of this runner',
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
      ? ['wants buckets by their own names, and one of them is an alias of an access point']
      : []),
    ...jobFlaws({ source, destination, write: request.transfer.write }),
  ]
  const head = headOf(source.prefix, destination.prefix)
  const [first] = flaws
  if (first === undefined && head !== undefined)
    return { request: job, head, bucket: source.bucket }
  const named = flaws.map((flaw) => `- S3 Batch Operations ${flaw}`)
  throw new SyncError('plan', `The plan cannot be handed over:\n${named.join('\n')}`, {
    title: `The plan cannot be handed over: S3 Batch Operations ${first}`,
    hint: 'Leave out batch-operations, and let shards carry the plan out (docs/shards.md). Nothing was touched.',
  })
}

const LEFT: Readonly<Record<JobLeft, string>> = {
  'over-5-gb': 'over 5 GB',
  renamed: 'to a key of another name',
  archived: 'archived, and not restored',
  'not-utf-8': 'with a name that is not UTF-8',
  version: 'that names a version where others do not, or the other way round',
  'list-full': 'more than a list of 5 GB holds',
}

/** What is handed over and what is not, in words. */
function told(job: JobPart, planId: string, { endpoint }: Place): string {
  const left = (Object.keys(LEFT) as JobLeft[]).flatMap((why) => {
    const { objects } = job.left[why] ?? NO_TALLY
    return objects === 0 ? [] : [`${humanObjects(objects)} ${LEFT[why]}`]
  })
  const rest = left.length === 0 ? '' : ` Left to the parts: ${left.join(', ')}.`
  if (job.ops === 0) return `Nothing is handed to S3 Batch Operations.${rest}`
  const isAws = endpoint === undefined || /\.amazonaws\.com(?:\.cn)?\/?$/.test(endpoint)
  const ofOthers = isAws ? '' : ` It is a service of AWS, which does not know ${endpoint}.`
  const address = s3Url(job.bucket, `${jobFolder(job, planId)}/${JOB_LIST}`)
  return `${humanObjects(job.ops)}, ${humanBytes(job.bytes)}, for S3 Batch Operations: store ${PARTS_FOLDER}/${JOB_LIST} as ${address}, then create the job by ${PARTS_FOLDER}/${JOB_CREATION}.${rest}${ofOthers}`
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
