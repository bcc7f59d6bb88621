import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { ServiceError } from '../../errors/service-error.ts'
import type { Budget } from '../../flow/byte-budget.ts'
import { inParallel } from '../../flow/pool.ts'
import type { ChecksumValues } from '../../model/checksum.ts'
import { combineCrc32, crc32Text } from '../../model/crc32.ts'
import { compositeEtag, leavesMd5, sameEtag } from '../../model/etag.ts'
import type { CopyOp } from '../../model/op.ts'
import { isComposite, partBytesOf } from '../../model/part-size.ts'
import type { Landing, LandingFile } from '../../storage/landing.ts'
import { digestOf } from '../../storage/local/digest.ts'
import type { Algorithm } from '../../storage/local-files.ts'
import type { ByteRange, Described, ObjectHeaders, PinnedObject } from '../../storage/store.ts'
import { hashedPart, OrderedSha256 } from './ordered-sha256.ts'
import { rangesOf } from './parts.ts'
import type { SourceObjects } from './source-object.ts'
import type { WriteJob } from './write-job.ts'

/** What files of this runner are written with. */
export interface DownloaderDeps {
  readonly source: SourceObjects
  readonly landing: Landing
  /** Bytes that may be held at a time. */
  readonly memory: Budget
  /** Parts of one object in parallel. */
  readonly concurrency: number
  /** Bytes of the ranges that an object of some size is read in. */
  readonly partBytes: (size: number) => number
  /** Whether somebody wants to know the SHA-256 of files. */
  readonly sums: boolean
}

/** Parts that are read whole, to be compared one by one; larger ones would take more memory than there is for all. */
const MOST_KEPT_PART_BYTES = 64 * 2 ** 20

const MD5 = /^[0-9a-f]{32}$/i
/** What a file can be compared by beside CRC-32. */
const ALGORITHMS: readonly Algorithm[] = ['SHA256', 'CRC64NVME']

/** What is known of a range once it is written. */
interface Piece {
  readonly md5: string | undefined
  readonly crc: number
  readonly bytes: number
}

/** How an object is read, and what it can be compared by. */
interface Cut {
  readonly ranges: readonly ByteRange[]
  /** Whether the ranges are the parts that it was put together from. */
  readonly isAsUploaded: boolean
  /** Bytes of those parts, where they are known and too large to be read as they are. */
  readonly uploadedBytes: number | undefined
}

const damaged = (): ServiceError =>
  new ServiceError(
    'BadDigest',
    'The received bytes do not match the checksum of the source object. Nothing was written.',
    {
      status: 500,
    },
  )

/** Whether the ETag of an object that these headers came with is an MD5. */
const isMd5 = (etag: string, headers: ObjectHeaders): boolean =>
  MD5.test(etag) &&
  leavesMd5(
    headers['x-amz-server-side-encryption'],
    headers['x-amz-server-side-encryption-customer-algorithm'],
  )

const partMd5s = (bytes: Buffer, partBytes: number): string[] =>
  [...rangesOf(bytes.length, partBytes)].map(({ first, last }) =>
    hash('md5', bytes.subarray(first, last + 1)),
  )

/**
 * Fetches objects into files of this runner. Each is read as it was planned, compared with what the service says that it
 * holds, brought to the disk, and only then has its name.
 */
export class Downloader {
  readonly #deps: DownloaderDeps

  constructor(deps: DownloaderDeps) {
    this.#deps = deps
  }

  /** Writes a file; gives the source's ETag where something proved that it holds the same, else that of its own bytes. */
  write(job: WriteJob): Promise<string> {
    const { size } = job.op
    return size > this.#deps.partBytes(size) ? this.#inRanges(job) : this.#whole(job)
  }

  #whole({ op, unbound, onRetry, onContent, onSha256 }: WriteJob): Promise<string> {
    const { source, landing, memory } = this.#deps
    const from = source.pinned(op, unbound)
    return memory.hold(op.size, async () => {
      const content = await source.readProven(op, from, onRetry)
      const bytes = Buffer.from(content.bytes.buffer, content.bytes.byteOffset, op.size)
      const etag = op.etag === '' ? content.etag : op.etag
      onContent(etag)
      if (this.#isSummed(op)) onSha256(hash('sha256', bytes))
      const proven = content.isProven || (await this.#isWhole({ op, from, onRetry }, bytes, etag))
      await landing.whole(op, bytes)
      return proven ? etag : hash('md5', bytes)
    })
  }

  /** Whether somebody wants to know the SHA-256 of an op. */
  #isSummed({ sha256 }: CopyOp): boolean {
    return this.#deps.sums || sha256 !== undefined
  }

