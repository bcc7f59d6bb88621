import type { CopyOp, Tally } from './op.ts'

/** How copies are handed to S3 Batch Operations. */
export interface JobRequest {
  /** The role that the job runs as; the job is of its account. */
  readonly roleArn: string
  /** The bucket that holds the job's list, and gets its report. */
  readonly bucket: string
  /** Where in it: '' or text that does not end in a slash. */
  readonly prefix: string
  readonly priority: number
  /** Whether the job waits until somebody confirms it. */
  readonly confirm: boolean
}

/** The copies that the job makes: a plan file by itself. */
export const JOB_PART = 'batch-operations.ndjson'
/** The same as the service reads them, the request for the job, and what its role needs. */
export const JOB_LIST = 'batch-operations.csv'
export const JOB_CREATION = 'create-job.json'
export const JOB_ROLE_TRUST = 'batch-role-trust.json'
export const JOB_ROLE_POLICY = 'batch-role-policy.json'

/** Files that a hand-off writes beside the parts of a plan, but for the plan file among them. */
export const JOB_FILES: readonly string[] = [
  JOB_LIST,
  JOB_CREATION,
  JOB_ROLE_TRUST,
  JOB_ROLE_POLICY,
]

/** The format of a report, which AWS has one of. */
export const JOB_REPORT_FORMAT = 'Report_CSV_20180820'

/** Why the service cannot make a copy, so that it is left to the parts. */
export type JobLeft = 'over-5-gb' | 'renamed' | 'archived' | 'not-utf-8' | 'version' | 'list-full'

/** The same in words, behind a number of objects. */
export const JOB_LEFT: Readonly<Record<JobLeft, string>> = {
  'over-5-gb': 'over 5 GB',
  renamed: 'renamed',
  archived: 'archived and not restored',
  'not-utf-8': 'with a key that is not valid UTF-8',
  version: 'with a version, if others have none, or without, if others have one',
  'list-full': 'beyond a list of 5 GB',
}

/** The service copies objects of up to 5 GB: this is less than as many GiB. */
const MOST_BYTES = 5e9
/** A version that stands in a CSV as it is. */
const VERSION = /^[\w.+/=~-]{1,1024}$/

/** Whether rows name versions, which they do all or none. */
export interface JobRows {
  /** What stands before the source's key in that of the destination; '' or text ending in '/'. */
  readonly head: string
  readonly versions: boolean
}

/** Why the service cannot make a copy; undefined: it can. */
export function leftBecause(op: CopyOp, { head, versions }: JobRows): JobLeft | undefined {
  if (op.unnameable) return 'not-utf-8'
  if (op.archived) return 'archived'
  if (op.size > MOST_BYTES) return 'over-5-gb'
  if (op.to !== head + op.key) return 'renamed'
  const { versionId } = op
  const isAlike = versionId === undefined ? !versions : versions && VERSION.test(versionId)
  return isAlike ? undefined : 'version'
}

/**
 * What stands before the keys of one place where they go, as the service can say it: a folder, or nothing. undefined
 * where it cannot.
 */
export function headOf(source: string, destination: string): string | undefined {
  if (!destination.endsWith(source)) return undefined
  const head = destination.slice(0, destination.length - source.length)
  return head === '' || /[^/]\/$/.test(head) ? head : undefined
}

/** A key as RFC 3986 has it in a path: so those that read it as a form and those that do not read the same. */
export const jobKey = (key: string): string =>
  encodeURIComponent(key)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')

/** One row of the job's list. */
export const jobRow = (bucket: string, { key, versionId }: CopyOp): string =>
  [bucket, jobKey(key), ...(versionId === undefined ? [] : [versionId])].join(',')

/** What plan.json says of the job. */
export interface JobFacts {
  /** Where the list is to lie, and the report comes. */
  readonly bucket: string
  readonly prefix: string
  readonly versions: boolean
  /** MD5 of the list: its ETag when it was stored by one request. */
  readonly md5: string
  /** Copies that the service cannot make, by why. */
  readonly left: Partial<Record<JobLeft, Tally>>
}

/** The folder of a job's list and report in their bucket, without a slash at its end. */
export const jobFolder = ({ prefix }: Pick<JobFacts, 'prefix'>, planId: string): string =>
  prefix === '' ? planId : `${prefix}/${planId}`
