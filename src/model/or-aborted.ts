/** The same as `work`, but who ends it is not kept waiting: the signal's reason is thrown. */
export async function orAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T> | T,
): Promise<T> {
  if (!signal) return work
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
