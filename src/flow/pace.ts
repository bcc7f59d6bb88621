const SHORT_MS = 1000

/**
 * Wait before another pass over failed rows, milliseconds: after throttling `retryDelayMs`, doubled
 * each pass; after other failures a second at most; with full jitter.
 */
export function passDelayMs(
  pass: number,
  throttled: boolean,
  rules: { readonly retryDelayMs: number; readonly random: () => number },
): number {
  const { retryDelayMs, random } = rules
  const longest = throttled ? retryDelayMs * 2 ** (pass - 1) : Math.min(SHORT_MS, retryDelayMs)
  return Math.round(random() * longest)
}

/** Objects in parallel in a pass: halved with each pass after the first. */
export const passWorkers = (workers: number, pass: number): number =>
  Math.max(1, Math.ceil(workers / 2 ** pass))
