/** Numbers and choices that follow from a seed alone. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number
  chance(probability: number): boolean
  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T
  /** So many different ones of a list, in a random order; all of a list that has no more. */
  sample<T>(list: readonly T[], count: number): T[]
}

/** The mulberry32 generator: small, fast, and good enough to choose schedules. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The same numbers for the same seed, on every machine. */
export function randomOf(seed: number): Random {
  const next = mulberry32(seed)
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1))
  const sample = <T>(list: readonly T[], count: number): T[] => {
    const left = [...list]
    const size = Math.min(count, left.length)
    return Array.from({ length: size }, () => left.splice(int(0, left.length - 1), 1)).flat()
  }
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (list) => list[int(0, list.length - 1)] as (typeof list)[number],
    sample,
  }
}

/** The element that a number of any size stands for. */
export const oneOf = <T>(list: readonly [T, ...T[]], number: number): T =>
  list[number % list.length] ?? list[0]
