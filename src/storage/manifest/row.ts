import { bucketNameProblem } from '../../model/bucket-kind.ts'
import { plainEtag } from '../../model/etag.ts'
import { MOST_KEY_BYTES } from '../../model/key.ts'
import type { ManifestPins, ManifestRow } from '../../model/manifest.ts'
import { isOneSlipFrom } from '../../model/one-slip.ts'
import { type Place, s3Url } from '../../model/place.ts'
import { quoted } from './problems.ts'

/** What a row may say, by the names that the specification has for it, or S3. */
export const COLUMNS = [
  'key',
  'source_url',
  'target_path',
  'version_id',
  'size',
  'etag',
  'sha256',
] as const
export type Column = (typeof COLUMNS)[number]

/** What our own published.ndjson says besides: nothing depends on it. */
const PASSED_OVER: ReadonlySet<string> = new Set(['status'])
const KNOWN: ReadonlySet<string> = new Set(COLUMNS)

/** A row as it was read; what is '' or null was not given. */
export type Fields = Readonly<Partial<Record<Column, unknown>>>

/** What people call a column. */
const MEANT: Readonly<Record<string, Column>> = {
  ...{ source: 'source_url', src: 'source_url', url: 'source_url', uri: 'source_url' },
  ...{ source_uri: 'source_url', source_path: 'source_url', source_key: 'key', object: 'key' },
  ...{ target: 'target_path', destination: 'target_path', dest: 'target_path', dst: 'target_path' },
  ...{ target_key: 'target_path', target_url: 'target_path', destination_path: 'target_path' },
  ...{ path: 'key', name: 'key', version: 'version_id', md5: 'etag' },
}

/** First names of the lines of a run's own files that are no lists. */
const OWN_FILES: ReadonlySet<string> = new Set(['op', 'schema', 'trailer'])

/** What a name may have been meant to be, as the end of a message. */
function meantBy(name: string): string {
  if (/[;\t]/.test(name)) return '; write commas between the columns'
  if (OWN_FILES.has(name))
    return '; of the files of a run, only published.ndjson is a manifest: to finish a run, run the same step again'
  const plain = name
    .trim()
    .replaceAll(/(?<=[a-z])(?=[A-Z])|[ -]/g, '_')
    .toLowerCase()
  const meant = COLUMNS.find((column) => column === plain)
  const alike = COLUMNS.find((column) => column.length > 4 && isOneSlipFrom(plain, column))
  const known = Object.hasOwn(MEANT, plain) ? MEANT[plain] : undefined
  const found = meant ?? known ?? alike
  return found ? `; write ${found}` : ''
}

/** What is wrong with a column's name; undefined where rows may have it. */
export function columnProblem(name: string): string | undefined {
  if (KNOWN.has(name) || PASSED_OVER.has(name)) return undefined
  return `${quoted(name)} is not a column; the columns are ${COLUMNS.join(', ')}${meantBy(name)}`
}

const MOST_VERSION_CHARS = 1024
const SOURCE_URL = /^s3:\/\/([^/]+)\/([\s\S]+)$/
const DOT_SEGMENT = /(?:^|\/)\.\.?(?:\/|$)/

/** Both sides of the rows. */
export interface RowPlaces {
  /** undefined: each row says it. */
  readonly source: Pick<Place, 'bucket' | 'prefix'> | undefined
  /** `isSameService`: one bucket name means one bucket on both sides. */
  readonly destination: Pick<Place, 'bucket' | 'prefix'> & { readonly isSameService: boolean }
}

/** An object of a row, where it has one. */
type Located =
  | { readonly bucket: string; readonly key: string }
  | { readonly problem: string }
  | 'outside'

/** A row in the bucket that its object lies in. */
export interface ReadRow {
  readonly bucket: string
  readonly row: ManifestRow
}

/** Where an optional column says something. */
const given = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

const NO_OBJECT = 'has no object: key or source_url is missing or empty'

type Check = (value: unknown) => ManifestPins | string

