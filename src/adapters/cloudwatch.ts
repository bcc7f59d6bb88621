import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { Limit } from '../model/limit.ts'
import type { MetricData, Metrics, MetricsAddress } from '../ports.ts'
import { agentsFor } from './agents.ts'
import { deadline } from './deadline.ts'
import { hearing } from './hearing.ts'
import { toSdk } from './sdk-credentials.ts'
import { SdkHandler } from './sdk-handler.ts'
import { sdkService } from './sdk-service.ts'

const ATTEMPTS = 3

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
  const client = (timeoutMs: number) =>
    hearing(
      new CloudWatchClient({
        ...sdkService(service),
        credentials: toSdk(credentials),
        maxAttempts: ATTEMPTS,
        requestHandler: new SdkHandler({ agents, timeoutMs }),
      }),
    )
  return {
    put: async (data: MetricData, limit: Limit) => {
      await client(limit.timeoutMs).send(putCommand(data), { abortSignal: deadline(limit) })
    },
  }
}
