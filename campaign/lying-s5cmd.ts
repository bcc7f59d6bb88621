// Stands in for `s5cmd --json run`: says of each line that it is fed that it was copied, and copies nothing.

const QUOTED = /'((?:[^']|'\\'')*)'/g

/** What the real one prints when the copy of a line is done. */
function claimOf(line: string): string {
  const words = [...line.matchAll(QUOTED)].map(([, word = '']) => word.replaceAll("'\\''", "'"))
  const [source, destination] = words.slice(-2)
  return JSON.stringify({ operation: 'cp', success: true, source, destination })
}

let rest = ''
for await (const chunk of process.stdin.setEncoding('utf8')) {
  const lines = `${rest}${chunk}`.split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) console.log(claimOf(line))
}
