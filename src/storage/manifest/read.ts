import { SyncError } from '../../errors/sync-error.ts'
import type { LeftOutReason, Manifest, ManifestRequest, ManifestRow } from '../../model/manifest.ts'
import { humanBytes } from '../../model/units.ts'
import type { Files, LineWriter } from '../../ports.ts'
import { whyAstray } from '../checkout.ts'
import type { Store } from '../store.ts'
import { download, MOST_BYTES } from './download.ts'
import { Problems } from './problems.ts'
import { type FileRow, fileRows } from './records.ts'
import { type ReadRow, type RowPlaces, RowReader } from './row.ts'
import { batchRows, type ObjectRow } from './s3-lists.ts'

/** What a manifest is read with. */
export interface ManifestDeps {
  readonly files: Files
  /** For its rows; the caller removes it. */
  readonly folder: string
  /** Whoever reads the source; undefined: nothing can be asked of a service yet. */
  readonly store: Pick<Store, 'stat' | 'objects'> | undefined
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The checkout, out of which no link may lead; '' where there is none. */
  readonly workspace: string
}

/** Whether a manifest can be read only as somebody whom a service knows. */
export const isRemote = ({ address, format }: ManifestRequest): boolean =>
  'bucket' in address || format === 'inventory'

const INVENTORY_BYTES = 64 * 2 ** 20
/** More in one step would be a fleet, and a folder for each. */
const MOST_BUCKETS = 50
const MOST_FIRST_KEYS = 3

const refused = (name: string, why: string, hint: string): SyncError =>
  new SyncError('inputs', `The manifest ${name} cannot be read: ${why}.`, {
    hint: `${hint} Nothing was touched.`,
  })

const KINDS = { folder: 'it is a folder', link: 'it is a link', other: 'it is not a regular file' }

/** The path of a file that may be read. A link may lead anywhere: who reads pull requests must not read the runner's files. */
async function localFile(
  name: string,
  path: string,
  { files, workspace }: ManifestDeps,
): Promise<string> {
  const kind = await files.kindOf(path)
  if (kind === undefined)
    throw refused(
      name,
      'the file does not exist',
      'Check the path, and run actions/checkout, or the step that creates the file, before this step.',
    )
  if (kind !== 'file') throw refused(name, KINDS[kind], 'Use a regular file.')
  const astray = await whyAstray(path, workspace, files)
  if (astray !== undefined) throw refused(name, astray, 'Use a regular file.')
  return path
}

/** The rows of one bucket, on disk. */
class BucketRows {
  readonly path: string
  readonly #writer: LineWriter
  readonly firstKeys: string[] = []
  readonly leftOut: Record<LeftOutReason, number> = {
    noncurrent: 0,
    'delete-marker': 0,
    filtered: 0,
  }
  rows = 0
  hasTargets = false

  constructor(path: string, writer: LineWriter) {
    this.path = path
    this.#writer = writer
  }

  leave(reason: LeftOutReason): void {
    this.rows++
    this.leftOut[reason]++
  }

  take(row: ManifestRow, prefix: string): Promise<void> | undefined {
    this.rows++
    this.hasTargets ||= row.target !== undefined
    if (this.firstKeys.length < MOST_FIRST_KEYS) this.firstKeys.push(prefix + row.key)
    return this.#writer.write(JSON.stringify(row))
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}

/** Takes rows as they are read, those of each bucket by themselves. */
class Collector {
  readonly #reader: RowReader
  readonly #problems: Problems
  readonly #source: RowPlaces['source']
  readonly #deps: Pick<ManifestDeps, 'files' | 'folder'>
  readonly buckets = new Map<string, BucketRows>()

  constructor(places: RowPlaces, problems: Problems, deps: Pick<ManifestDeps, 'files' | 'folder'>) {
    this.#reader = new RowReader(places)
    this.#source = places.source
    this.#problems = problems
    this.#deps = deps
  }

  /** Of a file that says by names what its rows are. */
  add(row: FileRow): Promise<void> | undefined {
    if ('problem' in row) return this.#refuse(row)
    const read = this.#reader.row(row.line, row.fields)
    return 'bucket' in read ? this.#take(read) : this.#refuseAll(row.line, read)
  }

  /** Of a list that S3 writes. */
  addObject(row: ObjectRow): Promise<void> | undefined {
    if ('problem' in row) return this.#refuse(row)
    const { line, bucket, key, pins, left } = row
    const read = this.#reader.rowOf(line, { bucket, key }, pins)
    if (typeof read === 'object' && !('bucket' in read)) return this.#refuseAll(line, read)
    const reason = read === 'outside' ? 'filtered' : left
    if (reason !== undefined) return this.#with(bucket, (rows) => rows.leave(reason))
    return read === 'outside' ? undefined : this.#take(read)
  }

  async close(): Promise<void> {
    for (const rows of this.buckets.values()) await rows.close()
  }

  #refuse({ line, problem, column }: Extract<FileRow, { readonly problem: string }>): undefined {
    this.#problems.add(line, problem, column)
  }

