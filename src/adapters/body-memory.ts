/** A page of a listing as S3 sends it, with keys of usual length. */
const FIRST_BYTES = 352 * 1024
/** As many requests are under way. */
const MOST_SPARE = 32

/** Memory that the bodies of answers are read into, one after the other: fresh one each time is the work of the garbage collector. */
export class BodyMemory {
  readonly #spare: Buffer[] = []

  /** Memory for so many bytes, with what it held before. */
  take(bytes: number): Buffer {
    const last = this.#spare.pop()
    return last && last.length >= bytes
      ? last
      : Buffer.allocUnsafeSlow(Math.max(bytes, FIRST_BYTES))
  }

  /** Takes a body back, of which nothing will be read any more. */
  giveBack({ buffer, byteOffset }: Buffer): void {
    if (byteOffset !== 0 || this.#spare.length >= MOST_SPARE) return
    this.#spare.push(Buffer.from(buffer))
  }
}
