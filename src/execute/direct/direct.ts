import { serviceFailure } from '../../errors.ts'
import type { CopyOp } from '../../model/op.ts'
import type { Place } from '../../model/place.ts'
import type { Store } from '../../ports.ts'
import { CANCELLED, type Ended, type Ending, type Engine, type NextBatch } from '../engine.ts'
import { copyLimitMs } from '../limits.ts'
import { inParallel } from '../parallel.ts'

/** What the direct engine works with. */
export interface DirectGround {
  readonly source: Place
  readonly destination: Place & { readonly store: Store }
  /** Objects in parallel. */
  readonly workers: number
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

async function copy(op: CopyOp, ground: DirectGround): Promise<Ending> {
  const { source, destination, requestTimeoutMs, signal } = ground
  if (op.unnameable)
    return { status: 'failed', code: 'InvalidKey', message: 'The key is not valid UTF-8.' }
  if (op.archived)
    return {
      status: 'failed',
      code: 'InvalidObjectState',
      message: `The object is archived (${op.storageClass}) and not restored.`,
    }
  try {
    const etag = await destination.store.copy({
      sourceBucket: source.bucket,
      sourceKey: op.key,
      sourceEtag: op.etag,
      bucket: destination.bucket,
      key: op.to,
      timeoutMs: copyLimitMs(op.size, requestTimeoutMs),
      signal,
    })
    return { status: 'done', etag }
  } catch (error) {
    if (signal.aborted) return CANCELLED
    const { code, message, status } = serviceFailure(error)
    // A request that got no answer may have been carried out all the same.
    return { status: status === undefined ? 'unknown' : 'failed', code, message }
  }
}

async function* opsOf(next: NextBatch, signal: AbortSignal): AsyncGenerator<Omit<Ended, 'ending'>> {
  for (let batch = await next(); batch; batch = signal.aborted ? undefined : await next())
    for (const op of batch.ops) yield { op, batch }
}

/** The engine in our own process: CopyObject through the SDK, server-side, a bounded number at a time. */
export const directEngine = (ground: DirectGround): Engine => ({
  name: 'direct',
  run: async (next, onEnded) => {
    await inParallel(opsOf(next, ground.signal), ground.workers, async ({ op, batch }) => {
      if (ground.signal.aborted) onEnded({ op, batch, ending: CANCELLED, untried: true })
      else onEnded({ op, batch, ending: await copy(op.op, ground) })
    })
    return ground.signal.aborted ? CANCELLED : undefined
  },
})
