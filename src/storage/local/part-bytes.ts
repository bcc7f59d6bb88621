const MIB = 2 ** 20
/** Small enough that many are under way in little memory, large enough that few requests are made. */
const USUAL_PART_BYTES = 8 * MIB
const MOST_PARTS = 10_000

/**
 * Bytes of the parts that a file of `size` bytes is uploaded in; never more than 10,000 parts. They depend on nothing
 * else, so that the same file has the same ETag again.
 */
export const uploadPartBytes = (asked: number | 'auto', size: number): number =>
  Math.max(asked === 'auto' ? USUAL_PART_BYTES : asked, Math.ceil(size / MOST_PARTS / MIB) * MIB)