  /** Whether small content that its MD5 does not prove is what the service holds. Throws BadDigest where it is not. */
  async #isWhole(
    { op, from, onRetry }: Pick<WriteJob, 'op' | 'onRetry'> & { readonly from: PinnedObject },
    bytes: Buffer,
    etag: string,
  ): Promise<boolean> {
    const { source } = this.#deps
    if (isComposite(etag)) {
      const partBytes = this.#uploadedBytes(await source.describeByPart(from, onRetry), op.size)
      if (sameEtag(compositeEtag(partMd5s(bytes, partBytes)), etag)) return true
    }
    const stored = await source.checksums(from, onRetry)
    if (stored.size === 0) return false
    const read = async (into: Uint8Array, at: number): Promise<number> =>
      bytes.copy(into, 0, at, at + into.length)
    const algorithms = ALGORITHMS.filter((name) => stored.has(name))
    const { checksums } = await digestOf({ read }, { partBytes: op.size || 1, algorithms })
    return this.#areSame(checksums, stored)
  }

  /** Throws BadDigest where checksums differ; false: they have none in common. */
  #areSame(computed: ChecksumValues, stored: ChecksumValues): boolean {
    for (const [name, value] of computed) {
      const theirs = stored.get(name)
      if (theirs === undefined) continue
      if (theirs !== value) throw damaged()
      return true
    }
    return false
  }

  async #inRanges(job: WriteJob): Promise<string> {
    const { op, unbound, onRetry, onContent, onSha256 } = job
    const { source, landing } = this.#deps
    const from = source.pinned(op, unbound)
    const described = isComposite(op.etag)
      ? await source.describeByPart(from, onRetry)
      : await source.describe(from, onRetry)
    const etag = op.etag === '' ? described.etag : op.etag
    const bound = op.etag === '' ? { ...from, etag } : from
    const cut = this.#cut(
      op.size,
      isComposite(etag) ? this.#uploadedBytes(described, op.size) : undefined,
    )
    const sha256 = this.#isSummed(op) ? new OrderedSha256() : undefined
    const file = landing.begin(op)
    try {
      const pieces = await this.#fetch(bound, cut, { file, sha256 }, onRetry)
      const hex = sha256?.hex()
      if (hex !== undefined) onSha256(hex)
      const named = await this.#named(
        { ...job, op: { ...op, etag } },
        { bound, cut, pieces, file, headers: described.headers },
      )
      onContent(etag)
      await file.keep()
      return named
    } catch (error) {
      file.discard()
      throw error
    }
  }

  /** Bytes of the parts that an object was put together from; where nobody tells, the usual ones: a wrong guess proves nothing. */
  #uploadedBytes(described: Described, size: number): number {
    return partBytesOf(described, size) ?? this.#deps.partBytes(size)
  }

  #cut(size: number, uploadedBytes: number | undefined): Cut {
    const isAsUploaded = uploadedBytes !== undefined && uploadedBytes <= MOST_KEPT_PART_BYTES
    const partBytes = isAsUploaded ? uploadedBytes : this.#deps.partBytes(size)
    return { ranges: [...rangesOf(size, partBytes)], isAsUploaded, uploadedBytes }
  }

  /** Reads all ranges, some at a time; the first failure keeps further ones from being begun. */
  async #fetch(
    from: PinnedObject,
    { ranges, isAsUploaded }: Cut,
    { file, sha256 }: { readonly file: LandingFile; readonly sha256: OrderedSha256 | undefined },
    onRetry: WriteJob['onRetry'],
  ): Promise<readonly Piece[]> {
    const { source, memory, concurrency } = this.#deps
    const pieces: Piece[] = []
    await inParallel(ranges.entries(), concurrency, ([at, range]) => {
      const bytes = range.last - range.first + 1
      return hashedPart(sha256, (hashed) =>
        memory.hold(bytes, async () => {
          const content = await source.read(from, { bytes, range }, onRetry)
          const isHashed = hashed(at + 1, content.bytes)
          const md5 = isAsUploaded ? hash('md5', content.bytes) : undefined
          pieces[at] = { md5, crc: crc32(content.bytes), bytes }
          await file.write(content.bytes, range.first)
          await isHashed
        }),
      )
    })
    return pieces
  }

  /** The ETag of the source where it is proven that the file holds the same, else its own. Throws BadDigest where it does not. */
  async #named(
    { op, onRetry }: WriteJob,
    fetched: {
      readonly bound: PinnedObject
      readonly cut: Cut
      readonly pieces: readonly Piece[]
      readonly file: LandingFile
      readonly headers: ObjectHeaders
    },
  ): Promise<string> {
    const { bound, cut, pieces, file, headers } = fetched
    const { etag } = op
    const md5s = pieces.flatMap(({ md5 }) => md5 ?? [])
    if (cut.isAsUploaded && sameEtag(compositeEtag(md5s), etag)) return etag
    const [first, ...others] = pieces
    const whole = others.reduce(
      (sum, { crc, bytes }) => combineCrc32(sum, crc, bytes),
      first?.crc ?? 0,
    )
    const stored = await this.#deps.source.checksums(bound, onRetry)
    if (this.#areSame(new Map([['CRC32', crc32Text(whole)]]), stored)) return etag
    // Nothing else tells: it is read once more, from what the system still has in memory.
    const partBytes = cut.uploadedBytes ?? Number.POSITIVE_INFINITY
    const algorithms = ALGORITHMS.filter((name) => stored.has(name)).slice(0, 1)
    const digest = await digestOf(file, { partBytes, algorithms })
    if (sameEtag(digest.etag, etag) || this.#areSame(digest.checksums, stored)) return etag
    if (isMd5(etag, headers) && this.#deps.source.hasMd5Etags) throw damaged()
    return digest.etag
  }
}
