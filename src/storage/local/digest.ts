import { createHash, type Hash, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32Text } from '../../model/crc32.ts'
import { Crc64Nvme } from '../../model/crc64nvme.ts'
import { compositeEtag } from '../../model/etag.ts'
import type { OpenFile } from '../../ports.ts'
import type { Algorithm, DigestWish, FileDigest } from '../local-files.ts'

/** Bytes read at a time: less is called for too often, more is in no cache of the processor. */
const READ_BYTES = 2 ** 20

/** MD5s of the parts of content that comes piece by piece. */
class PartDigests {
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
  const sha = algorithms.includes('SHA256') ? createHash('sha256') : undefined
  const crc64 = algorithms.includes('CRC64NVME') ? new Crc64Nvme() : undefined
  let crc = 0
  const size = await readAll(file, (bytes) => {
    md5.add(bytes)
    also?.add(bytes)
    sha?.update(bytes)
    crc64?.add(bytes)
    crc = crc32(bytes, crc)
  })
  const checksums = new Map([['CRC32', crc32Text(crc)]])
  if (sha) checksums.set('SHA256', sha.digest('base64'))
  if (crc64) checksums.set('CRC64NVME', crc64.text())
  const etag = md5.etag()
  const alsoEtag = alsoBy === undefined ? undefined : (also?.etag() ?? etag)
  return { size, etag, alsoEtag, checksums }
}

/** The same of a file that is smaller than any part. */
export function digestOfSmall(bytes: Buffer, algorithms: readonly Algorithm[] = []): FileDigest {
  const etag = hash('md5', bytes)
  const checksums = new Map([['CRC32', crc32Text(crc32(bytes))]])
  if (algorithms.includes('SHA256')) checksums.set('SHA256', hash('sha256', bytes, 'base64'))
  if (algorithms.includes('CRC64NVME')) {
    const crc64 = new Crc64Nvme()
    crc64.add(bytes)
    checksums.set('CRC64NVME', crc64.text())
  }
  return { size: bytes.length, etag, alsoEtag: etag, checksums }
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
