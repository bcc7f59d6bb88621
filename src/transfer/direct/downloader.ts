import { hash } from 'node:crypto'
import { ServiceError } from '../../errors/service-error.ts'
import type { Budget } from '../../flow/byte-budget.ts'
import { inParallel } from '../../flow/pool.ts'
import { type ChecksumValues, wholeChecksums } from '../../model/checksum.ts'
import { isEtagOf, isOfOnePart, sameEtag } from '../../model/etag.ts'
import type { CopyOp } from '../../model/op.ts'
import { isComposite, PART_SIZE, partBytesOf, statedPartBytes } from '../../model/part-size.ts'
import {
  RANGE_SUMS,
  type RangeSumName,
  type SummedRange,
  sumOfRanges,
} from '../../model/range-sum.ts'
import type { Landing, LandingFile } from '../../storage/landing.ts'
import { PartDigests } from '../../storage/local/digest.ts'
import type { Algorithm } from '../../storage/local-files.ts'
import type {
  Content,
  Described,
  ObjectHeaders,
  PinnedObject,
  WantedBytes,
} from '../../storage/store.ts'
import { FileMd5s } from './file-md5s.ts'
import { rangesOf } from './parts.ts'
import { RangeWriter, WRITE_BYTES, WriteMemory } from './range-writer.ts'
import { isMd5, type SourceObjects } from './source-object.ts'
import { type TrailEnd, TrailingDigest, type TrailWish } from './trailing-digest.ts'
import type { WriteJob } from './write-job.ts'

/** What files of this runner are written with. */
export interface DownloaderDeps {
  readonly source: SourceObjects
  readonly landing: Landing
  /** Bytes of small objects that may be held at a time, until they are on the disk. */
  readonly memory: Budget
  /** Objects that may be read at a time; those that are brought to the disk are no such any more. */
  readonly reads: Budget
  /** Bytes of others that may be gathered at a time. Who has of them waits for nothing but the network and the disk. */
  readonly gathered: Budget
  /** Parts of one object in parallel. */
  readonly concurrency: number
  /** Bytes of the ranges that an object of some size is read in. */
  readonly partBytes: (size: number) => number
  /** Whether somebody wants to know the SHA-256 of files. */
  readonly sums: boolean
}

/** Smaller objects are held in memory, and written at once: that is cheaper than a file that they are written to as they come. */
const LEAST_STREAMED_BYTES = 256 * 2 ** 10
/** Of a file that goes to the disk at a time: what is left for its end is what the network waits for. */
const FLUSH_BYTES = 32 * 2 ** 20

const NO_CHECKSUMS: ChecksumValues = new Map()

/** What can prove that a file holds what an object does. */
interface Proof {
  readonly etag: string
  /** Checksums of the whole that are stored with it. */
  readonly stored: ChecksumValues
  readonly headers: ObjectHeaders
  /** MD5 of what came before, and was no better; undefined: nothing did. */
  readonly before: string | undefined
  /** What is summed while it comes; undefined: nothing that is stored can be. */
  readonly summed: RangeSumName | undefined
  /** What is to be computed of the file beside; undefined: nothing. */
  readonly wish: TrailWish | undefined
}

/** What came is not what is stored. */
class Damaged extends ServiceError {
  /** MD5 of what came; undefined: a checksum says so. */
  readonly md5: string | undefined

  constructor(md5?: string) {
    super(
      'BadDigest',
      'The received bytes do not match the checksum of the source object. Nothing was written.',
      { status: 500 },
    )
    this.md5 = md5
  }
}

/** A file that bytes go into, and what of them is summed on the way. */
interface FileInto {
  readonly file: LandingFile
  readonly summed: RangeSumName | undefined
}

/** What came of an object's bytes. */
interface Summed {
  readonly pieces: readonly SummedRange[]
  readonly end: TrailEnd | undefined
}

/** The same proof where what is stored was not summed while the bytes came: it is of the file then. */
function readBack({ summed, wish, ...proof }: Proof): Proof {
  if (summed === undefined) return { ...proof, summed, wish }
  const algorithms = [...(wish?.algorithms ?? []), summed]
  return { ...proof, summed: undefined, wish: { partBytes: wish?.partBytes, algorithms } }
}

/** Throws Damaged where checksums differ; false: they have none in common. */
function areSame(computed: ChecksumValues, stored: ChecksumValues): boolean {
  for (const [name, value] of computed) {
    const theirs = stored.get(name)
    if (theirs === undefined) continue
    if (theirs !== value) throw new Damaged()
    return true
  }
  return false
}

/**
 * Fetches objects into files of this runner. Each is read as it was planned, compared with what the service says that it
 * holds, brought to the disk, and only then has its name.
 */
