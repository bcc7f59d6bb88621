import { type ServiceFailure, SyncError, serviceFailure } from '../errors.ts'
import { networkHint } from '../model/failures.ts'
import type { Report } from '../model/report.ts'
import { perSecond } from '../model/units.ts'
import type { Host, Metric, MetricData } from '../ports.ts'
import type { Walk } from './record.ts'

const BYTES_PER_MB = 1_000_000

const DIMENSIONS = { Repository: 'GITHUB_REPOSITORY', Workflow: 'GITHUB_WORKFLOW' } as const

/** CloudWatch takes printable ASCII, and workflows have all kinds of names. */
const ascii = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '?').trim()

function dimensionsOf(env: Host['env']): Record<string, string> {
  const named = Object.entries(DIMENSIONS).map(([name, variable]) => [
    name,
    ascii(env[variable] ?? ''),
  ])
  return Object.fromEntries(named.filter(([, value]) => value !== ''))
}

function metricsOf({ totals, durationSeconds, copySeconds }: Report): Metric[] {
  const { copied, failed, unknown, skipped } = totals
  const speed = perSecond(copied.bytes, copySeconds) / BYTES_PER_MB
  return [
    // A run that copied no bytes has no speed, and a zero would spoil the average.
    ...(speed > 0 ? [{ name: 'TransferSpeed', value: speed, unit: 'None' } as const] : []),
    { name: 'FilesTransferred', value: copied.objects, unit: 'Count' },
    { name: 'TransferDuration', value: durationSeconds, unit: 'Seconds' },
    { name: 'FilesFailed', value: failed.objects + unknown.objects, unit: 'Count' },
    { name: 'FilesSkipped', value: skipped.objects, unit: 'Count' },
    { name: 'BytesTransferred', value: copied.bytes, unit: 'Bytes' },
  ]
}

/** What CloudWatch is told of a run. Names and units of the first three are the specification's: megabytes a second have none. */
export const metricData = (
  report: Report,
  { namespace, env }: { readonly namespace: string; readonly env: Host['env'] },
): MetricData => ({ namespace, dimensions: dimensionsOf(env), metrics: metricsOf(report) })

const ALLOW = (namespace: string): string =>
  `Allow cloudwatch:PutMetricData on the resource * to the identity that writes the destination (it may be bound to the condition cloudwatch:namespace = ${namespace}).`

/** What is to be done so that metrics arrive. */
function remedy(failure: ServiceFailure, namespace: string, region: string): string {
  if (failure.code.startsWith('AccessDenied')) return ALLOW(namespace)
  const { code, status } = failure
  if (code === 'UntrustedCertificate' || code === 'ProxyRefused') return networkHint(failure) ?? ''
  return status === undefined
    ? `Let the runner reach CloudWatch in ${region}.`
    : 'Check that the destination is written by credentials of AWS.'
}

/**
 * Sends what CloudWatch is told of a run that could write, where that is asked for. Gives a warning when it
 * could not be sent; a cancelled run does not wait for it.
 */
export async function sendMetrics(
  report: Report,
  { record, ports: { host, metrics }, log }: Walk,
): Promise<string | undefined> {
  const { inputs, credentials, preflight } = record.found
  const namespace = inputs?.tell.metricsNamespace
  const wrote = report.mode !== 'plan' && !report.dryRun
  if (!namespace || !credentials || !preflight || !wrote || host.cancelled.aborted) return undefined
  const { region } = preflight.destination
  try {
    const service = await metrics({ region, credentials: credentials.destination.credentials })
    await service.put(metricData(report, { namespace, env: host.env }), {
      timeoutMs: inputs.how.requestTimeoutMs,
      signal: host.cancelled,
    })
    log.line('debug', `Metrics are in CloudWatch: ${namespace}, ${region}`)
    return undefined
  } catch (error) {
    const failure = serviceFailure(error)
    const why = error instanceof SyncError ? error.message : `${failure.code}: ${failure.message}`
    return `No metrics reached CloudWatch: ${why} ${remedy(failure, namespace, region)} Or set cloudwatch-metrics: false. The run itself is not touched by this.`
  }
}
