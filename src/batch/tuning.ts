import type { SizeClass } from '../model/batch.ts'
import type { CarryRequest } from '../model/request.ts'

const MB = 1_000_000

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

/** Ops in a batch of this size class. */
export const batchOps = ({ batchSize }: CarryRequest, sizeClass: SizeClass): number =>
  batchSize === 'auto' ? BATCH_OPS[sizeClass] : batchSize
