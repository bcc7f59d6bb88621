import type { Sessions } from '../credentials/session.ts'
import { explain } from '../errors/sync-error.ts'
import type { OutcomeTotals } from '../ledger/totals.ts'
import { addTally, type CopyReason, NO_TALLY, skippedBy, type Tally } from '../model/op.ts'
import type { Place } from '../model/place.ts'
import {
  type Check,
  type CheckName,
  type EngineFacts,
  REPORT_SCHEMA,
  type Report,
  type ShardRow,
  type Totals,
} from '../model/report.ts'
import { previews, type SyncRequest, writesOf } from '../model/request.ts'
import { humanCount, humanObjects, perSecond } from '../model/units.ts'
import { namedGlobs } from '../plan/filter-guard.ts'
import { requestsOf } from '../plan/requests.ts'
import type { Ports } from '../ports.ts'
import { exposures } from '../preflight/exposure.ts'
import type { Facts } from '../preflight/preflight.ts'
import { lastStage } from '../run/hold-back.ts'
import type { RunRecord } from '../run/pipeline.ts'
import { type HandedShard, planOf, type StageResults } from '../run/stage-results.ts'
import { advised } from './advice.ts'
import type { Invalidated } from './invalidate.ts'
import { type Verdict, verdict } from './verdict.ts'
import { CHECKS } from './wording.ts'

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

function verificationOf({ found: { copy, verify } }: RunRecord): Report['verification'] {
  if (!copy || !verify) return undefined
  const { method, checked, proven, mismatches } = verify
  return {
    method,
    checked,
    mismatched: mismatches.size,
    byChecksum: proven.checksum,
    bySizeAndTime: proven['size-and-time'],
  }
}

function engineOf({ found }: RunRecord): EngineFacts | undefined {
  const { install, copy } = found
  const idle: Omit<EngineFacts, 'used'> = {
    numworkers: 0,
    workersRule: 'size-class',
    concurrency: [],
    processes: 0,
    crashes: 0,
    requestRetries: 0,
    slowdowns: 0,
    unconditional: false,
    tagsUnreadable: false,
    extraPasses: 0,
    batches: 0,
    batchOps: {},
    partBytes: [],
  }
  if (!copy && !install?.toolchain && !install?.toolchainProblem) return undefined
  return { used: [], ...idle, ...install, ...copy?.engine }
}

const UNCONDITIONAL =
  'The destination does not know conditional writes: what somebody else wrote there during the run may have been overwritten.'

const TAGS_UNREADABLE =
  'Objects were written without tags: allow s3:GetObjectTagging on the source to whoever reads it, if they have any.'

/** What a plan that is not carried out yet would run into. */
function destinationConflicts(found: Partial<StageResults>): string[] {
  const objects = planOf(found)?.trailer.reasons['destination-conflict']?.objects ?? 0
  if (objects === 0 || found.copy) return []
  const stand = objects === 1 ? 'stands' : 'stand'
  return [
    `${humanObjects(objects)} ${stand} at the destination with other content, which overwrite: never keeps: this plan would copy nothing.`,
  ]
}

/** What an approved plan is not any more, by what both places hold now. */
function approvalWarnings(found: Partial<StageResults>): string[] {
  const { unapproved, outdated } = planOf(found)?.approval ?? {}
  const left = (unapproved?.copies ?? 0) + (unapproved?.deletes ?? 0)
  const stale = (outdated?.copies ?? 0) + (outdated?.deletes ?? 0)
  const changes = left === 1 ? 'change is' : 'changes are'
  return [
    ...(left > 0
      ? [
          `${humanCount(left)} ${changes} not in the approved plan, so not carried out: make a new plan with mode: plan.`,
        ]
      : []),
    // Carried out, each has a row that says why.
    ...(stale > 0 && !found.copy
      ? [
          `${humanCount(stale)} of the approved operations cannot be carried out any more, as objects changed since.`,
        ]
      : []),
  ]
}

const UNVERSIONED =
  'The destination bucket is not versioned: what this plan overwrites or deletes cannot be restored.'

const REPLACING: readonly CopyReason[] = [
  'size-differs',
  'etag-differs',
  'checksum-differs',
  'no-common-checksum',
  'newer',
]

/** Whether a plan takes something away that no older version keeps. */
function takesAway(found: Partial<StageResults>): boolean {
  const plan = planOf(found)
  if (!plan || found.preflight?.facts?.versioned !== false) return false
  const { reasons, deletes, listed } = plan.trailer
  const objects = (reason: CopyReason) => reasons[reason]?.objects ?? 0
  const replaced = REPLACING.reduce((sum, reason) => sum + objects(reason), 0)
  return deletes.objects + replaced > 0 || (objects('always') > 0 && listed.destination > 0)
}

/** Checks that have a place of their own among the warnings. */
const TOLD_ELSEWHERE: ReadonlySet<CheckName> = new Set(['s5cmd', 'destination-versioning'])

const checkWarnings = (checks: readonly Check[]): string[] =>
  checks
    .filter(({ name, status }) => status === 'warn' && !TOLD_ELSEWHERE.has(name))
    .map(({ name, detail }) => `${CHECKS[name]}: ${detail}.`)

/** Globs that may be misspelled, as nothing was matched by them. */
function idleGlobs(found: Partial<StageResults>): string[] {
  const plan = planOf(found)
  const { include = [], exclude = [] } = plan?.idleGlobs ?? {}
  const rules = plan?.idleHeaderGlobs ?? []
  return Object.entries({ include, exclude })
    .flatMap(([input, globs]) =>
      globs.length === 0
        ? []
        : [`${input} ${namedGlobs(globs)} matched nothing at the source and at the destination.`],
    )
    .concat(
      rules.length === 0
        ? []
        : [
            `headers: the rules for ${namedGlobs(rules)} matched no object, by its key at the destination.`,
          ],
    )
}

