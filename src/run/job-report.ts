import { createHash } from 'node:crypto'
import { z } from 'zod'
import { inKeyOrder } from '../listing/sort.ts'
import { JOB_REPORT_FORMAT, jobFolder } from '../model/batch-job.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { CopyOp } from '../model/op.ts'
import type { JobPart, PlanIndex } from '../model/shard-schema.ts'
import type { Files } from '../ports.ts'
import { recordsOf } from '../storage/manifest/csv.ts'
import { linesOf } from '../storage/manifest/lines.ts'

/** Why a report is not to be believed, in words that follow "it". */
export class ReportFlaw extends Error {}

/** A key as it is told. */
export const shownKey = (key: KeyBytes | undefined): string =>
  JSON.stringify(key === undefined ? '' : toText(key))

/** What a report says of one copy. */
export interface Said {
  /** Of the source, as a whole. */
  readonly key: KeyBytes
  readonly done: boolean
  readonly code: string
  readonly message: string
}

/** A report whose files are those that it names. */
interface JobReport {
  /** The folder of the job, which tells one from another. */
  readonly job: string
  readonly files: readonly { readonly path: string; readonly status: string }[]
  /** Names of the columns. */
  readonly columns: readonly string[]
}

const MANIFEST = 'manifest.json'
/** Of a manifest. */
export const MANIFEST_BYTES = 16 * 2 ** 20
const JOB_FOLDER = /^job-[\w-]{1,100}$/
const RESULTS_KEY = /^(?:(.*)\/)?(job-[\w-]{1,100})\/results\/([\w.-]{1,200}\.csv)$/
/** Columns without which nothing can be told. */
const NEEDED = ['Bucket', 'Key', 'TaskStatus'] as const

const reportManifest = z.looseObject({
  Format: z.literal(JOB_REPORT_FORMAT),
  ReportSchema: z.string(),
  Results: z.array(
    z.looseObject({
      TaskExecutionStatus: z.string(),
      Bucket: z.string(),
      Key: z.string(),
      MD5Checksum: z.string(),
    }),
  ),
})

const nameOf = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** A file of a report in a bucket: what stands before the folder of its job, and the rest of its name. */
const REPORT_FILE = /^(.*\/)?(job-[\w-]{1,100}\/(?:manifest\.json|results\/[\w.-]{1,200}\.csv))$/

/** Where a file of a report lies: what stands before the folder of its job, and the rest; undefined: it is of none. */
export function reportFileOf(
  name: string,
): { readonly parent: string; readonly file: string; readonly isManifest: boolean } | undefined {
  const [, parent = '', file] = REPORT_FILE.exec(name) ?? []
  return file === undefined
    ? undefined
    : { parent, file, isManifest: file.endsWith(`/${MANIFEST}`) }
}

/** Whether a file is what a job of S3 Batch Operations reports first of all. */
export const isJobReport = (folder: string, name: string): boolean =>
  name === MANIFEST && JOB_FOLDER.test(nameOf(folder))

async function md5Of(files: Files, path: string): Promise<string> {
  if ((await files.kindOf(path)) !== 'file')
    throw new ReportFlaw(`names ${nameOf(path)}, which is missing in results/`)
  const md5 = createHash('md5')
  for await (const chunk of files.chunks(path)) md5.update(chunk)
  return md5.digest('hex')
}

