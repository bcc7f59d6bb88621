import { explain } from '../errors/sync-error.ts'
import { type PlanTrailer, skippedBy } from '../model/op.ts'
import type { RouteReason } from '../model/outcome.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { StepRequest } from '../model/request.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import type { Survey } from '../transfer/workload.ts'
import type { StagesRun } from './stage-results.ts'

const wordsOf = (reason: RouteReason): string =>
  reason === 'asked-for' ? 'set by input' : reason.replaceAll('-', ' ')

/** Who has how much to do, and how wide it begins. */
function engineWork({ workers, ops, because, engines }: Survey): string {
  const why = [...because]
    .map(([reason, count]) => `${humanCount(count)} ${wordsOf(reason)}`)
    .join(', ')
  const by = engines.map(
    (name) => `${humanCount(ops[name])} by ${name}${name === 'direct' && why ? ` (${why})` : ''}`,
  )
  return `${by.join(', ')}, ${humanObjects(workers.value, 'worker')}`
}

/** What stays as it is; what the filters leave out was not compared. */
function unchanged(reasons: PlanTrailer['reasons']): string[] {
  const filtered = reasons['filtered']?.objects ?? 0
  const same = skippedBy(reasons).objects - filtered
  return [
    ...(same > 0 ? [`${humanCount(same)} unchanged`] : []),
    ...(filtered > 0 ? [`${humanCount(filtered)} filtered out`] : []),
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
    ? ` in waves of ${waves.map(({ objects }) => humanCount(objects)).join(', ')}`
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
    facts.arn
      ? `${facts.arn} (${facts.source})`
      : facts.source === 'none'
        ? 'none, unsigned requests'
        : `keys from ${facts.source}`,
  preflight: ({ facts, problems }) => {
    if (!facts || problems.length > 0) return humanObjects(problems.length, 'problem')
    const { source, destination } = facts
    const from = addressOf(source, source.prefix)
    const to = addressOf(destination, destination.prefix)
    const regionOf = ({ folder, region }: Place) => (folder === undefined ? ` (${region})` : '')
    return `${from}${regionOf(source)} to ${to}${regionOf(destination)}`
  },
  list: ({ trailer: { listed } }) =>
    `${humanObjects(listed.source)} at the source, ${humanObjects(listed.destination)} at the destination`,
  plan: ({ plan: { trailer, refused }, survey }) => {
    const { copies, deletes, reasons, waves } = trailer
    const counts = [
      `${humanCount(copies.objects)} to copy (${humanBytes(copies.bytes)}${inWaves(waves)})`,
      ...(deletes.objects > 0 ? [`${humanCount(deletes.objects)} to delete`] : []),
      ...unchanged(reasons),
      ...(refused ? [`refused (${explain(refused, 'plan').title})`] : []),
    ].join(', ')
    return survey ? `${counts}; ${engineWork(survey)}` : counts
  },
  copy: ({ results: { count }, done, engine }) => {
    const copied = done === count ? '' : `${humanCount(done)} of `
    const by = engine.used.length === 0 ? '' : ` by ${engine.used.join(' and ')}`
    return `${copied}${humanObjects(count)} copied${by}`
  },
  delete: ({ deleted, planned }) => `${humanCount(deleted)} of ${humanCount(planned)} deleted`,
  verify: ({ method, checked, proven, mismatches }) => {
    if (method === 'none') return 'not requested'
    if (method === 'results') return 'verified by the ETags in the copy responses'
    const by = method === 'heads' ? 'one by one' : 'by one listing'
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
