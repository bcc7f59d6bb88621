import type { OutcomeStatus } from '../src/model/outcome.ts'
import { isKilled } from './accounts.ts'
import type { FaultSpec } from './catalogue.ts'
import { FAULT_NAMES } from './catalogue.ts'
import { expectedOf } from './expected.ts'
import { INVARIANTS, type Violation } from './invariants.ts'
import type { Played } from './step.ts'

/** A schedule that was played and judged. */
export interface Judged {
  readonly played: Played
  readonly violations: readonly Violation[]
}

const OUTCOMES = [
  'success',
  'nothing-to-do',
  'drift',
  'partial',
  'failed',
  'refused',
  'cancelled',
  'killed',
] as const

/** The result of the run under faults; `refused` where a guard has to stop it whatever breaks. */
function outcomeOf({ steps, schedule }: Played): string {
  const seen = steps.find(({ name }) => name === 'under faults')
  const result = seen?.result.outputs['result'] ?? 'killed'
  const guarded = seen && expectedOf(schedule.request, seen.before).refused !== 'no'
  return guarded && result === 'failed' ? 'refused' : result
}

interface Row {
  readonly label: string
  readonly runs: readonly Judged[]
}

const withFault = (judged: readonly Judged[], test: (spec: FaultSpec) => boolean): Judged[] =>
  judged.filter(({ played: { schedule, struck } }) =>
    schedule.faults.some((spec, at) => (struck[at] ?? 0) > 0 && test(spec)),
  )

function rowsOf(judged: readonly Judged[]): Row[] {
  const struck = FAULT_NAMES.map((name) => ({
    label: name,
    runs: withFault(judged, (spec) => spec.name === name),
  }))
  const clean = judged.filter(({ played }) => played.struck.every((times) => times === 0))
  return [...struck.filter(({ runs }) => runs.length > 0), { label: 'none', runs: clean }]
}

const count = (number: number): string => (number === 0 ? '·' : String(number))

function line({ label, runs }: Row): string {
  const ends = OUTCOMES.map((outcome) =>
    count(runs.filter(({ played }) => outcomeOf(played) === outcome).length),
  )
  const violating = runs.filter(({ violations }) => violations.length > 0).length
  return `| ${[label, runs.length, ...ends, violating].join(' | ')} |`
}

/** What became of the runs under each fault that struck, as Markdown; runs with two faults count twice. */
export function table(judged: readonly Judged[]): string {
  const heads = ['fault', 'runs', ...OUTCOMES, 'with a violation']
  return [
    `| ${heads.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(heads.length - 1)}`,
    ...rowsOf(judged).map(line),
    line({ label: '**all**', runs: judged }),
  ].join('\n')
}

/** The longest time between a signal and the exit, seconds. */
function slowestEnd(judged: readonly Judged[]): string {
  const ends = judged.flatMap(({ played }) =>
    played.steps.flatMap((seen) => (isKilled(seen) ? [] : (seen.result.exitedWithinMs ?? []))),
  )
  return ends.length === 0 ? 'no signal' : `${(Math.max(...ends) / 1000).toFixed(1)} s`
}

const rowsThatAre = (wanted: OutcomeStatus, steps: Played['steps']): number =>
  steps.flatMap(({ results = [] }) => results.filter(({ status }) => status === wanted)).length

/** How often each invariant was violated, below the table. */
export function closing(judged: readonly Judged[]): string {
  const broken = judged.flatMap(({ violations }) => violations)
  const rows = INVARIANTS.map((name) => [
    `violations of “${name}”`,
    broken.filter(({ invariant }) => invariant === name).length,
  ])
  const seeds = judged.flatMap(({ played, violations }) =>
    violations.length > 0 ? [played.schedule.seed] : [],
  )
  const sum = (of: (played: Played) => number): number =>
    judged.reduce((total, { played }) => total + of(played), 0)
  return [
    '| figure | value |',
    '| --- | ---: |',
    ...[
      ['schedules', judged.length],
      ['runs of the action', sum(({ steps }) => steps.length)],
      ['objects at the source', sum(({ schedule }) => schedule.source.length)],
      ...(['done', 'failed', 'unknown'] as const).map((status) => [
        `operations that ended as ${status}`,
        sum(({ steps }) => rowsThatAre(status, steps)),
      ]),
      ...rows,
      ['from SIGINT or SIGTERM to the exit, the slowest', slowestEnd(judged)],
      ['unfinished multipart uploads after the last run', sum(({ uploadsLeft }) => uploadsLeft)],
    ].map(([name, value]) => `| ${name} | ${value} |`),
    ...(seeds.length > 0 ? ['', `Seeds with a violation: ${seeds.join(', ')}.`] : []),
  ].join('\n')
}
