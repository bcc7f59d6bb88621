import { sizeClassOf } from '../batch/tuning.ts'
import { failureKind, helpOf, isConsequence } from '../errors/catalogue.ts'
import { addTally, NO_TALLY, type Tally } from '../model/op.ts'
import type { OutcomeStatus, ResultRow, RouteReason } from '../model/outcome.ts'
import type { ErrorGroup, FolderRow, SizeClassTally, SlowCopy } from '../model/report.ts'
import { cut } from './markdown.ts'

/** One op that did not succeed. */
interface Example {
  readonly key: string
  readonly message: string
}

/** Ops of one code: how many, and those with the smallest keys. */
interface Failures {
  readonly objects: number
  readonly examples: readonly Example[]
}

/** Copies of one folder. */
interface FolderTotals {
  readonly done: Tally
  /** Objects that failed, or of which nothing is known. */
  readonly failed: number
}

/**
 * What is known of any set of outcomes. Its size does not grow with their number. What it keeps is
 * the smallest by name, never the first to come: so the order of outcomes and merges does not matter.
 */
export interface OutcomeTotals {
  /** Copies and deletes, of which only copies count as done. */
  readonly status: Readonly<Record<OutcomeStatus, Tally>>
  readonly deleted: Tally
  /** Done ops. */
  readonly sizeClasses: SizeClassTally
  /** Ops by the reason they went to the direct engine. */
  readonly routes: Readonly<Partial<Record<RouteReason, number>>>
  /** Copies by the first folder below the source: the 20 smallest names, and `Other` for the rest. */
  readonly folders: ReadonlyMap<string, FolderTotals>
  /** The ten copies that took longest, the slowest first. */
  readonly slowest: readonly SlowCopy[]
  /** Failed and unknown ops by code: the 50 smallest codes, and `Other` for the rest. */
  readonly errors: ReadonlyMap<string, Failures>
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

const NO_ERRORS: ReadonlyMap<string, Failures> = new Map()

/** The identity of `merge`: no outcome at all. */
export const NO_OUTCOMES: OutcomeTotals = {
  status: { done: NO_TALLY, failed: NO_TALLY, unknown: NO_TALLY },
  deleted: NO_TALLY,
  sizeClasses: { small: NO_TALLY, medium: NO_TALLY, large: NO_TALLY },
  routes: {},
  folders: new Map(),
  slowest: [],
  errors: NO_ERRORS,
}

/** The first folder of a key below the source. */
function folderOf(key: string, sourcePrefix: string): string {
  const [, folder] = /^([^/]*\/)/.exec(key.slice(sourcePrefix.length)) ?? []
  return folder === undefined ? TOP : cut(folder, CODE_CHARS)
}

/** Totals of one outcome, as its row in results.ndjson tells it. */
export function totalsOf(row: ResultRow, sourcePrefix: string): OutcomeTotals {
  const { op, key, size, status, route, code, message = '', seconds } = row
  const tally: Tally = { objects: 1, bytes: size }
  if (op === 'delete' && status === 'done') return { ...NO_OUTCOMES, deleted: tally }
  const isDone = status === 'done'
  const folder: FolderTotals = { done: isDone ? tally : NO_TALLY, failed: isDone ? 0 : 1 }
  const failures = { objects: 1, examples: [{ key, message: cut(message, MESSAGE_CHARS) }] }
  return {
    ...NO_OUTCOMES,
    status: { ...NO_OUTCOMES.status, [status]: tally },
    sizeClasses: isDone
      ? { ...NO_OUTCOMES.sizeClasses, [sizeClassOf(size)]: tally }
      : NO_OUTCOMES.sizeClasses,
    routes: route === undefined ? {} : { [route]: 1 },
    folders: op === 'copy' ? new Map([[folderOf(key, sourcePrefix), folder]]) : NO_OUTCOMES.folders,
    slowest: seconds === undefined ? [] : [{ key, bytes: size, seconds }],
    errors: isDone ? NO_ERRORS : new Map([[cut(code || UNNAMED, CODE_CHARS), failures]]),
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byExample = (a: Example, b: Example): number =>
  byText(a.key, b.key) || byText(a.message, b.message)

function join(a: Failures | undefined, b: Failures): Failures {
  if (a === undefined) return b
  const sorted = [...a.examples, ...b.examples].sort(byExample)
  const examples = sorted.filter((example, at) => example.key !== sorted[at - 1]?.key)
  return { objects: a.objects + b.objects, examples: examples.slice(0, EXAMPLES) }
}

interface Folding<T> {
  readonly most: number
  readonly join: (a: T | undefined, b: T) => T
}

/** A name that is beyond the smallest ones in a part is so in the whole: what is folded stays folded. */
function fold<T>(map: Map<string, T>, { most, join }: Folding<T>): ReadonlyMap<string, T> {
  const names = [...map.keys()].filter((name) => name !== REST).sort(byText)
  for (const name of names.slice(most)) {
    map.set(REST, join(map.get(REST), map.get(name) as T))
    map.delete(name)
  }
  return map
}

function mergeMaps<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  folding: Folding<T>,
): ReadonlyMap<string, T> {
  if (b.size === 0) return a
  if (a.size === 0) return b
  const merged = new Map(a)
  for (const [name, value] of b) merged.set(name, folding.join(merged.get(name), value))
  return merged.size > folding.most ? fold(merged, folding) : merged
}

const joinFolders = (a: FolderTotals | undefined, b: FolderTotals): FolderTotals => ({
  done: addTally(a?.done ?? NO_TALLY, b.done),
  failed: (a?.failed ?? 0) + b.failed,
})

const bySlowness = (a: SlowCopy, b: SlowCopy): number =>
  b.seconds - a.seconds || byText(a.key, b.key) || b.bytes - a.bytes

function mergeSlowest(a: readonly SlowCopy[], b: readonly SlowCopy[]): readonly SlowCopy[] {
  const [last, first] = [a[SLOWEST - 1], b[0]]
  if (!first || (last && bySlowness(last, first) <= 0)) return a
  return [...a, ...b].sort(bySlowness).slice(0, SLOWEST)
}

function mergeRoutes(a: OutcomeTotals['routes'], b: OutcomeTotals['routes']) {
  const merged = { ...a }
  for (const [route, ops] of Object.entries(b) as [RouteReason, number][])
    merged[route] = (merged[route] ?? 0) + ops
  return merged
}

/** Totals of both sets of outcomes: associative and commutative, with `NO_OUTCOMES` as identity. */
export const merge = (a: OutcomeTotals, b: OutcomeTotals): OutcomeTotals => ({
  status: {
    done: addTally(a.status.done, b.status.done),
    failed: addTally(a.status.failed, b.status.failed),
    unknown: addTally(a.status.unknown, b.status.unknown),
  },
  deleted: addTally(a.deleted, b.deleted),
  sizeClasses: {
    small: addTally(a.sizeClasses.small, b.sizeClasses.small),
    medium: addTally(a.sizeClasses.medium, b.sizeClasses.medium),
    large: addTally(a.sizeClasses.large, b.sizeClasses.large),
  },
  routes: mergeRoutes(a.routes, b.routes),
  folders: mergeMaps(a.folders, b.folders, { most: FOLDERS, join: joinFolders }),
  slowest: mergeSlowest(a.slowest, b.slowest),
  errors: mergeMaps(a.errors, b.errors, { most: CODES, join }),
})

/** Causes before what follows from them, and `Other` last. */
const rank = (code: string): number => (code === REST ? 2 : Number(isConsequence(code)))

/** The report's error groups: causes first, the most frequent one before the others. */
export const errorGroups = (totals: OutcomeTotals): ErrorGroup[] =>
  [...totals.errors]
    .map(([code, { objects, examples }]) => ({
      code,
      objects,
      resolution: failureKind(code).resolution,
      help: helpOf(code),
      examples: examples.map(({ key }) => key),
      message: examples[0]?.message ?? '',
    }))
    .sort((a, b) => rank(a.code) - rank(b.code) || b.objects - a.objects || byText(a.code, b.code))

/** Copies by folder, the largest first. */
export const folderRows = ({ folders }: OutcomeTotals): FolderRow[] =>
  [...folders]
    .map(([folder, { done, failed }]) => ({ folder, done, failed }))
    .sort((a, b) => b.done.bytes - a.done.bytes || byText(a.folder, b.folder))
