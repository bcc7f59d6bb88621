import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { Limit, MetricData, Metrics, MetricsAddress } from '../ports.ts'
import { agentsFor } from './agents.ts'
import { boundAnswers, MOST_ANSWER_BYTES } from './bounded.ts'
import { deadline } from './deadline.ts'
import { toSdk } from './sdk-credentials.ts'
import { sdkService } from './sdk-service.ts'

const CONNECT_MS = 10_000
const ATTEMPTS = 3

/** Rejects when the signal is aborted, with its reason. */
function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  if (signal.aborted) reject(signal.reason)
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

const putCommand = ({ namespace, dimensions, metrics }: MetricData): PutMetricDataCommand => {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  return new PutMetricDataCommand({
    Namespace: namespace,
    MetricData: metrics.map(({ name, value, unit }) => ({
      MetricName: name,
      Value: value,
      Unit: unit,
      Dimensions,
    })),
  })
}

/** CloudWatch through the AWS SDK. */
export function cloudWatch({ service, credentials }: MetricsAddress): Metrics {
  const agents = agentsFor({ maxSockets: 1 })
  const bare = new CloudWatchClient({
    ...sdkService(service),
    credentials: toSdk(credentials),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      httpAgent: agents.http,
      httpsAgent: agents.https,
    },
  })
  const client = boundAnswers(bare, MOST_ANSWER_BYTES)
  return {
    put: async (data: MetricData, limit: Limit) => {
      const abortSignal = deadline(limit)
      // The SDK heeds the signal only once it has its credentials.
      await Promise.race([aborted(abortSignal), client.send(putCommand(data), { abortSignal })])
    },
  }
}
