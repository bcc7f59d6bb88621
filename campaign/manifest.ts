import { type Random, randomOf } from './random.ts'
import { FROM, type Held, type Placed, TO, type World } from './world.ts'

/** A row of a list, by what it says and not by how it is written. */
export interface Row {
  /** Relative to the source. */
  readonly key: string
  /** Relative to the destination, where it says so. */
  readonly target?: string
  /** Size and ETag as they are when all begins, or another size. */
  readonly pins?: 'right' | 'wrong'
}

const FORMATS = ['keys', 'csv', 'ndjson'] as const

/** A list that names what is copied. */
export interface List {
  readonly rows: readonly Row[]
  readonly format: (typeof FORMATS)[number]
  readonly where: 'workspace' | 'S3'
  readonly missing: 'fail' | 'skip'
}

/** Far from the seeds of all else that a schedule draws by itself. */
const SEEDS = 2_000_000_000

/** What no `target_path` may be. */
const NO_TARGET = /(^|\/)\.{1,2}(\/|$)|^s3:\/\//

function rowOf(random: Random, key: string, at: number, withTargets: boolean): Row {
  const target = withTargets && random.chance(0.2) ? { target: `by-row/${at}` } : {}
  const pins = random.chance(0.3) ? { pins: 'right' as const } : {}
  return { key, ...target, ...pins }
}

function rowsOf(random: Random, { source, request }: Drawn): Row[] {
  // Who says where an object goes must not be contradicted.
  const withTargets = request['key-template'] === undefined && random.chance(0.5)
  const keys = source.flatMap(({ key }) => (key.startsWith(FROM) ? [key.slice(FROM.length)] : []))
  const named = random.sample(
    keys.filter((key) => key !== ''),
    random.int(1, keys.length),
  )
  const rows = named.map((key, at) => rowOf(random, key, at, withTargets))
  const twice = random.sample(rows, random.int(0, 2))
  const gone = random.chance(0.3) ? [{ key: 'gone/1' }, { key: 'gone 2' }] : []
  const other = random.chance(0.05) ? named.slice(0, 1) : []
  const wrong = rows.map((row): Row => (other.includes(row.key) ? { ...row, pins: 'wrong' } : row))
  return [...wrong, ...twice.filter(({ key }) => !other.includes(key)), ...gone]
}

/** Whether a plain list can hold rows: a line for each key, and nothing but keys. */
const isPlain = (rows: readonly Row[]): boolean =>
  rows.every(({ key, target, pins }) => !target && !pins && !/[\n\r\0]|^s3:/.test(key))

/** What a list is drawn for. */
interface Drawn {
  readonly seed: number
  readonly source: readonly Placed[]
  readonly request: Readonly<Record<string, string>>
}

/** The list of a schedule that deletes nothing, now and then. */
export function drawList(schedule: Drawn): List | undefined {
  const random = randomOf(SEEDS + schedule.seed)
  if (schedule.request['delete'] === 'true' || !random.chance(0.4)) return undefined
  const drawn = rowsOf(random, schedule)
  // What a row says of its object s5cmd cannot check.
  const bare = random.chance(0.3) || schedule.request['engine'] === 's5cmd'
  const rows: readonly Row[] = bare ? drawn.map(({ key }) => ({ key })) : drawn
  const format = isPlain(rows) ? random.pick(FORMATS) : random.pick(['csv', 'ndjson'] as const)
  // Where one row says where it goes, all do in a table.
  const hasTargets = rows.some(({ target }) => target !== undefined)
  return {
    rows: hasTargets ? rows.filter(({ key }) => !NO_TARGET.test(key)) : rows,
    format,
    where: random.pick(['workspace', 'S3']),
    missing: random.pick(['fail', 'skip', 'skip']),
  }
}

/** The bytes of a list, of objects as they are held now. */
export function textOf(
  { rows, format }: List,
  held: (key: string) => { readonly size: number; readonly etag: string } | undefined,
): string {
  const lines = rows.map(({ key, target, pins }) => {
    const { size = 0, etag = '' } = held(FROM + key) ?? {}
    const pinned = pins && { size: pins === 'right' ? size : size + 1, etag }
    return { key, ...(target === undefined ? {} : { target_path: target }), ...pinned }
  })
  if (format === 'ndjson') return lines.map((line) => JSON.stringify(line)).join('\n')
  if (format === 'keys') return lines.map(({ key }) => `${key}\n`).join('')
  const columns = ['key', 'source_url', 'size', 'etag'] as const
  const quoted = (value: unknown = '') => `"${String(value).replaceAll('"', '""')}"`
  if (!lines.some((line) => line.target_path !== undefined))
    return [
      columns.join(),
      ...lines.map((line) =>
        columns.map((name) => quoted(name === 'source_url' ? '' : line[name])).join(),
      ),
    ].join('\r\n')
  // An empty target is refused, so that every row has one.
  return [
    'source_url,target_path,size,etag',
    ...lines.map(({ key, target_path: target = key, size, etag }) =>
      [`s3://src/${FROM}${key}`, target, size, etag].map(quoted).join(),
    ),
  ].join('\n')
}

/** Where a list says that a source object goes; full keys. undefined: it says nothing of that. */
export function targetIn(list: List | undefined, key: string): string | undefined {
  const target = list?.rows.find((row) => FROM + row.key === key)?.target
  return target === undefined ? undefined : TO + target
}

/** What a list makes of the objects of a source. */
export interface Listed {
  /** Full keys of what it names and finds. */
  readonly keys: readonly string[]
  /** Whether a run is refused, as a row does not find what it says. */
  readonly isRefused: boolean
}

const isSame = (one: Held, other: Held | undefined): boolean =>
  one.etag === other?.etag && one.size === other.size

/** `first`: the objects when the list was written; `isIn`: whether filters leave a relative key in. */
export function listed(
  { rows, missing }: List,
  { src }: World,
  first: World,
  isIn: (key: string) => boolean,
): Listed {
  const inScope = rows.filter(({ key }) => isIn(key))
  const found = inScope.map((row) => ({ row, held: src.get(FROM + row.key) }))
  const isGone = found.some(({ held }) => held === undefined)
  const isOther = found.some(
    ({ row: { key, pins }, held }) =>
      held !== undefined &&
      pins !== undefined &&
      (pins === 'wrong' || !isSame(held, first.src.get(FROM + key))),
  )
  const good = found.filter(
    ({ row: { key, pins }, held }) =>
      held !== undefined &&
      (pins === undefined || (pins === 'right' && isSame(held, first.src.get(FROM + key)))),
  )
  return {
    keys: [...new Set(good.map(({ row: { key } }) => FROM + key))],
    isRefused: isOther || (isGone && missing === 'fail'),
  }
}
