import { explain } from '../errors/sync-error.ts'
import { leftOutBy, type PlanTrailer, skippedBy } from '../model/op.ts'
import type { CopyEngineName } from '../model/outcome.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { StepRequest } from '../model/request.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import { IDENTITY_SOURCES, ROUTES } from '../model/wording.ts'
import type { Survey } from '../transfer/workload.ts'
import type { StagesRun } from './stage-results.ts'

/** What an engine is called. */
const nameOf = (engine: CopyEngineName): string =>
  engine === 'direct' ? 'the direct engine' : engine

/** Why the direct engine has to copy; a reason alone is that of all its objects. */
function whyDirect(because: Survey['because']): string {
  if (because.size === 0) return ''
  const reasons = [...because].map(([reason, count]) =>
    because.size === 1 ? ROUTES[reason] : `${humanCount(count)} × ${ROUTES[reason]}`,
  )
  return ` (${reasons.join(', ')})`
}

/** Who has how much to do, and how wide it begins. */
function engineWork({ workers, ops, because, engines }: Survey): string {
  const by = engines.map(
    (name) =>
      `${humanCount(ops[name])} by ${nameOf(name)}${name === 'direct' ? whyDirect(because) : ''}`,
  )
  return `${by.join(', ')}, ${humanObjects(workers.value, 'worker')}`
}

/** What stays as it is, apart from what was not compared. */
function notCopied(reasons: PlanTrailer['reasons']): string[] {
  const filtered = reasons['filtered']?.objects ?? 0
  const leftOut = leftOutBy(reasons).objects
  const same = skippedBy(reasons).objects - filtered - leftOut
  return [
    ...(same > 0 ? [`${humanCount(same)} unchanged`] : []),
    ...(filtered > 0 ? [`${humanCount(filtered)} filtered out`] : []),
    ...(leftOut > 0 ? [`${humanCount(leftOut)} left out`] : []),
  ]
}

/** What runs, and how much was said of it: of a step with a list its transfers are named. */
export function inputsLine({ transfers }: StepRequest): {
  readonly told: string
  readonly line: string
} {
  const [{ settings, mode, dryRun, name }] = transfers
  const given = settings.filter(
    ({ origin }) => origin !== 'default' && origin !== 'transfer',
  ).length
  const line = `${dryRun ? 'dry run' : mode}, ${humanObjects(given, 'setting')} given`
  const names = transfers.map((one) => one.name).join(', ')
  const told =
    name === undefined ? line : `${line}, ${humanObjects(transfers.length, 'transfer')}: ${names}`
  return { told, line: told }
}

/** How many copies each wave has. */
const inWaves = (waves: PlanTrailer['waves']): string =>
  waves?.some(({ objects }) => objects > 0)
    ? `; by wave: ${waves.map(({ objects }) => humanCount(objects)).join(', ')}`
    : ''

/** What each stage came to, in a few words: the closing line of its log group. */
export const CLOSING: {
  readonly [Name in keyof StagesRun]: (found: StagesRun[Name]) => string
} = {
  install: ({ toolchain, toolchainProblem }) => {
    if (toolchain) {
      const { version, reported, origin } = toolchain
      const name = reported.includes(version)
        ? reported
        : `${version}, reported version ${reported},`
      return `s5cmd ${name} (${origin})`
    }
    return toolchainProblem ? 'no s5cmd: the direct engine copies everything' : 'not needed'
  },
  credentials: ({ destination: { facts } }) =>
    facts.arn ? `${facts.arn} (${IDENTITY_SOURCES[facts.source]})` : IDENTITY_SOURCES[facts.source],
  preflight: ({ facts, problems }) => {
    if (!facts || problems.length > 0) return humanObjects(problems.length, 'problem')
    const { source, destination } = facts
    const from = addressOf(source, source.prefix)
    const to = addressOf(destination, destination.prefix)
    const regionOf = ({ folder, region }: Place) => (folder === undefined ? ` (${region})` : '')
    return `${from}${regionOf(source)} to ${to}${regionOf(destination)}`
  },
  list: ({ trailer: { listed }, whole, approval }) =>
    // Of what is left of a plan nothing is told by listings that nobody made.
    whole && !approval
      ? 'not needed'
      : `${humanObjects(listed.source)} at the source, ${humanObjects(listed.destination)} at the destination`,
  plan: ({ plan: { trailer, refused }, survey }) => {
    const { copies, deletes, reasons, waves } = trailer
    const counts = [
      `${humanCount(copies.objects)} to copy (${humanBytes(copies.bytes)}${inWaves(waves)})`,
      ...(deletes.objects > 0 ? [`${humanCount(deletes.objects)} to delete`] : []),
      ...notCopied(reasons),
      ...(refused ? [`refused (${explain(refused, 'plan').title})`] : []),
    ].join(', ')
    return survey && survey.engines.length > 0 ? `${counts}; ${engineWork(survey)}` : counts
  },
  copy: ({ results: { count }, done, engine }) => {
    const copied = done === count ? '' : `${humanCount(done)} of `
    // Which those of shards were is told by what they left.
    const by = engine.used.length > 0 ? ` by ${engine.used.map(nameOf).join(' and ')}` : ''
    return `${copied}${humanObjects(count)} copied${by}`
  },
  delete: ({ deleted, planned }) => `${humanCount(deleted)} of ${humanCount(planned)} deleted`,
  verify: ({ method, checked, proven, mismatches }) => {
    if (method === 'none') return 'not requested'
    if (method === 'results') return 'by the ETag in the response to each copy'
    const by = method === 'heads' ? 'one by one' : 'by listing'
    const open = proven['size-and-time']
    const wrong = mismatches.size
    return [
      `${humanObjects(checked)} checked ${by}`,
      ...(proven.checksum > 0 ? [`${humanCount(proven.checksum)} by checksum`] : []),
      ...(open > 0 ? [`${humanCount(open)} by size and time`] : []),
      ...(wrong > 0 ? [`${humanCount(wrong)} ${wrong === 1 ? 'mismatch' : 'mismatches'}`] : []),
    ].join(', ')
  },
}
