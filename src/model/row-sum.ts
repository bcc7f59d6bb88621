/** Where the size of an op begins in its line, and in its row: what stands before is the same in both. */
const BEFORE_SIZE = '","size":'

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
    let [a, b] = [0x811c9dc5 | 0, 0x9747b28c | 0]
    for (let i = 0; i < end; i++) {
      const unit = line.charCodeAt(i)
      a = Math.imul(a ^ unit, 0x01000193)
      b = (Math.imul(b, 31) + unit) | 0
    }
    const mixed = Math.imul(b ^ (b >>> 15), 0x85ebca6b)
    this.#first = (this.#first + a) | 0
    this.#second = (this.#second + mixed) | 0
    this.#mixed ^= Math.imul(a ^ (mixed >>> 13), 0xc2b2ae35)
    this.#lines++
  }

  /** 32 hex digits. */
  get digest(): string {
    return [this.#first, this.#second, this.#mixed, this.#lines]
      .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
      .join('')
  }
}
