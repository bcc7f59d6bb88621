import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One object of a job's list. */
export interface ListedObject {
  readonly bucket: string
  readonly key: string
  readonly versionId: string | undefined
}

/** How a task ended: a code where it failed. */
export type Task = ListedObject & { readonly failed?: string }

/** What stands in for a report of AWS, and how it differs from one that is right. */
export interface ReportOptions {
  /** In the order in which rows have them; ReportSchema tells it unless `schema` does. */
  readonly columns?: readonly string[]
  readonly schema?: string
  /** How keys stand in it. */
  readonly key?: (key: string) => string
  /** Changes the text of a file of results before its MD5 is taken, and behind that. */
  readonly before?: (csv: string) => string
  readonly after?: (csv: string) => string
  readonly job?: string
  /** Of whose plan it says to be. */
  readonly folder?: string
}

const COLUMNS = [
  'Bucket',
  'Key',
  'VersionId',
  'TaskStatus',
  'ErrorCode',
  'HTTPStatusCode',
  'ResultMessage',
]

export const encoded = (key: string): string => key.split('/').map(encodeURIComponent).join('/')

/** The request that creates a job, as it was written beside a plan. */
export const creationIn = async (planDir: string) =>
  JSON.parse(await readFile(join(planDir, 'create-job.json'), 'utf8'))

/** The members of that request that are read here. */
export interface Creation {
  readonly Manifest: { readonly Location: { readonly ETag: string } }
  readonly Report: { readonly Bucket: string; readonly Prefix: string }
}

/** The objects that the list of a job names. Throws where its ETag is not the one that the job was created with. */
export function objectsOf(csv: Buffer, { Manifest }: Creation): readonly ListedObject[] {
  const etag = createHash('md5').update(csv).digest('hex')
  if (etag !== Manifest.Location.ETag) throw new Error('The ETag is not that of the list.')
  return csv
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [bucket = '', key = '', versionId] = line.split(',')
      return { bucket, key: decodeURIComponent(key), versionId }
    })
}

/** The list of a job as it was written beside a plan. */
export const listIn = async (planDir: string): Promise<readonly ListedObject[]> =>
  objectsOf(await readFile(join(planDir, 'batch-operations.csv')), await creationIn(planDir))

const quoted = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

/** The files of a report as AWS leaves them, by path: one of results for each status, and manifest.json. */
export function reportFiles(
  { Report }: Creation,
  tasks: readonly Task[],
  options: ReportOptions = {},
): ReadonlyMap<string, string> {
  const { columns = COLUMNS, schema = columns.join(', '), key: keyOf = encoded } = options
  const { before = (csv) => csv, after = (csv) => csv, job = 'job-1f2e' } = options
  const { folder: prefix = Report.Prefix } = options
  const files = new Map<string, string>()
  const Results: object[] = []
  for (const status of ['succeeded', 'failed']) {
    const own = tasks.filter(({ failed }) => (failed === undefined) === (status === 'succeeded'))
    if (own.length === 0) continue
    const rows = own.map((task) => {
      const fields: Readonly<Record<string, string>> = {
        Bucket: task.bucket,
        Key: keyOf(task.key),
        VersionId: task.versionId ?? '',
        TaskStatus: status,
        ErrorCode: task.failed ?? '',
        HTTPStatusCode: task.failed ? '403' : '200',
        ResultMessage: task.failed ? 'not, "this time"' : 'Successful',
      }
      return columns.map((name) => quoted(fields[name] ?? '')).join(',')
    })
    const csv = before(`${rows.join('\n')}\n`)
    files.set(`${job}/results/${status}.csv`, after(csv))
    Results.push({
      TaskExecutionStatus: status,
      Bucket: Report.Bucket.split(':::')[1],
      MD5Checksum: createHash('md5').update(csv).digest('hex'),
      Key: `${prefix === '' ? '' : `${prefix}/`}${job}/results/${status}.csv`,
    })
  }
  const manifest = {
    Format: 'Report_CSV_20180820',
    ReportCreationDate: '2026-11-28T00:00:00.000Z',
    Results,
    ReportSchema: schema,
  }
  return files.set(`${job}/manifest.json`, JSON.stringify(manifest))
}

/** Leaves a report in a folder, as one has it who fetched it; gives the folder of the job. */
export async function leaveReport(
  folder: string,
  planDir: string,
  tasks: readonly Task[],
  options: ReportOptions = {},
): Promise<string> {
  const at = join(folder, options.job ?? 'job-1f2e')
  await mkdir(join(at, 'results'), { recursive: true })
  for (const [path, text] of reportFiles(await creationIn(planDir), tasks, options))
    await writeFile(join(folder, path), text)
  return at
}
