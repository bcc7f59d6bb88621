/** Runs `work` on every item, at most `workers` at a time; the first failure stops all. */
export async function inParallel<T>(
  items: Iterable<T> | AsyncIterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failed = false
  const worker = async (): Promise<void> => {
    try {
      while (!failed) {
        const turn = queue.next()
        const next = turn instanceof Promise ? await turn : turn
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
