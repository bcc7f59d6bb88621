import { toText } from '../model/key.ts'
import { type Place, s3Url } from '../model/place.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'
import type { TargetRow } from './manifest-rows.ts'

/** Rows that are skipped because the source has no such object, in a file that can be read as a manifest. */
export class SkippedRows {
  readonly #files: Pick<Files, 'writer'>
  readonly #path: string
  readonly #source: Place
  #writer: LineWriter | undefined

  constructor(source: Place, path: string, files: Pick<Files, 'writer'>) {
    this.#files = files
    this.#path = path
    this.#source = source
  }

  /** The first one makes the file. */
  async add({ origin, key, size, etag, sha256 }: TargetRow): Promise<void> {
    const { bucket, prefix } = this.#source
    const source_url = s3Url(bucket, prefix + toText(origin))
    this.#writer ??= await this.#files.writer(this.#path)
    // A folder's own marker has no key at the destination.
    const target_path = toText(key) || undefined
    await this.#writer.write(visibleJson({ source_url, target_path, size, etag, sha256 }))
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }
}
