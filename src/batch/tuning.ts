import type { SizeClass } from '../model/batch.ts'
import type { CarryRequest } from '../model/request.ts'

const MB = 1_000_000
const MIB = 2 ** 20

/** Size class of an object: small under 10 MB, large above 100 MB. */
export function sizeClassOf(bytes: number): SizeClass {
  if (bytes < 10 * MB) return 'small'
  return bytes <= 100 * MB ? 'medium' : 'large'
}

/** Objects in parallel to start with, by the size class of all the work. */
export const WORKERS: Readonly<Record<SizeClass | 'mixed', number>> = {
  small: 50,
  medium: 20,
  large: 10,
  mixed: 16,
}

/** Ops of a batch, by size class. */
export const BATCH_OPS: Readonly<Record<SizeClass, number>> = { small: 500, medium: 200, large: 50 }

/** Objects in parallel, for work that has these size classes. */
export function workersFor({ numworkers }: CarryRequest, classes: ReadonlySet<SizeClass>): number {
  if (numworkers !== 'auto') return numworkers
  const [only, another] = classes
  return WORKERS[another === undefined ? (only ?? 'small') : 'mixed']
}

/** Bytes of a part by object size: what is below the first bound has parts of that size, and so on. */
export const PART_SIZES: readonly { readonly belowBytes: number; readonly partBytes: number }[] = [
  { belowBytes: 50 * MB, partBytes: 5 * MIB },
  { belowBytes: 500 * MB, partBytes: 50 * MIB },
  { belowBytes: Number.POSITIVE_INFINITY, partBytes: 100 * MIB },
]
const MOST_PARTS = 10_000

/** Bytes of the parts that an object of `size` bytes is streamed in; never more than 10,000 parts. */
export function partBytesFor({ partBytes }: Pick<CarryRequest, 'partBytes'>, size: number): number {
  const bySize = PART_SIZES.find(({ belowBytes }) => size < belowBytes)?.partBytes ?? 100 * MIB
  const wanted = partBytes === 'auto' ? bySize : partBytes
  return Math.max(wanted, Math.ceil(size / MOST_PARTS / MIB) * MIB)
}

/** Ops in a batch of this size class. */
export const batchOps = ({ batchSize }: CarryRequest, sizeClass: SizeClass): number =>
  batchSize === 'auto' ? BATCH_OPS[sizeClass] : batchSize
