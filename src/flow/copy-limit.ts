const GRACE_MS = 60_000
const SLOWEST_BYTES_PER_MS = 5_000

/** How long one copy may take: a minute and 5 MB/s, at least the request timeout; milliseconds. */
export const copyLimitMs = (bytes: number, requestTimeoutMs: number): number =>
  Math.max(requestTimeoutMs, GRACE_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS))
