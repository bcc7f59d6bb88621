import type { Survey } from '../batch/survey.ts'
import type { Session } from '../credentials/session.ts'
import type { Execution } from '../execute/execute.ts'
import type { Plan } from '../model/op.ts'
import { s3Url } from '../model/place.ts'
import type { Toolchain } from '../model/report.ts'
import type { SyncRequest } from '../model/request.ts'
import { humanBytes, humanCount, humanObjects } from '../model/units.ts'
import type { Facts } from '../preflight/preflight.ts'
import type { Verification } from '../verify/verify.ts'
import { COPY_REASONS } from './wording.ts'

/** Closing lines of the rooms: what each came to, in a few words. */
export const inputs = ({ settings, mode, dryRun }: SyncRequest): string => {
  const given = settings.filter(({ origin }) => origin !== 'default').length
  return `${dryRun ? 'dry run' : mode}, ${humanObjects(given, 'setting')} given`
}

export const install = (had: {
  readonly toolchain?: Toolchain | undefined
  readonly toolchainProblem?: string | undefined
}): string => {
  if (had.toolchain) return `s5cmd ${had.toolchain.reported} (${had.toolchain.origin})`
  return had.toolchainProblem ? 'no s5cmd: the direct engine does the whole job' : 'not needed'
}

export const credentials = ({ facts }: Session): string =>
  facts.arn ? `${facts.arn} (${facts.source})` : `keys from ${facts.source}`

export const preflight = ({ source, destination }: Facts): string => {
  const from = s3Url(source.bucket, source.prefix)
  return `${from} (${source.region}) to ${s3Url(destination.bucket, destination.prefix)} (${destination.region})`
}

export const plan = ({ trailer: { copies, reasons } }: Plan): string => {
  const unchanged = Object.entries(reasons)
    .filter(([reason]) => !COPY_REASONS.has(reason) && reason !== 'only-at-destination')
    .reduce((objects, [, tally]) => objects + tally.objects, 0)
  return `${humanCount(copies.objects)} to copy (${humanBytes(copies.bytes)}), ${humanCount(unchanged)} to leave`
}

export const batch = ({ workers, s5cmdOps, directOps }: Survey): string => {
  const by = [
    ...(s5cmdOps > 0 ? [`${humanCount(s5cmdOps)} by s5cmd`] : []),
    ...(directOps > 0 ? [`${humanCount(directOps)} by the direct engine`] : []),
  ]
  return `${by.join(', ')}, ${humanObjects(workers, 'worker')}`
}

export const execute = ({ results, engine }: Execution): string =>
  `${humanObjects(results.count)} settled by ${engine.used.join(' and ')}`

export const verify = ({ method, checked, mismatches }: Verification): string => {
  if (method === 'results') return "proven by the service's answers"
  const by = method === 'heads' ? 'one by one' : 'by one listing'
  return `${humanObjects(checked)} checked ${by}, ${humanCount(mismatches.size)} not as planned`
}
