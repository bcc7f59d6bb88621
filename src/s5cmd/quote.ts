/** A word of a batch line as s5cmd's splitter reads it back: all characters are literal in single quotes. */
export const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`
