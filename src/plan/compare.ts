import type { SyncError } from '../errors/sync-error.ts'
import { type ListingPorts, listPlaces } from '../listing/list-places.ts'
import type { Span } from '../listing/stream.ts'
import { type Globs, KeyFilter } from '../model/globs.ts'
import { type KeyBytes, toKeyBytes, toText } from '../model/key.ts'
import type { ChecksumCount, WaveFindings } from '../model/op.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import type { Place } from '../model/place.ts'
import { mayAskChecksums, type SelectionRequest, type SyncRequest } from '../model/request.ts'
import type { PartSpan } from '../model/shard.ts'
import { WaveOrder } from '../model/waves.ts'
import type { WriteOptions } from '../model/write-options.ts'
import type { Clock, Files, Log, System } from '../ports.ts'
import type { Store } from '../storage/store.ts'
import { ChecksumLooks, type LookRules } from './checksum-looks.ts'
import { PairChecks } from './checksum-pairs.ts'
import { skewBetween } from './decide.ts'
import { type Contents, pairTaker } from './file-contents.ts'
import { FileNames } from './file-names.ts'
import { HeaderLooks } from './header-looks.ts'
import { joinRows } from './join.ts'
import { lockKeys } from './locks.ts'
import { type ComparedManifest, compareManifest, type ManifestSource } from './manifest.ts'
import { type Misread, MisreadExcludes } from './misread.ts'
import { compareMoved } from './moved.ts'
import type { PairScope, PairWaves } from './pair-scope.ts'
import { type CommonRules, Part, type PartRules } from './part.ts'
import { isOwnExtra, leavesOut, narrowed, scopeOf, takesEvery, wavesAt } from './scope.ts'
import { sumAt } from './tallies.ts'

/** A side that can be listed. */
export interface Side extends Place {
  readonly store: Store
}

/** What a plan is of. */
export interface PlanRequest {
  readonly source: Side
  readonly destination: Side
  readonly rules: SelectionRequest
  readonly mode: SyncRequest['mode']
  /** The plan belongs to them as well. */
  readonly write: WriteOptions
  /** How objects are asked for their checksums. */
  readonly looks: LookRules
  /** What names the objects of the source; undefined: its listing. */
  readonly manifest?: ManifestSource | undefined
  /** Where it is told what stays at the destination; undefined: nobody wants to know. */
  readonly publishedPath?: string | undefined
}

/** What a plan is made with. */
export interface PlanContext {
  readonly files: Files
  readonly clock: Clock
  readonly system: System
  readonly signal: AbortSignal
  readonly log: Log
  /** For what is known of extras that wait, which is needed behind the plan; the caller removes it. undefined: none wait. */
  readonly extrasFolder?: string | undefined
}

/** What include and exclude did. */
export interface FilterFindings {
  /** Globs that matched nothing on either side. */
  readonly idle: Globs
  /** An exclude that may have been meant to protect what would be deleted. */
  readonly misread: Misread | undefined
  /** Objects of the source that are in scope; a folder's own marker does not count. */
  readonly sourceObjects: number
}

/** Both places compared: parts in the order of their keys. */
export interface Compared {
  readonly parts: readonly Part[]
  readonly filters: FilterFindings
  /** What became of the rows of a manifest. */
  readonly manifest: Omit<ComparedManifest, 'part'> | undefined
  /** undefined where there are no rules for headers. */
  readonly headers: HeaderLooks | undefined
  /** undefined where all copies are one wave. */
  readonly waves: WaveFindings | undefined
  /** What was asked for; undefined: nothing. */
  readonly checksums: ChecksumCount | undefined
  /** Why not every object can be a file of this runner, where it is to be one. */
  readonly misnamed: SyncError | undefined
}

/** What an approved plan names, by keys that are relative to the whole destination. */
export interface Approved {
  /** Whether what both sides have under a key is noted, by what this run plans there. */
  readonly isNoted: NonNullable<PartRules['isNoted']>
  /** Whether the plan may copy to a key. */
  readonly isCopied: (key: KeyBytes) => boolean
  /** What is looked at of both places; undefined: all. */
  readonly span?: PartSpan | undefined
}

