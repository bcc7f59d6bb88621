import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'

/** Lines in a file, and how many. */
export interface Spool {
  readonly path: string
  readonly count: number
}

/**
 * A file of JSON lines that is written in the background, in order: all rows of results.ndjson and failed.ndjson go
 * through here. Who does not wait for a line is told once, by `onLost`, that one could not be written.
 */
export class JsonLines {
  readonly #path: string
  readonly #writer: LineWriter
  readonly #onLost: () => void
  #count = 0
  #tail: Promise<void> = Promise.resolve()

  constructor(path: string, writer: LineWriter, onLost: () => void = () => {}) {
    this.#path = path
    this.#writer = writer
    this.#onLost = onLost
  }

  /** Opens an empty file, or one to which lines are added. */
  static async open(
    files: Pick<Files, 'writer'>,
    path: string,
    { mode, onLost }: { readonly mode?: 'append'; readonly onLost?: () => void } = {},
  ): Promise<JsonLines> {
    return new JsonLines(path, await files.writer(path, mode), onLost)
  }

  /** Rejects when the line, or one before it, cannot be written. */
  add(value: unknown): Promise<void> {
    return this.keep(visibleJson(value))
  }

  /** Adds a line that is JSON already. */
  keep(line: string): Promise<void> {
    this.#count++
    this.#tail = this.#tail.then(() => this.#writer.write(line))
    this.#tail.catch(this.#onLost)
    return this.#tail
  }

  /** Writes all that is still in memory. Rejects when a line could not be written. */
  async close(): Promise<Spool> {
    await this.#tail.finally(() => this.#writer.close())
    return { path: this.#path, count: this.#count }
  }
}
