/** A line as a Markdown reader sees it, each code span (a run of backticks to the next equal run) as ⟨⟩. */
export function withoutCode(line: string): string {
  const open = /`+/.exec(line)
  if (!open) return line
  const [fence] = open
  const from = open.index + fence.length
  const close = [...line.slice(from).matchAll(/`+/g)].find(([run]) => run === fence)
  const before = line.slice(0, open.index)
  if (!close) return before + fence + withoutCode(line.slice(from))
  return `${before}⟨⟩${withoutCode(line.slice(from + close.index + fence.length))}`
}

/**
 * Pipes of a table row that end a cell: for readers that pair backslashes (`strict`), and for those
 * to whom any backslash before a pipe escapes it (`lax`).
 */
export const pipesOf = (line: string): { readonly strict: number; readonly lax: number } => ({
  strict: [...line.matchAll(/(\\*)\|/g)].filter(([, slashes = '']) => slashes.length % 2 === 0)
    .length,
  lax: [...line.matchAll(/(?<!\\)\|/g)].length,
})

/** Cells of the rows of all tables in a text, without the rows of dashes; escaped pipes stay in their cells. */
export const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\|[ :|-]*-[ :|-]*\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