/** Of an approved plan only what it names is looked at, and all of that. */
function looksOf(
  { source, destination, write, rules }: PlanRequest,
  approved: Approved | undefined,
  signal: AbortSignal,
): HeaderLooks | undefined {
  if (!write.rules) return undefined
  const isNamed = approved && ((key: string) => approved.isCopied(toKeyBytes(key)))
  const isAsked = destination.single ? isNamed && (() => true) : isNamed
  const looks = new HeaderLooks({
    write,
    source: source.store,
    destination: destination.store,
    isAsked,
    signal,
  })
  // It is written behind all copies, as rules say of it.
  if (rules.sums?.upload) looks.see(OWN_KEYS.sums)
  return looks
}

/** The filters of a comparison, and what they are seen to do. */
interface Watch {
  readonly filter: KeyFilter
  readonly misread: MisreadExcludes
  readonly order: WaveOrder | undefined
  readonly headers: HeaderLooks | undefined
  /** Of files that are to be made on this runner. */
  readonly names: FileNames | undefined
}

function watchOf(
  request: PlanRequest,
  headers: HeaderLooks | undefined,
  names: FileNames | undefined,
): Watch {
  const { source, destination, rules } = request
  const filter = new KeyFilter(rules)
  const places = { source, destination }
  const order = rules.waves && new WaveOrder(rules.waves)
  return {
    filter,
    misread: new MisreadExcludes(rules.exclude, places, filter),
    order,
    headers,
    names,
  }
}

/** The waves of keys that are relative to the part of the destination that is listed. */
function pairWaves({ destination, rules }: PlanRequest, order: WaveOrder): PairWaves {
  const within = narrowed(destination, rules).within
  const waveOf = wavesAt(destination, order)
  const start = toKeyBytes(within)
  return {
    of: (key) => waveOf((start + key) as KeyBytes),
    get hasIdle() {
      return order.hasIdle
    },
  }
}

/** What belongs to the sync, of keys that are relative to the part of a place that is listed. */
function pairScope(request: PlanRequest, watch: Watch): PairScope {
  const { filter, misread, order, headers } = watch
  const { source: whole, rules, publishedPath } = request
  const within = toKeyBytes(narrowed(whole, rules).within)
  const inScope = scopeOf(whole, rules, filter)
  return {
    publishes: publishedPath !== undefined,
    hasAll: takesEvery(rules),
    has: (from, to) => {
      const key = (within + ((from ?? to)?.key ?? '')) as KeyBytes
      return inScope(key) && (from !== undefined || !isOwnExtra(whole, rules, key))
    },
    seeDelete: (key) => {
      const text = toText((within + key) as KeyBytes)
      if (text !== undefined) misread.see(text)
    },
    lockAt: lockKeys(
      narrowed(whole, rules).place,
      narrowed(request.destination, rules).place,
      rules,
    ),
    within,
    waves: order && pairWaves(request, order),
    headers,
  }
}

/** How far the clock of the source is ahead. */
function skewOf(source: Side, destination: Side): number {
  // The time of a file says when it was written on this runner: whatever it is, it keeps nothing from being copied.
  if (source.store.local || destination.store.landing) return Number.NEGATIVE_INFINITY
  return source.endpoint === destination.endpoint ? 0 : skewBetween(source.store, destination.store)
}

/** What files are known with, where one side is a folder of this runner. */
function contentsOf(
  { source, destination, mode, looks }: PlanRequest,
  names: FileNames | undefined,
  signal: AbortSignal,
): Contents {
  const landed = destination.store.local
  const { requestTimeoutMs } = looks
  if (landed) return { files: landed, store: source.store, names, requestTimeoutMs, signal }
  const files = source.store.local
  const namesAll = mode !== 'sync' && mode !== 'check'
  const mustKnow = mode === 'plan' || mode === 'check'
  return files && { files, store: destination.store, namesAll, mustKnow, requestTimeoutMs, signal }
}

/** Asks for the checksums of pairs; undefined where no rule needs them. */
function checksOf(
  { source, destination, rules, looks }: PlanRequest,
  around: CommonRules,
  { clock, signal, log }: PlanContext,
  approved: Approved | undefined,
): PairChecks | undefined {
  // What files hold is known by reading them.
  if (!mayAskChecksums(rules) || source.store.local || destination.store.local) return undefined
  const asking = new ChecksumLooks({ source, destination, rules: looks, clock, signal, log })
  const day = new Date(clock.now()).toISOString().slice(0, 10)
  return new PairChecks(asking, around, { day, isApproved: approved?.isCopied })
}

