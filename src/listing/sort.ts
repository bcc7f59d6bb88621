import { SyncError } from '../errors/sync-error.ts'
import type { KeyBytes } from '../model/key.ts'
import type { Files } from '../ports.ts'

interface Keyed {
  readonly key: KeyBytes
}

/** Records held in memory at a time. */
const CHUNK = 50_000

const byKey = (a: Keyed, b: Keyed): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

const ascending = (records: readonly Keyed[]): boolean =>
  records.every((record, i) => i === 0 || (records[i - 1]?.key ?? '') < record.key)

/** Writes chunks as ascending runs; a chunk that continues the last run is appended to it. */
function runWriter({ files, folder }: Pick<SortOptions<never>, 'files' | 'folder'>) {
  const paths: string[] = []
  let writer: Awaited<ReturnType<Files['writer']>> | undefined
  let last: KeyBytes | undefined

  async function add(chunk: Keyed[]): Promise<void> {
    if (!ascending(chunk)) chunk.sort(byKey)
    const first = chunk[0]
    if (!writer || (last !== undefined && first && first.key <= last)) {
      await writer?.close()
      const path = files.join(folder, `run-${paths.length}.ndjson`)
      paths.push(path)
      writer = await files.writer(path)
    }
    for (const record of chunk) await writer.write(JSON.stringify(record))
    last = chunk.at(-1)?.key
  }

  return { paths, add, close: () => writer?.close() ?? Promise.resolve() }
}

async function* readRun<T extends Keyed>(files: Files, path: string): AsyncGenerator<T> {
  for await (const line of files.lines(path)) yield JSON.parse(line) as T
}

interface Head<T> {
  readonly run: AsyncGenerator<T>
  value: T
}

async function* mergeRuns<T extends Keyed>(runs: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  let heads: Head<T>[] = []
  for (const run of runs) {
    const { value, done } = await run.next()
    if (!done) heads.push({ run, value })
  }
  while (heads.length > 0) {
    const least = heads.reduce((a, b) => (b.value.key < a.value.key ? b : a))
    yield least.value
    const { value, done } = await least.run.next()
    if (done) heads = heads.filter((head) => head !== least)
    else least.value = value
  }
}

/** What stands for two records of one key; throws where nothing can. */
export type Settle<T> = (first: T, second: T) => T

function sameOrRefused<T>(first: T, second: T): T {
  if (JSON.stringify(first) === JSON.stringify(second)) return first
  throw new SyncError('list', 'A key was listed twice with different ETags or sizes.', {
    hint: 'The object changed during the listing. Nothing was touched: run again.',
    retryable: true,
  })
}

async function* once<T extends Keyed>(
  sorted: AsyncIterable<T> | Iterable<T>,
  settle: Settle<T>,
): AsyncGenerator<T> {
  let last: T | undefined
  for await (const record of sorted) {
    if (last?.key === record.key) last = settle(last, record)
    else {
      if (last) yield last
      last = record
    }
  }
  if (last) yield last
}

/** Where records are sorted. */
export interface SortOptions<T> {
  readonly files: Files
  /** For what exceeds memory; the caller removes it. */
  readonly folder: string
  /** Held in memory at a time; by default so many as listings have records of. */
  readonly chunk?: number
  /** By default two records of one key must be alike. */
  readonly settle?: Settle<T>
}

/** Reads all records, then gives them in byte order of their keys, each key once. Memory is bounded. */
export async function inKeyOrder<T extends Keyed>(
  records: AsyncIterable<T>,
  { files, folder, settle = sameOrRefused, chunk: most = CHUNK }: SortOptions<T>,
): Promise<AsyncGenerator<T>> {
  await files.makeFolder(folder)
  const runs = runWriter({ files, folder })
  let chunk: T[] = []
  try {
    for await (const record of records) {
      chunk.push(record)
      if (chunk.length < most) continue
      await runs.add(chunk)
      chunk = []
    }
    if (runs.paths.length === 0) return once(ascending(chunk) ? chunk : chunk.sort(byKey), settle)
    await runs.add(chunk)
  } finally {
    await runs.close()
  }
  return once(mergeRuns(runs.paths.map((path) => readRun<T>(files, path))), settle)
}
