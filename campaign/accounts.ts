import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { intrusions } from 's3-direct-sync-testkit/markdown.ts'
import { parse } from 'yaml'
import type { CopyOp, DeleteOp } from '../src/model/op.ts'
import type { ResultRow } from '../src/model/outcome.ts'
import type { FaultName } from './catalogue.ts'
import type { Played, Seen } from './step.ts'

/** Faults that take away the files that the accounts are read from. */
const BLINDING: ReadonlySet<FaultName> = new Set([
  'report folder unwritable',
  'report folder removed',
  'disk full',
])

/** Whether the run was ended by a signal that no process can answer. */
export const isKilled = ({ result }: Seen): boolean => result.signal === 'SIGKILL'

/** Whether the run was to look and write nothing. */
export const isLook = ({ mode }: Seen): boolean => mode === 'plan' || mode === 'check'

const isBlind = ({ schedule }: Played, { name }: Seen): boolean =>
  name === 'under faults' && schedule.faults.some((fault) => BLINDING.has(fault.name))

/** Rows and planned ops are told apart by what they do and to which key. */
const idOf = ({ op, key }: Pick<CopyOp | DeleteOp | ResultRow, 'op' | 'key'>): string =>
  `${op} ${JSON.stringify(key)}`

function twice(ids: readonly string[]): string[] {
  return ids.filter((id, at) => ids.indexOf(id) !== at)
}

const few = (ids: readonly string[]): string => `${ids.length}: ${ids.slice(0, 3).join(', ')}`

/** Every planned op has exactly one row, and failed.ndjson holds those that are not done. */
export function unaccounted(played: Played, seen: Seen): string[] {
  const { plan, results, failed = [] } = seen
  if (isKilled(seen) || isBlind(played, seen) || isLook(seen)) return []
  if (results === undefined)
    return seen.writes > 0 ? [`${seen.writes} writes, but no results.ndjson`] : []
  const [planned, told] = [(plan ?? []).map(idOf), results.map(idOf)]
  const rows = new Set(told)
  const ops = new Set(planned)
  const open = results.filter(({ status }) => status !== 'done').map(idOf)
  return [
    ['ops without a row', planned.filter((id) => !rows.has(id))] as const,
    ['rows without an op', told.filter((id) => !ops.has(id))] as const,
    ['ops with two rows', twice(told)] as const,
    ['open rows that are not in failed.ndjson', difference(open, failed.map(idOf))] as const,
    ['rows of failed.ndjson that are not open', difference(failed.map(idOf), open)] as const,
  ].flatMap(([what, ids]) => (ids.length > 0 ? [`${what}: ${few(ids)}`] : []))
}

function difference(all: readonly string[], without: readonly string[]): string[] {
  const known = new Set(without)
  return all.filter((one) => !known.has(one))
}

const ICONS: Readonly<Record<string, string>> = {
  success: '✅',
  'nothing-to-do': '✅',
  planned: '📝',
  drift: '⚠️',
  partial: '⚠️',
  failed: '❌',
  cancelled: '🛑',
}
const FINE = new Set(['success', 'nothing-to-do', 'planned'])
const FORGIVEN = new Set(['partial', 'drift'])

function counts(rows: readonly ResultRow[]): Record<string, number> {
  const of = (test: (row: ResultRow) => boolean) => rows.filter(test)
  const copied = of(({ op, status }) => op === 'copy' && status === 'done')
  return {
    copied: copied.length,
    deleted: of(({ op, status }) => op === 'delete' && status === 'done').length,
    failed: of(({ status }) => status === 'failed').length,
    unknown: of(({ status }) => status === 'unknown').length,
    'bytes-copied': copied.reduce((sum, { size }) => sum + size, 0),
  }
}

/** The same facts under the names of the outputs, as report.json has them. */
function reported({ report }: Seen): Record<string, unknown> {
  if (!report) return {}
  const { totals, result, failure } = report
  return {
    result,
    copied: totals.copied.objects,
    deleted: totals.deleted.objects,
    failed: totals.failed.objects,
    unknown: totals.unknown.objects,
    skipped: totals.skipped.objects,
    'planned-copies': totals.planned.objects,
    'planned-deletes': totals.plannedDeletes.objects,
    'bytes-copied': totals.copied.bytes,
    ...(failure ? { 'failure-kind': failure.kind } : {}),
  }
}

function headlineProblems({ result: { outputs, summary } }: Seen): string[] {
  // Numbers are written with commas for people.
  const first = (summary.split('\n')[0] ?? '').replace(/(?<=\d),(?=\d)/g, '')
  const { result = '', copied = '0' } = outputs
  const wanted = [
    `## ${ICONS[result]} `,
    ...(Number(copied) > 0 && result === 'success' ? [`${copied} object`] : []),
    ...(result === 'partial' ? [`${copied} of ${outputs['planned-copies']} object`] : []),
  ]
  return wanted.every((text) => first.includes(text))
    ? []
    : [`the headline "${first}" does not say ${wanted.join(' and ')}`]
}

