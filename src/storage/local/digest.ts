import { createHash, type Hash, hash } from 'node:crypto'
import { crc32Text } from '../../model/crc32.ts'
import { Crc64Nvme } from '../../model/crc64nvme.ts'
import { compositeEtag } from '../../model/etag.ts'
import { Crc32 } from '../../model/fast-crc32.ts'
import type { OpenFile } from '../../model/folder.ts'
import type { Algorithm, DigestWish, FileDigest } from '../local-files.ts'

/** Bytes read at a time: less is called for too often, more is in no cache of the processor. */
const READ_BYTES = 2 ** 20

/** MD5s of the parts of content that comes piece by piece. */
export class PartDigests {
  readonly #partBytes: number
  readonly #parts: string[] = []
  #part: Hash = createHash('md5')
  #inPart = 0

  constructor(partBytes: number) {
    this.#partBytes = partBytes
  }

  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#inPart === this.#partBytes) this.#close()
      const some = bytes.subarray(at, at + this.#partBytes - this.#inPart)
      this.#part.update(some)
      this.#inPart += some.length
      at += some.length
    }
  }

  /** Of one part it is the MD5 of the whole. */
  etag(): string {
    this.#close()
    const [only = '', ...others] = this.#parts
    return others.length === 0 ? only : compositeEtag(this.#parts)
  }

  #close(): void {
    this.#parts.push(this.#part.digest('hex'))
    this.#part = createHash('md5')
    this.#inPart = 0
  }
}

/** Checksums of content that comes piece by piece, by S3's names, base64. */
export class Checksums {
  readonly #crc32: Crc32 | undefined
  readonly #sha256: Hash | undefined
  readonly #crc64: Crc64Nvme | undefined

  constructor(algorithms: readonly Algorithm[]) {
    this.#crc32 = algorithms.includes('CRC32') ? new Crc32() : undefined
    this.#sha256 = algorithms.includes('SHA256') ? createHash('sha256') : undefined
    this.#crc64 = algorithms.includes('CRC64NVME') ? new Crc64Nvme() : undefined
  }

  add(bytes: Uint8Array): void {
    this.#crc32?.add(bytes)
    this.#sha256?.update(bytes)
    this.#crc64?.add(bytes)
  }

  /** Of all that was added; asked for once. */
  values(): Map<string, string> {
    const values = new Map<string, string>()
    if (this.#crc32) values.set('CRC32', crc32Text(this.#crc32.value))
    if (this.#sha256) values.set('SHA256', this.#sha256.digest('base64'))
    if (this.#crc64) values.set('CRC64NVME', this.#crc64.text())
    return values
  }
}

/** Memory that files are read into, one after the other. */
const spare: Buffer[] = []

/** Reads a file to its end, piece by piece. */
async function readAll(
  file: Pick<OpenFile, 'read'>,
  take: (bytes: Buffer) => void,
): Promise<number> {
  const memory = spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
  try {
    let size = 0
    for (;;) {
      const length = await file.read(memory, size)
      size += length
      take(memory.subarray(0, length))
      if (length < memory.length) return size
    }
  } finally {
    spare.push(memory)
  }
}

/** Reads a file to its end. Throws what the file system does. */
export async function digestOf(
  file: Pick<OpenFile, 'read'>,
  { partBytes, alsoBy, algorithms }: DigestWish,
): Promise<FileDigest> {
  const md5 = new PartDigests(partBytes)
  const also = alsoBy === undefined || alsoBy === partBytes ? undefined : new PartDigests(alsoBy)
  const sums = new Checksums(['CRC32', ...algorithms])
  const size = await readAll(file, (bytes) => {
    md5.add(bytes)
    also?.add(bytes)
    sums.add(bytes)
  })
  const etag = md5.etag()
  const alsoEtag = alsoBy === undefined ? undefined : (also?.etag() ?? etag)
  return { size, etag, alsoEtag, checksums: sums.values() }
}

/** The same of a file that is smaller than any part. */
export function digestOfSmall(bytes: Buffer, algorithms: readonly Algorithm[] = []): FileDigest {
  const etag = hash('md5', bytes)
  const sums = new Checksums(['CRC32', ...algorithms])
  sums.add(bytes)
  return { size: bytes.length, etag, alsoEtag: etag, checksums: sums.values() }
}

/** Whether all of a file is valid UTF-8. Throws what the file system does. */
export async function isTextIn(file: Pick<OpenFile, 'read'>): Promise<boolean> {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  try {
    await readAll(file, (bytes) => {
      utf8.decode(bytes, { stream: true })
    })
    utf8.decode()
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
