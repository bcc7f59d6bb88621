import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { PublishedRow } from '../model/published.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files, LineWriter } from '../ports.ts'

/** Texts that stand in JSON as they are. */
const PLAIN = /^[ !#-[\]-~]*$/

/** The line of an object that stays as it is; by the million, so that it is put together by hand. */
function lineOf(key: KeyBytes, size: number, etag: string): string | undefined {
  if (PLAIN.test(key) && PLAIN.test(etag))
    return `{"key":"${key}","size":${size},"etag":"${etag}","status":"unchanged"}`
  const text = toText(key)
  if (text === undefined) return undefined
  const row: PublishedRow = { key: text, size, etag, status: 'unchanged' }
  return visibleJson(row)
}

/** The objects of the destination that a plan leaves as they are, as lines of a file that is made when there is one. */
export class StandingLines {
  readonly path: string
  readonly #files: Files
  readonly #withdrawn = new Set<KeyBytes>()
  #waiting: string[] = []
  #writer: LineWriter | undefined

  constructor(files: Files, path: string) {
    this.#files = files
    this.path = path
  }

  /** Whether the file has lines. */
  get isMade(): boolean {
    return this.#writer !== undefined
  }

  /** Adds an object by its key relative to the whole destination. */
  add(key: KeyBytes, size: number, etag: string): void {
    const line = lineOf(key, size, etag)
    if (line !== undefined) this.#waiting.push(line)
  }

  /** It is copied all the same. */
  withdraw(key: KeyBytes): void {
    this.#withdrawn.add(key)
  }

  get hasWithdrawn(): boolean {
    return this.#withdrawn.size > 0
  }

  /** Whether an object is among those that stay. */
  keeps(line: string): boolean {
    return !this.#withdrawn.has(toKeyBytes((JSON.parse(line) as PublishedRow).key))
  }

  /** Writes the lines that wait. */
  async flush(): Promise<void> {
    if (this.#waiting.length === 0) return
    const text = this.#waiting.join('\n')
    this.#waiting = []
    this.#writer ??= await this.#files.writer(this.path)
    await this.#writer.write(text)
  }

  /** Closes the file; it can be read then. */
  async close(): Promise<void> {
    await this.#writer?.close()
  }
}

/** Writes the lines of all parts into one file, in their order. */
export async function gatherStanding(
  files: Files,
  parts: readonly { readonly standing: StandingLines }[],
  path: string,
): Promise<void> {
  const writer = await files.writer(path)
  try {
    for (const { standing } of parts)
      if (standing.isMade && !standing.hasWithdrawn)
        for await (const chunk of files.chunks(standing.path)) await writer.append(chunk)
      else if (standing.isMade)
        for await (const line of files.lines(standing.path))
          if (standing.keeps(line)) await writer.write(line)
  } finally {
    await writer.close()
  }
}
