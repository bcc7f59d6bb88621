import { parts } from 's3-direct-sync-testkit/parts.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { childProcesses } from '../../src/adapters/processes.ts'
import type { Batch } from '../../src/model/batch.ts'
import type { Credentials } from '../../src/model/credentials.ts'
import type { Ended, Ending, Engine } from '../../src/model/engine.ts'
import type { CopyOp } from '../../src/model/op.ts'
import type { EngineName } from '../../src/model/outcome.ts'
import { serviceOf } from '../../src/model/service.ts'
import { s5cmdProcess } from '../../src/s5cmd/command.ts'
import { S5cmdEngine } from '../../src/s5cmd/engine.ts'
import type { RelayDeps } from '../../src/s5cmd/relay.ts'
import { createWorkerCount } from '../../src/s5cmd/workers.ts'
import { retrying } from '../../src/storage/retrying.ts'
import { s3Store } from '../../src/storage/s3/s3-store.ts'
import type { Store } from '../../src/storage/store.ts'
import { DirectEngine } from '../../src/transfer/direct/direct.ts'
import { directCopier } from './direct-copier.ts'

export const ENGINES = ['s5cmd', 'direct'] as const satisfies readonly EngineName[]
export const WORKERS = 8
const BATCH_OPS = 50

/** Where engines work, and as whom. */
export interface Stand {
  readonly endpoint: string
  /** The keys that are valid now. */
  readonly keys: () => Credentials
  /** Told when a service says that keys have run out. */
  readonly onExpired?: (keys: Credentials) => void
}

/** The store of a stand, as a run opens it. */
export const storeOf = ({ endpoint, keys, onExpired = () => {} }: Stand): Store =>
  s3Store({
    service: serviceOf({ endpoint, region: 'us-east-1' }),
    credentials: async () => keys(),
    onExpired,
    timeoutMs: 5000,
    maxAttempts: 2,
    maxSockets: WORKERS,
  })

function s5cmd({ endpoint, keys, onExpired = () => {} }: Stand, signal: AbortSignal): Engine {
  const service = serviceOf({ endpoint, region: 'us-east-1' })
  const rules = { path: parts().s5cmd, service, retryCount: 1 }
  const lineRules = {
    source: { bucket: 'src' },
    destination: { bucket: 'dst' },
    metadataDirective: true,
    options: {},
  }
  const workers = createWorkerCount({
    start: WORKERS,
    most: WORKERS,
    clock: systemClock,
    onLowered: () => {},
  })
  const relay: RelayDeps = {
    launch: async (workers) => {
      const held = keys()
      return {
        spec: s5cmdProcess({ ...rules, workers }, held, {}),
        dueAtMs: undefined,
        expiresAtMs: undefined,
        onExpired: () => onExpired(held),
      }
    },
    workers,
    requestTimeoutMs: 5000,
    processes: childProcesses,
    clock: systemClock,
    signal,
    events: { process: () => {}, crash: () => true, retry: () => {}, other: () => {} },
  }
  return new S5cmdEngine('all', {
    relay,
    lineRules,
    copies: 1e6,
    throttle: async () => {},
    ends: { signal, deadline: new AbortController().signal },
    onBatch: async () => {},
    staysOpen: () => false,
  })
}

function direct({ endpoint }: Stand, store: Store, signal: AbortSignal): Engine {
  const place = { prefix: '', single: false, region: 'us-east-1', endpoint, store }
  const source = { ...place, bucket: 'src' }
  const destination = { ...place, bucket: 'dst' }
  const objects = retrying(store.objects, { clock: systemClock, retryCount: 1, signal })
  const copier = directCopier({ source, destination, objects, sourceObjects: objects, signal })
  const deadline = new AbortController().signal
  return new DirectEngine(copier, { mostWorkers: WORKERS, clock: systemClock, signal, deadline })
}

async function* batchesOf(engine: EngineName, ops: readonly CopyOp[]): AsyncGenerator<Batch> {
  const routed = ops.map((op) => ({ op, engine, attempts: 0 }))
  for (let id = 0; id * BATCH_OPS < ops.length; id++)
    yield {
      ...{ id, engine, sizeClass: 'small', bytes: 0, beganMs: 0 },
      ops: routed.slice(id * BATCH_OPS, (id + 1) * BATCH_OPS),
    }
}

/** The end of an op, by its source key. */
export type KeyedEnding = readonly [key: string, ending: Ending]

/** Lets an engine of the stand carry ops, in batches; gives the end of each as it was told. */
export async function carryAll(
  name: EngineName,
  ops: readonly CopyOp[],
  { stand, signal = new AbortController().signal }: { stand: Stand; signal?: AbortSignal },
): Promise<readonly KeyedEnding[]> {
  const store = storeOf(stand)
  const engine = name === 's5cmd' ? s5cmd(stand, signal) : direct(stand, store, signal)
  const endings: KeyedEnding[] = []
  const batches = batchesOf(name, ops)
  const take = ({ op, ending }: Ended) => endings.push([op.op.key, ending])
  const stopped = await engine.run(
    async () => (await batches.next()).value,
    take,
    () => {},
  )
  for await (const batch of batches)
    for (const { op } of batch.ops) if (stopped) endings.push([op.key, stopped])
  store.close()
  return endings
}
