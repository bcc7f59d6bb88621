import { SyncError } from '../errors/sync-error.ts'
import { fileInKeyOrder } from '../listing/sort.ts'
import { isIn, type Span } from '../listing/stream.ts'
import { cut } from '../model/cut.ts'
import type { KeyFilter } from '../model/globs.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { Manifest, ManifestPins, ManifestRow } from '../model/manifest.ts'
import type { Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import { safe } from '../model/safe.ts'
import { humanObjects } from '../model/units.ts'
import type { Clock, Files } from '../ports.ts'
import { inTime, KEYS_AT_ONCE } from './in-time.ts'
import { blocksOf } from './line-file.ts'
import { scopeOf } from './scope.ts'
import { count, type Tallies } from './tallies.ts'
import { targetsOf } from './targets.ts'

/** A row of a manifest, where its object belongs. */
export interface TargetRow extends ManifestPins {
  /** Relative to the destination. */
  readonly key: KeyBytes
  /** Relative to the source. */
  readonly origin: KeyBytes
  readonly line: number
}

/** What rows are put in order with. */
export interface RowDeps {
  readonly files: Files
  /** For what does not fit into memory; the caller removes it. */
  readonly folder: string
  readonly clock: Pick<Clock, 'within'>
  readonly filter: KeyFilter
  /** Targets of the rows that are taken; undefined: all. */
  readonly span: Span | undefined
}

/** What the rows of a manifest come to. */
export interface SortedRows {
  /** A file with a TargetRow in each line, in the order of their keys, each key once. */
  readonly path: string
  readonly count: number
  /** Whether every object keeps its relative key, so that both sides have one order. */
  readonly keepsKeys: boolean
}

/** Rows say more than listings do, and each is held in several forms. */
export const ROWS_AT_ONCE = 10_000
const MOST_SHOWN = 20

/** Rows that contradict each other: all of them are counted, the first are told. */
class Contradictions {
  readonly #shown: string[] = []
  #count = 0

  add(text: string): void {
    this.#count++
    if (this.#shown.length < MOST_SHOWN) this.#shown.push(`- ${cut(safe(text), 400)}`)
  }

  refuse(name: string): void {
    const [first] = this.#shown
    if (first === undefined) return
    const more = this.#count - this.#shown.length
    const list = [...this.#shown, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')
    throw new SyncError(
      'inputs',
      `Rows of the manifest ${name} contradict each other (${humanObjects(this.#count, 'time')}); nothing was touched:\n${list}`,
      {
        title: `manifest: ${first.slice(2)}`,
        hint: 'Keep one row for each destination key.',
      },
    )
  }
}

const shown = (key: KeyBytes): string => JSON.stringify(toText(key))

const PINS = ['size', 'etag', 'sha256'] as const

/** What stands for two rows of one target. */
function mergerOf(contradictions: Contradictions, onDuplicate: () => void) {
  return (first: TargetRow, second: TargetRow): TargetRow => {
    const lines = `lines ${first.line} and ${second.line}`
    if (first.origin !== second.origin) {
      contradictions.add(
        `${lines}: two objects would get the key ${shown(first.key)}: ${shown(first.origin)} and ${shown(second.origin)}`,
      )
      return first
    }
    if (first.version !== second.version) {
      contradictions.add(`${lines}: two versions of ${shown(first.origin)} would become one object`)
      return first
    }
    onDuplicate()
    for (const pin of PINS)
      if (first[pin] !== undefined && second[pin] !== undefined && first[pin] !== second[pin])
        contradictions.add(
          `${lines}: they give different values of ${pin} for ${shown(first.origin)}`,
        )
    const { line, ...pins } = second
    return { ...pins, ...first }
  }
}

/** Where the object of a row belongs; undefined: nowhere, as key-mismatch says. */
function targeting(rules: SelectionRequest): (row: ManifestRow) => string | undefined {
  if (!rules.keys) return ({ key, target = key }) => target
  const targets = targetsOf(rules.keys)
  // The folder's own marker stays one, as where the source is listed.
  return ({ key }) => (key === '' ? '' : targets.of(key))
}

/**
 * Puts the rows of a manifest into the order of the destination's keys, on disk; counts those that are left out by their
 * reason. Throws SyncError where two rows name one target for two objects, or the rules for keys refuse one.
 */
export async function sortRows(
  manifest: Manifest,
  { source, rules }: { readonly source: Place; readonly rules: SelectionRequest },
  reasons: Tallies,
  { files, folder, clock, filter, span }: RowDeps,
): Promise<SortedRows> {
  const target = targeting(rules)
  const inScope = scopeOf(source, rules, filter)
  const leave = (reason: 'filtered' | 'duplicate', bytes = 0) =>
    count(reasons, reason, { objects: 1, bytes })
  const place = (row: ManifestRow): TargetRow | undefined => {
    const { line, key, target: _target, ...pins } = row
    const origin = toKeyBytes(key)
    const to = inScope(origin) ? target(row) : undefined
    if (to === undefined) {
      leave('filtered', row.size)
      return undefined
    }
    const placed = toKeyBytes(to)
    return span && !isIn(span, placed) ? undefined : { key: placed, origin, line, ...pins }
  }
  const placed = async function* (): AsyncGenerator<readonly TargetRow[]> {
    for await (const rows of blocksOf<ManifestRow>(files, manifest.path))
      for (let at = 0; at < rows.length; at += KEYS_AT_ONCE) {
        const some = rows.slice(at, at + KEYS_AT_ONCE)
        // Only a pattern of the user's may take long.
        const targets = rules.keys ? inTime(clock, some, place, ({ key }) => key) : some.map(place)
        yield targets.filter((row) => row !== undefined)
      }
  }
  const contradictions = new Contradictions()
  const settle = mergerOf(contradictions, () => leave('duplicate'))
  const own = files.join(folder, 'rows')
  const options = { files, folder: own, settle, chunk: ROWS_AT_ONCE }
  const { path, count: rows } = await fileInKeyOrder(placed(), options)
  contradictions.refuse(manifest.name)
  return { path, count: rows, keepsKeys: !manifest.hasTargets && !rules.keys }
}
