import type { RangeSumName } from './range-sum.ts'

/** What was written of an answer. */
export interface Written {
  readonly bytes: number
  /** The checksum of them that is wanted; 0 where none is. */
  readonly sum: bigint
}

/** A place in a file of this process, lent to another thread of it: the file stays open until that is over. */
export interface FilePlace {
  /** Number of the open file. */
  readonly handle: number
  /** Where the first byte goes. */
  readonly at: number
  /** What checksum is wanted of what is written. */
  readonly summed: RangeSumName | undefined
  /** Called once: nothing writes there any more. */
  over(written: Written): void
  /** What a failure of the file system is called. */
  unwritable(error: unknown): Error
}

/** Where bytes go as they come, instead of into memory. */
export interface ByteSink {
  /** Takes bytes, whose memory is used again right behind; gives what to wait for before more comes, undefined: nothing. Throws where they cannot be kept. */
  add(bytes: Uint8Array): Promise<void> | undefined
  /**
   * Where the next bytes are best read to, as `add` would copy them there: lent until the next call. Nothing may be read to
   * it any more once the answer has ended.
   */
  readonly memory?: Buffer
  /** Takes so many bytes that were read to `memory`: the same as `add` of them, for who gets them in small pieces. */
  took?(bytes: number): Promise<void> | undefined
  /** Lends the place that bytes go to: then nothing is added here. undefined: there is none that can be lent. */
  lend?(): FilePlace | undefined
}
