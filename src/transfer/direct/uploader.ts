import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { ServiceError } from '../../errors/service-error.ts'
import { isPuzzled, serviceFailure } from '../../errors/service-failure.ts'
import type { Budget } from '../../flow/byte-budget.ts'
import { combineCrc32, crc32Text } from '../../model/crc32.ts'
import { compositeEtag } from '../../model/etag.ts'
import { crc32 } from '../../model/fast-crc32.ts'
import type { CopyOp } from '../../model/op.ts'
import { PART_SIZE } from '../../model/part-size.ts'
import type { Capabilities } from '../../storage/capabilities.ts'
import type { LocalFiles, SteadyFile } from '../../storage/local-files.ts'
import type { ByteRange, ObjectHeaders, UploadPart } from '../../storage/store.ts'
import { contentTypeOf, guessedType, wantsCharset } from './content-type.ts'
import { writeHeaders } from './headers.ts'
import type { Md5s } from './md5s.ts'
import { hashedPart, OrderedSha256 } from './ordered-sha256.ts'
import { rangesOf } from './parts.ts'
import { optionsOf, type WriteDeps, type WriteJob } from './write-job.ts'

/** What files are uploaded with, beside what all objects are written with. */
export interface UploaderDeps {
  readonly files: LocalFiles
  /** Bytes that may be held at a time. */
  readonly memory: Budget
  readonly md5s: Md5s
  /** Whether the destination is AWS, which knows the checksums that are sent. */
  readonly isAws: boolean
  /** What is known of the destination. */
  readonly capabilities: Capabilities
  /** Whether somebody wants to know the SHA-256 of files. */
  readonly sums: boolean
}

/** What asks for no content type at all; S3 then has one of its own. */
const NO_TYPE = 'none'

const changedSince = (): ServiceError =>
  new ServiceError('PreconditionFailed', 'The file changed after it was planned.', { status: 412 })

/** Of some bytes. */
interface Crc {
  readonly crc: number
  readonly bytes: number
}

/** Digests of the parts of a file, in their order. */
class Parts {
  readonly #digests: Md5s
  readonly #md5s: string[] = []
  readonly #crcs: Crc[] = []

  constructor(digests: Md5s) {
    this.#digests = digests
  }

  async note(
    number: number,
    bytes: Uint8Array,
  ): Promise<{ readonly md5: string; readonly crc32: string }> {
    const md5 = await this.#digests.digest(bytes)
    const crc = crc32(bytes)
    this.#md5s[number - 1] = md5.toString('hex')
    this.#crcs[number - 1] = { crc, bytes: bytes.length }
    return { md5: md5.toString('base64'), crc32: crc32Text(crc) }
  }

  /** The ETag of an object that is put together from them. */
  etag(): string {
    return compositeEtag(this.#md5s)
  }

  /** The CRC-32 of such an object. */
  crc32(): string {
    const [first, ...others] = this.#crcs
    const join = (sum: number, { crc, bytes }: Crc) => combineCrc32(sum, crc, bytes)
    return crc32Text(others.reduce(join, first?.crc ?? 0))
  }
}

/** Memory that parts are read into, one after the other: fresh one for each would be there twice before the old one goes. */
class SpareMemory {
  readonly #spare: Buffer[] = []

  /** Lends memory for so many bytes while they are at work. */
  async use<T>(length: number, work: (bytes: Buffer) => Promise<T>): Promise<T> {
    const last = this.#spare.pop()
    const memory = last && last.length >= length ? last : Buffer.allocUnsafeSlow(length)
    try {
      return await work(memory.subarray(0, length))
    } finally {
      this.#spare.push(memory)
    }
  }
}

/**
 * Uploads files of this runner, each read once. What is sent is what was read while nobody wrote to the file: S3 compares
 * it with the digests before the object appears.
 */
export class Uploader {
  readonly #deps: WriteDeps
  readonly #own: UploaderDeps
  readonly #spare = new SpareMemory()

  constructor(deps: WriteDeps, own: UploaderDeps) {
    this.#deps = deps
    this.#own = own
  }

