import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'

/** A file of JSON lines, which is made when the first line is written. Lines wait in memory until they are flushed. */
export class LineFile<Line> {
  readonly path: string
  readonly #files: Files
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

  /** Adds a line; `bytes` is the size of the object that it tells of. */
  add(line: Line, bytes: number): void {
    this.#objects++
    this.#bytes += bytes
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
    if (this.#waiting.length === 0) return
    const text = this.#waiting.map((line) => visibleJson(line)).join('\n')
    this.#waiting = []
    this.#writer ??= await this.#files.writer(this.path)
    await this.#writer.write(text)
  }

  /** Closes the file; it can be read then. */
  async close(): Promise<void> {
    await this.#writer?.close()
  }
}