export class Downloader {
  readonly #deps: DownloaderDeps
  readonly #writes = new WriteMemory()
  readonly #md5s = new FileMd5s()
  #isFlushing = false
  /** What the last object was stored with that came in one request: the next one will be, too. S3 stores it unless told otherwise. */
  #usual: RangeSumName | undefined = 'CRC64NVME'

  constructor(deps: DownloaderDeps) {
    this.#deps = deps
  }

  /** Writes a file; gives the source's ETag where something proved that it holds the same, else that of its own bytes. */
  async write(job: WriteJob): Promise<string> {
    const { size } = job.op
    const isLarge = size > this.#deps.partBytes(size)
    if (!isLarge && size < LEAST_STREAMED_BYTES) return await this.#whole(job)
    const read = (before?: Damaged): Promise<string> =>
      isLarge ? this.#inRanges(job, before) : this.#inOne(job, before)
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Damaged)) throw error
      // Damage does not come twice alike: if this does, the service makes its ETags in another way.
      return await read(error)
    }
  }

  #whole(job: WriteJob): Promise<string> {
    const { op, unbound, onRetry, onContent, onSha256 } = job
    const { source, landing, memory, reads } = this.#deps
    const from = source.pinned(op, unbound)
    return memory.hold(op.size, async () => {
      const content = await reads.hold(1, () => source.readProven(op, from, onRetry))
      const { bytes, isProven } = content
      const etag = op.etag === '' ? content.etag : op.etag
      onContent(etag)
      if (this.#isSummed(op)) onSha256(hash('sha256', bytes))
      const named = isProven ? etag : await this.#etagOf(job, from, { ...content, etag })
      await landing.whole(op, bytes)
      return named
    })
  }

  /** The ETag of content that nothing proved yet: the source's where that is made from MD5s, else its own. */
  async #etagOf(job: WriteJob, from: PinnedObject, content: Content): Promise<string> {
    const digests = new PartDigests(await this.#partBytesOf(job, from, content))
    digests.add(content.bytes)
    const own = digests.etag()
    return isEtagOf(own, content.etag) ? content.etag : own
  }

  /** Whether somebody wants to know the SHA-256 of an op. */
  #isSummed({ sha256 }: CopyOp): boolean {
    return this.#deps.sums || sha256 !== undefined
  }

  /** Reads an object in one request, whose answer tells what it can be compared by, into a file while it comes. */
  async #inOne(job: WriteJob, before?: Damaged): Promise<string> {
    const { op, unbound, onRetry } = job
    const { source, landing, reads } = this.#deps
    const from = source.pinned(op, unbound)
    const file = landing.begin(op)
    let digest: TrailingDigest | undefined
    try {
      const summed = this.#usual
      const what = { bytes: op.size }
      const { described, piece } = await reads.hold(1, () =>
        this.#readInto({ file, summed }, from, what, onRetry),
      )
      const proof = await this.#proofOf(job, from, described, before)
      this.#usual = proof.summed
      const known = proof.summed === summed ? proof : readBack(proof)
      digest = known.wish && new TrailingDigest(file, known.wish, this.#md5s)
      digest?.came({ first: 0, last: op.size - 1 })
      return await this.#keep(job, file, known, { pieces: [piece], end: await digest?.end() })
    } catch (error) {
      await digest?.drop()
      file.discard()
      throw error
    }
  }

  /** Reads an object in ranges; a HEAD tells what it can be compared by. */
  async #inRanges(job: WriteJob, before?: Damaged): Promise<string> {
    const { op, unbound, onRetry } = job
    const { source, landing, reads } = this.#deps
    const from = source.pinned(op, unbound)
    const described = await source.describeWithChecksums(from, onRetry)
    const proof = await this.#proofOf(job, from, described, before)
    const { etag } = proof
    const file = landing.begin(op)
    const digest = proof.wish && new TrailingDigest(file, proof.wish, this.#md5s)
    try {
      const pieces = await reads.hold(1, () =>
        this.#fetch(
          op.etag === '' ? { ...from, etag } : from,
          rangesOf(op.size, this.#deps.partBytes(op.size)),
          { file, digest, summed: proof.summed },
          onRetry,
        ),
      )
      return await this.#keep(job, file, proof, { pieces, end: await digest?.end() })
    } catch (error) {
      await digest?.drop()
      file.discard()
      throw error
    }
  }

  /** Gives a file its name once it is proven; gives its ETag as `write` does. Throws Damaged where it is other content. */
  async #keep(
    { op, onContent, onSha256 }: WriteJob,
    file: LandingFile,
    proof: Proof,
    { pieces, end }: Summed,
  ): Promise<string> {
    const named = this.#named(proof, pieces, end)
    onContent(proof.etag)
    const sha256 = end?.checksums.get('SHA256')
    if (sha256 !== undefined && this.#isSummed(op))
      onSha256(Buffer.from(sha256, 'base64').toString('hex'))
    await file.keep()
    return named
  }

  /** What an object can be compared by: the fastest there is, and what came damaged once by its ETag, too. */
  async #proofOf(
    job: WriteJob,
    from: PinnedObject,
    described: Described,
    before: Damaged | undefined,
  ): Promise<Proof> {
    const { op } = job
    const { headers } = described
    const etag = op.etag === '' ? described.etag : op.etag
    const stored = sameEtag(described.etag, etag) ? wholeChecksums(headers, etag) : NO_CHECKSUMS
    const summed = RANGE_SUMS.find((name) => stored.has(name))
    // SHA-256 is faster than MD5.
    const isFast = summed !== undefined || stored.has('SHA256')
    const isWanted = this.#isSummed(op) || (summed === undefined && isFast)
    const algorithms: readonly Algorithm[] = isWanted ? ['SHA256'] : []
    const partBytes =
      isFast && !before ? undefined : await this.#partBytesOf(job, from, { etag, headers })
    const wish = partBytes !== undefined || isWanted ? { partBytes, algorithms } : undefined
    return { etag, stored, headers, before: before?.md5, summed, wish }
  }

  /** Bytes of the parts that an object's ETag is made from; asks once more where nobody wrote down how it was cut. */
  async #partBytesOf(
    { op: { size }, onRetry }: WriteJob,
    from: PinnedObject,
    { etag, headers }: Pick<Proof, 'etag' | 'headers'>,
  ): Promise<number> {
    if (!isComposite(etag) || isOfOnePart(etag)) return Number.POSITIVE_INFINITY
    return (
      statedPartBytes(headers[`x-amz-meta-${PART_SIZE}`], { size, etag }) ??
      partBytesOf(await this.#deps.source.describeByPart(from, onRetry), size) ??
      // A wrong guess proves nothing.
      this.#deps.partBytes(size)
    )
  }

  /** Reads all ranges into a file, some at a time; the first failure keeps further ones from being begun. */
  async #fetch(
    from: PinnedObject,
    ranges: ReturnType<typeof rangesOf>,
    into: FileInto & { readonly digest: TrailingDigest | undefined },
    onRetry: WriteJob['onRetry'],
  ): Promise<readonly SummedRange[]> {
    const { file, digest } = into
    const pieces: SummedRange[] = []
    let unflushedBytes = 0
    const { concurrency } = this.#deps
    await inParallel(Array.from(ranges).entries(), concurrency, async ([at, range]) => {
      const bytes = range.last - range.first + 1
      const { piece } = await this.#readInto(into, from, { bytes, range }, onRetry)
      pieces[at] = piece
      digest?.came(range)
      unflushedBytes += bytes
      if (unflushedBytes >= FLUSH_BYTES && this.#flush(file)) unflushedBytes = 0
    })
    return pieces
  }

  /** Reads bytes to their place in a file; gives what the answer tells of their object, and what they are summed up to. */
  async #readInto(
    { file, summed }: FileInto,
    from: PinnedObject,
    { bytes, range }: Pick<WantedBytes, 'bytes' | 'range'>,
    onRetry: WriteJob['onRetry'],
  ): Promise<{ readonly described: Described; readonly piece: SummedRange }> {
    const { source, gathered } = this.#deps
    let writer: RangeWriter | undefined
    // Each attempt begins anew.
    const into = (): RangeWriter => {
      writer = new RangeWriter(file, range?.first ?? 0, this.#writes, summed)
      return writer
    }
    const described = await gathered.hold(WRITE_BYTES, () =>
      source.read(from, { bytes, range, into }, onRetry),
    )
    if (writer?.bytes !== bytes) throw new Error('Internal error: a range was not written.')
    return { described, piece: { sum: writer.sum, bytes } }
  }

  /** Has the disk write while the network reads, where it does not already for another file; gives whether it does now. */
  #flush(file: LandingFile): boolean {
    if (this.#isFlushing) return false
    this.#isFlushing = true
    void file.flush().then(() => {
      this.#isFlushing = false
    })
    return true
  }

  /** The ETag of the source where it is proven that content is the same, else its own. Throws Damaged where it is not. */
  #named(
    { etag, stored, headers, before, summed }: Proof,
    pieces: readonly SummedRange[],
    end: TrailEnd | undefined,
  ): string {
    if (isEtagOf(end?.etag, etag)) return etag
    if (summed && areSame(new Map([[summed, sumOfRanges(summed, pieces)]]), stored)) return etag
    if (areSame(end?.checksums ?? NO_CHECKSUMS, stored)) return etag
    const own = end?.etag ?? ''
    const { source } = this.#deps
    if (!source.hasMd5Etags || !isMd5(etag, headers)) return own
    if (own !== before) throw new Damaged(own)
    source.hasOtherEtags()
    return own
  }
}