  /** Writes an object; gives the new ETag, '' where the service names none. */
  async write(job: WriteJob): Promise<string> {
    const { op } = job
    const { files, md5s } = this.#own
    const small = files.small(op.key)
    if (small) return this.#send(job, small, hash('md5', small, 'buffer'))
    return files.use(op.key, (file) => {
      if (file.size !== op.size) throw changedSince()
      const partBytes = files.partBytes(op.size)
      if (op.size > partBytes) return this.#inParts(job, file, partBytes)
      return this.#hold(op.size, async (bytes) => {
        await file.read(bytes, 0)
        await file.check()
        return await this.#send(job, bytes, await md5s.digest(bytes))
      })
    })
  }

  /** Sends a whole file in one request. */
  #send(job: WriteJob, bytes: Buffer, md5: Buffer): Promise<string> {
    const { op, only, onRetry } = job
    const { objects, bucket, limits } = this.#deps
    if (bytes.length !== op.size) throw changedSince()
    this.#tell(job, md5.toString('hex'))
    if (this.#own.sums) job.onSha256(hash('sha256', bytes))
    const headers = { ...this.#headers(op, isUtf8(bytes)), 'content-md5': md5.toString('base64') }
    const sum = { 'x-amz-checksum-crc32': crc32Text(crc32(bytes)) }
    return this.#proven((proves) =>
      objects.put(
        { to: { bucket, key: op.to }, only, headers: proves ? { ...headers, ...sum } : headers },
        bytes,
        limits.of(op.size, onRetry),
      ),
    )
  }

  async #inParts(job: WriteJob, file: SteadyFile, partBytes: number): Promise<string> {
    const { op, only, onRetry, lookLast } = job
    const { objects, bucket, uploads, limits } = this.#deps
    const { capabilities, md5s } = this.#own
    const partSize = { [`x-amz-meta-${PART_SIZE}`]: String(partBytes) }
    const headers = this.#headers(op, await this.#isText(op), partSize)
    const parts = new Parts(md5s)
    const sha256 = this.#own.sums ? new OrderedSha256() : undefined
    return uploads.write(
      { to: { bucket, key: op.to }, only, headers, whole: { algorithm: 'CRC32' } },
      {
        ranges: rangesOf(op.size, partBytes),
        make: (part, range) =>
          hashedPart(sha256, (hashed) =>
            this.#read(file, range, async (bytes) => {
              const { md5, crc32: sum } = await parts.note(part.number, bytes)
              const proof = capabilities.wholeChecksums ? { md5, crc32: sum } : { md5 }
              const proven: UploadPart = { ...part, proof }
              const isHashed = hashed(part.number, bytes)
              const etag = await objects.putPart(proven, bytes, limits.of(bytes.length, onRetry))
              await isHashed
              return etag
            }),
          ),
        check: async () => {
          await file.check()
          this.#tell(job, parts.etag())
          const hex = sha256?.hex()
          if (hex !== undefined) job.onSha256(hex)
          await lookLast?.()
        },
        crc32: () => parts.crc32(),
      },
      onRetry,
    )
  }

  #read<T>(
    file: SteadyFile,
    { first, last }: ByteRange,
    work: (bytes: Buffer) => Promise<T>,
  ): Promise<T> {
    return this.#hold(last - first + 1, async (bytes) => {
      await file.read(bytes, first)
      return await work(bytes)
    })
  }

  /** Lends memory for so many bytes while they are at work. */
  #hold<T>(length: number, work: (bytes: Buffer) => Promise<T>): Promise<T> {
    const { memory, md5s } = this.#own
    return memory.hold(length, () => md5s.holding(() => this.#spare.use(length, work)))
  }

  /** What was read has to be what was planned, where that is known. */
  #tell({ op, onContent }: WriteJob, etag: string): void {
    if (op.etag !== '' && op.etag !== etag) throw changedSince()
    onContent(etag)
  }

  /** Headers of a file, of which `more` is its own; what the inputs say of all objects comes first. */
  #headers(op: CopyOp, isText: boolean, more: ObjectHeaders = {}): ObjectHeaders {
    const { key } = op
    const options = optionsOf(this.#deps, op)
    const described = { 'content-type': contentTypeOf(key, isText) }
    const { 'content-type': type, ...headers } = writeHeaders(options, described, '')
    return type === undefined || type === NO_TYPE
      ? { ...headers, ...more }
      : { ...headers, ...more, 'content-type': type }
  }

  /** Whether a large file is text in UTF-8: where that belongs to its type, it is read once more before it is sent. */
  async #isText(op: CopyOp): Promise<boolean> {
    const { key } = op
    const { metadata, headers } = optionsOf(this.#deps, op)
    const isGuessed = metadata?.contentType === undefined && headers?.['content-type'] === undefined
    return isGuessed && wantsCharset(guessedType(key)) && this.#own.files.isUtf8(key)
  }

  /** Sends checksums until the service turns out not to know them; the same without them proves that it was this. */
  async #proven(write: (proves: boolean) => Promise<string>): Promise<string> {
    const { isAws, capabilities } = this.#own
    if (!capabilities.wholeChecksums) return write(false)
    try {
      return await write(true)
    } catch (error) {
      if (isAws || !isPuzzled(serviceFailure(error))) throw error
      const etag = await write(false).catch(() => Promise.reject(error))
      capabilities.lacksWholeChecksums()
      return etag
    }
  }
}
