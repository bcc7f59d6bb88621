/** How the names of one folder level are spread, learned from some of them. */
export interface Template {
  /** Where a name stands among all that the template allows: from 0 to 1. */
  position(name: string): number
  /** The beginning of the names at a position; exact enough to tell spans of `precision` apart. */
  nameAt(position: number, precision: number): string
  /** The part of all positions that belongs to what lies in the folder of a name, where that is known. */
  shareOf?(name: string): number | undefined
}

/** The characters that may stand at one place of a name, in the order of their code points. */
type Slot = readonly string[]

const WORD = /^[\p{L}\p{N}]$/u

const range = (first: string, last: string): string[] => {
  const begin = first.charCodeAt(0)
  return Array.from({ length: last.charCodeAt(0) - begin + 1 }, (_, i) =>
    String.fromCharCode(begin + i),
  )
}

const DIGITS = range('0', '9')
const LOWER = range('a', 'z')
const UPPER = range('A', 'Z')

/**
 * Alphabets that are seldom seen whole in a few names. The first is taken that holds all that was seen;
 * one with digits only where a digit was seen.
 */
const ALPHABETS: readonly (readonly string[])[] = [
  DIGITS,
  [...DIGITS, ...LOWER.slice(0, 6)],
  [...DIGITS, ...UPPER.slice(0, 6)],
  LOWER,
  UPPER,
  [...UPPER, ...LOWER],
  [...DIGITS, ...LOWER],
  [...DIGITS, ...UPPER],
  [...DIGITS, ...UPPER, ...LOWER],
]

const byCodePoint = (a: string, b: string): number =>
  (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

/** Characters of a script that is not known whole: those that were seen, and behind them as many again. */
function continued(seen: readonly string[]): Slot {
  const codes = seen.map((char) => char.codePointAt(0) ?? 0)
  const last = codes.at(-1) ?? 0
  const step = Math.max(1, Math.round((last - (codes[0] ?? 0)) / Math.max(1, codes.length - 1)))
  const more = codes.map((_, i) => last + (i + 1) * step)
  const possible = more.filter((code) => code <= 0x10ffff && !isSurrogate(code))
  return [...seen, ...possible.map((code) => String.fromCodePoint(code))]
}

function closed(seen: ReadonlySet<string>): Slot {
  const digits = DIGITS.some((digit) => seen.has(digit))
  const whole = ALPHABETS.find(
    (alphabet) =>
      alphabet.includes('0') === digits && [...seen].every((char) => alphabet.includes(char)),
  )
  return whole ?? continued([...seen].sort(byCodePoint))
}

/** The characters seen at each place. */
function columnsOf(names: readonly string[]): ReadonlySet<string>[] {
  const columns: Set<string>[] = []
  for (const name of names)
    for (const [i, char] of [...name].entries()) {
      columns[i] ??= new Set()
      columns[i].add(char)
    }
  return columns
}

const isWord = (column: ReadonlySet<string>): boolean =>
  [...column].every((char) => WORD.test(char))

/** Where a run of letters and digits that begins at `from` ends. */
function runEnd(columns: readonly ReadonlySet<string>[], from: number): number {
  let end = from
  while (columns[end] && isWord(columns[end] as ReadonlySet<string>)) end++
  return Math.max(end, from + 1)
}

/** Places of a word of which one varies all vary that may: the others have only not changed yet. */
function slotsOf(names: readonly string[], counted: boolean): Slot[] {
  const columns = columnsOf(names)
  const slots: Slot[] = []
  while (slots.length < columns.length) {
    const run = columns.slice(slots.length, runEnd(columns, slots.length))
    const varying = run.filter((column) => column.size > 1)
    const alphabet = closed(new Set(varying.flatMap((column) => [...column])))
    let leading = counted
    for (const column of run) {
      // A number that is counted has not got so far yet.
      leading &&= column.size === 1
      const varies =
        varying.length > 0 && !leading && [...column].every((char) => alphabet.includes(char))
      slots.push(varies ? alphabet : [...column])
    }
  }
  return slots
}

/** Where a name stands among names that are all known, in their order. */
export function rankingOf(names: readonly string[]): Template | undefined {
  if (names.length < 2) return undefined
  const sorted = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return {
    position: (name) => {
      const i = sorted.findIndex((other) => other >= name)
      return i < 0 ? 1 : i / sorted.length
    },
    shareOf: (name) => (sorted.includes(name) ? 1 / sorted.length : undefined),
    nameAt: (position) =>
      sorted[Math.min(Math.floor(position * sorted.length), sorted.length - 1)] ?? '',
  }
}

/** Where numbers are counted, pages are full where a round number begins: the range before ends with the very key. */
const numberBefore = (name: string): string =>
  name.replace(/[0-9]+(?=[^0-9]*$)/, (number) =>
    String(Math.max(0, Number(number) - 1)).padStart(number.length, '0'),
  )

/** A template that fits the names; undefined when they do not vary. */
export function templateOf(names: readonly string[], counted = false): Template | undefined {
  const slots = slotsOf(names, counted)
  if (slots.every((slot) => slot.length < 2)) return undefined

  return {
    position: (name) => {
      let position = 0
      let share = 1
      for (const [i, char] of [...name].entries()) {
        const slot = slots[i]
        if (!slot) break
        const before = slot.filter((other) => byCodePoint(other, char) < 0).length
        share /= slot.length
        position += before * share
        if (slot[before] !== char) break
      }
      return Math.min(position, 1)
    },
    nameAt: (position, precision) => {
      let name = ''
      let rest = position
      let share = 1
      for (const slot of slots) {
        const exact = share <= precision / 4
        if (exact && !counted) break
        const x = exact ? 0 : rest * slot.length
        const chosen = Math.min(Math.floor(x), slot.length - 1)
        name += slot[chosen]
        rest = x - chosen
        share /= slot.length
      }
      return counted ? numberBefore(name) : name
    },
  }
}