  #refuseAll(line: number, problems: readonly string[]): undefined {
    for (const problem of problems) this.#problems.add(line, problem)
  }

  #take({ bucket, row }: ReadRow): Promise<void> | undefined {
    const prefix = this.#source?.prefix ?? ''
    return this.#with(bucket, (rows) => rows.take(row, prefix))
  }

  /** Without waiting where there is nothing to wait for. */
  #with(
    bucket: string,
    work: (rows: BucketRows) => Promise<void> | undefined | void,
  ): Promise<void> | undefined {
    const rows = this.buckets.get(bucket)
    return rows ? (work(rows) ?? undefined) : this.open(bucket).then(work)
  }

  /** Begins with a bucket. Throws SyncError where there are too many. */
  async open(bucket: string): Promise<BucketRows> {
    const { files, folder } = this.#deps
    if (this.buckets.size === MOST_BUCKETS)
      throw new SyncError(
        'inputs',
        `The manifest ${this.#problems.name} has rows of more than ${MOST_BUCKETS} buckets.`,
        { hint: 'Split it and use several runs. Nothing was touched.' },
      )
    const path = files.join(folder, `rows-${this.buckets.size}.ndjson`)
    const rows = new BucketRows(path, await files.writer(path))
    this.buckets.set(bucket, rows)
    return rows
  }
}

/**
 * Takes a file as it is at one moment: whoever writes to it while it is read changes nothing that was read before. Throws
 * SyncError where it does not end.
 */
async function copyOf(
  { name, path }: { readonly name: string; readonly path: string },
  own: string,
  { files, signal }: ManifestDeps,
): Promise<void> {
  const writer = await files.writer(own)
  let bytes = 0
  try {
    for await (const chunk of files.chunks(path)) {
      signal.throwIfAborted()
      bytes += chunk.length
      if (bytes > MOST_BYTES)
        throw refused(
          name,
          `it has more than ${humanBytes(MOST_BYTES)}`,
          'Split it and use several runs.',
        )
      await writer.append(chunk)
    }
  } finally {
    await writer.close()
  }
}

/** Fetches the bytes of a manifest into a file of this run. */
async function fetched({ name, address }: ManifestRequest, deps: ManifestDeps): Promise<string> {
  const { files, folder, store, timeoutMs, signal } = deps
  const own = files.join(folder, 'manifest')
  if ('path' in address) {
    await copyOf({ name, path: await localFile(name, address.path, deps) }, own, deps)
    return own
  }
  if (!store)
    throw new SyncError(
      'internal',
      'Internal error: a manifest was read before the store was open.',
    )
  await download(address, own, { store, files, timeoutMs, signal })
  return own
}

async function collect<Row>(
  blocks: AsyncIterable<readonly Row[]>,
  add: (row: Row) => Promise<void> | undefined,
): Promise<void> {
  for await (const rows of blocks)
    for (const row of rows) {
      const full = add(row)
      if (full) await full
    }
}

async function readAll(
  { name, format }: ManifestRequest,
  own: string,
  into: Collector,
  { files, folder, store, timeoutMs, signal }: ManifestDeps,
): Promise<void> {
  const bytes = () => files.chunks(own)
  if (format === 'batch') return collect(batchRows(bytes()), (row) => into.addObject(row))
  if (format !== 'inventory') return collect(fileRows(format, bytes), (row) => into.add(row))
  const chunks: Uint8Array[] = []
  let read = 0
  for await (const chunk of bytes()) {
    read += chunk.length
    if (read > INVENTORY_BYTES)
      throw refused(name, 'it is larger than the maximum S3 object size', 'Check the file.')
    chunks.push(Buffer.from(chunk))
  }
  if (!store)
    throw new SyncError(
      'internal',
      'Internal error: an inventory was read before the store was open.',
    )
  const { allInventoryRows, inventoryOf } = await import('./inventory.ts')
  const inventory = inventoryOf(Buffer.concat(chunks).toString('utf8'), name)
  const deps = { files, folder, store, timeoutMs, signal }
  await collect(allInventoryRows(inventory, deps), (row) => into.addObject(row))
}

/**
 * Reads a manifest to its end, and once; gives the rows of each bucket, in the order in which the buckets come, none
 * where no row names one. Throws one SyncError of kind `inputs` that lists what is wrong with its rows: a manifest that
 * is given is in order. Memory does not grow with it.
 */
export async function readManifest(
  request: ManifestRequest,
  places: RowPlaces,
  deps: ManifestDeps,
): Promise<readonly Manifest[]> {
  const { name, missing } = request
  const { files } = deps
  const own = await fetched(request, deps)
  const problems = new Problems(name)
  const into = new Collector(places, problems, deps)
  try {
    // Where the source is given, a list without rows is one of its bucket.
    if (places.source) await into.open(places.source.bucket)
    await readAll(request, own, into, deps)
  } finally {
    await into.close()
  }
  problems.refuse()
  const sha256 = await files.sha256(own)
  await files.removeFile(own)
  return [...into.buckets].map(([bucket, { path, rows, leftOut, hasTargets, firstKeys }]) => ({
    name,
    sha256,
    missing,
    path,
    rows,
    leftOut,
    hasTargets,
    bucket,
    firstKeys,
  }))
}
