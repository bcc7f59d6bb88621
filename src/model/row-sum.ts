/** Where the size of an op begins in its line, and in its row: what stands before is the same in both. */
const BEFORE_SIZE = '","size":'

/** Of the two sums of a line. */
const [FIRST_SEED, SECOND_SEED] = [0x811c9dc5 | 0, 0x9747b28c | 0]

/**
 * The sum of lines, whatever their order: that of a part of a plan, and that of its rows, which tell the same op, key,
 * target and size. It shows what is lost, doubled or of another part; who means harm is kept out by other means.
 */
export class RowSum {
  #first = 0
  #second = 0
  #mixed = 0
  #lines = 0

  /** Lines that were added. */
  get lines(): number {
    return this.#lines
  }

  /** Adds the line of a copy of wave 0, or its row. */
  add(line: string): void {
    const at = line.indexOf(BEFORE_SIZE)
    const comma = line.indexOf(',', at + BEFORE_SIZE.length)
    const end = at < 0 || comma < 0 ? line.length : comma
    let [a, b] = [FIRST_SEED, SECOND_SEED]
    for (let i = 0; i < end; i++) {
      const unit = line.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = (Math.imul(b, 31) + unit) | 0
    }
    this.#mix(a, b)
  }

  /** Adds such a line that ends with its size; gives whether it is ASCII, and is not added where it is not. */
  addAscii(bytes: Uint8Array, from: number, end: number): boolean {
    let [a, b, units] = [FIRST_SEED, SECOND_SEED, 0]
    for (let i = from; i < end; i++) {
      const unit = bytes[i] as number
      units |= unit
      a = Math.imul(a ^ unit, 0x01000193)
      b = (Math.imul(b, 31) + unit) | 0
    }
    const isAscii = units < 0x80
    if (isAscii) this.#mix(a, b)
    return isAscii
  }

  /** 32 hex digits. */
  get digest(): string {
    return [this.#first, this.#second, this.#mixed, this.#lines]
      .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
      .join('')
  }

  #mix(a: number, b: number): void {
    const mixed = Math.imul(b ^ (b >>> 15), 0x85ebca6b)
    this.#first = (this.#first + a) | 0
    this.#second = (this.#second + mixed) | 0
    this.#mixed ^= Math.imul(a ^ (mixed >>> 13), 0xc2b2ae35)
    this.#lines++
  }
}