/** What the ops of a plan depend on, for the listed parts of both places; all but what an approved plan and checksums say. */
function partRules(request: PlanRequest, watch: Watch): CommonRules {
  const { source: whole, destination, rules } = request
  const { store, bucket, endpoint } = whole
  // What cannot be looked at cannot be copied either.
  const isRestored = (key: string): Promise<boolean> =>
    store.stat({ bucket, key }).then(
      (found) => found?.restored ?? false,
      () => false,
    )
  return {
    source: narrowed(whole, rules).place,
    destination: narrowed(destination, rules).place,
    rules,
    scope: pairScope(request, watch),
    skewMs: skewOf(whole, destination),
    isRestored: endpoint === undefined ? undefined : isRestored,
  }
}

/** Compares range by range, as the ranges come. */
function compareRanges(
  around: PartRules,
  contents: Contents,
  span: Span | undefined,
  ports: ListingPorts,
): Promise<readonly Part[]> {
  let parts = 0
  return listPlaces(
    { source: around.source, destination: around.destination, span },
    async (from, to) => {
      const part = new Part(ports.files, ports.folder, `${++parts}`)
      try {
        await joinRows(from, to, pairTaker(part, around, contents))
        return part
      } finally {
        await part.close()
      }
    },
    ports,
  )
}

/** The keys that are looked at, relative to what is listed. */
function spanIn(span: PartSpan | undefined, { scope: { within } }: CommonRules): Span | undefined {
  if (!span) return undefined
  const below = (key: string): KeyBytes => toKeyBytes(key).slice(within.length) as KeyBytes
  return { from: below(span.from), until: span.until === undefined ? undefined : below(span.until) }
}

/** Compares what the source has, or of it what a manifest names, with the destination. */
async function compareSides(
  request: PlanRequest,
  around: PartRules,
  { filter, names }: Watch,
  span: Span | undefined,
  ports: ListingPorts,
): Promise<Pick<Compared, 'parts' | 'manifest'>> {
  const { manifest } = request
  const { keys } = request.rules
  const contents = contentsOf(request, names, ports.signal)
  if (manifest) {
    const sought = { manifest, filter, span, contents }
    const { part, counts, refused } = await compareManifest(around, sought, ports)
    return { parts: [part], manifest: { counts, refused } }
  }
  const parts = keys
    ? await compareMoved(around, { keys, filter, contents }, ports)
    : await compareRanges(around, contents, span, ports)
  return { parts, manifest: undefined }
}

/**
 * Both places, listed completely and compared, with files in `folder`. What both have under certain keys of an approved
 * plan is noted besides.
 */
export async function compare(
  request: PlanRequest,
  folder: string,
  context: PlanContext,
  approved?: Approved,
): Promise<Compared> {
  const { files, clock, system, signal, log } = context
  const { landing } = request.destination.store
  // A check makes no file.
  const names =
    landing && request.mode !== 'check'
      ? new FileNames(landing, files, folder, leavesOut(request.rules))
      : undefined
  const watch = watchOf(request, looksOf(request, approved, signal), names)
  const common = partRules(request, watch)
  const checks = checksOf(request, common, context, approved)
  const { source, destination, rules, scope, skewMs, isRestored } = common
  const isNoted = approved?.isNoted
  const around = { source, destination, rules, scope, skewMs, isRestored, isNoted, checks }
  const ports = { files, folder, clock, system, signal, log }
  const span = spanIn(approved?.span, common)
  const { parts, manifest } = await compareSides(request, around, watch, span, ports)
  await checks?.settle()
  const filters = {
    idle: watch.filter.idle(),
    misread: watch.misread.first(),
    sourceObjects: parts.reduce((sum, { sourceInScope }) => sum + sourceInScope, 0),
  }
  const waves = watch.order && {
    idle: watch.order.idle(),
    unproven: sumAt(
      parts.map(({ unproven }) => unproven),
      0,
    ),
  }
  const misnamed = await names?.settle()
  const { headers } = watch
  return { parts, filters, headers, waves, manifest, misnamed, checksums: checks?.taken }
}
