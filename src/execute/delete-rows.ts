import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { lateness } from '../model/late.ts'
import type { DeleteOp } from '../model/op.ts'
import type { OutcomeStatus, ResultRow } from '../model/outcome.ts'
import { visibleJson } from '../model/safe.ts'
import type { Host, LineWriter } from '../ports.ts'

/** How one delete ended. */
export interface DeleteEnd {
  readonly status: OutcomeStatus
  readonly code?: string
  readonly message?: string
}

/** The object is gone. */
export const DELETED: DeleteEnd = { status: 'done' }

/** Somebody put the object at the source, or the plan did not know that it is there. */
export const AT_SOURCE: DeleteEnd = {
  status: 'failed',
  code: 'ExistsAtSource',
  message: 'The source has this object by now, so it is not deleted.',
}

/** The end of a request that failed: where no answer says so, it may have been carried out all the same. */
export function endOfError(error: unknown): DeleteEnd {
  const { code, message, status } = serviceFailure(error)
  const isTold = status !== undefined && status >= 300
  return { status: isTold ? 'failed' : 'unknown', code, message }
}

/** The end of what was not begun, as something could not be looked at before. */
export function unseenEnd(error: unknown): DeleteEnd {
  const { code, message } =
    error instanceof SyncError
      ? { code: 'ListingFailed', message: error.message }
      : serviceFailure(error)
  return { status: 'failed', code, message }
}

const MESSAGE_CHARS = 500

const rowOf = (op: DeleteOp, end: DeleteEnd, attempts: number): ResultRow => ({
  op: 'delete',
  key: op.key,
  size: op.size,
  status: end.status,
  engine: 'direct',
  attempts,
  ...(end.status === 'done'
    ? {}
    : { code: end.code, message: end.message?.slice(0, MESSAGE_CHARS) }),
})

type RowsHost = Pick<Host, 'hide' | 'cancelledForMs'>

/** The rows of deletes in results.ndjson; in a cancelled run only as far as there is time. */
export class DeleteRows {
  readonly #writer: LineWriter
  readonly #hide: Host['hide']
  readonly #isLate: () => boolean
  #deleted = 0

  constructor(writer: LineWriter, { hide, cancelledForMs }: RowsHost) {
    this.#writer = writer
    this.#hide = hide
    this.#isLate = lateness(cancelledForMs)
  }

  /** Objects that are gone so far. */
  get deleted(): number {
    return this.#deleted
  }

  /** The end of a delete, after so many requests for it. */
  async settle(op: DeleteOp, end: DeleteEnd, attempts: number): Promise<void> {
    if (end.status === 'done') this.#deleted++
    if (this.#isLate()) return
    const { status, code = '', message = '' } = end
    const told = { status, code: this.#hide(code), message: this.#hide(message) }
    await this.#writer.write(visibleJson(rowOf(op, told, attempts)))
  }

  /** Writes all that is still in memory. */
  close(): Promise<void> {
    return this.#writer.close()
  }
}
