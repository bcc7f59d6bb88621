import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { Agents } from '../../adapters/agents.ts'
import { hearing } from '../../adapters/hearing.ts'
import { toSdk } from '../../adapters/sdk-credentials.ts'
import { SdkHandler } from '../../adapters/sdk-handler.ts'
import { sdkService } from '../../adapters/sdk-service.ts'
import type { ServerTime } from '../../adapters/server-time.ts'
import { isPathStyle } from '../../model/service.ts'
import type { Capabilities } from '../capabilities.ts'
import type { Store, StoreAddress } from '../store.ts'
import { sendMd5OfDeletes } from './delete-digest.ts'
import { deleter } from './deletes.ts'
import { uploads } from './uploads.ts'

/** The SDK looks for credentials even where its requests are not signed. */
const UNSIGNED: S3ClientConfig = {
  credentials: { accessKeyId: 'unsigned', secretAccessKey: 'unsigned' },
  signer: { sign: async (request) => request },
}

/** Says in every request who pays for it. */
function addPayer(client: S3Client, payer: string): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { readonly headers: Record<string, string> }
      headers['x-amz-request-payer'] = payer
      return next(args)
    },
    { step: 'build', name: 'requestPayer' },
  )
}

/** The SDK names the operation in the query, for logs alone; there are services whose signature does not cover what they do not know. */
function leaveOutNames(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { query } = args.request as { readonly query: Record<string, unknown> }
      delete query['x-id']
      return next(args)
    },
    { step: 'build', name: 'noNames' },
  )
}

/** What the SDK shows of an answer. */
interface Answer {
  readonly headers?: Readonly<Record<string, string>>
}

/** Follows the service's clock by the Date of its answers. */
function follow(client: S3Client, serverTime: ServerTime): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      serverTime.saw((result.response as Answer | undefined)?.headers?.['date'])
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'serverTime' },
  )
}

/** What a client of the SDK shares with our own requests. */
interface SdkInput {
  readonly address: StoreAddress
  readonly agents: Agents
  readonly serverTime: ServerTime
  readonly capabilities: Capabilities
}

function clientFor({ address, agents, serverTime }: SdkInput): S3Client {
  const client = new S3Client({
    ...sdkService(address.service),
    forcePathStyle: isPathStyle(address.service),
    // Compatible services do not all know the newer checksum headers.
    ...(address.service.endpoint
      ? {
          requestChecksumCalculation: 'WHEN_REQUIRED',
          responseChecksumValidation: 'WHEN_REQUIRED',
        }
      : {}),
    ...(address.credentials ? { credentials: toSdk(address.credentials) } : UNSIGNED),
    maxAttempts: address.maxAttempts,
    followRegionRedirects: true,
    requestHandler: new SdkHandler({ agents, timeoutMs: address.timeoutMs }),
  })
  follow(client, serverTime)
  if (address.requestPayer) addPayer(client, address.requestPayer)
  if (address.service.endpoint) {
    sendMd5OfDeletes(client)
    leaveOutNames(client)
  }
  return hearing(client)
}

/** What goes through the SDK, which most runs do without: it takes longer to load than all else of theirs. */
export interface SdkDoors extends Pick<Store, 'uploads' | 'deleteObjects'> {
  /** Knows the addresses of buckets whose names or regions are seldom. */
  readonly client: S3Client
}

/** Opens what goes through the SDK; what it shares is closed by whoever made it. */
export function openSdk(input: SdkInput): SdkDoors {
  const client = clientFor(input)
  return {
    client,
    uploads: (place, signal) => uploads(client, place, signal),
    deleteObjects: deleter(client, input.capabilities),
  }
}
