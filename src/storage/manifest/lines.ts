/** A line of a file as it stands there, without its LF. */
export interface FileLine {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** Why it is no line of text. */
  readonly problem?: string
}

/** No row is longer: a key has at most 1,024 bytes, each of which takes up to six characters. */
export const MOST_LINE_CHARS = 2 ** 16

const TOO_LONG = `is longer than ${MOST_LINE_CHARS / 1024} KiB`
const NOT_UTF8 = 'is not UTF-8'

/** Cuts bytes into lines of text. What a line holds behind its longest is dropped as it comes. */
class LineCutter {
  readonly #end: number
  readonly #endText: string
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  #number = 0
  #pieces: Uint8Array[] = []
  #kept = 0
  #isTooLong = false

  constructor(end: number) {
    this.#end = end
    this.#endText = String.fromCharCode(end)
  }

  /** The lines that end in these bytes. */
  push(chunk: Uint8Array): FileLine[] {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const first = bytes.indexOf(this.#end)
    if (first < 0) {
      this.#keep(bytes)
      return []
    }
    this.#keep(bytes.subarray(0, first))
    const lines = [this.#take()]
    const last = bytes.lastIndexOf(this.#end)
    if (last > first) this.#cut(bytes.subarray(first + 1, last), lines)
    this.#keep(bytes.subarray(last + 1))
    return lines
  }

  /** The last line, where no end of a line stands behind it. */
  rest(): FileLine[] {
    return this.#kept === 0 && !this.#isTooLong ? [] : [this.#take()]
  }

  #cut(bytes: Buffer, lines: FileLine[]): void {
    const text = this.#text(bytes)
    if (text !== undefined) {
      for (const line of text.split(this.#endText)) lines.push(this.#line(line))
      return
    }
    // One of them is no text: which one that is.
    for (let at = 0; at <= bytes.length; ) {
      const end = bytes.indexOf(this.#end, at)
      const line = bytes.subarray(at, end < 0 ? bytes.length : end)
      lines.push(this.#line(this.#text(line)))
      at += line.length + 1
    }
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#isTooLong) return
    this.#kept += bytes.length
    this.#isTooLong = this.#kept > 4 * MOST_LINE_CHARS
    if (this.#isTooLong) this.#pieces = []
    // The bytes may be written over before the line ends.
    else this.#pieces.push(Buffer.from(bytes))
  }

  #take(): FileLine {
    const text = this.#isTooLong ? '' : this.#text(Buffer.concat(this.#pieces))
    const line = this.#isTooLong
      ? { number: ++this.#number, text: '', problem: TOO_LONG }
      : this.#line(text)
    this.#pieces = []
    this.#kept = 0
    this.#isTooLong = false
    return line
  }

  #line(text: string | undefined): FileLine {
    const number = ++this.#number
    if (text === undefined) return { number, text: '', problem: NOT_UTF8 }
    return text.length > MOST_LINE_CHARS
      ? { number, text: '', problem: TOO_LONG }
      : { number, text }
  }

  #text(bytes: Uint8Array): string | undefined {
    try {
      return this.#utf8.decode(bytes)
    } catch {
      return undefined
    }
  }
}

/** The lines of a file, as many at a time as are read. They end with LF, or where keys may hold it with another byte. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  end = 10,
): AsyncGenerator<readonly FileLine[]> {
  const cutter = new LineCutter(end)
  for await (const chunk of chunks) yield cutter.push(chunk)
  yield cutter.rest()
}
