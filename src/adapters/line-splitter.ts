import { StringDecoder } from 'node:string_decoder'

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
  return {
    push: (chunk) => {
      const [head = '', ...others] = decoder.write(chunk).split('\n')
      pieces.push(head)
      const last = others.pop()
      if (last === undefined) return []
      const lines = [pieces.join(''), ...others]
      pieces = [last]
      return lines
    },
    end: () => {
      const line = pieces.join('') + decoder.end()
      pieces = []
      return line === '' ? [] : [line]
    },
  }
}
