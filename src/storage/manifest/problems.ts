import { SyncError } from '../../errors/sync-error.ts'
import { cut } from '../../model/cut.ts'
import { safe } from '../../model/safe.ts'
import { humanObjects } from '../../model/units.ts'

/** More of them are no help to anybody. */
const MOST_SHOWN = 20
const MOST_CHARS = 300

/** A text of the file as it is shown in a message. */
export const quoted = (text: string): string => cut(JSON.stringify(text), 120)

/** Of lines that have one thing wrong with them, as many are named. */
const MOST_LINES = 5

/** A problem and the lines that have it: what is wrong with every line is told once. */
interface Told {
  readonly text: string
  /** The first ones, from 1. */
  readonly lines: number[]
  readonly column: number | undefined
  count: number
}

function sentence({ text, lines, column, count }: Told): string {
  const more = count > lines.length ? ` and ${count - lines.length} more` : ''
  const where = `${count === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more}`
  return cut(
    safe(`${where}${column === undefined ? '' : `, column ${column}`}: ${text}`),
    MOST_CHARS,
  )
}

/** What is wrong with a manifest: all of it is counted, the first is told. */
export class Problems {
  /** The manifest as the user wrote it. */
  readonly name: string
  readonly #told = new Map<string, Told>()
  #count = 0

  constructor(name: string) {
    this.name = name
  }

  /** Of a line, and where it is known a column of it, both from 1. `file`: of an S3 Inventory its data file. */
  add(line: number, text: string, column?: number): void {
    this.#count++
    const what = `${column} ${text}`
    const told = this.#told.get(what)
    if (told) {
      told.count++
      if (told.lines.length < MOST_LINES) told.lines.push(line)
    } else if (this.#told.size < MOST_SHOWN) {
      this.#told.set(what, { text, lines: [line], column, count: 1 })
    }
  }

  /** Throws where there are any. */
  refuse(): void {
    const told = [...this.#told.values()]
    const [first] = told
    if (!first) return
    const more = this.#count - told.reduce((sum, { count }) => sum + count, 0)
    const others = this.#count - first.count
    const list = [...told.map(sentence), ...(more > 0 ? [`and ${more} more`] : [])]
    throw new SyncError(
      'inputs',
      `The manifest ${this.name} needs ${humanObjects(this.#count, 'change')}; nothing was touched:\n${list.map((one) => `- ${one}`).join('\n')}`,
      {
        title: `manifest: ${sentence(first)}${others > 0 ? ` (and ${humanObjects(others, 'more problem')})` : ''}`,
        hint: 'Correct these lines; docs/manifest.md describes the format.',
      },
    )
  }
}
