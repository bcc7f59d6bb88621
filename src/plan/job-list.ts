import { createHash } from 'node:crypto'
import {
  JOB_LIST,
  type JobFacts,
  type JobLeft,
  type JobRequest,
  jobRow,
  leftBecause,
} from '../model/batch-job.ts'
import { addTally, type CopyOp, NO_TALLY, type Tally } from '../model/op.ts'
import type { Files, LineWriter } from '../ports.ts'

/** What of a plan is handed to S3 Batch Operations. */
export interface JobCut {
  readonly request: JobRequest
  /** What stands before the source's key in that of the destination. */
  readonly head: string
  /** Of the source. */
  readonly bucket: string
}

/** Rows are written so many at a time. */
const ROWS = 1000
/** A list that is stored by one request has at most 5 GB. */
const MOST_BYTES = 5e9

/** Picks the copies that S3 Batch Operations can make, and writes its list of them. */
export class JobList {
  readonly #files: Files
  readonly #path: string
  readonly #cut: JobCut
  readonly #mostBytes: number
  readonly #md5 = createHash('md5')
  readonly #left: Partial<Record<JobLeft, Tally>> = {}
  #versions: boolean | undefined
  #writer: LineWriter | undefined
  #rows: string[] = []
  #bytes = 0

  constructor(files: Files, folder: string, cut: JobCut, mostBytes = MOST_BYTES) {
    this.#files = files
    this.#mostBytes = mostBytes
    this.#path = files.join(folder, JOB_LIST)
    this.#cut = cut
  }

  /**
   * Adds a copy if the service can make it; why it cannot is counted. The first one that it can decides whether rows name
   * versions.
   */
  takes(op: CopyOp): boolean {
    const versions = this.#versions ?? op.versionId !== undefined
    const why = leftBecause(op, { head: this.#cut.head, versions }) ?? this.#add(op)
    if (why === undefined) this.#versions = versions
    else this.#left[why] = addTally(this.#left[why] ?? NO_TALLY, { objects: 1, bytes: op.size })
    return why === undefined
  }

  /** Resolves when more can be taken; undefined: it can now. */
  written(): Promise<void> | undefined {
    return this.#rows.length < ROWS ? undefined : this.#flush()
  }

  /** What is to be known of the list. */
  async close(): Promise<JobFacts> {
    await this.#flush()
    await this.#writer?.close()
    const { bucket, prefix } = this.#cut.request
    const versions = this.#versions ?? false
    return { bucket, prefix, versions, md5: this.#md5.digest('hex'), left: this.#left }
  }

  #add(op: CopyOp): JobLeft | undefined {
    const row = jobRow(this.#cut.bucket, op)
    // Of ASCII characters alone.
    const bytes = this.#bytes + row.length + 1
    if (bytes > this.#mostBytes) return 'list-full'
    this.#bytes = bytes
    this.#rows.push(row)
    return undefined
  }

  async #flush(): Promise<void> {
    if (this.#rows.length === 0) return
    const text = this.#rows.join('\n')
    this.#rows = []
    this.#md5.update(`${text}\n`)
    this.#writer ??= await this.#files.writer(this.#path)
    await this.#writer.write(text)
  }
}
