import type { Batch, RoutedOp } from '../model/batch.ts'
import type { EngineName } from '../model/outcome.ts'

/** How one attempt at an op ended, as its engine saw it. */
export type Ending =
  | { readonly status: 'done'; readonly etag?: string | undefined }
  | { readonly status: 'failed' | 'unknown'; readonly code: string; readonly message: string }

/** Told once for every op that an engine was given. */
export type OnEnded = (ended: {
  readonly op: RoutedOp
  readonly batch: Batch
  readonly ending: Ending
}) => void

/** What carries ops. */
export interface Engine {
  readonly name: EngineName
  /**
   * Carries all batches, in any order within, and tells the end of every op exactly once. Never
   * rejects for a failed op. After a cancel, ops that were not settled end `unknown`.
   */
  run(batches: AsyncIterable<Batch>, onEnded: OnEnded): Promise<void>
}

/** Ending of an op that a cancel left unsettled. */
export const CANCELLED: Ending = {
  status: 'unknown',
  code: 'Cancelled',
  message: 'The run was cancelled before this object was settled.',
}
