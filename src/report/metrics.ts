import { networkHint } from '../errors/catalogue.ts'
import { type ServiceFailure, serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Report } from '../model/report.ts'
import { tellsServices } from '../model/request.ts'
import { serviceOf } from '../model/service.ts'
import { perSecond } from '../model/units.ts'
import type { Host, Metric, MetricData } from '../ports.ts'
import type { Run } from '../run/pipeline.ts'

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

/** Where metrics were to go. */
interface Target {
  readonly namespace: string
  readonly region: string
}

/** Credentials that AWS does not know. */
const STRANGERS = /^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/

/** What is to be done so that metrics arrive. */
function remedy(failure: ServiceFailure, { namespace, region }: Target): string {
  const { code, status } = failure
  if (code === 'UntrustedCertificate' || code === 'ProxyRefused') return networkHint(failure) ?? ''
  if (status === undefined) return `Allow the runner to reach CloudWatch in ${region}.`
  if (status === 403 && !STRANGERS.test(code))
    return `Allow cloudwatch:PutMetricData on the resource * to the identity that writes the destination, for the namespace ${namespace} (condition key cloudwatch:namespace).`
  return 'Check that the destination uses AWS credentials, and that AWS_ENDPOINT_URL does not point to another service.'
}

/** What went wrong, and what to do. */
function reasonOf(error: unknown, target: Target): string {
  if (error instanceof SyncError)
    return error.hint === undefined ? error.message : `${error.message} ${error.hint}`
  const failure = serviceFailure(error)
  const { code, message, status } = failure
  // The SDK's name for an answer that is not in CloudWatch's words.
  const said = code === 'SyntaxError' ? `HTTP status ${status}` : `${code}: ${message}`
  return `${said.replace(/\.$/, '')}. ${remedy(failure, target)}`
}

/**
 * Sends what CloudWatch is told of a run that could write, where that is asked for. Gives a warning when
 * it could not be sent; a cancelled run does not wait for it.
 */
export async function sendMetrics(
  report: Report,
  { record, ports, log }: Run,
): Promise<string | undefined> {
  const { inputs, credentials, preflight } = record.found
  const facts = preflight?.facts
  const { host, metrics } = ports
  const namespace = inputs?.reporting.metricsNamespace
  if (!namespace || !credentials || !facts || !tellsServices(inputs) || host.cancelled.aborted)
    return undefined
  const { region, variant } = facts.destination
  const service = serviceOf({ endpoint: inputs.reporting.metricsEndpoint, region, variant })
  log.line('debug', `Metrics go to CloudWatch: ${namespace}, ${region}`)
  try {
    const client = await metrics({ service, credentials: credentials.destination.credentials })
    await client.put(metricData(report, { namespace, env: host.env }), {
      timeoutMs: inputs.transfer.requestTimeoutMs,
      signal: host.cancelled,
    })
    return undefined
  } catch (error) {
    const reason = reasonOf(error, { namespace, region })
    return `Metrics could not be sent to CloudWatch: ${reason} To send none, set cloudwatch-metrics: false.`
  }
}
