import type { ByteRange } from '../../storage/store.ts'

const MIB = 2 ** 20
const MOST_PARTS = 10_000
/** Server-side a part takes about a second, whatever the number of parts. */
const COPY_PART_BYTES = 256 * MIB

/** Bytes of the parts that an object is copied in, server-side. */
export const copyPartBytes = (size: number): number =>
  Math.max(COPY_PART_BYTES, Math.ceil(size / MOST_PARTS / MIB) * MIB)

/** An object of `size` bytes cut into parts. */
export function* rangesOf(size: number, partBytes: number): Generator<ByteRange> {
  for (let first = 0; first < size; first += partBytes)
    yield { first, last: Math.min(size, first + partBytes) - 1 }
}
