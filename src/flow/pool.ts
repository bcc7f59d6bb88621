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

/** Runs `work` on items, so many at a time; gives what it gave in the order of the items. The first failure ends it, once what is under way has ended. */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const underWay: Promise<R>[] = []
  try {
    for await (const item of items) {
      const result = work(item)
      // Until its turn comes nobody listens.
      result.catch(() => {})
      underWay.push(result)
      const [next] = underWay
      if (underWay.length < atOnce || !next) continue
      yield await next
      underWay.shift()
    }
    for (let next = underWay.shift(); next; next = underWay.shift()) yield await next
  } finally {
    await Promise.allSettled(underWay)
  }
}
