import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import { LinePieces } from './line-pieces.ts'

/** The lines of a file as values, as many at a time as are read. */
export async function* blocksOf<T>(
  files: Pick<Files, 'lineBlocks'>,
  path: string,
): AsyncGenerator<readonly T[]> {
  for await (const lines of files.lineBlocks(path)) yield lines.map((line) => JSON.parse(line) as T)
}

/** A file of JSON lines, which is made when the first line is written. Lines wait in memory until they are flushed. */
export class LineFile<Line> {
  readonly path: string
  readonly #files: Files
  readonly #pieces = new LinePieces()
  #waiting: Line[] = []
  #writer: LineWriter | undefined
  #objects = 0
  #bytes = 0

  constructor(files: Files, path: string) {
    this.#files = files
    this.path = path
  }

  /** Lines that were added. */
  get objects(): number {
    return this.#objects
  }

  /** Bytes of the objects that they tell of. */
  get bytes(): number {
    return this.#bytes
  }

  /** The lines that wait; one can still be replaced. */
  get waiting(): Line[] {
    return this.#waiting
  }

  /** Takes lines as bytes, each of which is counted by itself; undefined as long as other lines wait, behind which they would stand. */
  get pieces(): LinePieces | undefined {
    return this.#waiting.length === 0 ? this.#pieces : undefined
  }

  /** Counts a line; `bytes` is the size of the object that it tells of. */
  count(bytes: number): void {
    this.#objects++
    this.#bytes += bytes
  }

  /** Adds a line; `bytes` is the size of the object that it tells of. */
  add(line: Line, bytes: number): void {
    this.count(bytes)
    this.#waiting.push(line)
  }

  /** Removes a line that waits, or puts another one in its place; `bytes` as it was added. */
  replace(line: Line, bytes: number, instead?: Line): void {
    const at = this.#waiting.indexOf(line)
    if (instead !== undefined) {
      this.#waiting[at] = instead
      return
    }
    this.#waiting.splice(at, 1)
    this.#objects--
    this.#bytes -= bytes
  }

  /** Writes the lines that wait. */
  async flush(): Promise<void> {
    for (const line of this.#waiting) this.#pieces.add(visibleJson(line))
    this.#waiting = []
    if (this.#pieces.isEmpty) return
    this.#writer ??= await this.#files.writer(this.path)
    await this.#pieces.writeTo(this.#writer)
  }

  /** Writes the lines that wait, in their order, into a file that was closed: each before the first line that it precedes. */
  async merge(precedes: (late: Line, other: Line) => boolean): Promise<void> {
    if (this.#waiting.length === 0) return
    const late = this.#waiting.toSorted((a, b) => (precedes(a, b) ? -1 : 1))
    this.#waiting = []
    const merged = `${this.path}.merged`
    const writer = await this.#files.writer(merged)
    try {
      if (this.#writer)
        for await (const block of this.#files.lineBlocks(this.path))
          for (const text of block) {
            const line = JSON.parse(text) as Line
            for (let [next] = late; next && precedes(next, line); [next] = late) {
              await writer.write(visibleJson(next))
              late.shift()
            }
            await writer.write(text)
          }
      for (const line of late) await writer.write(visibleJson(line))
    } finally {
      await writer.close()
    }
    await this.#files.rename(merged, this.path)
    this.#writer = writer
  }

  /** Closes the file; it can be read then. */
  async close(): Promise<void> {
    await this.#writer?.close()
  }
}
