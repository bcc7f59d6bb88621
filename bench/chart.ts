// Draws docs/pictures/benchmark.svg from the tables of docs/benchmarks.md: `node bench/chart.ts`. The benches call it
// when they write a table, so that picture and page have the same figures.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)
const WIDTH = 760
const LABEL = 250
const ROW = 24
const BAR = WIDTH - LABEL - 90

/** A comparison worth a picture: rows of one table whose first cells agree. */
interface Chart {
  readonly title: string
  readonly table: 'planner' | 'engines'
  readonly first: readonly string[]
}

const CHARTS: readonly Chart[] = [
  {
    title: 'Nothing to do: 1,000,000 keys per side, 80 ms per request',
    table: 'planner',
    first: ['1,000,000', 'folders', '80 ms'],
  },
  {
    title: 'Nothing to do: 100,000 keys per side, 0 ms per request',
    table: 'planner',
    first: ['100,000', 'folders', '0 ms'],
  },
  {
    title: 'Copy 20,000 small objects, 20 ms per request',
    table: 'engines',
    first: ['20,000', 'small'],
  },
]

interface Bar {
  readonly tool: string
  readonly seconds: number
}

/** The tools of a comparison with their times, the fastest first. Throws where the table has no such rows. */
function barsOf(page: string, { title, table, first }: Chart): readonly Bar[] {
  const text = new RegExp(`<!-- ${table} -->([\\s\\S]*)<!-- /${table} -->`).exec(page)?.[1] ?? ''
  const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const bars = rows
    .filter((cells) => first.every((cell, at) => cells[at + 1] === cell))
    .map((cells) => ({
      tool: (cells[first.length + 1] ?? '').replaceAll(/[`*]/g, ''),
      seconds: Number.parseFloat(cells[first.length + 2] ?? ''),
    }))
  if (bars.length < 2 || bars.some(({ seconds }) => !(seconds > 0)))
    throw new Error(`docs/benchmarks.md has no rows for "${title}"`)
  return bars.sort((a, b) => a.seconds - b.seconds)
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

function drawn(chart: Chart, bars: readonly Bar[], top: number): string {
  const longest = Math.max(...bars.map(({ seconds }) => seconds))
  const lines = bars.map(({ tool, seconds }, at) => {
    const y = top + 34 + at * ROW
    const width = Math.max(2, Math.round((seconds / longest) * BAR))
    const colour = tool.startsWith('this action') ? '#0969da' : '#afb8c1'
    return `<text x="${LABEL - 10}" y="${y + 12}" text-anchor="end">${escaped(tool)}</text><rect x="${LABEL}" y="${y}" width="${width}" height="16" rx="3" fill="${colour}"/><text x="${LABEL + width + 8}" y="${y + 12}">${seconds.toFixed(1)} s</text>`
  })
  return [
    `<text x="16" y="${top + 18}" font-weight="600">${escaped(chart.title)}</text>`,
    ...lines,
  ].join('\n')
}

/** The picture of the tables of docs/benchmarks.md, as SVG. Throws where the page lacks a row. */
export function chartOf(page: string): string {
  let top = 8
  const parts = CHARTS.map((chart) => {
    const bars = barsOf(page, chart)
    const part = drawn(chart, bars, top)
    top += 54 + bars.length * ROW
    return part
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" font-family="system-ui, sans-serif" font-size="13" fill="#1f2328">
<title>Time from process start to exit, shorter is better</title>
<rect width="${WIDTH}" height="${top}" rx="6" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`
}

/** Draws the picture again from the page as it is now. */
export async function writeChart(): Promise<void> {
  const page = await readFile(path.join(root, 'docs', 'benchmarks.md'), 'utf8')
  await writeFile(path.join(root, 'docs', 'pictures', 'benchmark.svg'), chartOf(page))
}

if (import.meta.main) await writeChart()
