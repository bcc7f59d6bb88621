import { StringDecoder } from 'node:string_decoder'

/** Of a longer line the rest is not kept: none of ours is so long, and somebody else's must not fill the memory. */
const MOST_LINE_CHARS = 2 ** 20

/** Cuts a stream of UTF-8 into lines. */
export interface LineSplitter {
  /** Lines that this chunk completes. */
  push(chunk: Buffer): string[]
  /** The last line, when the stream ended without a newline. */
  end(): string[]
}

/** Splits at '\n' alone: readline would also split at '\r' and U+2028, which object keys may hold. */
export function lineSplitter(): LineSplitter {
  const decoder = new StringDecoder('utf8')
  // Pieces of the unfinished line: joined once, so that a line of many chunks costs no more than its length.
  let pieces: string[] = []
  let kept = 0
  const keep = (piece: string): void => {
    const part = piece.slice(0, MOST_LINE_CHARS - kept)
    if (part !== '') pieces.push(part)
    kept += part.length
  }
  const take = (): string => {
    const line = pieces.join('')
    pieces = []
    kept = 0
    return line
  }
  return {
    push: (chunk) => {
      const [head = '', ...others] = decoder.write(chunk).split('\n')
      keep(head)
      const last = others.pop()
      if (last === undefined) return []
      const lines = [take(), ...others]
      keep(last)
      return lines
    },
    end: () => {
      keep(decoder.end())
      const line = take()
      return line === '' ? [] : [line]
    },
  }
}
