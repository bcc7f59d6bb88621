/** Runs `work` on every item, at most `workers` at a time, in the order they come. */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  workers: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.asyncIterator]()
  const worker = async (): Promise<void> => {
    for (let next = await queue.next(); !next.done; next = await queue.next())
      await work(next.value)
  }
  await Promise.all(Array.from({ length: workers }, worker))
}
