import type { LineWriter } from '../ports.ts'
import { SLACK_BYTES, type WordMemory, wordMemory } from '../storage/plain-bytes.ts'

/** Bytes of a piece of memory that lines wait in; hardly a line has a tenth of it. */
const PIECE_BYTES = 256 * 1024
/** Of a character of JavaScript, in UTF-8. */
const MOST_BYTES_EACH = 3
const NEWLINE = 0x0a
/** As many pieces are kept to be used again. */
const MOST_SPARE = 16
const spare: WordMemory[] = []

function keepSpare(piece: WordMemory): void {
  if (spare.length < MOST_SPARE && piece.bytes.length === PIECE_BYTES) spare.push(piece)
}

/** Lines as bytes that wait to be written, in a few large pieces of memory: by the million, so that each costs next to nothing. */
export class LinePieces {
  /** Pieces that are full, and how many of their bytes are lines. */
  #full: { readonly piece: WordMemory; readonly bytes: number }[] = []
  #piece: WordMemory | undefined
  #bytes = 0

  /** Whether no line waits. */
  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#full.length === 0
  }

  /** Where the next line begins in the memory that there is room in. */
  get end(): number {
    return this.#bytes
  }

  /** Memory that has room for so many bytes behind `end`. */
  room(bytes: number): WordMemory {
    const needed = bytes + SLACK_BYTES
    if (this.#piece && this.#bytes + needed <= this.#piece.bytes.length) return this.#piece
    this.#endPiece()
    const last = needed <= PIECE_BYTES ? spare.pop() : undefined
    this.#piece = last ?? wordMemory(Math.max(needed, PIECE_BYTES))
    return this.#piece
  }

  /** What was written to the memory up to there is lines. */
  endAt(end: number): void {
    this.#bytes = end
  }

  /** Adds a line. */
  add(line: string): void {
    const { bytes } = this.room(line.length * MOST_BYTES_EACH + 1)
    this.#bytes += bytes.write(line, this.#bytes)
    bytes[this.#bytes++] = NEWLINE
  }

  /** Hands all lines on to a file. */
  async writeTo(writer: LineWriter): Promise<void> {
    this.#endPiece()
    const full = this.#full
    this.#full = []
    for (const { piece, bytes } of full) {
      await writer.append(piece.bytes.subarray(0, bytes))
      keepSpare(piece)
    }
  }

  #endPiece(): void {
    if (this.#piece && this.#bytes > 0) this.#full.push({ piece: this.#piece, bytes: this.#bytes })
    else if (this.#piece) keepSpare(this.#piece)
    this.#piece = undefined
    this.#bytes = 0
  }
}
