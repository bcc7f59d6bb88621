import type { KeyBytes } from '../model/key.ts'

interface Keyed {
  readonly key: KeyBytes
}

/** What two places have under one key; at least one side is there. */
export type Pair<S, D> = readonly [source: S | undefined, destination: D | undefined]

/** Whether an object has its turn beside what the other stream gives; both have it under one key. */
const hasTurn = (one: Keyed | undefined, other: Keyed | undefined): boolean =>
  one !== undefined && !(other && other.key < one.key)

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

/** The next object of a stream that comes in blocks. */
export class Head<T extends Keyed> {
  readonly #blocks: AsyncGenerator<readonly T[]>
  #block: readonly T[] = []
  #at = 0
  #isOver = false

  constructor(blocks: AsyncGenerator<readonly T[]>) {
    this.#blocks = blocks
  }

  /** undefined where the block is used up, and at the end. */
  get value(): T | undefined {
    return this.#block[this.#at]
  }

  /** Whether it is known what comes next. */
  get isKnown(): boolean {
    return this.#isOver || this.#at < this.#block.length
  }

  step(): void {
    this.#at++
  }

  /** Reads on where the block is used up. */
  async fill(): Promise<void> {
    while (!this.isKnown) {
      const { value, done } = await this.#blocks.next()
      this.#isOver = done === true
      this.#block = value ?? []
      this.#at = 0
    }
  }

  close(): Promise<unknown> {
    return this.#blocks.return(undefined)
  }
}

/**
 * `joinStreams` of streams that come in blocks, by the million: its pairs come in blocks, too, of which none is empty.
 * `isAlike`: whether two have one key, where that can be seen without their keys; false says nothing.
 */
export async function* joinBlocks<S extends Keyed, D extends Keyed>(
  source: AsyncGenerator<readonly S[]>,
  destination: AsyncGenerator<readonly D[]>,
  isAlike: (one: S, other: D) => boolean = () => false,
): AsyncGenerator<readonly Pair<S, D>[], void> {
  const [from, to] = [new Head(source), new Head(destination)]
  try {
    for (;;) {
      await from.fill()
      await to.fill()
      const pairs: Pair<S, D>[] = []
      while (from.isKnown && to.isKnown) {
        const [s, d] = [from.value, to.value]
        if (!s && !d) break
        const isBoth = s !== undefined && d !== undefined && isAlike(s, d)
        const [isFrom, isTo] = isBoth ? [true, true] : [hasTurn(s, d), hasTurn(d, s)]
        pairs.push([isFrom ? s : undefined, isTo ? d : undefined])
        if (isFrom) from.step()
        if (isTo) to.step()
      }
      if (pairs.length === 0) return
      yield pairs
    }
  } finally {
    await Promise.all([from.close(), to.close()])
  }
}

async function* joined<S extends Keyed, D extends Keyed>(
  source: AsyncGenerator<S, undefined>,
  destination: AsyncGenerator<D, undefined>,
): AsyncGenerator<Pair<S, D>, void> {
  let s = (await source.next()).value
  let d = (await destination.next()).value
  while (s || d) {
    const [isFrom, isTo] = [hasTurn(s, d), hasTurn(d, s)]
    yield [isFrom ? s : undefined, isTo ? d : undefined]
    if (isFrom) s = (await source.next()).value
    if (isTo) d = (await destination.next()).value
  }
}
