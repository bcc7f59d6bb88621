/** When rows are no longer written, after a cancel: the runner's patience ends soon. Milliseconds. */
const ROWS_MS = 3000
/** However late it is, a room has so long for them: enough for tens of thousands. */
const LEAST_MS = 500

/**
 * Tells whether a cancelled run has to leave its remaining rows unwritten, so that it ends in time; they count as
 * unknown. `cancelledForMs`: since the cancel, 0 while there is none; the clock of a room begins with this call.
 */
export function lateness(cancelledForMs: () => number): () => boolean {
  const begunMs = cancelledForMs()
  return () => cancelledForMs() > Math.max(ROWS_MS, begunMs + LEAST_MS)
}
