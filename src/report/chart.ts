/** Our own words for the slices of the pie: Mermaid never sees a word from outside. */
export type SliceName =
  | 'Copied'
  | 'Deleted'
  | 'Failed'
  | 'Unknown'
  | 'Not started'
  | 'Unchanged'
  | 'Filtered out'
  | 'Left out'

/** One slice: a name and its number of objects. */
export interface Slice {
  readonly name: SliceName
  readonly objects: number
}

const LEAST_SLICES = 3
/** A thinner slice is a line whose name lies on its neighbour's. */
const LEAST_SHARE = 0.05

/** A Mermaid pie of the slices that have anything in them; '' where fewer than three can be seen, as a table says that better. */
export function pie(slices: readonly Slice[]): string {
  const filled = slices.filter(({ objects }) => objects > 0)
  const all = filled.reduce((sum, { objects }) => sum + objects, 0)
  const seen = filled.filter(({ objects }) => objects >= all * LEAST_SHARE)
  if (seen.length < LEAST_SLICES) return ''
  const lines = filled.map(({ name, objects }) => `  "${name}" : ${objects}`)
  return ['```mermaid', 'pie showData', ...lines, '```'].join('\n')
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const
const BAR_CHARS = 16

/** A bar of block characters for a share from 0 to 1; the smallest visible one for what is not nothing. */
export function bar(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR_CHARS * 8)
  const shown = share > 0 ? Math.max(1, eighths) : 0
  return '█'.repeat(Math.floor(shown / 8)) + (EIGHTHS[shown % 8] ?? '')
}
