import { SyncError } from '../../errors/sync-error.ts'
import { cut } from '../../model/cut.ts'
import { safe } from '../../model/safe.ts'
import { humanObjects } from '../../model/units.ts'

/** More of them are no help to anybody. */
const MOST_SHOWN = 20
const MOST_CHARS = 300

/** A text of the file as it is shown in a message. */
export const quoted = (text: string): string => cut(JSON.stringify(text), 120)

/** What is wrong with a manifest: all of it is counted, the first is told. */
export class Problems {
  readonly #name: string
  readonly #shown: string[] = []
  #count = 0

  /** `name`: the manifest as the user wrote it. */
  constructor(name: string) {
    this.#name = name
  }

  /** Of a line, and where it is known a column of it, both from 1. `file`: of an S3 Inventory its data file. */
  add(line: number, text: string, column?: number): void {
    this.#count++
    if (this.#shown.length === MOST_SHOWN) return
    const where = column === undefined ? `line ${line}` : `line ${line}, column ${column}`
    this.#shown.push(cut(safe(`${where}: ${text}`), MOST_CHARS))
  }

  /** Throws where there are any. */
  refuse(): void {
    const [first] = this.#shown
    if (first === undefined) return
    const more = this.#count - this.#shown.length
    const list = [...this.#shown, ...(more > 0 ? [`and ${more} more`] : [])].map(
      (one) => `- ${one}`,
    )
    throw new SyncError(
      'inputs',
      `The manifest ${this.#name} needs ${humanObjects(this.#count, 'change')}; nothing was touched:\n${list.join('\n')}`,
      {
        title: `manifest: ${first}${this.#count > 1 ? ` (and ${humanObjects(this.#count - 1, 'more problem')})` : ''}`,
        hint: 'Correct these lines; how a manifest is written stands in docs/manifest.md.',
      },
    )
  }
}
