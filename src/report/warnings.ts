import type { LockFacts } from '../model/lock.ts'
import type { CopyReason, Plan } from '../model/op.ts'
import type { Check, CheckName } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanCount, humanObjects } from '../model/units.ts'
import { namedGlobs } from '../plan/filter-guard.ts'
import type { Ports } from '../ports.ts'
import { exposures } from '../preflight/exposure.ts'
import type { RunRecord } from '../run/pipeline.ts'
import { planOf, type StageResults } from '../run/stage-results.ts'
import { CHECKS } from './wording.ts'

const UNCONDITIONAL =
  'The destination does not support conditional writes: objects that somebody else wrote there during the run may have been overwritten.'

const TAGS_UNREADABLE =
  'Objects were copied without tags: if they have any, allow s3:GetObjectTagging on the source to the identity that reads it.'

/** What a sync would run into, where nothing else says so. */
function destinationConflicts(found: Partial<StageResults>): string[] {
  const plan = planOf(found)
  const objects = plan?.trailer.reasons['destination-conflict']?.objects ?? 0
  if (objects === 0 || found.copy || plan?.refused) return []
  const exist = objects === 1 ? 'exists' : 'exist'
  return [
    `${humanObjects(objects)} already ${exist} at the destination with other content, and overwrite: never protects ${objects === 1 ? 'it' : 'them'}: this plan would copy nothing.`,
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
          `${humanCount(left)} ${changes} not in the approved plan, so not applied: make a new plan with mode: plan.`,
        ]
      : []),
    // Carried out, each has a row that says why.
    ...(stale > 0 && !found.copy
      ? [
          `${humanCount(stale)} of the approved operations can no longer be applied, because the objects changed after the plan was made.`,
        ]
      : []),
  ]
}

const UNVERSIONED =
  'The destination bucket is not versioned: objects that this plan overwrites or deletes cannot be restored.'

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
        : [`headers: ${namedGlobs(rules)} matched no object, by its key at the destination.`],
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
  const left = doubtful === 1 ? 'is left unchanged' : 'are left unchanged'
  return [
    ...(idle.length > 0
      ? [`waves ${namedGlobs(idle)} matched nothing at the source and at the destination.`]
      : []),
    ...(doubtful > 0
      ? [
          `${humanObjects(doubtful)} of earlier waves ${left}: same size, newer than the source's. Objects of later waves may refer to other content. Set compare: etag to copy such objects.`,
        ]
      : []),
  ]
}

/** Objects whose content `compare: checksum` cannot compare: those of multipart uploads are copied by every run. */
function incomparable(plan: Plan | undefined): string[] {
  const objects = plan?.trailer.reasons['no-common-checksum']?.objects ?? 0
  return objects === 0
    ? []
    : [
        `${humanObjects(objects)} of the same size ${objects === 1 ? 'has another ETag' : 'have other ETags'} and cannot be compared by checksum. If the source is a multipart upload, every run with compare: checksum copies it again: use compare: auto, or upload with a full-object checksum such as CRC64NVME.`,
      ]
}

/** A list that cannot be trusted is written anew. */
const listWarnings = (plan: Plan | undefined): string[] =>
  plan?.extras?.flaw === undefined
    ? []
    : [
        `The list of delete-after at the destination is invalid (${plan.extras.flaw}), so it is ignored: the waiting time starts again for all objects that exist only there.`,
      ]

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
      `The bucket ${bucket} is in ${region}, but ${side}-region is ${asked.value}: set it to ${region}, or remove it.`,
    ]
  })
}

const unknownInputs = ({ unknownInputs: names }: SyncRequest): string[] =>
  names.length === 0 ? [] : [`Unknown input, ignored: ${names.join(', ')}.`]

/** Of a lock that was another's before the run had noticed it. */
export const lockWarnings = (lock: LockFacts | undefined, failure: unknown): string[] =>
  lock?.end === 'lost' && failure === undefined
    ? [
        `The lock ${lock.url} was lost shortly before the run ended: another run may have written at the same time. Run again to be sure.`,
      ]
    : []

/** What a person should know although the run went on. */
export function warningsOf({ found }: RunRecord, { host }: Pick<Ports, 'host'>): string[] {
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
    ...(plan?.headersDoubt ? [plan.headersDoubt] : []),
    ...incomparable(plan),
    ...waveWarnings(found),
    ...listWarnings(plan),
    ...(nothingPasses ? ['No source object matches include and exclude.'] : []),
  ]
}
