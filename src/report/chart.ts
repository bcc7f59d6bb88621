/** Our own words for the slices of the pie: Mermaid never sees a word from outside. */
export type SliceName =
  | 'Copied'
  | 'To copy'
  | 'Deleted'
  | 'To delete'
  | 'Failed'
  | 'Unknown'
  | 'Not started'
  | 'Missing'
  | 'Different'
  | 'Only at the destination'
  | 'Left as it is'
  | 'Filtered out'

/** One slice: a name and its number of objects. */
export interface Slice {
  readonly name: SliceName
  readonly objects: number
}

/** A Mermaid pie of the slices that have anything in them; '' when none has. */
export function pie(slices: readonly Slice[]): string {
  const filled = slices.filter(({ objects }) => objects > 0)
  if (filled.length === 0) return ''
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
