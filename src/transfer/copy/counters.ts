import type { EngineFacts } from '../../model/report.ts'
import type { Tuned } from '../../model/tuned.ts'

/** How many objects an engine copies at a time, which S3's answers change. */
interface AdaptiveConcurrency {
  readonly name: string
  readonly initial: number
  readonly now: () => number
  /** Lets them be fewer. */
  readonly lower: () => void
}

/** What the engines counted. */
export type Counted = Pick<
  EngineFacts,
  | 'concurrency'
  | 'crashes'
  | 'linkBytesPerSecond'
  | 'partBytes'
  | 'processes'
  | 'requestRetries'
  | 'slowdowns'
  | 'tagsUnreadable'
  | 'unconditional'
>

/** Counts what the engines of all passes do. */
export class Counters {
  #processes = 0
  #crashes = 0
  #requestRetries = 0
  #slowdowns = 0
  #movedBytes = 0
  #unconditional = false
  #tagsUnreadable = false
  readonly #partBytes: Tuned[] = []
  #linkBytesPerSecond: number | undefined
  readonly #concurrency: AdaptiveConcurrency[] = []

  /** Times that s5cmd ended unexpectedly. */
  get crashes(): number {
    return this.#crashes
  }

  /** Bytes that requests of the direct engine moved, those of unfinished objects included. */
  get movedBytes(): number {
    return this.#movedBytes
  }

  moved(bytes: number): void {
    this.#movedBytes += bytes
  }

  process(): void {
    this.#processes++
  }

  crash(): void {
    this.#crashes++
  }

  /** A single request is made again. */
  requestRetry(): void {
    this.#requestRetries++
  }

  /** Fewer objects are copied at once, since S3 asked for fewer requests. */
  slowdown(): void {
    this.#slowdowns++
  }

  /** The destination does not know conditional writes. */
  unconditional(): void {
    this.#unconditional = true
  }

  /** Tags of the source may not be read, so that none are written; gives whether that is news. */
  tagsUnreadable(): boolean {
    const isNews = !this.#tagsUnreadable
    this.#tagsUnreadable = true
    return isNews
  }

  /** An object was cut into parts of this size, with bytes coming so fast; undefined: not watched for long enough. */
  cut(part: Tuned, bytesPerSecond: number | undefined): void {
    const isSame = ({ value, rule }: Tuned) => value === part.value && rule === part.rule
    if (!this.#partBytes.some(isSame)) this.#partBytes.push(part)
    this.#linkBytesPerSecond = bytesPerSecond
  }

  /** An engine begins, with so many objects at a time as things stand. */
  begin(engine: AdaptiveConcurrency): void {
    this.#concurrency.push(engine)
  }

  /** Lets all engines copy fewer objects at a time. */
  lower(): void {
    for (const { lower } of this.#concurrency) lower()
  }

  counted(): Counted {
    const byName = Map.groupBy(this.#concurrency, ({ name }) => name)
    return {
      processes: this.#processes,
      crashes: this.#crashes,
      requestRetries: this.#requestRetries,
      slowdowns: this.#slowdowns,
      unconditional: this.#unconditional,
      tagsUnreadable: this.#tagsUnreadable,
      partBytes: this.#partBytes,
      linkBytesPerSecond: this.#linkBytesPerSecond,
      concurrency: [...byName].map(([name, passes]) => ({
        name,
        initial: passes[0]?.initial ?? 0,
        final: passes.at(-1)?.now() ?? 0,
      })),
    }
  }
}
