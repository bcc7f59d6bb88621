import { createHash } from 'node:crypto'
import { z } from 'zod'
import { SyncError } from '../../errors/sync-error.ts'
import { humanBytes } from '../../model/units.ts'
import type { Files } from '../../ports.ts'
import type { FetchDeps } from '../fetch-object.ts'
import { download, MOST_BYTES } from './download.ts'
import { quoted } from './problems.ts'
import { type InventorySchema, inventoryRows, type ObjectRow, schemaOf } from './s3-lists.ts'

const BUCKET_ARN = /^arn:[\w-]+:s3:::([A-Za-z0-9][A-Za-z0-9._-]{1,254})$/

/** `manifest.json` as S3 writes it beside its data files, as far as it counts. */
const document = z.object({
  sourceBucket: z.string().min(1),
  destinationBucket: z.string().regex(BUCKET_ARN),
  fileFormat: z.string(),
  fileSchema: z.string(),
  files: z.array(
    z.object({
      key: z.string().min(1).max(1024),
      size: z.number().int().nonnegative(),
      MD5checksum: z.string().regex(/^[0-9a-fA-F]{32}$/),
    }),
  ),
})

/** What an S3 Inventory says of itself. */
export interface Inventory {
  readonly sourceBucket: string
  /** Where its data files are. */
  readonly bucket: string
  readonly schema: InventorySchema
  readonly files: z.infer<typeof document>['files']
}

const refusal = (name: string, why: string, hint: string): SyncError =>
  new SyncError('inputs', `The manifest ${name} ${why}.`, { hint: `${hint} Nothing was touched.` })

const NOT_ONE =
  'A file named manifest.json is read as an S3 Inventory manifest; give a list of rows another name, such as list.ndjson.'

/** Reads `manifest.json`. Throws SyncError where it is none of an S3 Inventory in CSV. */
export function inventoryOf(text: string, name: string): Inventory {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refusal(name, 'is not JSON', NOT_ONE)
  }
  const read = document.safeParse(value)
  if (!read.success) {
    const where = read.error.issues[0]?.path.join('.') ?? ''
    throw refusal(
      name,
      `is not an S3 Inventory manifest: ${where === '' ? 'it' : where} does not have the expected form`,
      NOT_ONE,
    )
  }
  const { sourceBucket, destinationBucket, fileFormat, fileSchema, files } = read.data
  if (fileFormat !== 'CSV')
    throw refusal(
      name,
      `has the S3 Inventory format ${quoted(fileFormat)}`,
      'Only CSV is supported: set the format of the inventory to CSV.',
    )
  const schema = schemaOf(fileSchema)
  const [, bucket = ''] = BUCKET_ARN.exec(destinationBucket) ?? []
  if (!schema) throw refusal(name, 'does not list Bucket and Key in fileSchema', NOT_ONE)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  if (bytes > MOST_BYTES)
    throw refusal(
      name,
      `names data files of ${humanBytes(bytes)}`,
      `At most ${humanBytes(MOST_BYTES)} is allowed: limit the inventory to a prefix.`,
    )
  return { sourceBucket, bucket, schema, files }
}

/** Text of so many times its packed bytes is no list of keys, but made to fill a disk. */
const MOST_UNPACKED = 300
const FREE_UNPACKED_BYTES = 2 ** 20

async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  packedBytes: number,
  key: string,
): AsyncGenerator<Uint8Array> {
  const hint = 'Check where that file comes from.'
  let left = packedBytes * MOST_UNPACKED + FREE_UNPACKED_BYTES
  try {
    for await (const chunk of chunks) {
      left -= chunk.length
      if (left < 0) throw refusal(key, `unpacks to more than ${MOST_UNPACKED} times its size`, hint)
      yield chunk
    }
  } catch (error) {
    if (error instanceof SyncError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw refusal(key, `cannot be unpacked: ${why}`, hint)
  }
}

async function md5Of(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}

/** What data files are read with. */
export interface DataFileDeps extends FetchDeps {
  readonly files: Pick<Files, 'writer' | 'chunks' | 'gunzipped' | 'removeFile' | 'join'>
  /** For the file that is read. */
  readonly folder: string
}

/** The rows of all data files, one file after the other. Throws SyncError where one is not the one that S3 wrote. */
export async function* allInventoryRows(
  { bucket, schema, files: all }: Inventory,
  deps: DataFileDeps,
): AsyncGenerator<readonly ObjectRow[]> {
  const { files, folder } = deps
  const path = files.join(folder, 'data')
  for (const { key, MD5checksum } of all) {
    const packedBytes = await download({ bucket, key }, path, deps)
    if ((await md5Of(files.chunks(path))) !== MD5checksum.toLowerCase())
      throw refusal(
        key,
        'does not match its manifest.json: the MD5 differs',
        'Use manifest.json and data files of the same inventory report.',
      )
    const chunks = key.endsWith('.gz') ? files.gunzipped(path) : files.chunks(path)
    yield* inventoryRows(bounded(chunks, packedBytes, key), schema)
    await files.removeFile(path)
  }
}
