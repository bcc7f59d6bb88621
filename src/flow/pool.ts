/** Runs `work` on every item, at most `workers` at a time; the first failure stops all. */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.asyncIterator]()
  let failed = false
  const worker = async (): Promise<void> => {
    try {
      while (!failed) {
        const next = await queue.next()
        if (next.done) return
        await work(next.value)
      }
    } catch (error) {
      failed = true
      throw error
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: workers }, worker))
  await queue.return?.()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
