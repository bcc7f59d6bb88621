import { ServiceError } from '../errors/service-error.ts'
import { inParallel } from '../flow/pool.ts'
import { toText } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import type { LocalFiles } from '../storage/local-files.ts'
import type { Objects, Store } from '../storage/store.ts'
import { ContentLooks, goesByContent, LOOKS_AT_ONCE } from './content-looks.ts'
import type { FileNames } from './file-names.ts'
import type { PairTaker } from './join.ts'
import type { PartRules } from './part.ts'

/** What objects are compared with, where the destination is a folder of this runner. */
export interface LandingDeps {
  /** Of the destination. */
  readonly files: LocalFiles
  /** Of the source. */
  readonly store: Pick<Store, 'checksums'> & { readonly objects: Pick<Objects, 'describe'> }
  /** Sees the names that files would get; undefined: none is to be made. */
  readonly names: FileNames | undefined
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

/** An object, and the file that it would replace. */
interface LandingPair {
  readonly from: SourceObject | undefined
  readonly to: ObjectInfo | undefined
}

/**
 * Reads the files that objects would replace, so that what is there already is not fetched again: a file then has the
 * ETag of the object which it was proven to hold. Never by a time, which says when a file was written here.
 */
class LandedFiles {
  readonly #around: PartRules
  readonly #looks: ContentLooks

  constructor(around: PartRules, { files, store, requestTimeoutMs, signal }: LandingDeps) {
    const { source, rules } = around
    const { bucket } = source
    const sums = rules.sums !== undefined
    this.#around = around
    this.#looks = new ContentLooks({
      files,
      store,
      bucket,
      timeoutMs: requestTimeoutMs,
      sums,
      signal,
    })
  }

  /** A pair as far as it has to be known. A file that cannot be read is another: it is replaced, or fails by name. */
  async known(pair: LandingPair): Promise<LandingPair> {
    const { from, to } = pair
    const { source, destination, rules, scope } = this.#around
    if (!from || !to || from.size !== to.size || from.etag === '') return pair
    if (!goesByContent(rules) || !scope.has(from, to)) return pair
    const { version } = from
    const name = source.prefix + toText(from.origin ?? from.key)
    const key = destination.prefix + toText(to.key)
    try {
      const { etag, sha256 } = await this.#looks.compared(key, { name, object: from, version })
      if (etag !== from.etag) return pair
      // What one of both holds, the other does.
      return { from: sha256 === undefined ? from : { ...from, sha256 }, to: { ...to, etag } }
    } catch (error) {
      if (error instanceof ServiceError) return pair
      throw error
    }
  }
}

/** Takes pairs as they come, and hands them on in the same order once the files are known. */
export function landing(taker: PairTaker, around: PartRules, deps: LandingDeps): PairTaker {
  const { scope, destination } = around
  const landed = new LandedFiles(around, deps)
  const seen = deps.names?.open(destination.prefix)
  let waiting: LandingPair[] = []
  return {
    take: (from, to) => {
      waiting.push({ from, to })
      if (scope.has(from, to)) seen?.see(from, to)
    },
    pause: async () => {
      const pairs = waiting
      waiting = []
      await inParallel(pairs.entries(), LOOKS_AT_ONCE, async ([at, pair]) => {
        pairs[at] = await landed.known(pair)
      })
      for (const { from, to } of pairs) taker.take(from, to)
      await seen?.flush()
      await taker.pause()
    },
  }
}
