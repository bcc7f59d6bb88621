import { SyncError } from '../errors/sync-error.ts'
import type { KeyBytes } from '../model/key.ts'
import type { Files, LineWriter } from '../ports.ts'

interface Keyed {
  readonly key: KeyBytes
}

/** Records held in memory at a time. */
const CHUNK = 50_000
/** Each run that is merged is read with memory of its own: of more runs, some are merged into one before. */
const RUNS_AT_ONCE = 32
/** Records given at a time: a step for each of a million costs more than what it holds. */
const BLOCK = 1000

type Blocks<T> = AsyncIterable<readonly T[]>

const byKey = (a: Keyed, b: Keyed): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

const ascending = (records: readonly Keyed[]): boolean =>
  records.every((record, i) => i === 0 || (records[i - 1] as Keyed).key < record.key)

const sorted = <T extends Keyed>(chunk: T[]): T[] => (ascending(chunk) ? chunk : chunk.sort(byKey))

async function writeAll(records: readonly Keyed[], writer: LineWriter): Promise<void> {
  for (const record of records) {
    const full = writer.write(JSON.stringify(record))
    if (full) await full
  }
}

/** Writes records to a file, and gives their number. */
async function writeFile(files: Files, path: string, blocks: Blocks<Keyed>): Promise<number> {
  const writer = await files.writer(path)
  let count = 0
  try {
    for await (const records of blocks) {
      await writeAll(records, writer)
      count += records.length
    }
  } finally {
    await writer.close()
  }
  return count
}

/** Writes chunks as ascending runs; a chunk that continues the last run is appended to it. */
class RunWriter {
  readonly #files: Files
  readonly #folder: string
  #writer: LineWriter | undefined
  #last: KeyBytes | undefined
  readonly paths: string[] = []
  /** Records of all runs. */
  count = 0
  /** Whether some run has a key twice. */
  hasTwins = false

  constructor({ files, folder }: Pick<SortOptions<never>, 'files' | 'folder'>) {
    this.#files = files
    this.#folder = folder
  }

  /** Whether records can be written as they come, behind those that were. */
  isContinuedBy(records: readonly Keyed[]): boolean {
    const [first] = records
    return first !== undefined && this.#isBehind(first) && ascending(records)
  }

  /** Takes records in their order; the next chunk need not stand behind them. */
  async add(chunk: readonly Keyed[]): Promise<void> {
    const [first] = chunk
    if (!first) return
    this.hasTwins ||= !ascending(chunk)
    if (!this.#writer || !this.#isBehind(first)) {
      await this.#writer?.close()
      const path = this.#files.join(this.#folder, `run-${this.paths.length}.ndjson`)
      this.paths.push(path)
      this.#writer = await this.#files.writer(path)
    }
    await writeAll(chunk, this.#writer)
    this.#last = chunk.at(-1)?.key
    this.count += chunk.length
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }

  #isBehind({ key }: Keyed): boolean {
    return this.#last !== undefined && key > this.#last
  }
}

/** A run that is read, by its first record that was not taken yet. */
class RunReader<T extends Keyed> {
  readonly #blocks: AsyncIterator<readonly string[]>
  readonly #at: number
  #lines: readonly string[] = []
  #next = 0
  /** undefined: all were taken. */
  head: T | undefined

  /** `at`: its place among the runs. */
  constructor(blocks: Blocks<string>, at: number) {
    this.#blocks = blocks[Symbol.asyncIterator]()
    this.#at = at
  }

  /** Goes on to the next record, without waiting where its line was read already. */
  advance(): Promise<void> | undefined {
    const line = this.#lines[this.#next++]
    if (line === undefined) return this.#read()
    this.head = JSON.parse(line) as T
    return undefined
  }

  /** Of equal keys that of the earlier run is first, as it came first. */
  precedes(other: RunReader<T>): boolean {
    const [own, their] = [this.head?.key ?? '', other.head?.key ?? '']
    return own === their ? this.#at < other.#at : own < their
  }

  async #read(): Promise<void> {
    const { value, done } = await this.#blocks.next()
    this.head = undefined
    this.#next = 0
    this.#lines = done ? [] : value
    if (!done) await this.advance()
  }
}

/** Moves the first of some runs, which are in order but for it, to where it belongs. */
function reinsertFirst<T extends Keyed>(runs: RunReader<T>[]): void {
  const [first] = runs
  if (!first) return
  let [low, high] = [1, runs.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (runs[middle]?.precedes(first)) low = middle + 1
    else high = middle
  }
  runs.copyWithin(0, 1, low)
  runs[low - 1] = first
}

