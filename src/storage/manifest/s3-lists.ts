import { plainEtag } from '../../model/etag.ts'
import type { ManifestPins } from '../../model/manifest.ts'
import { recordsOf } from './csv.ts'
import { fromForm } from './form.ts'
import { linesOf } from './lines.ts'
import { quoted } from './problems.ts'

/** A row of a list that S3 writes or reads. */
export type ObjectRow =
  | {
      readonly line: number
      readonly bucket: string
      readonly key: string
      readonly pins: ManifestPins
      /** Why it is no object as it stands now. */
      readonly left?: 'noncurrent' | 'delete-marker'
    }
  | { readonly line: number; readonly column?: number; readonly problem: string }

/** Where a data file of an S3 Inventory has what it says of an object. */
export interface InventorySchema {
  readonly columns: number
  readonly bucket: number
  readonly key: number
  readonly latest: number
  readonly marker: number
  readonly size: number
  readonly etag: number
}

/** Of a `fileSchema`; undefined where it names no objects. */
export function schemaOf(text: string): InventorySchema | undefined {
  const names = text.split(',').map((name) => name.trim())
  const at = (name: string) => names.indexOf(name)
  if (at('Bucket') < 0 || at('Key') < 0) return undefined
  return {
    columns: names.length,
    bucket: at('Bucket'),
    key: at('Key'),
    latest: at('IsLatest'),
    marker: at('IsDeleteMarker'),
    size: at('Size'),
    etag: at('ETag'),
  }
}

const keyProblem = (text: string): string =>
  `the key ${quoted(text)} is malformed: it must be URL-encoded`

function pinsOf(fields: readonly string[], { size, etag }: InventorySchema): ManifestPins | string {
  const [bytes = '', tag = ''] = [fields[size], fields[etag]]
  if (bytes !== '' && !/^\d{1,15}$/.test(bytes)) return `${quoted(bytes)} is not a size`
  return {
    ...(bytes === '' ? {} : { size: Number(bytes) }),
    ...(tag === '' ? {} : { etag: plainEtag(tag) }),
  }
}

function inventoryRow(line: number, fields: readonly string[], schema: InventorySchema): ObjectRow {
  if (fields.length !== schema.columns)
    return { line, problem: `has ${fields.length} fields, but fileSchema has ${schema.columns}` }
  const text = fields[schema.key] ?? ''
  const key = fromForm(text)
  if (key === undefined || key === '') return { line, problem: keyProblem(text) }
  const pins = pinsOf(fields, schema)
  if (typeof pins === 'string') return { line, problem: pins }
  const bucket = fields[schema.bucket] ?? ''
  const isMarker = /^true$/i.test(fields[schema.marker] ?? '')
  const isOld = /^false$/i.test(fields[schema.latest] ?? '')
  if (!isMarker && !isOld) return { line, bucket, key, pins }
  return { line, bucket, key, pins, left: isOld ? 'noncurrent' : 'delete-marker' }
}

/** The rows of a data file of an S3 Inventory, which has no header. */
export async function* inventoryRows(
  chunks: AsyncIterable<Uint8Array>,
  schema: InventorySchema,
): AsyncGenerator<readonly ObjectRow[]> {
  for await (const records of recordsOf(linesOf(chunks)))
    yield records.map((record) =>
      'problem' in record ? record : inventoryRow(record.line, record.fields, schema),
    )
}

function batchRow(line: number, fields: readonly string[], columns: number): ObjectRow {
  if (fields.length !== columns || columns < 2 || columns > 3)
    return {
      line,
      problem:
        columns < 2 || columns > 3
          ? `has ${fields.length} fields: bucket,key or bucket,key,version are expected`
          : `has ${fields.length} fields, but the first line has ${columns}: either all rows have a version ID, or none`,
    }
  const [bucket = '', text = '', version = ''] = fields
  const key = fromForm(text)
  if (key === undefined || key === '') return { line, problem: keyProblem(text) }
  if (!/^[\x21-\x7e]*$/.test(version)) return { line, problem: 'the version ID is malformed' }
  return { line, bucket, key, pins: version === '' ? {} : { version } }
}

/** The rows of a manifest as S3 Batch Operations reads it: bucket, key and perhaps a version, without a header. */
export async function* batchRows(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly ObjectRow[]> {
  let columns: number | undefined
  for await (const records of recordsOf(linesOf(chunks))) {
    const rows: ObjectRow[] = []
    for (const record of records) {
      if ('problem' in record) rows.push(record)
      else {
        columns ??= record.fields.length
        rows.push(batchRow(record.line, record.fields, columns))
      }
    }
    yield rows
  }
}
