import { lateness } from '../model/late.ts'
import type { DeleteOp } from '../model/op.ts'
import type { Host } from '../ports.ts'
import type { DeleteEnd } from './delete-end.ts'
import type { JsonLines } from './json-lines.ts'
import { rowOfDelete } from './rows.ts'

type RowsHost = Pick<Host, 'hide' | 'cancelledForMs'>

/** The rows of deletes in results.ndjson; in a cancelled run only as far as there is time. */
export class DeleteRows {
  readonly #file: JsonLines
  readonly #hide: Host['hide']
  readonly #isLate: () => boolean
  #deleted = 0

  constructor(file: JsonLines, { hide, cancelledForMs }: RowsHost) {
    this.#file = file
    this.#hide = hide
    this.#isLate = lateness(cancelledForMs)
  }

  /** Objects that are gone so far. */
  get deleted(): number {
    return this.#deleted
  }

  /** The end of a delete, after so many requests for it. */
  async record(op: DeleteOp, end: DeleteEnd, attempts: number): Promise<void> {
    if (end.status === 'done') this.#deleted++
    if (this.#isLate()) return
    await this.#file.add(rowOfDelete(op, end, attempts, this.#hide))
  }

  /** Writes all that is still in memory. */
  async close(): Promise<void> {
    await this.#file.close()
  }
}
