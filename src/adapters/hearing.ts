import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { S3Client } from '@aws-sdk/client-s3'
import { orAborted } from '../model/or-aborted.ts'

type Send = (command: unknown, options?: { readonly abortSignal?: AbortSignal }) => Promise<unknown>

/** Lets a client's calls end at their signal: the SDK itself hears none while it waits for credentials, or to try again. */
export function hearing<T extends S3Client | CloudWatchClient>(client: T): T {
  const send = client.send.bind(client) as unknown as Send
  const heard: Send = (command, options) => orAborted(options?.abortSignal, send(command, options))
  return Object.assign(client, { send: heard })
}
