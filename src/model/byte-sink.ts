/** Where bytes go as they come, instead of into memory. */
export interface ByteSink {
  /** Takes bytes, whose memory is used again right behind; gives what to wait for before more comes, undefined: nothing. Throws where they cannot be kept. */
  add(bytes: Uint8Array): Promise<void> | undefined
  /**
   * Where the next bytes are best read to, as `add` would copy them there: lent until the next call. Nothing may be read to
   * it any more once the answer has ended.
   */
  readonly memory?: Buffer
}
