import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type Agents, agentsFor } from '../../adapters/agents.ts'
import { systemClock } from '../../adapters/clock.ts'
import { hearing } from '../../adapters/hearing.ts'
import { toSdk } from '../../adapters/sdk-credentials.ts'
import { SdkHandler } from '../../adapters/sdk-handler.ts'
import { sdkService } from '../../adapters/sdk-service.ts'
import { isMissing, serviceFailure } from '../../errors/service-failure.ts'
import { isPathStyle } from '../../model/service.ts'
import { Capabilities } from '../capabilities.ts'
import { retrying } from '../retrying.ts'
import type { ObjectAddress, Store, StoreAddress } from '../store.ts'
import { type Answer, bucketEncryption, findBucket, isVersioned, uploads } from './buckets.ts'
import { sendMd5OfDeletes } from './delete-digest.ts'
import { deleter } from './deletes.ts'
import { pager } from './lists.ts'
import { deletePinned, s3Objects } from './objects.ts'
import { type Send, Sender, type ServerClock } from './sender.ts'

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

function clientFor(address: StoreAddress, agents: Agents): S3Client {
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
  if (address.requestPayer) addPayer(client, address.requestPayer)
  if (address.service.endpoint) {
    sendMd5OfDeletes(client)
    leaveOutNames(client)
  }
  return hearing(client)
}

/** Follows the service's clock by the Date of its answers. */
function serverClock(client: S3Client): ServerClock {
  let seen: { readonly serverMs: number; readonly atMs: number } | undefined
  let last = ''
  const saw = (text = ''): void => {
    // Of the answers of one second the first one tells most.
    if (text === last) return
    last = text
    const date = Date.parse(text)
    if (!Number.isNaN(date)) seen = { serverMs: date, atMs: performance.now() }
  }
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      saw((result.response as Answer | undefined)?.headers?.['date'])
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'serverClock' },
  )
  return { saw, timeMs: () => seen && seen.serverMs + Math.floor(performance.now() - seen.atMs) }
}

/** Asks for the first byte of an object that HEAD was refused for: it takes the same right, and its refusal has a body. */
async function refusalOf(
  client: S3Client,
  { bucket, key }: ObjectAddress,
  error: unknown,
): Promise<unknown> {
  const { status } = serviceFailure(error)
  if (status !== 400 && status !== 403) return error
  const firstByte = new GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' })
  return await client.send(firstByte).then(
    () => error,
    (said: unknown) => (serviceFailure(said).status === status ? said : error),
  )
}

/** S3: what is asked often by our own requests, the rest through the AWS SDK. */
export function s3Store(address: StoreAddress): Store {
  const agents = agentsFor({ maxSockets: address.maxSockets })
  const client = clientFor(address, agents)
  const serverTime = serverClock(client)
  const requests = new Sender({ client, address, agents, serverTime })
  const send: Send = (call, limit) => requests.send(call, limit)
  const capabilities = new Capabilities()
  const objects = s3Objects(send, capabilities)
  // Nobody else makes these again.
  const again = { clock: systemClock, retryCount: address.maxAttempts - 1 }
  const patient = retrying(objects, again)
  const { timeoutMs } = address
  return {
    findBucket: (bucket) => findBucket(client, bucket),
    bucketEncryption: (bucket) => bucketEncryption(send, bucket),
    isVersioned: (bucket) => isVersioned(send, bucket),
    uploads: (place, signal) => uploads(client, place, signal),
    page: pager(send, {
      clock: again.clock,
      retryCount: again.retryCount,
      capabilities,
      timeoutMs,
      knowsRestored: address.service.endpoint === undefined,
    }),
    stat: (object, signal) => patient.stat(object, { timeoutMs, signal }),
    describe: async (object, signal) => {
      try {
        return (await patient.describe({ ...object, etag: '' }, { timeoutMs, signal })).headers
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    refusalOf: (object, error) => refusalOf(client, object, error),
    checksums: async (bucket, key, signal, versionId) => {
      const on = { bucket, key, versionId }
      const found = await patient.stat(on, { timeoutMs, signal }, 'with-checksums')
      if (!found) return undefined
      const { etag, checksums: values = new Map(), partBytes } = found
      return { etag, values, partBytes }
    },
    objects,
    deleteObjects: deleter(client, capabilities),
    deletePinned: (object, limit) => deletePinned(send, object, limit),
    capabilities,
    serverTimeMs: serverTime.timeMs,
    regionOf: (bucket) => requests.regionOf(bucket),
    close: () => client.destroy(),
  }
}