/** Reads what a job reported first of all. Throws ReportFlaw where it is none of this plan, or its files are not those that it names. */
async function readReport(files: Files, path: string, index: PlanIndex): Promise<JobReport> {
  const text = await files.readText(path, MANIFEST_BYTES).catch(() => '')
  const parsed = reportManifest.safeParse(jsonOf(text))
  if (!parsed.success) throw new ReportFlaw(`has no valid ${MANIFEST} (${JOB_REPORT_FORMAT})`)
  const { ReportSchema, Results } = parsed.data
  const columns = ReportSchema.split(',').map((name) => name.trim())
  const lacks = NEEDED.find((name) => columns.filter((column) => column === name).length !== 1)
  if (lacks !== undefined) throw new ReportFlaw(`does not have exactly one column ${lacks}`)
  const { bucket = '', prefix = '' } = index.job ?? {}
  const own = jobFolder({ prefix }, index.planId)
  const found: { path: string; status: string }[] = []
  let job = ''
  for (const { Bucket, Key, MD5Checksum, TaskExecutionStatus: status } of Results) {
    const [, folder = own, of = '', file = ''] = RESULTS_KEY.exec(Key) ?? []
    if (file === '' || Bucket !== bucket || folder !== own || (job !== '' && of !== job))
      throw new ReportFlaw(`belongs to another job: it names s3://${Bucket}/${Key}`)
    job = of
    const at = files.join(path, '..', 'results', file)
    if ((await md5Of(files, at)) !== MD5Checksum.toLowerCase())
      throw new ReportFlaw(`has another MD5 for ${file} than the file`)
    found.push({ path: at, status })
  }
  return { job, files: found, columns }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The report among several files, which may be there more than once. Throws ReportFlaw. */
async function theReport(
  files: Files,
  paths: readonly string[],
  index: PlanIndex,
): Promise<JobReport> {
  let found: JobReport | undefined
  for (const path of paths) {
    const report = await readReport(files, path, index)
    if (found && report.job !== found.job)
      throw new ReportFlaw(
        `was found for more than one job (${found.job}, ${report.job}): keep only the folder of the one that counts`,
      )
    found ??= report
  }
  if (!found) throw new ReportFlaw('was not found')
  return found
}

type Raw = Omit<Said, 'key'> & { readonly raw: string }

/** A code that can be told as one. */
const CODE = /^[A-Za-z][\w.-]{0,99}$/

/** The rows of a report as they stand there. Throws ReportFlaw at one that cannot be. */
async function* rawRows(
  files: Files,
  { files: results, columns }: JobReport,
  bucket: string,
): AsyncGenerator<Raw> {
  const at = new Map(columns.map((name, place) => [name, place]))
  for (const { path, status } of results)
    for await (const records of recordsOf(linesOf(files.chunks(path))))
      for (const record of records) {
        const where = `line ${record.line} of ${nameOf(path)}`
        if ('problem' in record) throw new ReportFlaw(`cannot be read: ${where}: ${record.problem}`)
        const { fields } = record
        const field = (name: string): string => fields[at.get(name) ?? -1] ?? ''
        if (fields.length !== columns.length)
          throw new ReportFlaw(`has ${fields.length} instead of ${columns.length} fields: ${where}`)
        if (field('Bucket') !== bucket)
          throw new ReportFlaw(`names another bucket than the source: ${where}`)
        const told = field('TaskStatus')
        if (told !== status || (told !== 'succeeded' && told !== 'failed'))
          throw new ReportFlaw(`has a TaskStatus that does not belong into its file: ${where}`)
        // Reports are known in which these two stand in each other's column.
        const codes = [field('ErrorCode'), field('HTTPStatusCode')]
        const code = codes.find((text) => CODE.test(text)) ?? 'JobTaskFailed'
        const message = [...codes, field('ResultMessage')].filter((text) => text !== '').join(' ')
        yield { raw: field('Key'), done: told === 'succeeded', code, message }
      }
}

/** What an escaped key may hold: whatever else stands in one says that keys are not escaped. */
const ESCAPED = /^(?:[\w.~/:@!$&'()*,;=+-]|%[0-9A-Fa-f]{2})*$/

/** What the keys of a report show of how they stand in it. */
interface Traits {
  readonly isEscaped: boolean
  readonly plus: boolean
  /** A space, and a plus, that is escaped. */
  readonly space20: boolean
  readonly plus2B: boolean
}

async function traitsOf(rows: AsyncIterable<Raw>): Promise<Traits> {
  const shown = { isEscaped: true, plus: false, space20: false, plus2B: false }
  for await (const { raw } of rows) {
    shown.isEscaped &&= ESCAPED.test(raw)
    shown.plus ||= raw.includes('+')
    shown.space20 ||= raw.includes('%20')
    shown.plus2B ||= /%2B/i.test(raw)
  }
  return shown
}

function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    throw new ReportFlaw(`contains a key that is not valid UTF-8: ${raw}`)
  }
}

/**
 * How keys are read. Nobody says whether they stand in a report as in the list, as they are, or as in a form, where a plus
 * is a space: all of them tell, and where they do not, whether the plan has keys with a space.
 */
async function readingOf(
  { isEscaped, plus, space20, plus2B }: Traits,
  hasSpaces: () => Promise<boolean>,
): Promise<(raw: string) => string> {
  if (!isEscaped) return (raw) => raw
  const isForm = plus && !space20 && (plus2B || (await hasSpaces()))
  return isForm ? (raw) => decoded(raw.replaceAll('+', ' ')) : decoded
}

/** Whether any key of copies has a space. */
async function anySpace(copies: AsyncIterable<CopyOp>): Promise<boolean> {
  for await (const { key } of copies) if (key.includes(' ')) return true
  return false
}

/** A report, and the plan that it is of. */
export interface ReportInput {
  /** Paths of what jobs reported first of all. */
  readonly paths: readonly string[]
  readonly index: PlanIndex & { readonly job: JobPart }
  /** The copies of the job, each time anew. */
  readonly copies: () => AsyncIterable<CopyOp>
  /** For what does not fit into memory. */
  readonly folder: string
}

/** What the report of a plan's job says of each copy, in the order of keys. Throws ReportFlaw, also while it is read. */
export async function saidOfJob(
  files: Files,
  { paths, index, copies, folder }: ReportInput,
): Promise<AsyncGenerator<Said>> {
  const report = await theReport(files, paths, index)
  const { bucket } = index.header.source
  const traits = await traitsOf(rawRows(files, report, bucket))
  const read = await readingOf(traits, () => anySpace(copies()))
  const rows = async function* (): AsyncGenerator<Said> {
    for await (const { raw, ...said } of rawRows(files, report, bucket))
      yield { key: toKeyBytes(read(raw)), ...said }
  }
  return inKeyOrder(rows(), {
    files,
    folder: files.join(folder, 'said'),
    settle: ({ key }) => {
      throw new ReportFlaw(`contains ${shownKey(key)} more than once`)
    },
  })
}
