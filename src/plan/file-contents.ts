import { ServiceError } from '../errors/service-error.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { inParallel } from '../flow/pool.ts'
import { sameEtag } from '../model/etag.ts'
import { toText } from '../model/key.ts'
import type { ObjectInfo, SourceObject } from '../model/object-info.ts'
import type { SelectionRequest } from '../model/request.ts'
import type { Algorithm, FileDigest, LocalFiles } from '../storage/local-files.ts'
import type { ObjectChecksums, Store } from '../storage/store.ts'
import { decide } from './decide.ts'
import type { PairTaker } from './join.ts'
import type { Part, PartRules } from './part.ts'
import { takerOf } from './taker.ts'

/** What files of this runner are known with. */
export interface FileContentsDeps {
  readonly files: LocalFiles
  /** Of the destination. */
  readonly store: Pick<Store, 'checksums'>
  /** Whether the plan is to name the content of every file that it copies, for a run that carries it out later. */
  readonly namesAll: boolean
  readonly signal: AbortSignal
}

const MD5 = /^[0-9a-f]{32}$/i
/** Files that are read, or objects that are asked for, at a time. */
const AT_ONCE = 16

/** Whether such a comparison goes by content. */
const goesByContent = ({ compare, overwrite }: SelectionRequest): boolean =>
  overwrite === 'never' || compare === 'auto' || compare === 'etag' || compare === 'checksum'

/** Whether an object holds what a file does; undefined: they have no checksum in common. */
function areEqual({ checksums }: FileDigest, { values }: ObjectChecksums): boolean | undefined {
  for (const [algorithm, value] of checksums) {
    const stored = values.get(algorithm)
    if (stored !== undefined) return stored === value
  }
  return undefined
}

const hexOfBase64 = (text: string | undefined): string | undefined =>
  text && Buffer.from(text, 'base64').toString('hex')

/** What has to be computed beside CRC-32 to be compared with an object: the quickest that it has. */
function lacking(stored: ObjectChecksums | undefined): readonly Algorithm[] {
  if (!stored || stored.values.has('CRC32')) return []
  return (['SHA256', 'CRC64NVME'] as const).filter((name) => stored.values.has(name)).slice(0, 1)
}

/**
 * Reads files where their content decides: never by a time, which says when a file was written on this runner. A file
 * is then known by the ETag that S3 would give to it, or by that of the object which was proven to hold the same.
 */
export class FileContents {
  readonly #around: PartRules
  readonly #deps: FileContentsDeps
  /** Nobody may look at the objects of the destination. */
  #isBlind = false

  constructor(around: PartRules, deps: FileContentsDeps) {
    this.#around = around
    this.#deps = deps
  }

  /** A file of a pair as far as it has to be known. One that cannot be read stays unknown: its upload fails by name. */
  async known(from: SourceObject, to: ObjectInfo | undefined): Promise<SourceObject> {
    try {
      return await this.#read(from, to)
    } catch (error) {
      if (error instanceof ServiceError) return from
      throw error
    }
  }

  async #read(from: SourceObject, to: ObjectInfo | undefined): Promise<SourceObject> {
    const { files, namesAll } = this.#deps
    const { rules, scope, source, destination, skewMs } = this.#around
    if (!scope.has(from, to)) return from
    const key = source.prefix + toText(from.origin ?? from.key)
    if (to && to.size === from.size && goesByContent(rules)) {
      const name = destination.prefix + toText(to.key)
      const { etag, sha256 } = await this.#compared(key, { name, object: to })
      return sha256 === undefined ? { ...from, etag } : { ...from, etag, sha256 }
    }
    if (!namesAll || 'skip' in decide(rules, from, to, skewMs)) return from
    return { ...from, etag: (await files.digest(key)).etag }
  }

  /** The object's ETag where it holds what the file does; else the one that the file would get. */
  async #compared(
    key: string,
    to: { readonly name: string; readonly object: ObjectInfo },
  ): Promise<{ readonly etag: string; readonly sha256: string | undefined }> {
    const { files } = this.#deps
    const { size, etag } = to.object
    const known = ({ checksums }: FileDigest, equal: boolean | undefined, own: string) => ({
      etag: equal ? etag : own,
      sha256: this.#sums.length > 0 ? hexOfBase64(checksums.get('SHA256')) : undefined,
    })
    if (MD5.test(etag)) {
      const wish = { alsoBy: Number.POSITIVE_INFINITY, algorithms: this.#sums }
      const digest = await files.digest(key, wish)
      if (sameEtag(digest.alsoEtag, etag)) return known(digest, true, etag)
      // Where it is encrypted by KMS its ETag is no MD5.
      const stored = await this.#stored(to)
      return known(digest, stored && (await this.#holds(key, digest, stored)), digest.etag)
    }
    const stored = await this.#stored(to)
    const alsoBy = stored?.partBytes ?? files.partBytes(size)
    const algorithms = [...new Set([...this.#sums, ...lacking(stored)])]
    const digest = await files.digest(key, { alsoBy, algorithms })
    if (!stored) return known(digest, false, digest.etag)
    const holds = await this.#holds(key, digest, stored)
    return known(digest, holds ?? sameEtag(digest.alsoEtag, etag), digest.etag)
  }

  /** What is computed of every file, whatever it is compared with. */
  get #sums(): readonly Algorithm[] {
    return this.#around.rules.sums ? ['SHA256'] : []
  }

  /** Whether an object holds what was read; by one more read where only that tells. undefined: nothing tells. */
  async #holds(
    key: string,
    digest: FileDigest,
    stored: ObjectChecksums,
  ): Promise<boolean | undefined> {
    const equal = areEqual(digest, stored)
    const algorithms = lacking(stored)
    if (equal !== undefined || algorithms.length === 0) return equal
    return areEqual(await this.#deps.files.digest(key, { algorithms }), stored)
  }

  /** The checksums that are stored with an object as it was listed; undefined where nobody tells. */
  async #stored({
    name,
    object,
  }: {
    readonly name: string
    readonly object: ObjectInfo
  }): Promise<ObjectChecksums | undefined> {
    const { store, signal } = this.#deps
    if (this.#isBlind) return undefined
    try {
      const found = await store.checksums(this.#around.destination.bucket, name, signal)
      return found && sameEtag(found.etag, object.etag) ? found : undefined
    } catch (error) {
      signal.throwIfAborted()
      this.#isBlind = serviceFailure(error).code === 'AccessDenied'
      return undefined
    }
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
      await inParallel(pairs, AT_ONCE, async (pair) => {
        if (pair.from) pair.from = await contents.known(pair.from, pair.to)
      })
      for (const { from, to } of pairs) taker.take(from, to)
      await taker.pause()
    },
  }
}

/** Turns pairs into the lines and counts of a part; `deps`: where the source is a folder of this runner. */
export const pairTaker = (
  part: Part,
  around: PartRules,
  deps: FileContentsDeps | undefined,
): PairTaker =>
  deps ? knowing(takerOf(part, around), new FileContents(around, deps)) : takerOf(part, around)
