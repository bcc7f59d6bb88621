import type { CopyOp, Op } from './op.ts'
import type { EngineName, RouteReason } from './outcome.ts'

/** Small: under 10 MB. Medium: to 100 MB. Large: above. */
export type SizeClass = 'small' | 'medium' | 'large'

const MB = 1_000_000

/** Size class of an object. */
export function sizeClassOf(bytes: number): SizeClass {
  if (bytes < 10 * MB) return 'small'
  return bytes <= 100 * MB ? 'medium' : 'large'
}

/** An op and the engine that will carry it. */
export interface RoutedOp<T extends Op = CopyOp> {
  readonly op: T
  readonly engine: EngineName
  readonly route?: RouteReason | undefined
  /** Times the op was given to an engine before. */
  readonly attempts: number
}

/** Ops of one engine, copies of one size class, that are handed over together. */
export interface Batch<T extends Op = CopyOp> {
  /** Counts from 1 over the whole run. */
  readonly id: number
  readonly engine: EngineName
  readonly sizeClass?: SizeClass | undefined
  readonly ops: readonly RoutedOp<T>[]
  readonly bytes: number
  /** Server time when the batch was handed over, milliseconds since the epoch; 0 where nothing is proven by it. */
  readonly beganMs: number
}
