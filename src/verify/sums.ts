import { createHash } from 'node:crypto'
import { ServiceError } from '../errors/service-error.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { inParallel } from '../flow/pool.ts'
import { inKeyOrder } from '../listing/sort.ts'
import { isEtagOf, sameEtag } from '../model/etag.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import { addTally, NO_TALLY, type Tally } from '../model/op.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { Place } from '../model/place.ts'
import type { PublishedRow } from '../model/published.ts'
import { visibleJson } from '../model/safe.ts'
import type { Clock, Files } from '../ports.ts'
import type { LocalFiles } from '../storage/local-files.ts'
import { retrying } from '../storage/retrying.ts'
import type { Objects, Store } from '../storage/store.ts'

/** Where SHA-256 of objects comes from that did not pass through this process. */
export interface SumsSources {
  readonly destination: Place & { readonly store: Store }
  /** What the keys of rows are relative to. */
  readonly folder: string
  /** File of this runner that a row is a copy of, where all are; undefined: no row is one. */
  readonly files: { readonly local: LocalFiles; readonly prefix: string } | undefined
  /** Objects whose SHA-256 nobody knows are read. */
  readonly read: boolean
}

/** What sums are made with. */
export interface SumsContext {
  readonly files: Files
  readonly clock: Pick<Clock, 'sleep' | 'random'>
  /** For what does not fit into memory; the caller removes it. */
  readonly scratch: string
  readonly timeoutMs: number
  readonly retryCount: number
  readonly signal: AbortSignal
}

/** What SHA256SUMS has, and what it has not. */
export interface SumsCount {
  readonly lines: number
  /** Objects whose SHA-256 nobody knows. */
  readonly unknown: number
  /** Objects whose names no line of such a file can hold. */
  readonly unnamed: number
  /** Objects that were read for it. */
  readonly read: Tally
}

/** What became of SHA256SUMS. */
export interface Sums extends SumsCount {
  /** Full key that it was written to; undefined: it was not, or stood there already. */
  readonly written?: string | undefined
  /** Whether another one stood there. */
  readonly replaced: boolean
}

const AT_ONCE = 16
const ROWS_AT_ONCE = 1000
const RANGE_BYTES = 8 * 2 ** 20

/** coreutils escapes such names, and what reads the file for attestations does not know how. */
const UNLISTABLE = /[\n\r\\]/

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex')

/** Finds the SHA-256 of objects as they stand at the destination, each by what proves it. */
class Finder {
  readonly #sources: SumsSources
  readonly #context: SumsContext
  readonly #objects: Objects
  /** Nobody may look at the objects of the destination. */
  #isBlind = false
  read = NO_TALLY

  constructor(sources: SumsSources, context: SumsContext) {
    const { clock, retryCount, signal } = context
    this.#sources = sources
    this.#context = context
    this.#objects = retrying(sources.destination.store.objects, { clock, retryCount, signal })
  }

  /** Hex; undefined where nothing proves it. */
  async of(row: PublishedRow): Promise<string | undefined> {
    return row.sha256 ?? (await this.#ofFile(row)) ?? (await this.#ofObject(row))
  }

  /** By the file that it was uploaded from, where its ETag is that of the object. */
  async #ofFile({ key, etag }: PublishedRow): Promise<string | undefined> {
    const { files } = this.#sources
    if (!files) return undefined
    try {
      const wish = { alsoBy: Number.POSITIVE_INFINITY, algorithms: ['SHA256'] as const }
      const digest = await files.local.digest(files.prefix + key, wish)
      const isIt = sameEtag(digest.etag, etag) || isEtagOf(digest.alsoEtag, etag)
      const sum = digest.checksums.get('SHA256')
      return isIt && sum !== undefined ? hexOf(sum) : undefined
    } catch (error) {
      if (error instanceof ServiceError) return undefined
      throw error
    }
  }

