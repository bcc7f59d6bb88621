import { SyncError } from '../errors/sync-error.ts'
import type { Batch, RoutedOp } from './batch.ts'
import type { CopyOp, Op } from './op.ts'
import type { EngineName } from './outcome.ts'

/** How one attempt at an op ended, as its engine saw it. */
export type Ending<T extends Op = CopyOp> = Done<T> | Stopped

/** The op was carried out. */
export interface Done<T extends Op = CopyOp> {
  readonly status: 'done'
  /** Of the new object, where the engine saw the answer. */
  readonly etag?: string | undefined
  /** Hex, of the bytes that were written, where they passed through this process and somebody wants to know it. */
  readonly sha256?: string | undefined
  /** The op as it was carried out: its source had changed after it was planned. */
  readonly as?: T | undefined
}

/** The engine stopped before the op ended, or lost it: what nothing is known of is unknown. */
export interface Stopped {
  readonly status: 'unknown' | 'failed'
  readonly code: string
  readonly message: string
  /** Of the answer, where one came. */
  readonly httpStatus?: number | undefined
}

/** The end of an attempt at an op of a batch. */
export interface Ended<T extends Op = CopyOp> {
  readonly op: RoutedOp<T>
  readonly batch: Batch<T>
  readonly ending: Ending<T>
  /** From when the engine was given the op, milliseconds. */
  readonly tookMs?: number
  /** The engine stopped before it tried the op. */
  readonly untried?: true
}

/** Gives the next batch; undefined when there is none. */
export type NextBatch<T extends Op = CopyOp> = () => Promise<Batch<T> | undefined>

/** What carries ops out. */
export interface Engine<T extends Op = CopyOp> {
  readonly name: EngineName
  /** Whether it carries an op out. */
  takes(op: RoutedOp<T>): boolean
  /**
   * Carries batches out, in any order within, until there are none or until it must stop, and tells the
   * end of every op of the batches it took exactly once; `onAnswered`: that a service answered, though no op
   * ended by it. Gives why it stopped before the last batch. Rejects only when a batch cannot be had.
   */
  run(
    next: NextBatch<T>,
    onEnded: (ended: Ended<T>) => void,
    onAnswered: () => void,
  ): Promise<Stopped | undefined>
}

/** Why ops are left that a run has no time for. */
const OUT_OF_TIME: Stopped = {
  status: 'failed',
  code: 'MaxDuration',
  message: 'The run reached max-duration before it started this object.',
}

/** What ends a run before its work is done. */
export interface Ends {
  /** The run was cancelled. */
  readonly signal: AbortSignal
  /** Nothing is begun behind it; what is under way ends in order. Its reason may say why, as `Stopped`. */
  readonly deadline: AbortSignal
}

/** Why nothing more is begun; undefined as long as work goes on. */
export function stopOf({ signal, deadline }: Ends): Stopped | undefined {
  if (signal.aborted) return stoppedBy(signal)
  if (!deadline.aborted) return undefined
  const { reason } = deadline
  return typeof reason === 'object' && 'status' in reason ? (reason as Stopped) : OUT_OF_TIME
}

/** Why ops of a cancelled run are not settled. */
const CANCELLED: Stopped = {
  status: 'unknown',
  code: 'Cancelled',
  message: 'The run was cancelled before it finished this object.',
}

/** Why ops of a run that lost its lock are not settled. */
const LOCK_LOST: Stopped = {
  status: 'unknown',
  code: 'LockLost',
  message: 'The run lost its lock before this object was finished.',
}

/** Why ops are not settled of a run that this signal ended: a cancel, or the loss of its lock. */
export const stoppedBy = ({ reason }: AbortSignal): Stopped =>
  reason instanceof SyncError && reason.kind === 'lock' ? LOCK_LOST : CANCELLED

/** Whether that is why nothing is begun any more in the whole run, whatever became of what was begun. */
export const endsRun = (why: Stopped): boolean =>
  why === CANCELLED || why === LOCK_LOST || why === OUT_OF_TIME
