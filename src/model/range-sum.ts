import { combineCrc32, crc32Text } from './crc32.ts'
import { Crc64Nvme, combineCrc64Nvme, crc64NvmeText } from './crc64nvme.ts'
import { crc32 } from './fast-crc32.ts'

/** Checksums of content that can be told from those of its ranges, which come in any order; the fastest first. */
export const RANGE_SUMS = ['CRC32', 'CRC64NVME'] as const
export type RangeSumName = (typeof RANGE_SUMS)[number]

/** A range of some content, and its checksum. */
export interface SummedRange {
  readonly sum: bigint
  readonly bytes: number
}

/** Such a checksum of one range, whose bytes come in a row; 0 where none is wanted. */
export class RangeSum {
  readonly #crc64: Crc64Nvme | undefined
  readonly #is32: boolean
  #crc32 = 0

  constructor(name: RangeSumName | undefined) {
    this.#is32 = name === 'CRC32'
    this.#crc64 = name === 'CRC64NVME' ? new Crc64Nvme() : undefined
  }

  get value(): bigint {
    return this.#crc64?.value ?? BigInt(this.#crc32)
  }

  add(bytes: Uint8Array): void {
    if (this.#is32) this.#crc32 = crc32(bytes, this.#crc32)
    else this.#crc64?.add(bytes)
  }
}

const combined32 = (first: bigint, { sum, bytes }: SummedRange): bigint =>
  BigInt(combineCrc32(Number(first), Number(sum), bytes))

const combined64 = (first: bigint, { sum, bytes }: SummedRange): bigint =>
  combineCrc64Nvme(first, sum, bytes)

/** The checksum of ranges in a row, as S3 writes it. */
export function sumOfRanges(
  name: RangeSumName,
  [first, ...others]: readonly SummedRange[],
): string {
  const combined = name === 'CRC32' ? combined32 : combined64
  const sum = others.reduce(combined, first?.sum ?? 0n)
  return name === 'CRC32' ? crc32Text(Number(sum)) : crc64NvmeText(sum)
}
