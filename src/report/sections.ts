import { MESSAGE_CHARS } from '../model/cut.ts'
import {
  addTally,
  CHECKSUM_NOT_ASKED,
  isCopyReason,
  leftOutBy,
  NO_TALLY,
  type Tally,
} from '../model/op.ts'
import type { ErrorGroup, Report } from '../model/report.ts'
import { humanBytes, humanCount, humanObjects, humanSeconds, perSecond } from '../model/units.ts'
import { saidOf } from './cause.ts'
import { bar, pie, type SliceName } from './chart.ts'
import { isDifference } from './drift.ts'
import { attempted, isRefusedPlan, tellsWorst } from './headline.ts'
import { type Column, code, details, prose, section, table } from './markdown.ts'
import type { Surroundings } from './surroundings.ts'
import { REASONS, wordFor } from './wording.ts'

const CODES_SHOWN = 20
const FEW_OBJECTS = 3
const REASONS_SHOWN = 20
const SETTINGS_SHOWN = 100
const WARNINGS_SHOWN = 20
const LINE_CHARS = 160

const OBJECTS: Column = { title: 'Objects', align: 'right' }
const SIZE: Column = { title: 'Size', align: 'right' }

const minus = (a: Tally, ...others: readonly Tally[]): Tally => ({
  objects: others.reduce((left, { objects }) => left - objects, a.objects),
  bytes: others.reduce((left, { bytes }) => left - bytes, a.bytes),
})

interface Part {
  readonly icon: string
  readonly name: SliceName
  readonly tally: Tally
}

function parts(report: Report): Part[] {
  const { planned, copied, plannedDeletes, deleted, failed, unknown, skipped } = report.totals
  const rest = minus(addTally(planned, plannedDeletes), copied, deleted, failed, unknown)
  const filtered = report.reasons['filtered'] ?? NO_TALLY
  const leftOut = leftOutBy(report.reasons)
  const all: Part[] = [
    { icon: '✅', name: 'Copied', tally: copied },
    { icon: '🗑️', name: 'Deleted', tally: deleted },
    { icon: '❌', name: 'Failed', tally: failed },
    { icon: '❔', name: 'Unknown', tally: unknown },
    // What the plan has and nothing was done about.
    { icon: '⏳', name: 'Not started', tally: rest },
    { icon: '⚪', name: 'Unchanged', tally: minus(skipped, filtered, leftOut) },
    { icon: '➖', name: 'Filtered out', tally: filtered },
    { icon: '➖', name: 'Left out', tally: leftOut },
  ]
  return all.filter(({ tally }) => tally.objects > 0)
}

// A refusal tells of no objects, as if some had been worked on.
const toldOf = (report: Report): boolean => report.result !== 'failed' || attempted(report)

const hasPlan = (report: Report): boolean => toldOf(report) || isRefusedPlan(report)

const waits = (report: Report): boolean => report.result === 'planned' || isRefusedPlan(report)

const comparesOnly = ({ mode, result }: Report): boolean => mode === 'check' || result === 'drift'

