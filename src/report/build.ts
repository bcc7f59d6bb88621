import type { Sessions } from '../credentials/session.ts'
import { explain, SyncError } from '../errors/sync-error.ts'
import type { OutcomeTotals } from '../ledger/totals.ts'
import { engineTotals, IDLE_ENGINE } from '../model/engine-totals.ts'
import type { LockFacts } from '../model/lock.ts'
import { addTally, NO_TALLY, skippedBy, type Tally } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import {
  type EngineFacts,
  REPORT_SCHEMA,
  type Report,
  type ShardRow,
  type Told,
  type Totals,
} from '../model/report.ts'
import { previews, type SyncRequest, writesOf } from '../model/request.ts'
import type { Stage } from '../model/stages.ts'
import { perSecond } from '../model/units.ts'
import { requestsOf } from '../plan/requests.ts'
import type { Ports } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { lastStage } from '../run/hold-back.ts'
import type { RunRecord } from '../run/pipeline.ts'
import { type HandedShard, planOf, type StageResults } from '../run/stage-results.ts'
import { advised } from './advice.ts'
import type { Invalidated } from './invalidate.ts'
import { sumsFacts, sumsWarnings } from './sums.ts'
import { type Verdict, verdict } from './verdict.ts'
import { waitingFacts } from './waiting.ts'
import { lockWarnings, warningsOf } from './warnings.ts'

/** What is left; an object may have another size by now than was planned. */
const left = (planned: Tally, recorded: Tally): Tally =>
  planned.objects === recorded.objects
    ? NO_TALLY
    : {
        objects: planned.objects - recorded.objects,
        bytes: Math.max(0, planned.bytes - recorded.bytes),
      }

/** Ops that a broken run left without a row are unknown: every planned op is accounted for. */
function totalsOf({ found, entered }: RunRecord, { status, deleted }: OutcomeTotals): Totals {
  const { copies = NO_TALLY, deletes = NO_TALLY, reasons = {} } = planOf(found)?.trailer ?? {}
  const { done: copied, failed } = status
  const begun = [
    ...(entered.has('copy') ? [copies] : []),
    ...(entered.has('delete') ? [deletes] : []),
  ].reduce(addTally, NO_TALLY)
  const recorded = [copied, deleted, failed, status.unknown].reduce(addTally)
  // Rows of a manifest that cannot be copied are told, though nothing was begun.
  const unheard = begun.objects === 0 ? NO_TALLY : left(begun, recorded)
  const unknown = addTally(status.unknown, unheard)
  const skipped = skippedBy(reasons)
  return { planned: copies, copied, plannedDeletes: deletes, deleted, failed, unknown, skipped }
}

const placeOf = (place: Place | undefined): Place | undefined => {
  if (!place) return undefined
  const { bucket, prefix, single, endpoint, region, folder } = place
  return { bucket, prefix, single, endpoint, region, folder }
}

const placesOf = (facts: Facts | undefined) => ({
  source: placeOf(facts?.source),
  destination: placeOf(facts?.destination),
})

/** Who reads the source, where that is not who writes the destination. */
function sourceIdentity(sessions: Sessions | undefined): Report['sourceIdentity'] {
  if (!sessions || sessions.source === sessions.destination) return undefined
  return sessions.source?.facts ?? 'anonymous'
}

const writtenBy = ({ transferPath, destination }: Facts): Report['writtenBy'] =>
  transferPath.carrier === destination.store ? 'destination' : 'source'

/** What ops come to in a run that carries none of them out. */
function unwritten(request: SyncRequest | undefined): 'planned' | 'drift' | undefined {
  if (!request || writesOf(request)) return undefined
  return previews(request) ? 'planned' : 'drift'
}

function verdictOf(record: RunRecord, totals: Totals, cancelled: boolean): Verdict {
  const { found, failure } = record
  const request = found.inputs
  const planned = totals.planned.objects + totals.plannedDeletes.objects
  const done = totals.copied.objects + totals.deleted.objects
  // A cancel may come when one of several transfers is over.
  const isOver =
    request?.name !== undefined && failure === undefined && planOf(found) && done === planned
  return verdict({
    found: unwritten(request),
    refused: planOf(found)?.refused !== undefined,
    planned,
    done,
    aborted: cancelled && !isOver,
    failure: failure === undefined ? undefined : explain(failure, lastStage(record)).kind,
    failOn: request?.reporting.failOn ?? 'failed',
  })
}

