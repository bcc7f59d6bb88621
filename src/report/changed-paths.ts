import { ChangedPaths, pathsOf } from '../model/cdn-paths.ts'
import type { ResultRow } from '../model/outcome.ts'
import type { CdnRequest } from '../model/request.ts'
import type { Files, LineWriter } from '../ports.ts'

/** Writes changed-paths.txt: a line for each path of what was overwritten or deleted, below the prefix that a CDN serves. */
export class ChangedPathsFile {
  readonly #writer: LineWriter
  readonly #cdn: CdnRequest | undefined
  readonly #paths = new ChangedPaths()

  constructor(writer: LineWriter, cdn: CdnRequest | undefined) {
    this.#writer = writer
    this.#cdn = cdn
  }

  /** Opens an empty file; `cdn`: what is to be told of the paths, if any. */
  static async open(
    files: Pick<Files, 'writer'>,
    path: string,
    cdn: CdnRequest | undefined,
  ): Promise<ChangedPathsFile> {
    return new ChangedPathsFile(await files.writer(path), cdn)
  }

  /** Takes a row that changed the destination, or may have; what is new was never served. Resolves when more can be taken; undefined: it can now. */
  add({ op, key, to, replaced }: ResultRow): Promise<void> | undefined {
    const changed = op === 'delete' ? key : replaced ? to : undefined
    return changed === undefined ? undefined : this.addKey(changed)
  }

  /** Takes the full key of an object that was overwritten or deleted, as `add` does. */
  addKey(key: string): Promise<void> | undefined {
    const prefix = this.#cdn?.originPrefix ?? ''
    if (!key.startsWith(prefix)) return undefined
    const paths = pathsOf(key.slice(prefix.length))
    if (this.#cdn) for (const path of paths) this.#paths.add(path)
    return this.#writer.write(paths.join('\n'))
  }

  /** Has a CDN told that anything may have changed. */
  addAll(): void {
    if (this.#cdn) this.#paths.add('/*')
  }

  /** All of them so far; none where no CDN is to be told. */
  get paths(): ChangedPaths {
    return this.#paths
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}
