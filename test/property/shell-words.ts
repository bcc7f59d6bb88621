/**
 * Splits a batch line into words as s5cmd does: blanks separate, single quotes are literal, double
 * quotes honour a backslash before `$`, backquote, `"`, `\` and newline only, a bare backslash
 * escapes any one character. Throws on an unterminated quote or a trailing backslash.
 */
export function splitWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  const take = (text: string) => {
    word = (word ?? '') + text
  }
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? ''
    if (' \t\n'.includes(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (char === "'") {
      const end = line.indexOf("'", i + 1)
      if (end < 0) throw new Error('unterminated single quote')
      take(line.slice(i + 1, end))
      i = end
    } else if (char === '"') {
      take('')
      for (i++; line[i] !== '"'; i++) {
        if (i >= line.length) throw new Error('unterminated double quote')
        if (line[i] === '\\' && '$`"\\\n'.includes(line[i + 1] ?? ' ')) i++
        take(line[i] ?? '')
      }
    } else if (char === '\\') {
      i++
      if (i >= line.length) throw new Error('trailing backslash')
      take(line[i] ?? '')
    } else take(char)
  }
  if (word !== undefined) words.push(word)
  return words
}
