import { ServiceError } from '../errors/service-error.ts'
import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import { toText } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import type { LocalFiles } from '../storage/local-files.ts'
import type { Objects, Store } from '../storage/store.ts'
import { ContentLooks, goesByContent, LOOKS_AT_ONCE } from './content-looks.ts'
import { decide } from './decide.ts'
import type { PairTaker } from './join.ts'
import { type LandingDeps, landing } from './landing.ts'
import type { Part, PartRules } from './part.ts'
import { takerOf } from './taker.ts'

/** What files of this runner are known with. */
export interface FileContentsDeps {
  readonly files: LocalFiles
  /** Of the destination. */
  readonly store: Pick<Store, 'checksums'> & { readonly objects: Pick<Objects, 'describe'> }
  /** Whether the plan is to name the content of every file that it copies, for a run that carries it out later. */
  readonly namesAll: boolean
  /** Whether a file that cannot be read ends the run: no upload comes behind it, which would fail by its name. */
  readonly mustKnow: boolean
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

const unknowable = (error: ServiceError, { origin, key }: SourceObject): SyncError =>
  new SyncError(
    'list',
    `${JSON.stringify(toText(origin ?? key))} cannot be compared: ${error.message}`,
    {
      hint: 'Allow the user of this job to read it, or exclude it; run again if it was changed meanwhile. Nothing was touched.',
      cause: error,
    },
  )

/**
 * Reads files where their content decides: never by a time, which says when a file was written on this runner. A file
 * is then known by the ETag that S3 would give to it, or by that of the object which was proven to hold the same.
 */
export class FileContents {
  readonly #around: PartRules
  readonly #deps: FileContentsDeps
  readonly #looks: ContentLooks

  constructor(around: PartRules, deps: FileContentsDeps) {
    this.#around = around
    this.#deps = deps
    const { files, store, requestTimeoutMs: timeoutMs, signal } = deps
    const { destination, rules } = around
    const { bucket } = destination
    const sums = rules.sums !== undefined
    this.#looks = new ContentLooks({ files, store, bucket, timeoutMs, sums, signal })
  }

  /** A file of a pair as far as it has to be known. One that cannot be read stays unknown: its upload fails by name. */
  async known(from: SourceObject, to: ObjectInfo | undefined): Promise<SourceObject> {
    try {
      return await this.#read(from, to)
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error
      if (this.#deps.mustKnow) throw unknowable(error, from)
      return from
    }
  }

  async #read(from: SourceObject, to: ObjectInfo | undefined): Promise<SourceObject> {
    const { files, namesAll } = this.#deps
    const { rules, scope, source, destination, skewMs } = this.#around
    if (!scope.has(from, to)) return from
    const key = source.prefix + toText(from.origin ?? from.key)
    if (to && to.size === from.size && goesByContent(rules)) {
      const name = destination.prefix + toText(to.key)
      const { etag, sha256 } = await this.#looks.compared(key, { name, object: to })
      return sha256 === undefined ? { ...from, etag } : { ...from, etag, sha256 }
    }
    if (!namesAll || 'skip' in decide(rules, from, to, skewMs)) return from
    return { ...from, etag: (await files.digest(key)).etag }
  }
}

/** Takes pairs as they come, and hands them on in the same order once their files are known. */
function knowing(taker: PairTaker, contents: FileContents): PairTaker {
  let waiting: { from: SourceObject | undefined; readonly to: ObjectInfo | undefined }[] = []
  return {
    take: (from, to) => void waiting.push({ from, to }),
    pause: async () => {
      const pairs = waiting
      waiting = []
      await inParallel(pairs, LOOKS_AT_ONCE, async (pair) => {
        if (pair.from) pair.from = await contents.known(pair.from, pair.to)
      })
      for (const { from, to } of pairs) taker.take(from, to)
      await taker.pause()
    },
  }
}

/** What is known of files, where one side is a folder of this runner; undefined: neither is. */
export type Contents = FileContentsDeps | LandingDeps | undefined

/** Turns pairs into the lines and counts of a part. */
export function pairTaker(part: Part, around: PartRules, deps: Contents): PairTaker {
  const taker = takerOf(part, around)
  if (!deps) return taker
  return 'names' in deps
    ? landing(taker, around, deps)
    : knowing(taker, new FileContents(around, deps))
}
