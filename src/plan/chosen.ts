import { hash } from 'node:crypto'

interface Entry<Item> {
  readonly digest: string
  readonly item: Item
}

/**
 * Keeps so many of any number of items, which a digest of their names and of the day chooses: the order in which they
 * come does not matter, and from day to day others have their turn.
 */
export class Chosen<Item> {
  readonly #day: string
  readonly #most: number
  /** In the order of their digests. */
  readonly #entries: Entry<Item>[] = []

  constructor(day: string, most: number) {
    this.#day = day
    this.#most = most
  }

  /** The items that are chosen by now. */
  get items(): readonly Item[] {
    return this.#entries.map(({ item }) => item)
  }

  /** Takes an item, which is made where it is chosen; gives the one that is not chosen any more, `not-chosen`: it is this one. */
  offer(name: string, make: () => Item): Item | 'not-chosen' | undefined {
    const digest = hash('sha256', `${this.#day}\n${name}`)
    const last = this.#entries.at(-1)
    const isFull = this.#entries.length >= this.#most
    if (isFull && (!last || digest >= last.digest)) return 'not-chosen'
    this.#entries.splice(this.#placeOf(digest), 0, { digest, item: make() })
    return isFull ? this.#entries.pop()?.item : undefined
  }

  #placeOf(digest: string): number {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle] as Entry<Item>).digest < digest) low = middle + 1
      else high = middle
    }
    return low
  }
}
