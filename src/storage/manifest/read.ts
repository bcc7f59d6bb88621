import { createHash } from 'node:crypto'
import { SyncError } from '../../errors/sync-error.ts'
import type { LeftOutReason, Manifest, ManifestRequest, ManifestRow } from '../../model/manifest.ts'
import type { Files, LineWriter } from '../../ports.ts'
import { whyAstray } from '../checkout.ts'
import type { Store } from '../store.ts'
import { download } from './download.ts'
import { allInventoryRows, inventoryOf } from './inventory.ts'
import { Problems } from './problems.ts'
import { type FileRow, fileRows } from './records.ts'
import { type RowPlaces, RowReader } from './row.ts'
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

/** Takes rows as they are read. */
class Collector {
  readonly #reader: RowReader
  readonly #problems: Problems
  readonly #writer: LineWriter
  readonly firstKeys: string[] = []
  readonly leftOut: Record<LeftOutReason, number> = {
    noncurrent: 0,
    'delete-marker': 0,
    filtered: 0,
  }
  rows = 0

  constructor(reader: RowReader, problems: Problems, writer: LineWriter) {
    this.#reader = reader
    this.#problems = problems
    this.#writer = writer
  }

  /** Of a file that says by names what its rows are. */
  add(row: FileRow): Promise<void> | undefined {
    const read = 'problem' in row ? undefined : this.#reader.row(row.line, row.fields)
    if (read === 'other') return undefined
    this.rows++
    return 'problem' in row || !read ? this.#refuse(row) : this.#take(row.line, read)
  }

  /** Of a list that S3 writes. */
  addObject(row: ObjectRow): Promise<void> | undefined {
    if ('problem' in row) {
      this.rows++
      return this.#refuse(row)
    }
    const { line, bucket, key, pins, left } = row
    const read = this.#reader.rowOf(line, { bucket, key }, pins)
    if (read === 'other') return undefined
    this.rows++
    const reason = read === 'outside' ? 'filtered' : left
    if (read !== 'outside' && (reason === undefined || !('key' in read)))
      return this.#take(line, read)
    if (reason) this.leftOut[reason]++
    return undefined
  }

  #refuse(row: FileRow | ObjectRow): undefined {
    if ('problem' in row) this.#problems.add(row.line, row.problem, row.column)
  }

  #take(line: number, read: ManifestRow | readonly string[]): Promise<void> | undefined {
    if (!('key' in read)) {
      for (const problem of read) this.#problems.add(line, problem)
      return undefined
    }
    if (this.firstKeys.length < MOST_FIRST_KEYS) this.firstKeys.push(this.#reader.fullKey(read))
    return this.#writer.write(JSON.stringify(read))
  }
}

/** The bytes of a file on their way, of which a digest is made. */
class Hashed {
  readonly #open: () => AsyncIterable<Uint8Array>
  #hash = createHash('sha256')

  constructor(open: () => AsyncIterable<Uint8Array>) {
    this.#open = open
  }

  /** From the beginning, each time: the digest is that of the last reading. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    this.#hash = createHash('sha256')
    for await (const chunk of this.#open()) {
      this.#hash.update(chunk)
      yield chunk
    }
  }

  digest(): string {
    return this.#hash.digest('hex')
  }
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
  bytes: Hashed,
  into: Collector,
  { files, folder, store, timeoutMs, signal }: ManifestDeps,
): Promise<void> {
  if (format === 'batch') return collect(batchRows(bytes.chunks()), (row) => into.addObject(row))
  if (format !== 'inventory')
    return collect(
      fileRows(format, () => bytes.chunks()),
      (row) => into.add(row),
    )
  const chunks: Uint8Array[] = []
  let read = 0
  for await (const chunk of bytes.chunks()) {
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
  const inventory = inventoryOf(Buffer.concat(chunks).toString('utf8'), name)
  const deps = { files, folder, store, timeoutMs, signal }
  await collect(allInventoryRows(inventory, deps), (row) => into.addObject(row))
}

/**
 * Reads a manifest to its end. Throws one SyncError of kind `inputs` that lists what is wrong with its rows: a manifest
 * that is given is in order. Memory does not grow with it.
 */
export async function readManifest(
  request: ManifestRequest,
  places: RowPlaces,
  deps: ManifestDeps,
): Promise<Manifest> {
  const { name, address, missing } = request
  const { files, folder, store, timeoutMs, signal } = deps
  const own = files.join(folder, 'manifest')
  if ('bucket' in address) {
    if (!store)
      throw new SyncError(
        'internal',
        'Internal error: a manifest was read before the store was open.',
      )
    await download(address, own, { store, files, timeoutMs, signal })
  }
  const file = 'path' in address ? await localFile(name, address.path, deps) : own
  const bytes = new Hashed(() => files.chunks(file))
  const problems = new Problems(name)
  const reader = new RowReader(places)
  const path = files.join(folder, 'rows.ndjson')
  const writer = await files.writer(path)
  const into = new Collector(reader, problems, writer)
  try {
    await readAll(request, bytes, into, deps)
  } finally {
    await writer.close()
  }
  problems.refuse()
  if ('bucket' in address) await files.removeFile(own)
  const { rows, leftOut, firstKeys } = into
  const { hasTargets, buckets } = reader
  return {
    name,
    sha256: bytes.digest(),
    missing,
    path,
    rows,
    leftOut,
    hasTargets,
    buckets,
    firstKeys,
  }
}
