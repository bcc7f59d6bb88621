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

  /** Resolves when more can be taken; undefined: it can now. Rejects when lines cannot be written. */
  add(value: unknown): Promise<void> | undefined {
    return this.keep(visibleJson(value))
  }

  /** Adds a line that is JSON already. */
  keep(line: string): Promise<void> | undefined {
    this.#count++
    const written = this.#writer.write(line)
    written?.catch(this.#onLost)
    return written
  }

  /** Writes all that is still in memory. Rejects when a line could not be written. */
  async close(): Promise<Spool> {
    await this.#writer.close()
    return { path: this.#path, count: this.#count }
  }
}
