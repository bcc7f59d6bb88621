import type { SizeClass } from '../model/batch.ts'
import { JOB_LEFT, type JobLeft } from '../model/batch-job.ts'
import type { LockFacts } from '../model/lock.ts'
import type { Tally } from '../model/op.ts'
import type { RouteReason } from '../model/outcome.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { EngineFacts, IdentityFacts, Report, Toolchain } from '../model/report.ts'
import {
  humanBytes,
  humanCount,
  humanObjects,
  humanPace,
  humanSeconds,
  perSecond,
} from '../model/units.ts'
import { IDENTITY_SOURCES, ROUTES } from '../model/wording.ts'
import { code, prose, section, table } from './markdown.ts'
import { sumsInWords } from './sums.ts'
import { METHODS, ORIGINS, TUNING_RULES, wordFor } from './wording.ts'

const SHORT_SHA = 12
const SEPARATOR = ' · '

/** A row of the table; undefined where there is nothing to say. */
type Fact = readonly [name: string, value: string | undefined]

const listed = (parts: readonly (string | undefined)[]): string | undefined =>
  parts.filter((part) => part).join(SEPARATOR) || undefined

const place = (where: Place | undefined): string | undefined =>
  where &&
  listed([
    code(addressOf(where, where.prefix)),
    where.region && code(where.region),
    where.endpoint && code(where.endpoint),
  ])

const identity = (who: IdentityFacts | undefined): string | undefined =>
  who && listed([who.arn && code(who.arn), wordFor(IDENTITY_SOURCES, who.source)])

const sourceIdentity = ({ sourceIdentity: who, writtenBy }: Report): string | undefined =>
  who === 'anonymous'
    ? 'anonymous (unsigned requests)'
    : listed([identity(who), writtenBy === 'source' ? 'same as the destination' : undefined])

const streamed = ({ streamed: why, totals: { copied } }: Report): string | undefined =>
  why && copied.objects > 0
    ? listed([humanObjects(copied.objects), humanBytes(copied.bytes), wordFor(ROUTES, why)])
    : undefined

const toolchain = ({ version, reported, sha256, origin }: Toolchain): string | undefined =>
  listed([
    `s5cmd ${code(version)}`,
    reported === version ? undefined : code(reported),
    `sha256 ${code(sha256.slice(0, SHORT_SHA))}`,
    wordFor(ORIGINS, origin),
  ])

const engineName = ({ used, toolchain: tool, toolchainProblem }: EngineFacts): string | undefined =>
  listed([
    // A run that copied nothing has the tool at hand all the same.
    tool && (used.length === 0 || used.includes('s5cmd')) ? toolchain(tool) : undefined,
    used.includes('direct') ? 'direct engine' : undefined,
    toolchainProblem && prose(toolchainProblem),
  ])

const adaptedConcurrency = ({ concurrency }: EngineFacts): string | undefined =>
  listed(
    concurrency
      .filter(({ initial, final }) => final !== initial)
      .map(({ name, initial, final }) => `${name}: ${humanCount(initial)} → ${humanCount(final)}`),
  )

const processes = ({ processes: begun, used }: EngineFacts): string | undefined => {
  if (!used.includes('s5cmd')) return undefined
  return begun === 1 ? '1 process' : `${humanCount(begun)} processes`
}

function batches({ batches: made, batchOps }: EngineFacts): string {
  const count = made === 1 ? '1 batch' : `${humanCount(made)} batches`
  const sizes = Object.values(batchOps)
  const [first] = sizes
  // Shards do not tell how large theirs were.
  if (!first) return count
  const most = humanCount(Math.max(...sizes.map(({ value }) => value)))
  return `${count} of at most ${most} (${wordFor(TUNING_RULES, first.rule)})`
}

const parallelism = (engine: EngineFacts): string | undefined =>
  engine.batches === 0
    ? undefined
    : listed([
        `${humanObjects(engine.numworkers, 'worker')} (${wordFor(TUNING_RULES, engine.workersRule)})`,
        adaptedConcurrency(engine),
        processes(engine),
        batches(engine),
      ])

/** Where bytes passed through the runner in parts: how large these were, and how fast they came. */
const parts = ({ partBytes, linkBytesPerSecond: speed }: EngineFacts): string | undefined =>
  listed([
    ...partBytes.map(({ value, rule }) => `${humanBytes(value)} (${wordFor(TUNING_RULES, rule)})`),
    speed === undefined ? undefined : `${humanBytes(speed)}/s measured`,
  ])

const retries = (engine: EngineFacts): string | undefined => {
  const { requestRetries, slowdowns, extraPasses, crashes } = engine
  return listed([
    requestRetries > 0 ? `${humanObjects(requestRetries, 'request')} retried` : undefined,
    slowdowns > 0 ? `slowed down ${humanObjects(slowdowns, 'time')}` : undefined,
    extraPasses === 0 ? undefined : `failed objects retried ${humanObjects(extraPasses, 'time')}`,
    crashes > 0 ? `s5cmd ended early ${humanObjects(crashes, 'time')}` : undefined,
  ])
}

const routes = ({ routes: byReason, streamed: why }: Report): string | undefined =>
  listed(
    (Object.entries(byReason) as [RouteReason, number][])
      // Why bytes pass through this runner is said there.
      .filter(([reason, ops]) => ops > 0 && reason !== why && reason !== 'batch-operations')
      .sort(([, a], [, b]) => b - a)
      .map(([reason, ops]) => `${humanCount(ops)} × ${wordFor(ROUTES, reason) ?? code(reason)}`),
  )