function verificationOf({ found }: RunRecord): Report['verification'] {
  const { copy, verify, parts } = found
  if (!copy || !verify) return undefined
  const { method, checked, proven, mismatches } = verify
  const ofShards =
    parts?.handed.map(({ receipt }) => receipt?.report.verification?.mismatched) ?? []
  return {
    method,
    checked,
    mismatched: ofShards.reduce((sum: number, one = 0) => sum + one, mismatches.size),
    byChecksum: proven.checksum,
    bySizeAndTime: proven['size-and-time'],
  }
}

function engineOf({ found }: RunRecord): EngineFacts | undefined {
  const { install, copy, parts } = found
  if (!copy && !install?.toolchain && !install?.toolchainProblem) return undefined
  const own: EngineFacts = { ...IDLE_ENGINE, ...install, ...copy?.engine }
  const ofShards = parts?.handed.flatMap(({ receipt }) => receipt?.report.engine ?? []) ?? []
  const all = [...ofShards, own]
  const numworkers = Math.max(...all.map((engine) => engine.numworkers))
  return { ...own, ...engineTotals(all), numworkers }
}

const secondsIn = ({ stages }: RunRecord, name: string): number =>
  stages.find(({ stage }) => stage === name)?.seconds ?? 0

/** How long was copied, of shards by all runners together; 0 where not all of them tell. */
function copySecondsOf(record: RunRecord): number {
  const handed = record.found.parts?.handed ?? []
  const isTold = handed.every(
    ({ receipt, rows }) => receipt || rows.totals.status.done.objects === 0,
  )
  const seconds = handed.map(({ receipt }) => receipt?.report.copySeconds ?? 0)
  return isTold ? seconds.reduce((sum, one) => sum + one, secondsIn(record, 'copy')) : 0
}

/** Never below the average: a run may be over before ten seconds are. */
const peakOf = (record: RunRecord, { copied }: Totals): number =>
  Math.max(
    record.found.copy?.peakBytesPerSecond ?? 0,
    perSecond(copied.bytes, copySecondsOf(record)),
  )

/** The manifest that named the objects, as far as it was come to. */
function manifestFacts(
  found: Partial<StageResults>,
  { sha256Proven }: OutcomeTotals,
): Report['manifest'] {
  const asked = found.inputs?.selection.manifest
  const { header, trailer } = planOf(found) ?? {}
  if (!asked || !header?.manifest || !trailer?.manifest) return undefined
  const { rows, lookUps } = trailer.manifest
  // What nothing stored proves, the bytes prove where they pass.
  const sha256Unproven = trailer.manifest.sha256Unproven - sha256Proven
  const { name, missing } = asked
  return { name, sha256: header.manifest, missing, rows, sha256Unproven, lookUps }
}

/** One of several transfers waits for the others between its stages. */
const durationOf = ({ startedMs, found, stages }: RunRecord, { clock }: Ports): number =>
  found.inputs?.name === undefined
    ? (clock.now() - startedMs) / 1000
    : stages.reduce((sum, { seconds }) => sum + seconds, 0)

/** The waves of a plan, and what became of each. */
function wavesOf({ found }: RunRecord, { waves: ended }: OutcomeTotals): Report['waves'] {
  const globs = found.inputs?.selection.waves?.globs
  return planOf(found)?.trailer.waves?.map((planned, wave) => {
    const { done = NO_TALLY, failed = 0, heldBack = 0 } = ended[wave] ?? {}
    return { wave, globs: globs?.[wave - 1], planned, done, failed, heldBack }
  })
}

const partsFacts = ({ parts }: Partial<StageResults>): Report['parts'] =>
  parts && { planId: parts.index.planId, count: parts.index.parts.length, job: parts.index.job }

