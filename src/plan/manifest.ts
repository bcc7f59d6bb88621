import type { SyncError } from '../errors/sync-error.ts'
import { AdaptiveLimit } from '../flow/adaptive-limit.ts'
import { RateBudget } from '../flow/throttle.ts'
import { type Answered, KeyLooks, type LookAnswer, type LookedUp } from '../listing/key-looks.ts'
import type { ListingPorts } from '../listing/list-places.ts'
import { blocksInKeyOrder } from '../listing/sort.ts'
import { sameEtag } from '../model/etag.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { Manifest } from '../model/manifest.ts'
import { modifiedMs, type ObjectInfo, type SourceObject } from '../model/object-info.ts'
import type { ManifestCounts } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import type { TransferRequest } from '../model/request.ts'
import { limited } from '../storage/limited.ts'
import { retrying } from '../storage/retrying.ts'
import type { Objects, Store } from '../storage/store.ts'
import { type Contents, pairTaker } from './file-contents.ts'
import { FlawedRows } from './flawed-rows.ts'
import { blocksOf } from './line-file.ts'
import {
  ROWS_AT_ONCE,
  type RowDeps,
  type SortedRows,
  sortRows,
  type TargetRow,
} from './manifest-rows.ts'
import { Part, type PartRules } from './part.ts'
import { SkippedRows } from './skipped-rows.ts'
import { count } from './tallies.ts'

/** A manifest that stands for the listing of the source. */
export interface ManifestSource {
  readonly manifest: Manifest
  readonly transfer: Pick<TransferRequest, 'requestTimeoutMs' | 'retryCount' | 'requestsPerSecond'>
  /** Where the rows go that cannot be copied as they say. */
  readonly failedPath: string
  /** Where the rows go that are skipped, as the source has no such object; the first one makes the file. */
  readonly skippedPath: string
}

type Sought = Pick<RowDeps, 'filter' | 'span'> & {
  readonly manifest: ManifestSource
  readonly contents: Contents
}

/** A manifest, compared with the destination. */
export interface ComparedManifest {
  readonly part: Part
  readonly counts: ManifestCounts
  /** Why a run is refused, where some of its rows are not as they say. */
  readonly refused: SyncError | undefined
}

const isObject = (answer: LookAnswer): answer is LookedUp =>
  typeof answer === 'object' && 'key' in answer

/** In what an object is another than its row says; undefined: it is that one. */
function changeOf(row: TargetRow, answer: LookAnswer): string | undefined {
  if (!isObject(answer))
    return answer === 'absent' && row.version !== undefined
      ? 'this version does not exist'
      : undefined
  const { size, etag } = answer
  if (row.size !== undefined && row.size !== size)
    return `it has ${size} bytes, but the manifest says ${row.size}`
  if (row.etag !== undefined && !sameEtag(row.etag, etag))
    return `its ETag is ${JSON.stringify(etag)}, but the manifest says ${JSON.stringify(row.etag)}`
  return undefined
}

/** Whether a row says what its object is, and not by a version, which nobody can change. */
const isPinned = ({ size, etag, sha256, version }: TargetRow): boolean =>
  (size ?? etag ?? sha256) !== undefined && (version === undefined || version === 'null')

/**
 * HEADs tell whole seconds: what is compared with one of them must not seem later for its milliseconds. What has no ETag
 * is known again by its time, as files of this runner are.
 */
function asCoarse(to: ObjectInfo, from: ObjectInfo): ObjectInfo {
  if (to.etag === '') return to
  if (to.modified.endsWith('.000Z') || modifiedMs(to) % 1000 === 0) return to
  if (modifiedMs(from) % 1000 !== 0) return to
  return { ...to, modified: new Date(Math.floor(modifiedMs(to) / 1000) * 1000).toISOString() }
}

const LOOKS_AT_ONCE = 256
const FIRST_LOOKS_AT_ONCE = 64

/** Compares the rows of a manifest, looked up at the source, with what stands at the destination. */
class ManifestComparison {
  readonly #around: PartRules
  readonly #input: ManifestSource
  readonly #ports: ListingPorts
  readonly #part: Part
  readonly #flawed: FlawedRows
  readonly #requests: { readonly source: Objects; readonly destination: Objects }
  readonly #skipped: SkippedRows
  readonly #looks: { readonly source: KeyLooks; readonly destination: KeyLooks }
  readonly #sorted: SortedRows
  #sha256Unproven = 0
  /** HEADs for checksums of what a listing showed. */
  #sha256Heads = 0

