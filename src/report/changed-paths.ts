import { ChangedPaths, pathsOf } from '../model/cdn-paths.ts'
import type { ResultRow } from '../model/outcome.ts'
import type { Files, LineWriter } from '../ports.ts'

/** Writes changed-paths.txt: a line for each path of what was overwritten or deleted, below a prefix of keys. */
export class ChangedPathsFile {
  readonly #writer: LineWriter
  readonly #prefix: string
  readonly #paths = new ChangedPaths()

  constructor(writer: LineWriter, prefix: string) {
    this.#writer = writer
    this.#prefix = prefix
  }

  /** Opens an empty file. */
  static async open(
    files: Pick<Files, 'writer'>,
    path: string,
    prefix: string,
  ): Promise<ChangedPathsFile> {
    return new ChangedPathsFile(await files.writer(path), prefix)
  }

  /** Takes a row that is done; what is new was never served. Resolves when more can be taken; undefined: it can now. */
  add({ op, key, to, replaced }: ResultRow): Promise<void> | undefined {
    const changed = op === 'delete' ? key : replaced ? to : undefined
    return changed === undefined ? undefined : this.addKey(changed)
  }

  /** Takes the full key of an object that was overwritten or deleted, as `add` does. */
  addKey(key: string): Promise<void> | undefined {
    if (!key.startsWith(this.#prefix)) return undefined
    const paths = pathsOf(key.slice(this.#prefix.length))
    for (const path of paths) this.#paths.add(path)
    return this.#writer.write(paths.join('\n'))
  }

  /** All of them so far. */
  get paths(): ChangedPaths {
    return this.#paths
  }

  close(): Promise<void> {
    return this.#writer.close()
  }
}