/** Result: a table, and the same as a pie. A plan that nobody carries out is told by its reasons. */
export function objects(report: Report): string {
  if (!hasPlan(report) || waits(report) || comparesOnly(report)) return ''
  const shown = parts(report)
  const row = ({ icon, name, tally }: Part) => [
    `${icon} ${name}`,
    humanCount(tally.objects),
    humanBytes(tally.bytes),
  ]
  return [
    table([{ title: 'Result' }, OBJECTS, SIZE], shown.map(row)),
    pie(shown.map(({ name, tally }) => ({ name, objects: tally.objects }))),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

const DEEDS = ['**copy**', '**delete**', 'leave', ''] as const

function deedOf(reason: string, report: Report): (typeof DEEDS)[number] {
  // What is done with these is told by other rows.
  if (reason === CHECKSUM_NOT_ASKED) return ''
  if (!isDifference(reason, report)) return 'leave'
  return isCopyReason(reason) ? '**copy**' : '**delete**'
}

/** What the plan decided, and why. */
export function reasons(report: Report): string {
  if (!hasPlan(report)) return ''
  const rows = Object.entries(report.reasons)
    .filter(([, { objects }]) => objects > 0)
    .map(([reason, tally]) => ({ reason, tally, deed: deedOf(reason, report) }))
    .sort(
      (a, b) => DEEDS.indexOf(a.deed) - DEEDS.indexOf(b.deed) || b.tally.objects - a.tally.objects,
    )
    .slice(0, REASONS_SHOWN)
    .map(({ reason, tally, deed }) => [
      deed,
      wordFor(REASONS, reason) ?? code(reason),
      humanCount(tally.objects),
      humanBytes(tally.bytes),
    ])
  const title = report.mode === 'check' ? 'A sync would' : 'Plan'
  const text = table([{ title }, { title: 'Because' }, OBJECTS, SIZE], rows)
  // Of a run that wrote, the counts stand above; of one that only looked, these are the counts.
  return waits(report) || comparesOnly(report) ? section('Reasons', text) : details('Reasons', text)
}

/** `said`: whether what the service said is told here, and not above. */
function examples(group: ErrorGroup, said: boolean): string {
  const message = said ? saidOf(group) : ''
  return [
    `- ${code(group.code)}${message === '' ? '' : `: ${code(message, MESSAGE_CHARS)}`}`,
    ...group.examples.slice(0, 5).map((key) => `  - ${code(key)}`),
  ].join('\n')
}

const rowOf = ({ code: name, objects: count, resolution }: ErrorGroup): readonly string[] => [
  code(name),
  humanCount(count),
  prose(resolution),
]

/** Failed and unknown objects by code, and what to do. */
export function errors(report: Report, { pageOf }: Surroundings): string {
  const shown = report.errors.slice(0, CODES_SHOWN)
  const more = report.errors.length - shown.length
  const worst = tellsWorst(report)
  // A single cause is told above already, and so is a cancel.
  const isTold = shown.length === 1 && (worst || report.result === 'cancelled')
  const rows = isTold ? [] : shown.map(rowOf)
  const lines = shown.map((group, at) => examples(group, at > 0 || !worst)).join('\n')
  const few = shown.reduce((sum, group) => sum + group.objects, 0) <= FEW_OBJECTS
  return section(
    'What failed',
    table([{ title: 'Code' }, OBJECTS, { title: 'What to do' }], rows),
    shown.length > 0
      ? `${pageOf('docs/troubleshooting.md', 'error-codes-of-s3')} has a section for each code.`
      : '',
    more > 0 ? `${humanObjects(more, 'more code')} in the report file.` : '',
    // Whoever has to look for a single object wants to see its name.
    few ? lines : details(shown.length > 1 ? 'Messages and example keys' : 'Example keys', lines),
  )
}

/** Kinds of failures, as the headings of the page spell them. */
const KIND = /^[a-z]+(?:-[a-z]+)*$/

/** Where a failure that is none of single objects is explained. */
export function readOn(report: Report, { pageOf }: Surroundings): string {
  const { kind } = report.failure ?? report.refused ?? { kind: '' }
  if (!KIND.test(kind) || report.errors.length > 0) return ''
  return `${pageOf('docs/troubleshooting.md', kind)} has a section for ${code(kind)}.`
}

/** Copies by the folders right below the source, where there are several. */
export function folders({ folders: all }: Report): string {
  if (all.length < 2) return ''
  const rows = all.map(({ folder, done, failed }) => [
    code(folder),
    humanCount(done.objects),
    humanBytes(done.bytes),
    failed > 0 ? humanCount(failed) : '',
  ])
  const columns: Column[] = [
    { title: 'Folder' },
    { title: 'Copied', align: 'right' },
    { title: 'Size', align: 'right' },
    { title: 'Failed', align: 'right' },
  ]
  return details(`Copied by folder (${all.length})`, table(columns, rows))
}

/** Below it there is nothing to look into. */
const SLOW_SECONDS = 1

/** The copies that took longest, where that was long at all. */
export function slowest({ slowest: all }: Report): string {
  if ((all[0]?.seconds ?? 0) < SLOW_SECONDS) return ''
  const rows = all.map(({ key, bytes, seconds }) => [
    code(key),
    humanBytes(bytes),
    humanSeconds(seconds),
    `${humanBytes(perSecond(bytes, seconds))}/s`,
  ])
  const right = (title: string): Column => ({ title, align: 'right' })
  const columns = [{ title: 'Object' }, SIZE, right('Time'), right('Speed')]
  return details('Slowest objects', table(columns, rows))
}

/** Below it nobody asks where the time went. */
const FOLDED_SECONDS = 60

/** Where the time went, stage by stage; folded under a minute. */
export function timings(report: Report): string {
  if (!toldOf(report)) return ''
  const { stages } = report
  const longest = Math.max(0, ...stages.map(({ seconds }) => seconds))
  const rows = stages.map(({ stage, seconds, line }) => {
    const slowest = longest > 0 && seconds === longest
    return [
      slowest ? `**${stage}**` : stage,
      humanSeconds(seconds),
      bar(longest > 0 ? seconds / longest : 0),
      prose(line, LINE_CHARS),
    ]
  })
  const columns: Column[] = [
    { title: 'Stage' },
    { title: 'Time', align: 'right' },
    { title: '' },
    { title: 'Result' },
  ]
  const text = table(columns, rows)
  return report.durationSeconds < FOLDED_SECONDS
    ? details('Where the time went', text)
    : section('Where the time went', text)
}

/** What deserves a look although nothing failed. */
export function warnings({ warnings: all }: Report): string {
  const shown = all.slice(0, WARNINGS_SHOWN).map((text) => `- ⚠️ ${prose(text)}`)
  const more = all.length - shown.length
  if (more > 0) shown.push(`- ${humanObjects(more, 'more warning')} in the report file`)
  return section('Warnings', shown.join('\n'))
}

/** Settings that are not the defaults, and where they came from. */
export function settings(report: Report): string {
  const chosen = report.settings.filter(({ origin }) => origin !== 'default')
  const rows = chosen
    .slice(0, SETTINGS_SHOWN)
    .map(({ name, value, origin }) => [
      code(name),
      code(value.split(/\r\n|[\r\n]/).join(', ')),
      origin,
    ])
  return details(
    `Settings that differ from the defaults (${chosen.length})`,
    table([{ title: 'Setting' }, { title: 'Value' }, { title: 'From' }], rows),
  )
}

const FILES: readonly (readonly [keyof Report['files'], file: string, output: string])[] = [
  ['report', 'report.json', 'report-path'],
  ['plan', 'plan.ndjson', 'plan-path'],
  ['failed', 'failed.ndjson', 'failed-path'],
  ['notInSource', 'not-in-source.ndjson', 'not-in-source-path'],
  ['published', 'published.ndjson', 'published-path'],
  ['sums', 'SHA256SUMS', 'sha256sums-path'],
  ['changed', 'changed-paths.txt', 'changed-paths-path'],
  ['batches', 'batches/', 'batch-dir'],
  ['policy', 'policy.json', 'policy-path'],
  ['summary', 'summary.md', 'summary-path'],
]

/** The files that were written, by the outputs that name them: their paths end with the runner. */
export function files({ files: written, transfers }: Report): string {
  // Of several transfers each has its plan in a folder of its name, and the output names the one above.
  const shown = (file: string) => (transfers && file === 'plan.ndjson' ? `*/${file}` : file)
  const rows = FILES.flatMap(([name, file, output]) =>
    written[name] ? [[code(shown(file)), code(output)]] : [],
  )
  const keep = 'To keep all of them, upload the folder that the output `report-dir` names.'
  const columns = [{ title: 'File' }, { title: 'Output' }]
  return rows.length === 0 ? '' : details('Files', `${table(columns, rows)}\n\n${keep}`)
}
