import { combineCrc32, crc32Text } from './crc32.ts'
import { Crc64Nvme, combineCrc64Nvme, crc64NvmeText } from './crc64nvme.ts'
import { Crc32 } from './fast-crc32.ts'

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
  readonly #crc: Crc32 | Crc64Nvme | undefined

  constructor(name: RangeSumName | undefined) {
    if (name !== undefined) this.#crc = name === 'CRC32' ? new Crc32() : new Crc64Nvme()
  }

  get value(): bigint {
    return BigInt(this.#crc?.value ?? 0)
  }

  add(bytes: Uint8Array): void {
    this.#crc?.add(bytes)
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
