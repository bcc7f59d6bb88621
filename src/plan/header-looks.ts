import { isRefusal, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { sameEtag } from '../model/etag.ts'
import { HEADERS_DIGEST, IdleRules } from '../model/header-rules.ts'
import { isArchived, type ObjectInfo } from '../model/object-info.ts'
import type { PlanTrailer, SkipReason } from '../model/op.ts'
import {
  keepsOthers,
  keepsType,
  metadataHeaders,
  type ObjectOptions,
  optionsFor,
  type WriteOptions,
} from '../model/write-options.ts'
import type { ObjectAddress, ObjectHeaders, Store } from '../storage/store.ts'

/**
 * As many unchanged objects that a rule is for are looked at, and as many that none is for any more; and beyond that the
 * first one that is to have some headers, so that it is seen of each rule whether it changed.
 */
const MOST_LOOKS = 1000

/** What an object is that both sides have, and why the plan leaves it. */
export interface LeftObject {
  /** As rules read it. */
  readonly key: string
  readonly from: ObjectInfo
  readonly to: ObjectInfo
  readonly skip: SkipReason
}

/** Where the object of both sides is, to see whether its headers are those that it would be written with. */
export interface HeaderLook {
  readonly key: string
  readonly source: ObjectAddress
  readonly destination: ObjectAddress
}

/** What the looks are made with. */
export interface HeaderLooksDeps {
  readonly write: WriteOptions
  readonly source: Pick<Store, 'describe'>
  readonly destination: Pick<Store, 'describe'>
  /** Whether a key is looked at, however many there are; undefined: all are, up to a limit. */
  readonly isAsked: ((key: string) => boolean) | undefined
  readonly signal: AbortSignal
}

/** Whether an object that no rule wrote has what rules say all the same; ACLs and tags no HEAD tells. */
function hasAll(
  { metadata, headers, storageClass, acl, tags }: ObjectOptions,
  found: ObjectHeaders,
) {
  const wanted = { ...(metadata ? metadataHeaders(metadata) : {}), ...headers }
  return (
    acl === undefined &&
    tags === undefined &&
    (storageClass === undefined || storageClass === (found['x-amz-storage-class'] ?? 'STANDARD')) &&
    Object.entries(wanted).every(
      ([name, value]) => name === HEADERS_DIGEST || found[name] === value,
    )
  )
}

/** What rules for headers ask of a plan: which objects are looked at, and what that came to. */
export class HeaderLooks {
  readonly #deps: HeaderLooksDeps
  readonly #idle: IdleRules
  readonly #left = { ruled: MOST_LOOKS, unruled: MOST_LOOKS }
  /** Digests of the headers that objects are to have of which some were looked at. */
  readonly #sampled = new Set<string>()
  #compared = 0
  #differing = 0
  #notCompared = 0
  #sourceLooks = 0
  #refusal: string | undefined

  constructor(deps: HeaderLooksDeps) {
    this.#deps = deps
    this.#idle = new IdleRules(deps.write.rules ?? [])
  }

  /** Takes the key of an object of the source that is in scope. */
  see(key: string): void {
    this.#idle.see(key)
  }

  /** Takes the key of an object that is copied. */
  copies(key: string): void {
    const options = this.#optionsOf(key)
    if (keepsOthers(options) || keepsType(options)) this.#sourceLooks++
  }

  /** Whether an object is to be looked at that the plan leaves as it is: one that holds what the source holds. */
  wants({ key, from, to, skip }: LeftObject): boolean {
    const isSame = skip === 'same-size' || skip === 'same-checksum' || sameEtag(from.etag, to.etag)
    if (!isSame || skip === 'exists') return false
    const { isAsked } = this.#deps
    if (isAsked && !isAsked(key)) return false
    const digest = this.#optionsOf(key).headers?.[HEADERS_DIGEST]
    const kind = digest === undefined ? 'unruled' : 'ruled'
    const isFirst = digest !== undefined && !this.#sampled.has(digest)
    const has = isAsked !== undefined || this.#left[kind] > 0 || isFirst
    const looks = has && !isArchived(from) && this.#refusal === undefined
    if (looks) this.#left[kind]--
    if (looks && digest !== undefined) this.#sampled.add(digest)
    else if (kind === 'ruled') this.#notCompared++
    return looks
  }

  /** Whether an object has other headers at the destination than it would be written with. */
  async differ({ key, source, destination }: HeaderLook): Promise<boolean> {
    const { destination: store, signal } = this.#deps
    const options = this.#optionsOf(key)
    try {
      const found = await store.describe(destination, signal)
      if (options.headers) this.#compared++
      const isOther = found !== undefined && (await this.#isOther(options, found, source))
      if (isOther && options.headers) this.#differing++
      return isOther
    } catch (error) {
      signal.throwIfAborted()
      const failure = serviceFailure(error)
      // What is refused is refused for all; anything else is as bad as a listing that breaks.
      const { code, message } = failure
      if (!isRefusal(failure))
        throw new SyncError('list', `Headers could not be compared: ${code}: ${message}`, {
          hint: 'Nothing was copied. Run again when the service responds, or remove headers, so that none are compared.',
          cause: error,
        })
      this.#refusal ??= `${code}: ${message}`
      if (options.headers) this.#notCompared++
      return false
    }
  }

  async #isOther(
    options: ObjectOptions,
    found: ObjectHeaders,
    source: ObjectAddress,
  ): Promise<boolean> {
    const { source: store, signal } = this.#deps
    const written = found[HEADERS_DIGEST]
    const wanted = options.headers?.[HEADERS_DIGEST]
    if (wanted !== undefined)
      return written === undefined ? !hasAll(options, found) : written !== wanted
    // No rule is for it any more: it has what the source has, or what replaces that.
    if (written === undefined || options.metadata) return written !== undefined
    return (await store.describe(source, signal))?.[HEADERS_DIGEST] !== written
  }

  /** Globs of rules that matched no key of the source. */
  idle(): readonly string[] {
    return this.#idle.globs()
  }

  /** Why objects could not be looked at; undefined where nothing refused that. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** Whether objects that were not looked at may well have other headers: some that were have. */
  get isDoubtful(): boolean {
    return this.#differing > 0 && this.#notCompared > 0
  }

  /** What a plan tells of it. */
  counts(): NonNullable<PlanTrailer['headers']> {
    return {
      compared: this.#compared,
      notCompared: this.#notCompared,
      sourceLooks: this.#sourceLooks,
    }
  }

  #optionsOf(key: string): ObjectOptions {
    return optionsFor(this.#deps.write, key)
  }
}
