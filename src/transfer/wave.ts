import type { Settled } from '../ledger/ledger.ts'
import type { Batch, RoutedOp } from '../model/batch.ts'
import type { Done, Ending, Engine } from '../model/engine.ts'
import type { Op } from '../model/op.ts'
import type { Outcome } from '../model/outcome.ts'
import type { RunContext } from './context.ts'
import type { Goal } from './progress.ts'

/** An op that ends without an engine. */
export interface SettledOp<T extends Op> {
  readonly op: T
  readonly ending: Ending<T>
}

/** What the executor knows of a wave at its end. */
export interface WaveEnd extends Settled {
  /** Passes that followed the first one. */
  readonly extraPasses: number
  /** In the best ten seconds. */
  readonly peakBytesPerSecond: number
}

/**
 * Ops of a plan that are carried out together. A plan is ordered waves: each begins when the ones before it have ended,
 * and deletes are the last one.
 */
export interface Wave<T extends Op, Found> {
  /** The stage of the run that it is. */
  readonly stage: 'copy' | 'delete'
  readonly goal: Goal
  /**
   * Looks at what its ops are by now. `cleared`: all of the waves before it are done and proven; `folder`: for what
   * does not fit into memory, the caller removes it.
   */
  begin(cleared: boolean, context: RunContext, folder: string): Promise<WaveWork<T, Found>>
}

/** What the passes over a wave carry out. */
export interface PassWork<T extends Op> {
  /** Its ops, each with its engine. */
  ops(): AsyncIterable<RoutedOp<T>>
  /** Packs ops into batches of one engine each. */
  pack(ops: AsyncIterable<RoutedOp<T>>): AsyncGenerator<Batch<T>>
  /** A batch that waited for its engine, as it is handed over now. */
  handedOver(batch: Batch<T>): Batch<T>
  /** The engines of a pass, 0 being the first. */
  engines(pass: number): readonly Engine<T>[]
  /** Whether s5cmd crashed so often that the direct engine carries out what is left. */
  isGivenUp(): boolean
  /** Whether the direct engine may carry out what s5cmd was refused, though asking again does not heal it. */
  goesDirect(outcome: Outcome<T>): boolean
  /** The end of an op that nothing was heard of, where the destination shows that it is done. Throws what the look throws. */
  lookUp(outcome: Outcome<T>, signal: AbortSignal): Promise<Done<T> | undefined>
}

/** A wave that has begun. */
export interface WaveWork<T extends Op, Found> extends PassWork<T> {
  /** Ops that end without an engine and are not among the others; read once, before them. */
  settled(): AsyncIterable<SettledOp<T>>
  /** Bytes that were moved since the run began, as far as engines tell before an op ends. */
  readonly movedBytes: number
  /** Lets less be done at a time. */
  lower(): void
  /** Closes what was opened for it. */
  close(): Promise<void>
  found(end: WaveEnd): Found
}