  constructor(
    around: PartRules,
    input: ManifestSource,
    ports: ListingPorts,
    given: {
      readonly part: Part
      readonly flawed: FlawedRows
      readonly skipped: SkippedRows
      readonly sorted: SortedRows
    },
  ) {
    this.#around = around
    this.#input = input
    this.#ports = ports
    this.#part = given.part
    this.#flawed = given.flawed
    this.#skipped = given.skipped
    this.#sorted = given.sorted
    this.#requests = { source: this.#paced('source'), destination: this.#paced('destination') }
    this.#looks = { source: this.#looksAt('source'), destination: this.#looksAt('destination') }
  }

  /** Takes all rows; gives what it asked for, and what it left unproven. */
  async run(contents: Contents): Promise<Pick<ManifestCounts, 'lookUps' | 'sha256Unproven'>> {
    const { source, destination, rules } = this.#around
    const pairRules: PartRules = {
      source,
      destination,
      rules,
      scope: {
        hasAll: false,
        has: () => true,
        lockAt: this.#around.scope.lockAt,
        publishes: this.#around.scope.publishes,
        seeDelete: () => {},
        within: '' as KeyBytes,
        waves: this.#around.scope.waves,
        headers: this.#around.scope.headers,
      },
      skewMs: this.#around.skewMs,
      isRestored: this.#around.isRestored,
      isNoted: this.#around.isNoted,
      checks: this.#around.checks,
    }
    const taker = pairTaker(this.#part, pairRules, contents)
    const found = this.#foundInOrder()
    // A version is one of the source's.
    const sought = async function* () {
      for await (const rows of found) yield rows.map((from) => ({ key: from.key, from }))
    }
    for await (const block of this.#looks.destination.answers(sought())) {
      for (const [{ from }, answer] of block)
        taker.take(from, isObject(answer) ? asCoarse(answer, from) : undefined)
      await taker.pause()
    }
    const { source: ours, destination: theirs } = this.#looks
    return {
      lookUps: {
        source: { heads: ours.heads + this.#sha256Heads, lists: ours.lists },
        destination: { heads: theirs.heads, lists: theirs.lists },
      },
      sha256Unproven: this.#sha256Unproven,
    }
  }

  /** Requests to a side, at the pace of the run. */
  #paced(side: 'source' | 'destination'): Objects {
    const { clock, signal } = this.#ports
    const { transfer } = this.#input
    const limit = new AdaptiveLimit({
      start: FIRST_LOOKS_AT_ONCE,
      most: LOOKS_AT_ONCE,
      clock,
      signal,
    })
    const throttle = new RateBudget(transfer).throttle({ clock, signal })
    const { objects } = this.#storeOf(side)
    const paced = limited(objects, { limit, throttle, signal })
    return retrying(paced, { clock, retryCount: transfer.retryCount, signal })
  }

  #storeOf(side: 'source' | 'destination'): Store {
    return (this.#around[side] as Place & { readonly store: Store }).store
  }

  #looksAt(side: 'source' | 'destination'): KeyLooks {
    const { signal } = this.#ports
    const limit = { timeoutMs: this.#input.transfer.requestTimeoutMs, signal }
    return new KeyLooks({
      place: this.#around[side] as Place & { readonly store: Store },
      stat: (object, what) => this.#requests[side].stat(object, limit, what),
      count: this.#sorted.count,
      whereRefused: side === 'source' ? 'unknown' : 'list',
      signal,
    })
  }

  /** The objects of the rows that are as they say, in the order of the destination's keys. */
  async *#foundInOrder(): AsyncGenerator<readonly SourceObject[]> {
    const { files, folder } = this.#ports
    const { path, keepsKeys } = this.#sorted
    const rows = blocksOf<TargetRow>(files, path)
    if (keepsKeys || !this.#looks.source.wantsOrder) {
      yield* this.#found(rows)
      return
    }
    // One object may have several targets: the order is that of the source's keys, whatever stands behind them.
    const byOrigin = async function* () {
      for await (const block of rows)
        yield block.map((row) => ({ key: `${row.origin}\0${row.key}` as KeyBytes, row }))
    }
    const sorted = await blocksInKeyOrder(byOrigin(), {
      files,
      folder: files.join(folder, 'origins'),
      chunk: ROWS_AT_ONCE,
    })
    const inSourceOrder = async function* () {
      for await (const block of sorted) yield block.map(({ row }) => row)
    }
    yield* await blocksInKeyOrder(this.#found(inSourceOrder()), {
      files,
      folder: files.join(folder, 'found'),
      chunk: ROWS_AT_ONCE,
    })
  }

  async *#found(
    blocks: AsyncIterable<readonly TargetRow[]>,
  ): AsyncGenerator<readonly SourceObject[]> {
    const sought = async function* () {
      for await (const rows of blocks)
        yield rows.map((row) => ({
          key: row.origin,
          version: row.version,
          sums: row.sha256 !== undefined,
          row,
        }))
    }
    for await (const block of this.#looks.source.answers(sought())) yield await this.#checked(block)
  }

  async #checked(block: Answered<{ readonly row: TargetRow }>): Promise<readonly SourceObject[]> {
    const found: SourceObject[] = []
    const checks = await this.#checksums(block)
    let at = 0
    for (const [{ row }, answer] of block) {
      const { change: other, sha256 } = checks[at++] ?? {}
      const change = changeOf(row, answer) ?? other
      if (change !== undefined) {
        await this.#flawed.add({ row, code: 'ChangedSinceManifest', message: change })
        continue
      }
      if (isObject(answer)) {
        const { size, etag, modified, storageClass, restored, checksums } = answer
        const { key, origin, version } = row
        // By the million: to spread it would take several times as long.
        found.push({
          key,
          size,
          etag,
          modified,
          storageClass,
          restored,
          checksums,
          origin,
          version,
          expectedSha256: sha256,
          pinned: isPinned(row) ? true : undefined,
        })
      } else await this.#miss(row, answer)
    }
    return found
  }

  async #miss(row: TargetRow, answer: Exclude<LookAnswer, ObjectInfo>): Promise<void> {
    if (answer !== 'absent') {
      const { code, message } = answer.refused
      await this.#flawed.add({ row, code, message })
    } else if (this.#input.manifest.missing === 'skip') {
      count(this.#part.reasons, 'not-in-source', { objects: 1, bytes: row.size ?? 0 })
      await this.#skipped.add(row)
    } else
      await this.#flawed.add({ row, code: 'NotInSource', message: 'the source has no such object' })
  }

  /** Where rows name a SHA-256: in what a stored one differs, or what is still to be proven as none is stored. */
  async #checksums(
    block: Answered<{ readonly row: TargetRow }>,
  ): Promise<readonly ({ readonly change?: string; readonly sha256?: string } | undefined)[]> {
    if (!block.some(([{ row }]) => row.sha256 !== undefined)) return []
    return Promise.all(
      block.map(async ([{ row }, answer]) => {
        if (row.sha256 === undefined || !isObject(answer)) return undefined
        const stored = await this.#storedSha256(row, answer)
        if (stored === row.sha256) return undefined
        if (stored !== undefined)
          return { change: `its SHA-256 is ${stored}, but the manifest says ${row.sha256}` }
        this.#sha256Unproven++
        return { sha256: row.sha256 }
      }),
    )
  }

  async #storedSha256(
    { origin, version }: TargetRow,
    { etag, values }: LookedUp,
  ): Promise<string | undefined> {
    const { bucket, prefix } = this.#around.source
    const { signal } = this.#ports
    const object = { bucket, key: prefix + toText(origin), versionId: version }
    const limit = { timeoutMs: this.#input.transfer.requestTimeoutMs, signal }
    if (!values) this.#sha256Heads++
    const asked = values
      ? { etag, checksums: values }
      : await this.#requests.source.stat(object, limit, 'with-checksums').catch(() => {
          signal.throwIfAborted()
          return undefined
        })
    const value = asked && sameEtag(asked.etag, etag) ? asked.checksums?.get('SHA256') : undefined
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('hex')
  }
}

