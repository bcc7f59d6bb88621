import type { KeyBytes } from '../model/key.ts'

interface Keyed {
  readonly key: KeyBytes
}

/** What two places have under one key; at least one side is there. */
export type Pair<S, D> = readonly [source: S | undefined, destination: D | undefined]

/** Merge join of two streams that are in byte order of their keys, each key once. Closes both at its end. */
export async function* joinStreams<S extends Keyed, D extends Keyed>(
  source: AsyncGenerator<S>,
  destination: AsyncGenerator<D>,
): AsyncGenerator<Pair<S, D>, void> {
  try {
    yield* joined(source, destination)
  } finally {
    await Promise.all([source.return(undefined), destination.return(undefined)])
  }
}

async function* joined<S extends Keyed, D extends Keyed>(
  source: AsyncIterator<S>,
  destination: AsyncIterator<D>,
): AsyncGenerator<Pair<S, D>, void> {
  let s = await source.next()
  let d = await destination.next()
  while (!s.done || !d.done) {
    if (d.done || (!s.done && s.value.key < d.value.key)) {
      yield [s.value, undefined]
      s = await source.next()
    } else if (s.done || d.value.key < s.value.key) {
      yield [undefined, d.value]
      d = await destination.next()
    } else {
      yield [s.value, d.value]
      s = await source.next()
      d = await destination.next()
    }
  }
}