/** What is handed to a job, and what it reported. */
function byJob({
  parts,
  routes: { 'batch-operations': reported = 0 },
}: Report): string | undefined {
  if (!parts?.job) return undefined
  const { ops, bytes, left } = parts.job
  return listed([
    `${humanObjects(ops)}, ${humanBytes(bytes)}`,
    reported > 0 ? `${humanCount(reported)} reported` : undefined,
    ...(Object.entries(left) as [JobLeft, Tally][]).map(
      ([why, { objects }]) => `${humanCount(objects)} in the parts instead (${JOB_LEFT[why]})`,
    ),
  ])
}

const CLASSES: Readonly<Record<SizeClass, string>> = {
  small: 'under 10 MB',
  medium: 'to 100 MB',
  large: 'over 100 MB',
}

const classes = ({ sizeClasses }: Report): string | undefined =>
  listed(
    (Object.keys(CLASSES) as SizeClass[])
      .filter((name) => sizeClasses[name].objects > 0)
      .map((name) => `${humanCount(sizeClasses[name].objects)} ${CLASSES[name]}`),
  )

function verificationOf({ verification: proven }: Report): string | undefined {
  if (!proven) return undefined
  const word = wordFor(METHODS, proven.method)
  // Answers were not looked at again: there is no number of looks.
  if (proven.method === 'none' || proven.method === 'results') return word
  return listed([
    `${humanObjects(proven.checked)} checked`,
    word,
    proven.byChecksum > 0 ? `${humanCount(proven.byChecksum)} by checksum` : undefined,
    proven.bySizeAndTime > 0
      ? `${humanCount(proven.bySizeAndTime)} by size and time (no comparable ETag or checksum)`
      : undefined,
    proven.mismatched > 0
      ? `**${humanCount(proven.mismatched)} ${proven.mismatched === 1 ? 'mismatch' : 'mismatches'}**`
      : undefined,
  ])
}

const engineFacts = (engine: EngineFacts | undefined): Fact[] =>
  engine
    ? [
        ['Engine', engineName(engine)],
        ['Parallel', parallelism(engine)],
        ['Parts', parts(engine)],
        ['Retries', retries(engine)],
      ]
    : []

const speed = ({
  totals: { copied },
  copySeconds,
  peakBytesPerSecond: peak,
  shards,
}: Report): string | undefined =>
  copied.objects === 0 || copySeconds === 0
    ? undefined
    : listed([
        shards && 'one runner on average',
        humanPace(perSecond(copied.objects, copySeconds)),
        `${humanBytes(perSecond(copied.bytes, copySeconds))}/s`,
        // In a run of a few seconds both are the same.
        humanBytes(peak) === humanBytes(perSecond(copied.bytes, copySeconds))
          ? undefined
          : `at most ${humanBytes(peak)}/s`,
      ])

const invalidationsOf = ({ invalidations = [] }: Report): string | undefined =>
  listed(
    invalidations.map(
      ({ distribution, id, paths }) =>
        `${humanObjects(paths.length, 'path')} of ${code(distribution)} invalidated (${code(id)})`,
    ),
  )

const sumsOf = ({ sha256sums }: Report): string | undefined =>
  sha256sums &&
  listed([sumsInWords(sha256sums), sha256sums.published && code(sha256sums.published)])

function manifestOf({ manifest, reasons, files }: Report): string | undefined {
  if (!manifest) return undefined
  const missing = reasons['not-in-source']?.objects ?? 0
  const named = files.notInSource === undefined ? '' : `, named in ${code('not-in-source.ndjson')}`
  return listed([
    code(manifest.name),
    humanObjects(manifest.rows, 'row'),
    missing > 0 ? `${humanCount(missing)} not in the source${named}` : undefined,
    manifest.sha256Unproven > 0
      ? `SHA-256 of ${humanCount(manifest.sha256Unproven)} not verified, because S3 stores none`
      : undefined,
  ])
}

/** How a lock ended, in words. */
const LOCK_ENDS: Readonly<Record<LockFacts['end'], string>> = {
  released: 'released',
  left: 'not released yet: the post step does that, or it expires by itself',
  lost: 'lost during the run',
}

const lockOf = ({ lock }: Report): string | undefined =>
  lock &&
  listed([
    code(lock.url),
    lock.isTakenOver ? 'taken over from a run that stopped renewing it' : undefined,
    lock.waitedSeconds >= 1 ? `waited ${humanSeconds(lock.waitedSeconds)}` : undefined,
    `epoch ${humanCount(lock.epoch)}`,
    LOCK_ENDS[lock.end],
  ])

/** Who ran, from where to where, and how it was carried and proven. */
export function runFacts(report: Report): string {
  const facts: Fact[] = [
    ['Source', place(report.source)],
    ['Destination', place(report.destination)],
    ['Manifest', manifestOf(report)],
    ['Lock', lockOf(report)],
    ['Identity', identity(report.identity)],
    ['Identity at the source', sourceIdentity(report)],
    ['Bytes through this runner', streamed(report)],
    ...engineFacts(report.engine),
    ['Why the direct engine', routes(report)],
    ['S3 Batch Operations', byJob(report)],
    ['Copied objects by size', classes(report)],
    ['Speed', speed(report)],
    ['Verified by', verificationOf(report)],
    ['SHA256SUMS', sumsOf(report)],
    ['CloudFront', invalidationsOf(report)],
    ['Peak memory', report.peakMemoryBytes > 0 ? humanBytes(report.peakMemoryBytes) : undefined],
  ]
  // Where a run ended before it found its places, that is all there is to tell.
  if (!report.source && !report.identity) return ''
  const rows = facts.flatMap(([name, value]) => (value ? [[name, value]] : []))
  return section('The run', table([{ title: 'What' }, { title: 'Value' }], rows))
}
