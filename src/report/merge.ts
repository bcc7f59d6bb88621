import type { OutcomeTotals } from '../ledger/totals.ts'
import { engineTotals } from '../model/engine-totals.ts'
import { addTally, NO_TALLY, type Samples, type Tally } from '../model/op.ts'
import {
  type EngineFacts,
  type PlannedRequests,
  REPORT_SCHEMA,
  type Report,
  type StageTiming,
  type Told,
  type Totals,
  type TransferRow,
  type VerificationFacts,
} from '../model/report.ts'
import type { Setting } from '../model/request.ts'
import { STAGES } from '../model/stages.ts'
import { humanObjects } from '../model/units.ts'
import { advised } from './advice.ts'
import { causeOf } from './cause.ts'
import { exitCodeOf, resultOfAll } from './verdict.ts'
import { waitingOfAll } from './waiting.ts'

/** The report of one of the transfers of a step. */
export interface TransferReport {
  readonly name: string
  readonly report: Report
}

/** What is known of the step beside its transfers. */
export interface StepFacts {
  readonly startedMs: number
  readonly durationSeconds: number
  /** Of what the transfers share. */
  readonly stages: readonly StageTiming[]
  readonly failure: Told | undefined
  /** What became of the ops of all. */
  readonly outcomes: OutcomeTotals
  readonly failOn: 'failed' | 'never'
  readonly files: Report['files']
}

/** Of these examples are all that is shown. */
const SAMPLES = 100

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

/** Each once, where several transfers share a place. */
const checksOf = (reports: readonly Report[]): Report['checks'] => {
  const all = reports.flatMap(({ checks }) => checks)
  const texts = all.map((check) => JSON.stringify(check))
  return all.filter((_check, at) => texts.indexOf(texts[at] ?? '') === at)
}

/** Sums what has the same name. */
function tallies(
  records: readonly Readonly<Record<string, Tally>>[],
): Readonly<Record<string, Tally>> {
  const all: Record<string, Tally> = {}
  for (const record of records)
    for (const [name, tally] of Object.entries(record))
      all[name] = addTally(all[name] ?? NO_TALLY, tally)
  return all
}

/** What all say alike; undefined where they differ. */
function common<Fact>(facts: readonly Fact[]): Fact | undefined {
  const [first, ...others] = facts
  const text = JSON.stringify(first)
  return others.every((other) => JSON.stringify(other) === text) ? first : undefined
}

function totalsOf(reports: readonly Report[]): Totals {
  const of = (name: keyof Totals): Tally =>
    reports.map(({ totals }) => totals[name]).reduce(addTally, NO_TALLY)
  return {
    planned: of('planned'),
    copied: of('copied'),
    plannedDeletes: of('plannedDeletes'),
    deleted: of('deleted'),
    failed: of('failed'),
    unknown: of('unknown'),
    skipped: of('skipped'),
  }
}

function requestsOf(reports: readonly Report[]): PlannedRequests | undefined {
  const all = reports.flatMap(({ requests }) => requests ?? [])
  const of = (name: Exclude<keyof PlannedRequests, 'checksumLooks' | 'rowLooks'>): number =>
    sum(all.map((requests) => requests[name]))
  const looksAt = (of: 'checksumLooks' | 'rowLooks', side: 'source' | 'destination'): number =>
    sum(all.map((requests) => requests[of][side]))
  const bySide = (of: 'checksumLooks' | 'rowLooks') => ({
    source: looksAt(of, 'source'),
    destination: looksAt(of, 'destination'),
  })
  return all.length === 0
    ? undefined
    : {
        copies: of('copies'),
        deletes: of('deletes'),
        lookUps: of('lookUps'),
        lookUpLists: of('lookUpLists'),
        sourceLists: of('sourceLists'),
        destinationLists: of('destinationLists'),
        typeLooks: of('typeLooks'),
        headerLooks: of('headerLooks'),
        headerCompares: of('headerCompares'),
        checksumLooks: bySide('checksumLooks'),
        rowLooks: bySide('rowLooks'),
      }
}