  async #ofObject(row: PublishedRow): Promise<string | undefined> {
    const { destination, folder, read } = this.#sources
    const { signal } = this.#context
    if (this.#isBlind) return undefined
    const { bucket, store } = destination
    try {
      const found = await store.checksums(bucket, folder + row.key, signal)
      if (!found || (row.etag !== undefined && !sameEtag(found.etag, row.etag))) return undefined
      const stored = found.values.get('SHA256')
      if (stored !== undefined) return hexOf(stored)
      return read ? await this.#readAll(row, found.etag) : undefined
    } catch (error) {
      signal.throwIfAborted()
      const { code } = serviceFailure(error)
      this.#isBlind = code === 'AccessDenied'
      // Asked to read them, nobody wants a file without them.
      if (read && code !== 'PreconditionFailed') throw error
      return undefined
    }
  }

  async #readAll({ key, size }: PublishedRow, etag: string): Promise<string> {
    const { destination, folder } = this.#sources
    const { timeoutMs, signal } = this.#context
    const object = { bucket: destination.bucket, key: folder + key, etag }
    const hash = createHash('sha256')
    for (let first = 0; first < size; first += RANGE_BYTES) {
      const last = Math.min(first + RANGE_BYTES, size) - 1
      const range = size > RANGE_BYTES ? { first, last } : undefined
      const what = { bytes: last - first + 1, range }
      const { bytes } = await this.#objects.read(object, what, { timeoutMs, signal })
      hash.update(bytes)
    }
    this.read = addTally(this.read, { objects: 1, bytes: size })
    return hash.digest('hex')
  }
}

interface SumRecord {
  readonly key: KeyBytes
  readonly sha256: string
  readonly name: string
}

/** Completes rows by their SHA-256, in their order, and gives what has a line. */
class Completing {
  readonly #finder: Finder
  unknown = 0
  unnamed = 0

  constructor(finder: Finder) {
    this.#finder = finder
  }

  async *rows(
    texts: AsyncIterable<string>,
    onRow: (row: PublishedRow) => Promise<void> | undefined,
  ): AsyncGenerator<SumRecord> {
    let block: PublishedRow[] = []
    for await (const text of texts) {
      if (block.push(JSON.parse(text) as PublishedRow) < ROWS_AT_ONCE) continue
      yield* this.#complete(block, onRow)
      block = []
    }
    yield* this.#complete(block, onRow)
  }

  async *#complete(
    rows: readonly PublishedRow[],
    onRow: (row: PublishedRow) => Promise<void> | undefined,
  ): AsyncGenerator<SumRecord> {
    const found: (string | undefined)[] = []
    await inParallel(rows.entries(), AT_ONCE, async ([at, row]) => {
      found[at] = await this.#finder.of(row)
    })
    for (const [at, row] of rows.entries()) {
      const sha256 = found[at]
      const { status, ...facts } = row
      await onRow(sha256 === undefined ? row : { ...facts, sha256, status })
      if (row.key === OWN_KEYS.sums) continue
      if (sha256 === undefined) this.unknown++
      else if (UNLISTABLE.test(row.key)) this.unnamed++
      else yield { key: toKeyBytes(row.key), sha256, name: row.key }
    }
  }
}

/** Files of a run. */
export interface SumsPaths {
  /** What stands at the destination; its rows get their SHA-256. */
  readonly published: string
  /** Where they are written anew. */
  readonly completed: string
  readonly sums: string
}

/**
 * Writes SHA256SUMS of the objects that stand at the destination. No object has a line that nothing proves. Throws what
 * the service said where objects were to be read.
 */
export async function writeSums(
  { published, completed, sums: path }: SumsPaths,
  sources: SumsSources,
  context: SumsContext,
): Promise<SumsCount> {
  const { files, scratch } = context
  const finder = new Finder(sources, context)
  const completing = new Completing(finder)
  const rows = await files.writer(completed)
  const writer = await files.writer(path)
  let lines = 0
  try {
    const records = completing.rows(files.lines(published), (row) => rows.write(visibleJson(row)))
    const folder = files.join(scratch, 'sums')
    for await (const { sha256, name } of await inKeyOrder(records, { files, folder })) {
      lines++
      await writer.write(`${sha256}  ${name}`)
    }
  } finally {
    await rows.close().finally(() => writer.close())
  }
  await files.rename(completed, published)
  return { lines, unknown: completing.unknown, unnamed: completing.unnamed, read: finder.read }
}
