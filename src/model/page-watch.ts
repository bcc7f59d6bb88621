/** So many pages in a row without anything on them lead nowhere. */
const MOST_EMPTY_PAGES = 1000
/** Services need a key and a little more to say where a listing goes on. */
const MOST_TOKEN_CHARS = 8 * 1024

/**
 * Notices that values which each follow from the one before go in a circle, at the latest when they have gone round it
 * three times, and holds one of them alone (Brent's method).
 */
class CircleWatch {
  #held: string | undefined
  /** Values that came since the held one, and how many may come before another one is held. */
  #since = 0
  #most = 1

  /** Takes the next value; gives whether it closes a circle. */
  closes(value: string): boolean {
    if (value === this.#held) return true
    if (this.#held === undefined || ++this.#since === this.#most) {
      this.#most *= this.#held === undefined ? 1 : 2
      this.#held = value
      this.#since = 0
    }
    return false
  }
}

/** Watches how a service goes from page to page, so that a listing ends. */
export class PageWatch {
  readonly #tokens = new CircleWatch()
  #empty = 0

  /** Why a page that leads on with this token leads nowhere; undefined where it may. `items`: what stands on it. */
  problemOf(token: string, items: number): string | undefined {
    if (token.length > MOST_TOKEN_CHARS)
      return 'the service returned a continuation token of more than 8 KiB'
    if (this.#tokens.closes(token)) return 'the service returned the same page twice'
    this.#empty = items > 0 ? 0 : this.#empty + 1
    return this.#empty >= MOST_EMPTY_PAGES
      ? `the service returned ${MOST_EMPTY_PAGES} empty pages in a row`
      : undefined
  }
}
