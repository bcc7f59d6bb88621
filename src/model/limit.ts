/** How long something may take. */
export interface Limit {
  readonly timeoutMs: number
  /** Ends it early, with the signal's reason as the error. */
  readonly signal?: AbortSignal | undefined
}
