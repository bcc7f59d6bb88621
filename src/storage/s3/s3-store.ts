import { agentsFor, closeAgents } from '../../adapters/agents.ts'
import { systemClock } from '../../adapters/clock.ts'
import { ServerTime } from '../../adapters/server-time.ts'
import { isMissing, serviceFailure } from '../../errors/service-failure.ts'
import { Capabilities } from '../capabilities.ts'
import { persisting, type RetryRules, retrying } from '../retrying.ts'
import type { ObjectAddress, Objects, RequestLimit, Store, StoreAddress } from '../store.ts'
import { BucketHosts } from './bucket-hosts.ts'
import { bucketEncryption, findBucket, isVersioned, type Patiently } from './buckets.ts'
import { pager } from './lists.ts'
import { deletePinned, s3Objects } from './objects.ts'
import { type Heard, type Send, Sender } from './sender.ts'

/** Asks again while that may help, and gives the last answer whatever it is. Throws what the network said. */
function patiently(requests: Sender, rules: RetryRules, timeoutMs: number): Patiently {
  const persist = persisting(rules)
  return async (call) => {
    let last: Heard | undefined
    const once = async (): Promise<Heard> => {
      last = undefined
      last = await requests.hear(call, { timeoutMs })
      if (last.refusal) throw last.refusal
      return last
    }
    return persist(once, { timeoutMs }, 0).catch((error) => last ?? Promise.reject(error))
  }
}

/** Asks for the first byte of an object that HEAD was refused for: it takes the same right, and its refusal has a body. */
async function refusalOf(hear: Patiently, on: ObjectAddress, error: unknown): Promise<unknown> {
  const { status } = serviceFailure(error)
  if (status !== 400 && status !== 403) return error
  const firstByte = { method: 'GET', on, headers: { range: 'bytes=0-0' } } as const
  // What the network says tells no more of it.
  const { refusal } = await hear(firstByte).catch(() => ({ refusal: undefined }))
  return refusal?.status === status ? refusal : error
}

async function checksumsOf(
  objects: Pick<Objects, 'stat'>,
  on: ObjectAddress,
  limit: RequestLimit,
): ReturnType<Store['checksums']> {
  const found = await objects.stat(on, limit, 'with-checksums')
  if (!found) return undefined
  const { etag, checksums: values = new Map(), partBytes } = found
  return { etag, values, partBytes }
}

/** Opened where it is needed first, and no more than once. */
function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined
  return () => {
    opened ??= open()
    return opened
  }
}

/** S3: what is asked often, and by all runs, by our own requests, the rest through the AWS SDK. */
export function s3Store(address: StoreAddress): Store {
  const agents = agentsFor({ maxSockets: address.maxSockets })
  const serverTime = new ServerTime()
  const capabilities = new Capabilities()
  const sdk = once(() =>
    import('./sdk-client.ts').then(({ openSdk }) =>
      openSdk({ address, agents, serverTime, capabilities }),
    ),
  )
  const hosts = new BucketHosts(address.service, async () => (await sdk()).client)
  const requests = new Sender({ hosts, address, agents, serverTime })
  const send: Send = (call, limit) => requests.send(call, limit)
  const objects = s3Objects(send, capabilities)
  // Nobody else makes these again.
  const again = { clock: systemClock, retryCount: address.maxAttempts - 1 }
  const patient = retrying(objects, again)
  const persist = persisting(again)
  const sendAgain: Send = (call, limit) => persist(() => send(call, limit), limit, 0)
  const { timeoutMs } = address
  const hear = patiently(requests, again, timeoutMs)
  return {
    findBucket: (bucket) => findBucket(hear, bucket),
    bucketEncryption: (bucket) => bucketEncryption(sendAgain, bucket),
    isVersioned: (bucket) => isVersioned(sendAgain, bucket),
    uploads: async function* (place, signal) {
      yield* (await sdk()).uploads(place, signal)
    },
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
    refusalOf: (object, error) => refusalOf(hear, object, error),
    checksums: (bucket, key, signal, versionId) =>
      checksumsOf(patient, { bucket, key, versionId }, { timeoutMs, signal }),
    objects,
    deleteObjects: async (bucket, targets, limits) =>
      (await sdk()).deleteObjects(bucket, targets, limits),
    deletePinned: (object, limit) => deletePinned(send, object, limit),
    capabilities,
    serverTimeMs: () => serverTime.timeMs(),
    regionOf: (bucket) => hosts.regionOf(bucket),
    close: () => closeAgents(agents),
  }
}