const PINS: Readonly<Record<'version_id' | 'size' | 'etag' | 'sha256', Check>> = {
  version_id: (value) =>
    typeof value === 'string' && /^[\x21-\x7e]+$/.test(value) && value.length <= MOST_VERSION_CHARS
      ? { version: value }
      : 'is not a version ID',
  size: (value) => {
    const size = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
    return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
      ? { size }
      : 'is not a number of bytes'
  },
  etag: (value) => {
    const etag = typeof value === 'string' ? plainEtag(value) : ''
    return /^[^\s"*]{1,200}$/.test(etag) ? { etag } : 'is not an ETag'
  },
  sha256: (value) =>
    typeof value === 'string' && /^[0-9a-fA-F]{64}$/.test(value)
      ? { sha256: value.toLowerCase() }
      : 'is not a SHA-256 (64 hex digits)',
}
const PIN_COLUMNS = Object.keys(PINS) as readonly (keyof typeof PINS)[]

function keyProblem(full: string): string | undefined {
  if (!full.isWellFormed()) return 'is not valid text: it contains an unpaired UTF-16 surrogate'
  return Buffer.byteLength(full) > MOST_KEY_BYTES ? 'is longer than 1,024 bytes' : undefined
}

function targetProblem(target: unknown): string | undefined {
  if (typeof target !== 'string') return 'is not a text'
  if (DOT_SEGMENT.test(target))
    return `would leave the destination: ${quoted(target)} contains a . or .. segment`
  if (target.startsWith('s3://'))
    return `is relative to destination: write ${quoted(target)} without s3:// and without the bucket and prefix of destination`
  return keyProblem(target)
}

/** Makes rows of what was read, and says what is wrong with it. */
export class RowReader {
  readonly #destination: RowPlaces['destination']
  readonly #source: RowPlaces['source']

  constructor({ source, destination }: RowPlaces) {
    this.#source = source
    this.#destination = destination
  }

  /** A row, or all that is wrong with it. */
  row(line: number, fields: Fields): ReadRow | readonly string[] {
    const problems: string[] = []
    const located = this.#locate(fields)
    if (located === 'outside') problems.push(this.#outside(fields))
    else if ('problem' in located) problems.push(located.problem)
    let pins: ManifestPins = {}
    for (const column of PIN_COLUMNS) {
      const value = fields[column]
      if (!given(value)) continue
      const pin = PINS[column](value)
      if (typeof pin === 'string') problems.push(`${column} ${pin}`)
      else pins = { ...pins, ...pin }
    }
    const { target_path: target } = fields
    // An empty target is one that somebody forgot, where the column is there.
    const wrong = target === undefined || target === null ? undefined : targetProblem(target)
    if (target === '') problems.push('target_path is empty')
    else if (wrong !== undefined) problems.push(`target_path ${wrong}`)
    if (problems.length > 0 || typeof located !== 'object' || 'problem' in located) return problems
    const { bucket, key } = located
    const row = typeof target === 'string' ? { line, key, target, ...pins } : { line, key, ...pins }
    return { bucket, row }
  }

  /** A row of a list that names the bucket and the full key of each object, as S3 writes them; `outside`: not of the source. */
  rowOf(
    line: number,
    object: { readonly bucket: string; readonly key: string },
    pins: ManifestPins,
  ): ReadRow | readonly string[] | 'outside' {
    const { bucket, key } = object
    const source = this.#source ?? { bucket, prefix: '' }
    if (source.bucket !== bucket)
      return [`the bucket ${quoted(bucket)} is not the source bucket ${quoted(source.bucket)}`]
    const misnamed = bucketNameProblem(bucket)
    if (misnamed !== undefined) return [misnamed]
    const wrong = keyProblem(key) ?? this.#inDestination(bucket, key)
    if (wrong !== undefined) return [`the key ${wrong}`]
    if (!key.startsWith(source.prefix)) return 'outside'
    return { bucket, row: { line, key: key.slice(source.prefix.length), ...pins } }
  }

  #locate({ key, source_url: url }: Fields): Located {
    if (given(key) && given(url))
      return { problem: 'has both key and source_url: use only one of them' }
    if (given(url)) return this.#byUrl(url)
    if (key === undefined || key === null) return { problem: NO_OBJECT }
    if (typeof key !== 'string') return { problem: 'key is not a text' }
    if (!this.#source)
      return {
        problem: 'key is relative to source, which is not set: use source_url, or set source',
      }
    const { bucket, prefix } = this.#source
    // The marker of the source's own folder has no other name.
    if (prefix + key === '') return { problem: NO_OBJECT }
    const wrong = keyProblem(prefix + key)
    return wrong === undefined ? { bucket, key } : { problem: `key ${wrong}` }
  }

  #byUrl(url: unknown): Located {
    const [, bucket = '', full = ''] = (typeof url === 'string' && SOURCE_URL.exec(url)) || []
    if (full === '') return { problem: 'source_url is not of the form s3://bucket/key' }
    const misnamed = bucketNameProblem(bucket)
    if (misnamed !== undefined) return { problem: `source_url: ${misnamed}` }
    // Where the rows alone say where the source is, each is in one.
    const source = this.#source ?? { bucket, prefix: '' }
    const wrong = keyProblem(full) ?? this.#inDestination(bucket, full)
    if (wrong !== undefined) return { problem: `source_url ${wrong}` }
    if (bucket !== source.bucket || !full.startsWith(source.prefix)) return 'outside'
    return { bucket, key: full.slice(source.prefix.length) }
  }

  #outside({ source_url: url }: Fields): string {
    const { bucket, prefix } = this.#source ?? { bucket: '', prefix: '' }
    return `source_url ${quoted(`${url}`)} is not under source, ${s3Url(bucket, prefix)}`
  }

  /** Where source is given, whether places overlap is seen without the rows. */
  #inDestination(bucket: string, full: string): string | undefined {
    const { bucket: to, prefix, isSameService } = this.#destination
    const isInside = !this.#source && isSameService && bucket === to && full.startsWith(prefix)
    return isInside
      ? 'is inside the destination: an object cannot be copied onto itself'
      : undefined
  }
}
