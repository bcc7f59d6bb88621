import { serviceFailure } from '../../errors/service-failure.ts'
import { SyncError } from '../../errors/sync-error.ts'
import type { Ending, Stopped } from '../../model/engine.ts'
import type { DeleteOp } from '../../model/op.ts'
import type { DeleteFailure } from '../../storage/store.ts'
import { endOf } from '../outdated.ts'

/** How one delete ended. */
export type DeleteEnd = Ending<DeleteOp>

/** The object is gone. */
export const DELETED: DeleteEnd = { status: 'done' }

/** Somebody put the object at the source, or the plan did not know that it is there. */
export const AT_SOURCE: Stopped = endOf('ExistsAtSource')

/** The end of a request that failed: where no answer says so, it may have been carried out all the same. */
export function endOfError(error: unknown): Stopped {
  const { code, message, status } = serviceFailure(error)
  const isTold = status !== undefined && status >= 300
  return { status: isTold ? 'failed' : 'unknown', code, message }
}

/** S3 says either of an object that was to be deleted under its ETag, and is gone. */
const GONE: ReadonlySet<string> = new Set(['NoSuchKey', 'NotFound'])

/** The end of what the service says of one object; one that is gone already is what was wanted. */
export const endOfFailure = (failure: DeleteFailure | undefined): DeleteEnd =>
  !failure || GONE.has(failure.code)
    ? DELETED
    : {
        status: failure.unheard ? 'unknown' : 'failed',
        code: failure.code,
        message: failure.message,
      }

/** The end of what was not started, as something could not be looked at before. */
export function unseenEnd(error: unknown): Stopped {
  const { code, message } =
    error instanceof SyncError
      ? { code: 'ListingFailed', message: error.message }
      : serviceFailure(error)
  return { status: 'failed', code, message }
}
