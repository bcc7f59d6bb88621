import { failureKind, helpOf, isConsequence } from '../errors/catalogue.ts'
import { kindOfDenial } from '../errors/denial.ts'
import { type SizeClass, sizeClassOf } from '../model/batch.ts'
import { cut } from '../model/cut.ts'
import { NO_TALLY, type Tally, waveOf } from '../model/op.ts'
import type { OutcomeStatus, ResultRow, RouteReason } from '../model/outcome.ts'
import type { ErrorGroup, FolderRow, SizeClassTally, SlowCopy } from '../model/report.ts'

/** One op that did not succeed. */
interface Example {
  readonly key: string
  readonly message: string
}

/** Ops of one code and cause: how many, and those with the smallest keys. */
interface Failures {
  objects: number
  examples: readonly Example[]
}

/** A tally that grows. */
interface Count {
  objects: number
  bytes: number
}

/** Copies of one folder. */
interface FolderTotals {
  readonly done: Count
  /** Objects that failed, or of which nothing is known. */
  failed: number
}

/** What became of the copies of one wave. */
export interface WaveTotals {
  readonly done: Tally
  /** Objects that failed, or of which nothing is known, without those that were held back. */
  readonly failed: number
  readonly heldBack: number
}

/** The same, as it grows. */
interface WaveCount {
  readonly done: Count
  failed: number
  heldBack: number
}

const EXAMPLES = 5
const CODES = 50
const FOLDERS = 20
const SLOWEST = 10
/** Objects that lie in no folder. */
const TOP = '(top)'
const REST = 'Other'
const UNNAMED = 'Unnamed'
const CODE_CHARS = 100
const MESSAGE_CHARS = 1000

/** Refusals of one code that are mended apart; behind all codes, so that no service crowds out codes by them. */
function nameOf(code: string, message: string): string {
  const kind = kindOfDenial(message)
  return kind === undefined ? code : `~${code} ${cut(kind, MESSAGE_CHARS)}`
}

const codeIn = (name: string): string => /^~(\S+) /.exec(name)?.[1] ?? name

const none = (): Count => ({ objects: 0, bytes: 0 })

