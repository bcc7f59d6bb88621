import { createHash } from 'node:crypto'

/**
 * SHA-256 of content that comes in parts: they are begun in their order, and come in any. Each waits for its turn; who
 * loses one has to say so, as the others would wait for ever.
 */
export class OrderedSha256 {
  readonly #hash = createHash('sha256')
  readonly #waiting = new Map<number, () => void>()
  #next = 1
  #isLost = false

  /** Takes a part, counted from 1; resolves when its bytes are not needed any more. */
  async add(number: number, bytes: Uint8Array): Promise<void> {
    if (number !== this.#next && !this.#isLost)
      await new Promise<void>((enter) => this.#waiting.set(number, enter))
    if (this.#isLost) return
    this.#hash.update(bytes)
    this.#next++
    this.#enter(this.#next)
  }

  /** A part will not come. */
  lose(): void {
    this.#isLost = true
    for (const number of [...this.#waiting.keys()]) this.#enter(number)
  }

  /** Hex, once all parts are taken; undefined where one was lost. */
  hex(): string | undefined {
    return this.#isLost ? undefined : this.#hash.digest('hex')
  }

  #enter(number: number): void {
    const enter = this.#waiting.get(number)
    this.#waiting.delete(number)
    enter?.()
  }
}

/** Makes a part while it is hashed: its bytes are held until both is done. */
export async function hashedPart<T>(
  sha256: OrderedSha256 | undefined,
  make: (hash: (number: number, bytes: Uint8Array) => Promise<void>) => Promise<T>,
): Promise<T> {
  try {
    return await make(async (number, bytes) => sha256?.add(number, bytes))
  } catch (error) {
    sha256?.lose()
    throw error
  }
}