/**
 * Compares the objects that a manifest names with what stands at the destination. Rows that cannot be copied as they say
 * are written to a file of failed rows. Throws SyncError where rows contradict each other, or a side cannot be seen.
 */
export async function compareManifest(
  around: PartRules,
  { manifest: input, filter, span, contents }: Sought,
  ports: ListingPorts,
): Promise<ComparedManifest> {
  const { manifest, failedPath, skippedPath } = input
  const { files, folder, clock } = ports
  const part = new Part(files, folder, 'manifest')
  const failed = await files.writer(failedPath)
  const flawed = new FlawedRows(around, failed)
  const skipped = new SkippedRows(around.source, skippedPath, files)
  try {
    for (const [reason, objects] of Object.entries(manifest.leftOut))
      if (objects > 0) count(part.reasons, reason, { objects, bytes: 0 })
    const deps = { files, folder, clock, filter, span }
    const sorted = await sortRows(manifest, around, part.reasons, deps)
    const given = { part, flawed, skipped, sorted }
    const asked = await new ManifestComparison(around, input, ports, given).run(contents)
    const refused = flawed.refusal(manifest.name, manifest.rows)
    return { part, counts: { rows: manifest.rows, ...asked }, refused }
  } finally {
    await part.close()
    await failed.close()
    await skipped.close()
    if (flawed.isEmpty) await files.removeFile(failedPath)
  }
}