/** Outputs, report.json, results.ndjson, the summary's headline and the exit code tell one story. */
export function contradictions(played: Played, seen: Seen): string[] {
  if (isKilled(seen)) return []
  const { outputs, exitCode } = seen.result
  const blind = isBlind(played, seen)
  // Where a list is refused, the rows of what is not as it says are those that failed.
  const rows = blind || isLook(seen) ? {} : counts(seen.results ?? seen.failed ?? [])
  const facts = Object.entries({ ...(blind ? {} : reported(seen)) }).concat(Object.entries(rows))
  const wrong = facts.flatMap(([name, value]) =>
    outputs[name] === String(value)
      ? []
      : [`output ${name} is ${outputs[name]}, a file says ${value}`],
  )
  const { result = 'nothing' } = outputs
  const forgiven = FORGIVEN.has(result) && played.schedule.request['fail-on'] === 'never'
  const expectedExit = FINE.has(result) || forgiven ? 0 : 1
  return [
    ...wrong,
    ...(seen.report || blind ? [] : ['there is no report.json']),
    ...(seen.report || !outputs['report-path'] ? [] : ['report-path names no report']),
    ...headlineProblems(seen),
    ...(exitCode === expectedExit ? [] : [`exit code ${exitCode} with result ${result}`]),
  ]
}

const REMEDY =
  /\b(run again|run with|check|set|allow|add|raise|lower|use|remove|rename|correct|restore|look at|open an issue|free|narrow|give|wait|permissions|publish|make|create)\b/i

const MAX_WARNINGS = 3

/** One error with cause and remedy where the run fails, none elsewhere. */
export function silences(seen: Seen): string[] {
  if (isKilled(seen)) return []
  const { exitCode, annotations, outputs, timedOut } = seen.result
  const { errors } = annotations
  const [error] = errors
  const text = `${error?.title}: ${error?.message}`
  const failing = exitCode !== 0
  const problems = [
    [timedOut, 'the run did not end'],
    [annotations.warnings.length > MAX_WARNINGS, `${annotations.warnings.length} warnings`],
    [errors.length !== (failing ? 1 : 0), `${errors.length} errors with exit code ${exitCode}`],
    [failing && !(error?.title && REMEDY.test(error.message)), `no remedy in "${text}"`],
    [failing && !outputs['failure-kind'], 'failure-kind is not set'],
    [failing && outputs['failure-kind'] === 'internal', `an internal error: "${text}"`],
  ] as const
  return problems.flatMap(([is, what]) => (is ? [what] : []))
}

/** Commands to the runner that the action has a use for; any other was forged by what it printed. */
const COMMANDS = new Set(['add-mask', 'debug', 'error', 'warning', 'notice', 'group', 'endgroup'])

const ACTION_FILE = join(import.meta.dirname, '..', 'action.yml')
const OUTPUTS = new Set(Object.keys(parse(readFileSync(ACTION_FILE, 'utf8')).outputs))

/** What the runner obeyed, or GitHub would show as more than text, that came from outside. */
export function obeyed({ result }: Seen): string[] {
  const { commands, commandProblems, outputs, summary } = result
  const forged = commands.filter(({ name }) => !COMMANDS.has(name))
  const strange = Object.keys(outputs).filter((name) => !OUTPUTS.has(name))
  return [
    ...commandProblems.map((problem) => `the runner refused: ${problem}`),
    ...forged.map(({ name, data }) => `the runner obeyed ${name}: ${data}`),
    ...strange.map((name) => `there is an output ${JSON.stringify(name)}`),
    ...intrusions(summary).map((what) => `the summary holds ${what}`),
  ]
}

const withoutMasks = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('::add-mask::'))
    .join('\n')

/** How a secret may stand in a text: as it is, as base64, and as a part of an address. */
function formsOf(secret: string): string[] {
  const percent = encodeURIComponent(secret)
  const lower = percent.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase())
  const base64 = Buffer.from(secret).toString('base64')
  return [secret, base64.replace(/=+$/, ''), percent, lower]
}

/** Secrets that stand in the log, the summary, the saved state or a file. */
export function leaks({ secrets }: Played, seen: Seen): string[] {
  const forms = secrets.flatMap(formsOf)
  const texts = [
    ['the log', withoutMasks(seen.printed)] as const,
    ['the summary', seen.result.summary] as const,
    ['the saved state', JSON.stringify(seen.result.state)] as const,
    ...seen.files,
  ]
  return texts.flatMap(([name, text]) =>
    forms.some((form) => text.includes(form)) ? [`a secret stands in ${name}`] : [],
  )
}
