import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { AdaptiveLimit } from '../flow/adaptive-limit.ts'
import { createThrottle } from '../flow/throttle.ts'
import {
  type ChecksumValues,
  mayShareChecksum,
  namesChecksum,
  sameChecksum,
} from '../model/checksum.ts'
import { isAsListed, type ObjectInfo } from '../model/object-info.ts'
import { type Place, s3Url } from '../model/place.ts'
import type { TransferRequest } from '../model/request.ts'
import type { Clock, Log } from '../ports.ts'
import { limited } from '../storage/limited.ts'
import { retrying } from '../storage/retrying.ts'
import type { HeadResult, Objects, Store } from '../storage/store.ts'
import type { ChecksumVerdict } from './decide.ts'

/** How objects are asked for their checksums. */
export type LookRules = Pick<
  TransferRequest,
  'requestTimeoutMs' | 'requestsPerSecond' | 'retryCount'
>

/** What checksums are asked for with. */
export interface LookDeps {
  readonly source: Place & { readonly store: Store }
  readonly destination: Place & { readonly store: Store }
  readonly rules: LookRules
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly log: Log
}

/** An object that both sides have, as they were listed, and its full keys. */
export interface ListedPair<From extends ObjectInfo> {
  readonly from: From
  readonly to: ObjectInfo
  readonly fromKey: string
  readonly toKey: string
  /** Of the source; undefined: the object as it is now. */
  readonly fromVersion?: string | undefined
}

/** What a look at both sides found: the objects as they are, and what their checksums say. */
export interface ComparedPair<From extends ObjectInfo> {
  readonly from: From
  readonly to: ObjectInfo
  readonly verdict: ChecksumVerdict
}

type SideName = 'source' | 'destination'

/** An object as it is, and the checksums of the whole that it has. */
interface Seen<Info> {
  readonly object: Info
  readonly values: ChecksumValues
}

/** An object by its full key, and its version where another one than that of now is meant. */
interface NamedObject {
  readonly key: string
  readonly version?: string | undefined
}

/** HEADs of both sides at a time. */
const HEADS_AT_ONCE = 64
/** So many refusals in a row, and the others would be refused as well. */
const MOST_REFUSED = 10

const NO_VALUES: ChecksumValues = new Map()

/** One side, and what it turned out to tell. */
class AskedSide {
  readonly name: SideName
  readonly objects: Objects
  readonly bucket: string
  /** Whether HEADs tell checksums that its listing does not name; undefined: nobody has seen. */
  tellsUnlisted: boolean | undefined
  /** HEADs that were refused, one after the other. */
  refused = 0
  /** Whether somebody was told of the first refusal. */
  isTold = false
  /** HEADs that were sent. */
  heads = 0

  constructor(name: SideName, objects: Objects, bucket: string) {
    this.name = name
    this.objects = objects
    this.bucket = bucket
  }
}

const restless = (url: string): SyncError =>
  new SyncError('guard', `${url} changed twice while its checksum was read.`, {
    title: `${url} changes during the comparison`,
    hint: 'Run again when nothing writes there, exclude the object, or set compare: etag. Nothing was touched.',
  })

/**
 * Asks both sides for the checksums of an object that its ETag does not settle: two HEADs, at the pace of the run. What
 * cannot be asked is told so, and is never taken for equal.
 */
export class ChecksumLooks {
  readonly #deps: LookDeps
  readonly #source: AskedSide
  readonly #destination: AskedSide
  /** The look that shows what HEADs tell beyond a listing. */
  #sampling: Promise<unknown> | undefined
  #pairs = 0

  constructor(deps: LookDeps) {
    const { source, destination, rules, clock, signal } = deps
    const limit = new AdaptiveLimit({ start: HEADS_AT_ONCE, most: HEADS_AT_ONCE, clock, signal })
    const { requestsPerSecond, retryCount } = rules
    const pace = { requestsPerSecond, bytesPerSecond: undefined }
    const throttle = createThrottle(pace, { clock, signal })
    const side = (name: SideName): AskedSide => {
      const { store, bucket } = deps[name]
      const paced = limited(store.objects, { limit, throttle, signal })
      return new AskedSide(name, retrying(paced, { clock, retryCount, signal }), bucket)
    }
    this.#deps = deps
    this.#source = side('source')
    this.#destination = side('destination')
    // Who is refused every HEAD was told so before.
    if (!source.store.capabilities.heads) this.#source.refused = MOST_REFUSED
    if (!destination.store.capabilities.heads) this.#destination.refused = MOST_REFUSED
  }

  /** Pairs that were asked for, and the HEADs that they took on each side. */
  get taken(): { readonly pairs: number; readonly source: number; readonly destination: number } {
    return {
      pairs: this.#pairs,
      source: this.#source.heads,
      destination: this.#destination.heads,
    }
  }

