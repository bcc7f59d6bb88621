const NEWLINE = 10

/**
 * Makes whole lines of bytes that come piece by piece, each of which may be gone with the next one. They end at '\n' alone, as
 * object keys may hold all else.
 */
export class WholeLines {
  #begun: Buffer = Buffer.alloc(0)

  /** The beginning of a line whose end has not come. */
  get begun(): Buffer {
    return this.#begun
  }

  /** All lines that a piece completes, each with its end. */
  push({ buffer, byteOffset, length }: Uint8Array): readonly Buffer[] {
    const piece = Buffer.from(buffer, byteOffset, length)
    const first = piece.indexOf(NEWLINE) + 1
    if (first === 0) {
      this.#begun = Buffer.concat([this.#begun, piece])
      return []
    }
    const line = Buffer.concat([this.#begun, piece.subarray(0, first)])
    const end = piece.lastIndexOf(NEWLINE) + 1
    this.#begun = Buffer.from(piece.subarray(end))
    return end > first ? [line, piece.subarray(first, end)] : [line]
  }
}
