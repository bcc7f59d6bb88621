import type { PublishedRow } from '../model/published.ts'
import type { Files } from '../ports.ts'
import { JsonLines } from './json-lines.ts'

/** A copy that stands at the destination. */
export interface StandingCopy {
  /** Full key at the destination. */
  readonly to: string
  /** Bytes. */
  readonly size: number
  /** Of the destination; undefined where nobody saw it. */
  readonly etag: string | undefined
}

/** Tells of a copy that is proven, or believed as was asked for. */
export type OnStanding = (copy: StandingCopy) => void

/** Adds copies to the objects that stand at the destination. */
export class PublishedCopies {
  readonly #lines: JsonLines
  readonly #prefix: string

  constructor(lines: JsonLines, prefix: string) {
    this.#lines = lines
    this.#prefix = prefix
  }

  /** Goes on with a file; keys are told relative to `folder`, a prefix of the destination. */
  static async open(files: Files, path: string, folder: string): Promise<PublishedCopies> {
    return new PublishedCopies(await JsonLines.open(files, path, { mode: 'append' }), folder)
  }

  add({ to, size, etag }: StandingCopy): void {
    const key = to.slice(this.#prefix.length)
    const row: PublishedRow = etag
      ? { key, size, etag, status: 'copied' }
      : { key, size, status: 'copied' }
    void this.#lines.add(row)
  }

  async close(): Promise<void> {
    await this.#lines.close()
  }
}