async function* merged<T extends Keyed>(
  files: Files,
  paths: readonly string[],
): AsyncGenerator<readonly T[]> {
  const all = paths.map((path, at) => new RunReader<T>(files.lineBlocks(path), at))
  for (const run of all) await run.advance()
  const runs = all.filter(({ head }) => head !== undefined).sort((a, b) => (a.precedes(b) ? -1 : 1))
  let block: T[] = []
  for (let [run] = runs; run?.head; [run] = runs) {
    if (block.push(run.head) === BLOCK) {
      yield block
      block = []
    }
    const reading = run.advance()
    if (reading) await reading
    if (run.head === undefined) runs.shift()
    else if (runs[1]?.precedes(run)) reinsertFirst(runs)
  }
  yield block
}

/** Merges runs that lie side by side, until there are few enough to read all of them at once. */
async function fewRuns(
  { files, folder }: Pick<SortOptions<never>, 'files' | 'folder'>,
  paths: readonly string[],
): Promise<readonly string[]> {
  let few = paths
  for (let pass = 0; few.length > RUNS_AT_ONCE; pass++) {
    const longer: string[] = []
    for (let at = 0; at < few.length; at += RUNS_AT_ONCE) {
      const some = few.slice(at, at + RUNS_AT_ONCE)
      const path = files.join(folder, `merged-${pass}-${longer.length}.ndjson`)
      await writeFile(files, path, merged(files, some))
      longer.push(path)
      for (const run of some) await files.removeFile(run)
    }
    few = longer
  }
  return few
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
  blocks: Blocks<T> | Iterable<readonly T[]>,
  settle: Settle<T>,
): AsyncGenerator<readonly T[]> {
  let last: T | undefined
  for await (const records of blocks) {
    const settled: T[] = []
    for (const record of records) {
      if (last?.key === record.key) last = settle(last, record)
      else {
        if (last) settled.push(last)
        last = record
      }
    }
    yield settled
  }
  if (last) yield [last]
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

/** Reads all records into ascending runs on disk; the last chunk is in memory where there are none. */
async function runsOf<T extends Keyed>(
  blocks: Blocks<T>,
  { files, folder, chunk: most = CHUNK }: SortOptions<T>,
): Promise<{ readonly runs: RunWriter; readonly chunk: T[] }> {
  await files.makeFolder(folder)
  const runs = new RunWriter({ files, folder })
  let chunk: T[] = []
  try {
    for await (const records of blocks) {
      if (chunk.length === 0 && runs.isContinuedBy(records)) await runs.add(records)
      else
        for (const record of records) {
          if (chunk.push(record) < most) continue
          await runs.add(sorted(chunk))
          chunk = []
        }
    }
    if (runs.paths.length === 0) return { runs, chunk: sorted(chunk) }
    await runs.add(sorted(chunk))
    return { runs, chunk: [] }
  } finally {
    await runs.close()
  }
}

async function blocksFrom<T extends Keyed>(
  { runs, chunk }: { readonly runs: RunWriter; readonly chunk: readonly T[] },
  options: SortOptions<T>,
): Promise<AsyncGenerator<readonly T[]>> {
  const { files, settle = sameOrRefused } = options
  if (runs.paths.length === 0) return once([chunk], settle)
  return once(merged<T>(files, await fewRuns(options, runs.paths)), settle)
}

/** Reads all records, then gives them in byte order of their keys, each key once. Memory is bounded. */
export async function blocksInKeyOrder<T extends Keyed>(
  blocks: Blocks<T>,
  options: SortOptions<T>,
): Promise<AsyncGenerator<readonly T[]>> {
  return blocksFrom(await runsOf(blocks, options), options)
}

/** The same, as a file with a record in each line: what comes in order is written only once. */
export async function fileInKeyOrder<T extends Keyed>(
  blocks: Blocks<T>,
  options: SortOptions<T>,
): Promise<{ readonly path: string; readonly count: number }> {
  const { files, folder } = options
  const read = await runsOf(blocks, options)
  const { paths, count, hasTwins } = read.runs
  const [only] = paths
  if (only !== undefined && paths.length === 1 && !hasTwins) return { path: only, count }
  const path = files.join(folder, 'all.ndjson')
  return { path, count: await writeFile(files, path, await blocksFrom(read, options)) }
}

async function* oneByOne<T>(blocks: Blocks<T>): AsyncGenerator<T> {
  for await (const records of blocks) yield* records
}

/** Records that come one by one, in blocks. */
export async function* inBlocks<T>(records: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let block: T[] = []
  for await (const record of records) {
    if (block.push(record) < BLOCK) continue
    yield block
    block = []
  }
  yield block
}

/** The same of records that come one by one. */
export const inKeyOrder = async <T extends Keyed>(
  records: AsyncIterable<T>,
  options: SortOptions<T>,
): Promise<AsyncGenerator<T>> => oneByOne(await blocksInKeyOrder(inBlocks(records), options))