/** Of rows that one manifest has for several transfers. */
function manifestOf(reports: readonly Report[]): Report['manifest'] {
  const all = reports.flatMap(({ manifest }) => manifest ?? [])
  const [first] = all
  if (!first || all.some(({ sha256 }) => sha256 !== first.sha256)) return undefined
  const lookUps = (side: 'source' | 'destination') => ({
    heads: sum(all.map((one) => one.lookUps[side].heads)),
    lists: sum(all.map((one) => one.lookUps[side].lists)),
  })
  return {
    name: first.name,
    sha256: first.sha256,
    missing: first.missing,
    rows: sum(all.map(({ rows }) => rows)),
    sha256Unproven: sum(all.map(({ sha256Unproven }) => sha256Unproven)),
    lookUps: { source: lookUps('source'), destination: lookUps('destination') },
  }
}

function samplesOf(reports: readonly Report[]): Samples {
  const names = new Set(reports.flatMap(({ samples }) => Object.keys(samples)))
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      reports.flatMap(({ samples }) => samples[name] ?? []).slice(0, SAMPLES),
    ]),
  )
}

/** The stages of all in their order: their times are sums. */
function stagesOf(shared: readonly StageTiming[], parts: readonly TransferReport[]): StageTiming[] {
  const ofAll = parts.flatMap(({ name, report }) =>
    report.stages.map((timing) => ({ ...timing, line: `${name}: ${timing.line}` })),
  )
  return STAGES.flatMap((stage) => {
    const timings = [...shared, ...ofAll].filter((timing) => timing.stage === stage)
    const seconds = sum(timings.map((timing) => timing.seconds))
    const line = timings.map((timing) => timing.line).join('; ')
    return timings.length === 0 ? [] : [{ stage, seconds, line }]
  })
}

function engineOf(parts: readonly TransferReport[]): EngineFacts | undefined {
  const all = parts.flatMap(({ name, report: { engine } }) => (engine ? [{ name, engine }] : []))
  const engines = all.map(({ engine }) => engine)
  const [first] = engines
  if (!first) return undefined
  const widest = engines.reduce((most, one) => (one.numworkers > most.numworkers ? one : most))
  return {
    ...engineTotals(engines),
    toolchain: engines.find(({ toolchain }) => toolchain)?.toolchain,
    toolchainProblem: engines.find((one) => one.toolchainProblem)?.toolchainProblem,
    numworkers: widest.numworkers,
    workersRule: widest.workersRule,
    concurrency: all.flatMap(({ name, engine }) =>
      engine.concurrency.map((one) => ({ ...one, name: `${name}: ${one.name}` })),
    ),
    batchOps: Object.assign({}, ...engines.map(({ batchOps }) => batchOps)),
    partBytes: first.partBytes,
    linkBytesPerSecond: engines.findLast((one) => one.linkBytesPerSecond)?.linkBytesPerSecond,
  }
}

function verificationOf(reports: readonly Report[]): VerificationFacts | undefined {
  const all = reports.flatMap(({ verification }) => verification ?? [])
  const looked = all.find(({ method }) => method !== 'none' && method !== 'results') ?? all[0]
  return (
    looked && {
      method: looked.method,
      checked: sum(all.map(({ checked }) => checked)),
      mismatched: sum(all.map(({ mismatched }) => mismatched)),
      byChecksum: sum(all.map(({ byChecksum }) => byChecksum)),
      bySizeAndTime: sum(all.map(({ bySizeAndTime }) => bySizeAndTime)),
    }
  )
}

/** Globs of the step that match nothing in one of its transfers are no slip: another one may have what they are for. */
function isOfOthers(text: string, { settings }: Report): boolean {
  const [, input] =
    /^(include|exclude|waves|headers)\b.* matched (?:nothing|no object)\b/.exec(text) ?? []
  return settings.some(({ name, origin }) => name === input && origin !== 'transfer')
}

/** Each warning once, with the names of the transfers that it is about, unless that is all of them. */
function warningsOf(parts: readonly TransferReport[]): string[] {
  const about = new Map<string, TransferReport[]>()
  for (const part of parts)
    for (const text of part.report.warnings) about.set(text, [...(about.get(text) ?? []), part])
  return [...about].flatMap(([text, some]) => {
    if (some.length === parts.length) return [text]
    const own = some.filter(({ report }) => !isOfOthers(text, report)).map(({ name }) => name)
    if (own.length === 0) return []
    return [`${text} ${own.length === 1 ? 'Transfer' : 'Transfers'}: ${own.join(', ')}.`]
  })
}

