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
  /** Hex, of its bytes, where they passed through this runner. */
  readonly sha256?: string | undefined
}

/** Tells of a copy that is proven, or believed as was asked for. */
export type OnStanding = (copy: StandingCopy) => void

/** Adds copies to the objects that stand at the destination. */
export class PublishedCopies {
  readonly #lines: JsonLines
  readonly #prefix: string
  #closed: Promise<void> | undefined

  constructor(lines: JsonLines, prefix: string) {
    this.#lines = lines
    this.#prefix = prefix
  }

  /** Goes on with a file; keys are told relative to `folder`, a prefix of the destination. */
  static async open(files: Files, path: string, folder: string): Promise<PublishedCopies> {
    return new PublishedCopies(await JsonLines.open(files, path, { mode: 'append' }), folder)
  }

  add({ to, size, etag, sha256 }: StandingCopy): void {
    const key = to.slice(this.#prefix.length)
    const row: PublishedRow = {
      key,
      size,
      etag: etag || undefined,
      sha256: sha256 || undefined,
      status: 'copied',
    }
    void this.#lines.add(row)
  }

  /** Nothing is added any more; may be said twice. */
  close(): Promise<void> {
    this.#closed ??= this.#lines.close().then(() => {})
    return this.#closed
  }
}
