import { explain } from '../errors.ts'
import type { Tally } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import { REPORT_SCHEMA, type Report, type Totals } from '../model/report.ts'
import type { Ports } from '../ports.ts'
import { type RunRecord, writes } from './record.ts'
import { errorGroups, NO_OUTCOMES, type OutcomeTotals } from './totals.ts'
import { verdict } from './verdict.ts'
import { COPY_REASONS } from './wording.ts'

const NOTHING: Tally = { objects: 0, bytes: 0 }

const sum = (a: Tally, b: Tally): Tally => ({
  objects: a.objects + b.objects,
  bytes: a.bytes + b.bytes,
})

function skippedOf({ plan }: RunRecord): Tally {
  const skips = Object.entries(plan?.trailer.reasons ?? {}).filter(
    ([reason]) => !COPY_REASONS.has(reason) && reason !== 'only-at-destination',
  )
  return skips.reduce((total, [, tally]) => sum(total, tally), NOTHING)
}

/** Ops that a broken run left without a row are unknown: every planned op is accounted for. */
function totalsOf(record: RunRecord, { status }: OutcomeTotals): Totals {
  const planned = record.plan?.trailer.copies ?? NOTHING
  const copied = status.done
  const attempted = record.executing === true
  const missing = {
    objects: attempted
      ? planned.objects - copied.objects - status.failed.objects - status.unknown.objects
      : 0,
    bytes: attempted
      ? planned.bytes - copied.bytes - status.failed.bytes - status.unknown.bytes
      : 0,
  }
  return {
    planned,
    copied,
    failed: status.failed,
    unknown: sum(status.unknown, missing),
    skipped: skippedOf(record),
  }
}

const placeOf = ({ bucket, prefix, single, endpoint, region }: Place): Place => ({
  bucket,
  prefix,
  single,
  endpoint,
  region,
})

function whereabouts({
  facts,
  session,
}: RunRecord): Pick<Report, 'identity' | 'source' | 'destination'> {
  return {
    identity: session?.facts,
    source: facts && placeOf(facts.source),
    destination: facts && placeOf(facts.destination),
  }
}

function verdictOf(record: RunRecord, totals: Totals, aborted: boolean) {
  const { request, failure } = record
  return verdict({
    writes: writes(record),
    planned: totals.planned.objects,
    done: totals.copied.objects,
    aborted,
    failure: failure === undefined ? undefined : explain(failure).kind,
    failOn: request?.tell.failOn ?? 'failed',
  })
}

const seconds = (record: RunRecord, room: string): number =>
  record.rooms.find((timing) => timing.room === room)?.seconds ?? 0

function proof({ verification, execution }: RunRecord): Report['verification'] {
  if (!verification) return execution && { method: 'none', checked: 0, mismatched: 0 }
  const { method, checked, mismatches } = verification
  return { method, checked, mismatched: mismatches.size }
}

/** The report of a run, whatever it came to. */
export function buildReport(
  record: RunRecord,
  outcomes: OutcomeTotals | undefined,
  { ports, files }: { readonly ports: Ports; readonly files: Report['files'] },
): Report {
  const { request, plan, execution, failure, toolchain, toolchainProblem } = record
  const settled = outcomes ?? NO_OUTCOMES
  const totals = totalsOf(record, settled)
  return {
    schema: REPORT_SCHEMA,
    ...verdictOf(record, totals, ports.host.cancelled.aborted),
    mode: request?.mode ?? 'sync',
    dryRun: request?.dryRun ?? false,
    startedAt: new Date(record.startedMs).toISOString(),
    durationSeconds: (ports.clock.now() - record.startedMs) / 1000,
    copySeconds: seconds(record, 'execute'),
    settings: request?.settings ?? [],
    ...whereabouts(record),
    reasons: plan?.trailer.reasons ?? {},
    listed: plan?.trailer.listed ?? { source: 0, destination: 0 },
    totals,
    sizeClasses: settled.sizeClasses,
    rooms: record.rooms,
    engine: execution
      ? { ...execution.engine, toolchainProblem }
      : idleEngine(toolchain, toolchainProblem),
    verification: proof(record),
    errors: errorGroups(settled),
    warnings: record.warnings,
    failure: failure === undefined ? undefined : explain(failure),
    peakMemoryBytes: ports.system.peakMemoryBytes(),
    files,
  }
}

function idleEngine(
  toolchain: RunRecord['toolchain'],
  toolchainProblem: string | undefined,
): Report['engine'] {
  if (!toolchain && !toolchainProblem) return undefined
  const counts = {
    numworkers: 0,
    processes: 0,
    crashes: 0,
    requestRetries: 0,
    extraPasses: 0,
    batches: 0,
  }
  return { used: [], toolchain, toolchainProblem, routes: {}, ...counts }
}