  /** Whether checksums may tell more of a pair than its listings do, as far as is known. */
  mayTell({ checksums: one = 0 }: ObjectInfo, { checksums: other = 0 }: ObjectInfo): boolean {
    return (
      mayShareChecksum(one, other) &&
      (namesChecksum(one) || this.#source.tellsUnlisted !== false) &&
      (namesChecksum(other) || this.#destination.tellsUnlisted !== false)
    )
  }

  /**
   * What the checksums of both objects say. Where a listing names none, one pair shows whether HEADs tell more. Throws
   * SyncError of kind `guard` where an object changes again and again.
   */
  async look<From extends ObjectInfo>(pair: ListedPair<From>): Promise<ComparedPair<From>> {
    const { from, to } = pair
    for (;;) {
      if (!this.mayTell(from, to)) return { from, to, verdict: 'none' }
      const unlisted = [
        ...(namesChecksum(from.checksums ?? 0) ? [] : [this.#source]),
        ...(namesChecksum(to.checksums ?? 0) ? [] : [this.#destination]),
      ]
      if (unlisted.every(({ tellsUnlisted }) => tellsUnlisted === true)) return this.#ask(pair)
      if (!this.#sampling) return this.#sample(pair)
      await this.#sampling
    }
  }

  async #sample<From extends ObjectInfo>(pair: ListedPair<From>): Promise<ComparedPair<From>> {
    const looking = this.#ask(pair, 'sample')
    this.#sampling = looking.then(
      () => {},
      () => {},
    )
    try {
      return await looking
    } finally {
      this.#sampling = undefined
    }
  }

  async #ask<From extends ObjectInfo>(
    pair: ListedPair<From>,
    sample?: 'sample',
  ): Promise<ComparedPair<From>> {
    const { from, to, fromKey, toKey, fromVersion } = pair
    const notAsked: ComparedPair<From> = { from, to, verdict: 'not-asked' }
    if (Math.max(this.#source.refused, this.#destination.refused) >= MOST_REFUSED) return notAsked
    this.#pairs++
    const [ours, theirs] = await Promise.all([
      this.#see(this.#source, { key: fromKey, version: fromVersion }, from),
      this.#see(this.#destination, { key: toKey }, to),
    ])
    if (sample) {
      if (ours && !namesChecksum(from.checksums ?? 0))
        this.#source.tellsUnlisted ??= ours.values.size > 0
      if (theirs && !namesChecksum(to.checksums ?? 0))
        this.#destination.tellsUnlisted ??= theirs.values.size > 0
    }
    if (!ours || !theirs) return notAsked
    const same = sameChecksum(ours.values, theirs.values)
    const verdict = same === undefined ? 'none' : same ? 'equal' : 'differs'
    return { from: ours.object, to: theirs.object, verdict }
  }

  /** An object as it was listed, or as it became meanwhile; undefined: it is gone, or nobody may look. */
  async #see<Info extends ObjectInfo>(
    side: AskedSide,
    named: NamedObject,
    listed: Info,
  ): Promise<Seen<Info> | undefined> {
    const first = await this.#head(side, named)
    if (!first) return undefined
    if (isAsListed(listed, first)) return { object: listed, values: first.checksums ?? NO_VALUES }
    const again = await this.#head(side, named)
    if (!again || Number.isNaN(again.size) || again.modified === '') return undefined
    if (!isAsListed(first, again)) throw restless(s3Url(side.bucket, named.key))
    const { size, etag, modified } = again
    return { object: { ...listed, size, etag, modified }, values: again.checksums ?? NO_VALUES }
  }

  async #head(side: AskedSide, { key, version }: NamedObject): Promise<HeadResult | undefined> {
    const { rules, signal } = this.#deps
    const { objects, bucket } = side
    const limit = { timeoutMs: rules.requestTimeoutMs, signal }
    side.heads++
    try {
      const found = await objects.stat({ bucket, key, versionId: version }, limit, 'with-checksums')
      side.refused = 0
      return found
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof SyncError) throw error
      this.#note(side, error)
      return undefined
    }
  }

  #note(side: AskedSide, error: unknown): void {
    side.refused++
    if (side.isTold) return
    side.isTold = true
    const { code } = serviceFailure(error)
    const remedy =
      code === 'AccessDenied'
        ? ': allow s3:GetObject there, and kms:Decrypt where objects are encrypted with a KMS key'
        : ''
    this.#deps.log.line(
      'info',
      `Checksums of some objects of the ${side.name} could not be read (${code})${remedy}. These objects are compared without checksums.`,
    )
  }
}