/** What a person should know of the waves before anybody relies on their order. */
function waveWarnings(found: Partial<StageResults>): string[] {
  const plan = planOf(found)
  const { idle = [], unproven = [] } = plan?.waveFindings ?? {}
  const waves = plan?.trailer.waves ?? []
  const last = waves.findLastIndex(({ objects }) => objects > 0)
  // A check copies nothing that could name it.
  const doubtful = (found.inputs?.mode === 'check' ? [] : unproven)
    .slice(0, Math.max(0, last))
    .reduce((sum, { objects }) => sum + objects, 0)
  const left = doubtful === 1 ? 'is left as it is' : 'are left as they are'
  return [
    ...(idle.length > 0
      ? [`waves ${namedGlobs(idle)} matched nothing at the source and at the destination.`]
      : []),
    ...(doubtful > 0
      ? [
          `${humanObjects(doubtful)} of earlier waves ${left}, of the same size and newer than the source's: what later waves copy may name other content. compare: etag copies such objects.`,
        ]
      : []),
  ]
}

/** Regions that the inputs name and that the buckets are not in: the run went on where they are. */
function otherRegions({ inputs, preflight }: Partial<StageResults>): string[] {
  const facts = preflight?.facts
  if (!inputs || !facts) return []
  return (['source', 'destination'] as const).flatMap((side) => {
    const asked = inputs.settings.find(({ name }) => name === `${side}-region`)
    const { bucket, region } = facts[side]
    if (!asked || asked.origin === 'default' || asked.value === region || asked.value === 'auto')
      return []
    return [
      `The bucket ${bucket} is in ${region}, and ${side}-region says ${asked.value}: set it to ${region}, or leave it out.`,
    ]
  })
}

const unknownInputs = ({ unknownInputs: names }: SyncRequest): string[] =>
  names.length === 0 ? [] : [`This action has no input ${names.join(', ')}: without effect.`]

/** What a person should know although the run went on. */
function warningsOf({ found }: RunRecord, { host }: Pick<Ports, 'host'>): string[] {
  const { inputs, install, copy } = found
  const plan = planOf(found)
  const filtered = plan?.trailer.reasons['filtered']?.objects ?? 0
  const filters = inputs ? inputs.selection.include.length + inputs.selection.exclude.length : 0
  // Where that is refused, the refusal says it.
  const nothingPasses = filters > 0 && filtered === plan?.trailer.listed.source && !plan.refused
  return [
    ...otherRegions(found),
    ...(inputs ? [...unknownInputs(inputs), ...exposures(inputs, host.env)] : []),
    ...(install?.toolchainProblem ? [install.toolchainProblem] : []),
    ...(copy?.engine.unconditional ? [UNCONDITIONAL] : []),
    ...(copy?.engine.tagsUnreadable ? [TAGS_UNREADABLE] : []),
    ...checkWarnings(found.preflight?.checks ?? []),
    ...(plan?.doubt ? [plan.doubt] : []),
    ...destinationConflicts(found),
    ...approvalWarnings(found),
    // What is refused takes nothing away.
    ...(takesAway(found) && !plan?.refused ? [UNVERSIONED] : []),
    ...idleGlobs(found),
    ...(plan?.headersRefused ? [plan.headersRefused] : []),
    ...waveWarnings(found),
    ...(nothingPasses ? ['No source object passes include and exclude.'] : []),
  ]
}

const secondsIn = ({ stages }: RunRecord, name: string): number =>
  stages.find(({ stage }) => stage === name)?.seconds ?? 0

/** Never below the average: a run may be over before ten seconds are. */
const peakOf = (record: RunRecord, { copied }: Totals): number =>
  Math.max(
    record.found.copy?.peakBytesPerSecond ?? 0,
    perSecond(copied.bytes, secondsIn(record, 'copy')),
  )

/** The manifest that named the objects, as far as it was come to. */
function manifestFacts(found: Partial<StageResults>): Report['manifest'] {
  const asked = found.inputs?.selection.manifest
  const { header, trailer } = planOf(found) ?? {}
  if (!asked || !header?.manifest || !trailer?.manifest) return undefined
  const { rows, sha256Unproven, lookUps } = trailer.manifest
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
}

/** The report of a run, whatever it came to. */
export function buildReport(
  record: RunRecord,
  outcomes: OutcomeTotals,
  { ports, files, invalidated }: ReportParts,
): Report {
  const { found, failure, stages } = record
  const { inputs, credentials } = found
  const plan = planOf(found)
  const { checks = [], facts } = found.preflight ?? {}
  const totals = totalsOf(record, outcomes)
  return {
    schema: REPORT_SCHEMA,
    ...verdictOf(record, totals, ports.host.cancelled.aborted),
    mode: inputs?.mode ?? 'sync',
    dryRun: inputs?.dryRun ?? false,
    startedAt: new Date(record.startedMs).toISOString(),
    durationSeconds: durationOf(record, ports),
    copySeconds: secondsIn(record, 'copy'),
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
    manifest: manifestFacts(found),
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
    invalidations: invalidated?.made,
    warnings: [...warningsOf(record, ports), ...(invalidated?.problems ?? [])],
    failure: failure === undefined ? undefined : explain(failure, lastStage(record)),
    refused: plan?.refused && explain(plan.refused, 'plan'),
    peakMemoryBytes: ports.system.peakMemoryBytes(),
    files,
  }
}
