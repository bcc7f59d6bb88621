import { isThrottling } from '../errors/catalogue.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { type Around, aroundEach, type Counted } from './each-request.ts'
import type { Objects } from './store.ts'

/** What keeps requests to a pace. */
export interface RequestLimits {
  readonly limit: {
    /** Runs work when there is room for it. */
    pass<T>(work: () => Promise<T>): Promise<T>
    /** The service asked for fewer requests. */
    slower(): void
  }
  /** Resolves when one more request, which moves so many bytes, may begin; undefined: it may at once. */
  readonly throttle: (bytes: number) => Promise<void> | undefined
  /** Told how many bytes a request moved; undefined: nobody wants to know. */
  readonly onMoved?: ((bytes: number) => void) | undefined
  /** No request begins once it is aborted; its reason is thrown. */
  readonly signal: AbortSignal
}

/** The same objects, whose requests wait for their turn. */
export const limited = (
  objects: Objects,
  { limit, throttle, signal, onMoved }: RequestLimits,
  counted?: Counted,
): Objects => {
  const slower = (error: unknown): never => {
    if (isThrottling(serviceFailure(error).code)) limit.slower()
    throw error
  }
  const around: Around = (request, _time, bytes) => {
    const pass = () =>
      limit.pass(async () => {
        signal.throwIfAborted()
        const answer = await request()
        onMoved?.(bytes)
        return answer
      })
    const turn = throttle(bytes)
    return (turn ? turn.then(pass) : pass()).catch(slower)
  }
  return aroundEach(objects, around, counted)
}
