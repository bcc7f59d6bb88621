/** So many pages in a row without anything on them lead nowhere. */
const MOST_EMPTY_PAGES = 1000
/** Services need a key and a little more to say where a listing goes on. */
const MOST_TOKEN_CHARS = 8 * 1024

/** Watches how a service goes from page to page, so that a listing ends. */
export class PageWatch {
  readonly #tokens = new Set<string>()
  #empty = 0

  /** Why a page that leads on with this token leads nowhere; undefined where it may. `items`: what stands on it. */
  problemOf(token: string, items: number): string | undefined {
    if (token.length > MOST_TOKEN_CHARS) return 'the service names the next page by more than 8 KiB'
    if (this.#tokens.has(token)) return 'the service repeats a page'
    this.#tokens.add(token)
    this.#empty = items > 0 ? 0 : this.#empty + 1
    return this.#empty >= MOST_EMPTY_PAGES
      ? `the service sends ${MOST_EMPTY_PAGES} pages in a row with nothing on them`
      : undefined
  }
}
