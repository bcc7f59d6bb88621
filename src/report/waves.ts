import type { Report, WaveRow } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import { type Column, code, section, table } from './markdown.ts'

const GLOBS_SHOWN = 6

function globsOf({ globs }: WaveRow): string {
  if (!globs) return 'everything else'
  const more = globs.length - GLOBS_SHOWN
  return [
    ...globs.slice(0, GLOBS_SHOWN).map((glob) => code(glob)),
    ...(more > 0 ? [`${more} more`] : []),
  ].join(', ')
}

/** The first wave with copies that are not done: the later ones waited for it. */
const blocking = (waves: readonly WaveRow[]): WaveRow | undefined =>
  waves.find(({ failed }) => failed > 0)

/** What became of a wave that was carried out, or was to be. */
function fateOf(
  { wave, planned, done, failed, heldBack }: WaveRow,
  { waves = [] }: Report,
): string {
  if (planned.objects === 0) return 'nothing to copy'
  if (heldBack > 0) {
    const first = blocking(waves)
    const why = first && first.wave < wave ? `: wave ${first.wave} is not done` : ''
    return `⏸️ ${humanCount(heldBack)} not started${why}`
  }
  if (failed > 0) return `❌ ${humanCount(failed)} not done`
  return done.objects === planned.objects ? '✅ done' : 'not started'
}

/** Whether something was carried out of the plan, so that there is more to tell than the plan. */
const wasBegun = (waves: readonly WaveRow[]): boolean =>
  waves.some(({ done, failed, heldBack }) => done.objects + failed + heldBack > 0)

/** The waves of a plan in their order: what each has, and what became of it. */
export function waves(report: Report): string {
  const { waves: all = [], totals } = report
  if (totals.planned.objects === 0 || all.length === 0) return ''
  const begun = wasBegun(all)
  const rows = all.map((row) => [
    String(row.wave),
    globsOf(row),
    humanCount(row.planned.objects),
    humanBytes(row.planned.bytes),
    ...(begun ? [humanCount(row.done.objects), fateOf(row, report)] : []),
  ])
  const right = (title: string): Column => ({ title, align: 'right' })
  const columns: Column[] = [
    { title: 'Wave' },
    { title: 'Keys' },
    right('To copy'),
    right('Size'),
    ...(begun ? [right('Copied'), { title: 'Result' }] : []),
  ]
  const held = all.reduce((sum, { heldBack }) => sum + heldBack, 0)
  const first = blocking(all)
  const deletes = totals.plannedDeletes.objects
  const why =
    held > 0 && first
      ? `${humanObjects(held)} ${held === 1 ? 'was' : 'were'} not started, because ${humanObjects(first.failed)} of wave ${first.wave} ${first.failed === 1 ? 'is' : 'are'} not copied and verified${deletes > 0 ? '; nothing was deleted either' : ''}.`
      : ''
  return section('Waves', table(columns, rows), why)
}