function grow(count: Count, { objects, bytes }: Tally): void {
  count.objects += objects
  count.bytes += bytes
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byExample = (a: Example, b: Example): number =>
  byText(a.key, b.key) || byText(a.message, b.message)
const bySlowness = (a: SlowCopy, b: SlowCopy): number =>
  b.seconds - a.seconds || byText(a.key, b.key) || b.bytes - a.bytes

/** The first folder of a key below the source. */
function folderOf(key: string, sourcePrefix: string): string {
  const end = key.indexOf('/', sourcePrefix.length) + 1
  return end === 0 ? TOP : cut(key.slice(sourcePrefix.length, end), CODE_CHARS)
}

function addFailures(to: Failures, { objects, examples }: Failures): void {
  to.objects += objects
  const last = to.examples.at(-1)
  const [first] = examples
  if (
    to.examples.length === EXAMPLES &&
    last &&
    first &&
    examples.length === 1 &&
    byExample(last, first) <= 0
  )
    return
  const sorted = [...to.examples, ...examples].sort(byExample)
  to.examples = sorted
    .filter((example, at) => example.key !== sorted[at - 1]?.key)
    .slice(0, EXAMPLES)
}

function addFolder(to: FolderTotals, { done, failed }: FolderTotals): void {
  grow(to.done, done)
  to.failed += failed
}

/** Named totals: those of the smallest names by themselves, and `Other` for the rest, whatever the order they come in. */
class Named<T> {
  readonly #most: number
  readonly #add: (to: T, more: T) => void
  readonly #byName = new Map<string, T>()
  /** The largest name that is kept by itself, once there are as many as may be; all behind it are folded. */
  #last: string | undefined

  constructor(most: number, add: (to: T, more: T) => void) {
    this.#most = most
    this.#add = add
  }

  get entries(): readonly (readonly [string, T])[] {
    return [...this.#byName]
  }

  /** `fresh` is kept, and grows. */
  add(name: string, fresh: T): void {
    const known = this.#last !== undefined && name > this.#last ? REST : name
    const there = this.#byName.get(known)
    if (there) this.#add(there, fresh)
    else this.#byName.set(known, fresh)
    const named = this.#byName.size - Number(this.#byName.has(REST))
    if (!there && named > this.#most) this.#fold()
  }

  /** A name that is beyond the smallest ones in a part is so in the whole: what is folded stays folded. */
  #fold(): void {
    const names = [...this.#byName.keys()].filter((name) => name !== REST).sort(byText)
    for (const name of names.slice(this.#most)) {
      const folded = this.#byName.get(name)
      this.#byName.delete(name)
      if (folded) this.add(REST, folded)
    }
    this.#last = names[this.#most - 1]
  }
}

/**
 * What is known of any set of outcomes. Its size does not grow with their number. What it keeps is
 * the smallest by name, never the first to come: so the order of outcomes and merges does not matter.
 */
export class OutcomeTotals {
  readonly #status: Readonly<Record<OutcomeStatus, Count>> = {
    done: none(),
    failed: none(),
    unknown: none(),
  }
  readonly #deleted = none()
  readonly #sizeClasses: Readonly<Record<SizeClass, Count>> = {
    small: none(),
    medium: none(),
    large: none(),
  }
  readonly #routes: Partial<Record<RouteReason, number>> = {}
  readonly #folders = new Named(FOLDERS, addFolder)
  readonly #errors = new Named(CODES, addFailures)
  readonly #waves: WaveCount[] = []
  #slowest: readonly SlowCopy[] = []
  #sha256Proven = 0

  /** Copies and deletes, of which only copies count as done. */
  get status(): Readonly<Record<OutcomeStatus, Tally>> {
    return this.#status
  }

  get deleted(): Tally {
    return this.#deleted
  }

  /** Done copies. */
  get sizeClasses(): SizeClassTally {
    return this.#sizeClasses
  }

  /** Ops by the reason they went to the direct engine. */
  get routes(): Readonly<Partial<Record<RouteReason, number>>> {
    return this.#routes
  }

  /** Copies of wave 0, 1 and so on, as far as there are rows of them. */
  get waves(): readonly WaveTotals[] {
    return this.#waves
  }

  /** Copies whose bytes have the SHA-256 that a manifest says. */
  get sha256Proven(): number {
    return this.#sha256Proven
  }

  /** The ten copies that took longest, the slowest first. */
  get slowest(): readonly SlowCopy[] {
    return this.#slowest
  }

  /** One outcome, as its row in results.ndjson tells it. `sourcePrefix`: folders are told below it. */
  add(row: ResultRow, sourcePrefix: string): void {
    const { op, key, size, status, route, code, message = '', seconds } = row
    const tally: Tally = { objects: 1, bytes: size }
    if (op === 'delete' && status === 'done') {
      grow(this.#deleted, tally)
      return
    }
    const isDone = status === 'done'
    grow(this.#status[status], tally)
    if (isDone && row.sha256Proven) this.#sha256Proven++
    if (isDone) grow(this.#sizeClasses[sizeClassOf(size)], tally)
    if (route !== undefined) this.#routes[route] = (this.#routes[route] ?? 0) + 1
    if (op === 'copy') {
      const done = isDone ? tally : NO_TALLY
      const failed = isDone ? 0 : 1
      this.#folders.add(folderOf(key, sourcePrefix), { done: { ...done }, failed })
      const isHeldBack = code === 'HeldBack'
      this.#addWave(waveOf(row), {
        done,
        failed: isHeldBack ? 0 : failed,
        heldBack: isHeldBack ? 1 : 0,
      })
    }
    if (seconds !== undefined) this.#addSlow([{ key, bytes: size, seconds }])
    if (isDone) return
    this.#errors.add(nameOf(cut(code || UNNAMED, CODE_CHARS), message), {
      objects: 1,
      examples: [{ key, message: cut(message, MESSAGE_CHARS) }],
    })
  }

  /** All that another one knows. Associative and commutative. */
  merge(other: OutcomeTotals): void {
    for (const status of ['done', 'failed', 'unknown'] as const)
      grow(this.#status[status], other.#status[status])
    grow(this.#deleted, other.#deleted)
    for (const sizeClass of ['small', 'medium', 'large'] as const)
      grow(this.#sizeClasses[sizeClass], other.#sizeClasses[sizeClass])
    for (const [route, ops] of Object.entries(other.#routes) as [RouteReason, number][])
      this.#routes[route] = (this.#routes[route] ?? 0) + ops
    for (const [wave, totals] of other.#waves.entries()) this.#addWave(wave, totals)
    for (const [name, { done, failed }] of other.#folders.entries)
      this.#folders.add(name, { done: { ...done }, failed })
    for (const [code, failures] of other.#errors.entries) this.#errors.add(code, { ...failures })
    this.#addSlow(other.#slowest)
    this.#sha256Proven += other.#sha256Proven
  }

  /**
   * The report's error groups: causes first, the most frequent one before the others; the 50 smallest codes, and
   * `Other`. Of a code that says what is denied there is a group for each that is mended apart.
   */
  errorGroups(): ErrorGroup[] {
    return this.#errors.entries
      .toSorted(([one], [other]) => byText(one, other))
      .map(([name, { objects, examples }]) => {
        const code = codeIn(name)
        return {
          code,
          objects,
          resolution: failureKind(code).resolution,
          help: helpOf(code),
          examples: examples.map(({ key }) => key),
          message: examples[0]?.message ?? '',
        }
      })
      .sort(
        (a, b) => rank(a.code) - rank(b.code) || b.objects - a.objects || byText(a.code, b.code),
      )
  }

  /** Copies by the first folder below the source, the largest first: the 20 smallest names, and `Other`. */
  folderRows(): FolderRow[] {
    return this.#folders.entries
      .map(([folder, { done, failed }]) => ({ folder, done, failed }))
      .sort((a, b) => b.done.bytes - a.done.bytes || byText(a.folder, b.folder))
  }

  #addWave(wave: number, { done, failed, heldBack }: WaveTotals): void {
    while (this.#waves.length <= wave) this.#waves.push({ done: none(), failed: 0, heldBack: 0 })
    const count = this.#waves[wave]
    if (!count) return
    grow(count.done, done)
    count.failed += failed
    count.heldBack += heldBack
  }

  #addSlow(more: readonly SlowCopy[]): void {
    const [last, first] = [this.#slowest[SLOWEST - 1], more[0]]
    if (!first || (last && bySlowness(last, first) <= 0)) return
    this.#slowest = [...this.#slowest, ...more].sort(bySlowness).slice(0, SLOWEST)
  }
}

/** Causes before what follows from them, and `Other` last. */
const rank = (code: string): number => (code === REST ? 2 : Number(isConsequence(code)))
