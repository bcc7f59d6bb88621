import type { Report, Result, TransferRow } from '../model/report.ts'
import { humanBytes, humanCount, humanSeconds } from '../model/units.ts'
import { checks } from './checks.ts'
import { headline } from './headline.ts'
import { type Column, code, details, prose, table } from './markdown.ts'
import type { TransferReport } from './merge.ts'
import { deletes, plan } from './plan.ts'
import { runFacts } from './run-facts.ts'
import * as sections from './sections.ts'
import type { Surroundings } from './surroundings.ts'
import { waiting } from './waiting.ts'
import { waves } from './waves.ts'

const ICONS: Readonly<Record<Result, string>> = {
  success: '✅',
  'nothing-to-do': '✅',
  planned: '📝',
  drift: '⚠️',
  partial: '⚠️',
  failed: '❌',
  cancelled: '🛑',
}

const right = (title: string): Column => ({ title, align: 'right' })

function rowOf({ name, result, totals, durationSeconds, cause }: TransferRow): readonly string[] {
  const { planned, copied, plannedDeletes, deleted, failed, unknown } = totals
  const of = (done: number, all: number): string =>
    all === 0 ? '' : done === all ? humanCount(all) : `${humanCount(done)} of ${humanCount(all)}`
  return [
    code(name),
    `${ICONS[result]} ${result}`,
    of(copied.objects, planned.objects),
    humanBytes(copied.bytes),
    of(deleted.objects, plannedDeletes.objects),
    failed.objects + unknown.objects > 0 ? humanCount(failed.objects + unknown.objects) : '',
    humanSeconds(durationSeconds),
    cause === undefined ? '' : prose(cause),
  ]
}

/** What became of each transfer, one a row; '' where there is no list. */
export function transferTable({ transfers = [] }: Report): string {
  const columns: Column[] = [
    { title: 'Transfer' },
    { title: 'Result' },
    right('Copied'),
    right('Size'),
    right('Deleted'),
    right('Not done'),
    right('Time'),
    { title: 'Why' },
  ]
  return table(columns, transfers.map(rowOf))
}

/** The deletes of plans that wait or were refused, each in the name of its transfer. */
export const transferDeletes = (parts: readonly TransferReport[]): readonly string[] =>
  parts.map(({ name, report }) => deletes(report, code(name)))

/** All that there is to tell of each transfer, folded. */
export const transferDetails = (
  parts: readonly TransferReport[],
  around: Surroundings,
): readonly string[] =>
  parts.map(({ name, report }) =>
    details(
      `${name}: ${report.result}`,
      [
        headline(report).replace(/^## /, '### '),
        sections.objects(report),
        waves(report),
        sections.errors(report, around),
        plan(report),
        waiting(report),
        sections.reasons(report),
        sections.warnings(report),
        runFacts(report),
        checks(report),
        sections.folders(report),
        sections.slowest(report),
        sections.settings(report),
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
    ),
  )