const shardRow = ({ number, receipt, lost, rows }: HandedShard): ShardRow => {
  const { done, failed, unknown } = rows.totals.status
  return {
    shard: number,
    result: receipt?.report.result ?? (lost === undefined ? 'reported' : undefined),
    lost,
    durationSeconds: receipt?.report.durationSeconds,
    done,
    failed: failed.objects + unknown.objects,
  }
}

/** What a report tells beside the record of its run. */
export interface ReportParts {
  readonly ports: Ports
  readonly files: Report['files']
  /** undefined: nobody was to be told what changed. */
  readonly invalidated?: Invalidated | undefined
  /** undefined: the run had none. */
  readonly lock?: LockFacts | undefined
}

/** Whether a signal ended the run; a lock that is lost ends it in the same way. */
const isCancelled = ({ host: { cancelled } }: Ports): boolean =>
  cancelled.aborted && !(cancelled.reason instanceof SyncError && cancelled.reason.kind === 'lock')

/** An error as it is told; where others copied before it, as the job does that ends their plan. */
function toldOf({ found }: RunRecord, error: unknown, stage: Stage): Told | undefined {
  if (error === undefined) return undefined
  const { kind, title, text } = explain(error, stage)
  const hasCopies = found.parts?.handed.some(({ rows }) => rows.totals.status.done.objects > 0)
  const nothing = /Nothing was (?:touched|copied)/
  return { kind, title, text: hasCopies ? text.replace(nothing, 'This job changed nothing') : text }
}

const allWarnings = (
  record: RunRecord,
  { ports, invalidated, lock }: ReportParts,
  sums: Report['sha256sums'],
): string[] => [
  ...warningsOf(record, ports),
  ...lockWarnings(lock, record.failure),
  ...sumsWarnings(sums),
  ...(invalidated?.problems ?? []),
]

/** The report of a run, whatever it came to. */
export function buildReport(
  record: RunRecord,
  outcomes: OutcomeTotals,
  parts: ReportParts,
): Report {
  const { ports, files, invalidated, lock } = parts
  const { found, failure, stages } = record
  const { inputs, credentials } = found
  const plan = planOf(found)
  const { checks = [], facts } = found.preflight ?? {}
  const totals = totalsOf(record, outcomes)
  const sums = sumsFacts(found.sums, facts?.destination.bucket)
  return {
    schema: REPORT_SCHEMA,
    ...verdictOf(record, totals, isCancelled(ports)),
    mode: inputs?.mode ?? 'sync',
    dryRun: inputs?.dryRun ?? false,
    startedAt: new Date(record.startedMs).toISOString(),
    durationSeconds: durationOf(record, ports),
    copySeconds: copySecondsOf(record),
    peakBytesPerSecond: peakOf(record, totals),
    settings: inputs?.settings ?? [],
    identity: credentials?.destination.facts,
    sourceIdentity: sourceIdentity(credentials),
    writtenBy: facts && writtenBy(facts),
    streamed: facts?.transferPath.streamed,
    source: placeOf(facts?.source),
    destination: placeOf(facts?.destination),
    checks,
    reasons: plan?.trailer.reasons ?? {},
    samples: plan?.samples ?? {},
    listed: plan?.trailer.listed ?? { source: 0, destination: 0 },
    totals,
    manifest: manifestFacts(found, outcomes),
    requests: plan && inputs && requestsOf(plan.trailer, inputs.selection, inputs.transfer.write),
    sizeClasses: outcomes.sizeClasses,
    folders: outcomes.folderRows(),
    parts: partsFacts(found),
    shards: inputs?.mode === 'finish' ? found.parts?.handed.map(shardRow) : undefined,
    waves: wavesOf(record, outcomes),
    slowest: outcomes.slowest,
    routes: outcomes.routes,
    stages,
    engine: engineOf(record),
    verification: verificationOf(record),
    errors: outcomes
      .errorGroups()
      .map((group) => advised(group, placesOf(facts), inputs?.mode ?? 'sync')),
    waiting: waitingFacts(plan),
    sha256sums: sums,
    lock,
    invalidations: invalidated?.made,
    warnings: allWarnings(record, parts, sums),
    failure: toldOf(record, failure, lastStage(record)),
    refused: toldOf(record, plan?.refused, 'plan'),
    peakMemoryBytes: ports.system.peakMemoryBytes(),
    files,
  }
}