/** Why real runs of transfers would be refused, as one. */
function refusedOf(parts: readonly TransferReport[]): Told | undefined {
  const all = parts.flatMap(({ name, report: { refused } }) => (refused ? [{ name, refused }] : []))
  const [first, ...others] = all
  if (!first) return undefined
  const { name, refused } = first
  const counted =
    others.length === 0 ? '' : ` (and ${humanObjects(others.length, 'more transfer')})`
  return {
    kind: refused.kind,
    title: `${name}: ${refused.title}${counted}`,
    text: [
      `${name}: ${refused.text}`,
      ...others.map((other) => `Also ${other.name}: ${other.refused.title}.`),
    ].join('\n'),
  }
}

/** What each transfer says alike: the others are its own, and stand in its report. */
const settingsOf = (parts: readonly TransferReport[]): readonly Setting[] => {
  const [first, ...others] = parts.map(({ report }) => report.settings)
  const isCommon = (setting: Setting): boolean =>
    others.every((settings) =>
      settings.some(({ name, value }) => name === setting.name && value === setting.value),
    )
  const names = parts.map(({ name }) => name).join(', ')
  return [
    { name: 'transfers', value: names, origin: 'input' },
    ...(first ?? []).filter((setting) => setting.origin !== 'transfer' && isCommon(setting)),
  ]
}

const rowOf = ({ name, report }: TransferReport): TransferRow => ({
  name,
  result: report.result,
  totals: report.totals,
  durationSeconds: report.durationSeconds,
  cause: causeOf(report)?.title,
  report: report.files.report === '' ? undefined : report.files.report,
  plan: report.files.plan,
  failed: report.files.failed,
})

/** What the transfers of a step come to together. */
export function mergeReports(
  parts: readonly [TransferReport, ...TransferReport[]],
  facts: StepFacts,
): Report {
  const reports = parts.map(({ report }) => report)
  const [{ report: first }] = parts
  const { outcomes, failOn } = facts
  const totals = totalsOf(reports)
  const results = reports.map(({ result }) => result)
  const result = resultOfAll(results, totals.copied.objects + totals.deleted.objects)
  const source = common(reports.map((report) => report.source))
  const destination = common(reports.map((report) => report.destination))
  return {
    schema: REPORT_SCHEMA,
    result,
    exitCode: exitCodeOf(result, failOn),
    mode: first.mode,
    dryRun: first.dryRun,
    startedAt: new Date(facts.startedMs).toISOString(),
    durationSeconds: facts.durationSeconds,
    copySeconds: sum(reports.map(({ copySeconds }) => copySeconds)),
    peakBytesPerSecond: Math.max(...reports.map(({ peakBytesPerSecond: peak }) => peak)),
    settings: settingsOf(parts),
    identity: common(reports.map(({ identity }) => identity)),
    sourceIdentity: common(reports.map(({ sourceIdentity }) => sourceIdentity)),
    writtenBy: common(reports.map(({ writtenBy }) => writtenBy)),
    streamed: common(reports.map(({ streamed }) => streamed)),
    source,
    destination,
    checks: checksOf(reports),
    reasons: tallies(reports.map(({ reasons }) => reasons)),
    samples: samplesOf(reports),
    listed: {
      source: sum(reports.map(({ listed }) => listed.source)),
      destination: sum(reports.map(({ listed }) => listed.destination)),
    },
    totals,
    manifest: manifestOf(reports),
    requests: requestsOf(reports),
    sizeClasses: outcomes.sizeClasses,
    folders: outcomes.folderRows(),
    slowest: outcomes.slowest,
    routes: outcomes.routes,
    stages: stagesOf(facts.stages, parts),
    engine: engineOf(parts),
    verification: verificationOf(reports),
    waiting: waitingOfAll(reports),
    lock: first.lock,
    invalidations: reports.flatMap(({ invalidations = [] }) => invalidations),
    errors: outcomes
      .errorGroups()
      .map((group) => advised(group, { source, destination }, first.mode)),
    warnings: warningsOf(parts),
    failure: facts.failure,
    refused: refusedOf(parts),
    peakMemoryBytes: Math.max(...reports.map(({ peakMemoryBytes }) => peakMemoryBytes)),
    transfers: parts.map(rowOf),
    files: facts.files,
  }
}
