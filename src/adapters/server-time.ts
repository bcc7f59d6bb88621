/** A signature of a time that is further off is refused sooner or later; the SDK corrects its clock as soon. */
export const MOST_SKEW_MS = 5 * 60_000

/** A service's clock, as the Dates of its answers tell it. */
export class ServerTime {
  #seen: { readonly serverMs: number; readonly atMs: number } | undefined
  #last = ''

  /** An answer had this Date. */
  saw(text = ''): void {
    // Of the answers of one second the first one tells most.
    if (text === this.#last) return
    this.#last = text
    // A gateway may put its own beside that of the service.
    const date = Date.parse(text.replace(/(?<=GMT),.*$/s, ''))
    if (!Number.isNaN(date)) this.#seen = { serverMs: date, atMs: performance.now() }
  }

  /** Milliseconds since the epoch; undefined before the first answer. */
  timeMs(): number | undefined {
    const seen = this.#seen
    return seen && seen.serverMs + Math.floor(performance.now() - seen.atMs)
  }
}
