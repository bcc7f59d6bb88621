// Stands for the AWS CLI in examples: `s3api put-object` and `s3 cp --recursive`, and of S3 Batch Operations a service that
// makes its copies when the job is created. It knows what AWS documents, and proves nothing about AWS.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import {
  CopyObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  type Creation,
  type ListedObject,
  objectsOf,
  reportFiles,
  type Task,
} from '../batch-job.ts'

/** What a request for a job says, as far as it is heeded here. */
interface JobRequest extends Creation {
  readonly AccountId: string
  readonly ClientRequestToken: string
  readonly Manifest: Creation['Manifest'] & {
    readonly Location: { readonly ObjectArn: string; readonly ETag: string }
  }
  readonly Operation: {
    readonly S3PutObjectCopy: { readonly TargetResource: string; readonly TargetKeyPrefix?: string }
  }
}

// The AWS CLI goes where a bucket is, too.
const s3 = new S3Client({ forcePathStyle: true, followRegionRedirects: true })

/** The bucket and the key of an ARN. */
function placeOf(arn: string): { readonly Bucket: string; readonly Key: string } {
  const [Bucket = '', ...key] = arn.replace(/^arn:[\w-]+:s3:::/, '').split('/')
  return { Bucket, Key: key.join('/') }
}

/** Where a job is kept between two calls. */
const jobFile = (id: string): string =>
  path.join(process.env['ARTIFACTS'] ?? '', '..', `batch-job-${id}`)

async function copied(one: ListedObject, { Operation }: JobRequest): Promise<Task> {
  const { TargetResource, TargetKeyPrefix } = Operation.S3PutObjectCopy
  const Key = TargetKeyPrefix === undefined ? one.key : `${TargetKeyPrefix}/${one.key}`
  const CopySource = `${one.bucket}/${encodeURIComponent(one.key)}`
  try {
    await s3.send(
      new CopyObjectCommand({ Bucket: placeOf(TargetResource).Bucket, Key, CopySource }),
    )
    return one
  } catch (error) {
    return { ...one, failed: error instanceof Error ? error.name : 'Unknown' }
  }
}

/** Creates a job, once for each token, and does it. */
async function createJob(input: string): Promise<object> {
  const request = JSON.parse(await readFile(input.replace(/^file:\/\//, ''), 'utf8')) as JobRequest
  const token = createHash('sha256').update(request.ClientRequestToken).digest('hex')
  const JobId = token.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
  if (existsSync(jobFile(JobId))) return { JobId }
  const list = await s3.send(new GetObjectCommand(placeOf(request.Manifest.Location.ObjectArn)))
  if (!list.Body) throw new Error('The list of the job has no content.')
  const tasks: Task[] = []
  for (const one of objectsOf(await buffer(list.Body as NodeJS.ReadableStream), request))
    tasks.push(await copied(one, request))
  const { Bucket } = placeOf(request.Report.Bucket)
  for (const [name, Body] of reportFiles(request, tasks, { job: `job-${JobId}` }))
    await s3.send(new PutObjectCommand({ Bucket, Key: `${request.Report.Prefix}/${name}`, Body }))
  await writeFile(jobFile(JobId), 'Active')
  return { JobId }
}

/** Active at the first look, and Complete at those behind it. */
async function describeJob(id: string): Promise<object> {
  const Status = await readFile(jobFile(id), 'utf8')
  await writeFile(jobFile(id), 'Complete')
  return { Job: { JobId: id, Status } }
}

async function putObject(bucket: string, key: string, file: string): Promise<object> {
  const Body = await readFile(file)
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))
  return { ETag }
}

/** Fetches all objects under an address into a folder. */
async function fetchAll(address: string, folder: string): Promise<void> {
  const [Bucket = '', ...names] = address.replace('s3://', '').split('/')
  const Prefix = names.join('/')
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }))
  for (const { Key = '' } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
    const file = path.join(folder, Key.slice(Prefix.length))
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, await text(Body as NodeJS.ReadableStream))
  }
}

const [service, command, ...rest] = process.argv.slice(2)
const words: string[] = []
const options = new Map<string, string>()
for (let at = 0; at < rest.length; at++) {
  const word = rest[at] ?? ''
  if (word === '--recursive') options.set('recursive', '')
  else if (word.startsWith('--')) options.set(word.slice(2), rest[++at] ?? '')
  else words.push(word)
}

/** An option that has to be there; it is known from then on. */
function option(name: string): string {
  const value = options.get(name)
  if (value === undefined) throw new Error(`the following arguments are required: --${name}`)
  options.delete(name)
  return value
}

async function answer(): Promise<unknown> {
  switch (`${service} ${command}`) {
    case 's3api put-object':
      return putObject(option('bucket'), option('key'), option('body'))
    case 's3control create-job':
      return createJob(option('cli-input-json'))
    case 's3control describe-job':
      if (!/^\d{12}$/.test(option('account-id'))) throw new Error('Invalid account ID')
      return describeJob(option('job-id'))
    case 's3 cp':
      option('recursive')
      return fetchAll(words[0] ?? '', words[1] ?? '')
    default:
      throw new Error(`nobody plays aws ${service} ${command}`)
  }
}

/** What `--query` names, by dots. */
const queried = (found: unknown, query: string): unknown =>
  query.split('.').reduce((value, name) => (value as Record<string, unknown>)[name], found)

try {
  const query = options.get('query')
  if (query !== undefined && option('output') !== 'text') throw new Error('only text is played')
  options.delete('query')
  const found = await answer()
  const [unknown] = options.keys()
  if (unknown !== undefined) throw new Error(`Unknown options: --${unknown}`)
  if (found !== undefined)
    console.log(query === undefined ? JSON.stringify(found, null, 4) : queried(found, query))
} catch (error) {
  console.error(`aws: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 252
}
