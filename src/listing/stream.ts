import { type KeyBytes, toText } from '../model/key.ts'
import { PageWatch } from '../model/page-watch.ts'
import { keyAt, type ObjectPage, type PackedObjects } from '../storage/object-page.ts'
import { type ListedPlace, nextToken, type PageQuery } from './pages.ts'

/**
 * Objects in the order of their keys, of which those from `at` to before `to` are still to be read. Their memory may be
 * used again as soon as the next rows are asked for.
 */
export interface Rows {
  readonly objects: PackedObjects
  at: number
  to: number
}

/** Where the join reads one side of a range. */
export interface RowSource {
  /** The rows to read next, the same ones again while some of them are unread; undefined at the end. */
  next(): Promise<Rows | undefined>
}

/** How a stream reaches its place. */
export interface StreamPorts {
  /** Asks for a page; throws when it cannot be had. */
  readonly ask: (place: ListedPlace, query: PageQuery) => Promise<ObjectPage>
  /** Told of every page that came in order. */
  readonly onPage: (page: ObjectPage) => void
  /** Called when keys come in another order than that of their bytes. */
  readonly onDisorder: () => never
}

/** The keys behind one, up to another; undefined: to the end. */
export interface Span {
  /** '' for the first one. */
  readonly from: KeyBytes
  readonly until: KeyBytes | undefined
}

/** Whether a key is one of these; the first of all keys may be '' itself. */
export const isIn = ({ from, until }: Span, key: KeyBytes): boolean =>
  (key > from || from === '') && (until === undefined || key <= until)

/** Pages that lie ready while the join reads one. */
const AHEAD = 1

/** The first of the objects whose key lies behind `key`. */
function rowAfter(objects: PackedObjects, key: KeyBytes): number {
  let [low, high] = [0, objects.count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keyAt(objects, middle) > key) high = middle
    else low = middle + 1
  }
  return low
}

const keyOf = (objects: PackedObjects, row: number): KeyBytes | undefined =>
  row >= 0 && row < objects.count ? keyAt(objects, row) : undefined

/** Takes the rows behind `key` away. */
function leave(rows: Rows, key: KeyBytes): Rows[] {
  const cut = Math.max(rows.at, rowAfter(rows.objects, key))
  if (cut >= rows.to) return []
  const taken = { objects: rows.objects.share(), at: cut, to: rows.to }
  rows.to = cut
  return [taken]
}

/** One side of one range: its pages, one ahead of the reader, cut where the range ends. */
export class Stream implements RowSource {
  readonly place: ListedPlace
  readonly from: KeyBytes
  readonly #ports: StreamPorts
  readonly #waiting: Rows[] = []
  #until: KeyBytes | undefined
  #over = false
  #front: KeyBytes
  /** The first key that the service has behind `from`, be it in the range or not. */
  #first: KeyBytes | undefined
  #beyond: KeyBytes | undefined
  #pages = 0
  #keys = 0
  #coming: Promise<void> | undefined
  #token: string | undefined
  /** Notices that the service leads nowhere, by pages that held nothing. */
  #watch = new PageWatch()

  constructor(place: ListedPlace, { from, until }: Span, ports: StreamPorts) {
    this.place = place
    this.from = from
    this.#ports = ports
    this.#until = until
    this.#front = from
  }

  /** The key that the range ends with; undefined for the last one. */
  get until(): KeyBytes | undefined {
    return this.#until
  }

  /** Whether nothing more will be asked for. */
  get over(): boolean {
    return this.#over
  }

  /** The last key that came; where the range begins before one did. */
  get front(): KeyBytes {
    return this.#front
  }

  /** The first key that the service has behind `until`, where one was seen. */
  get beyond(): KeyBytes | undefined {
    return this.#beyond
  }

  /** Pages that came. */
  get pages(): number {
    return this.#pages
  }

  /** Keys that came and belong to the range. */
  get keys(): number {
    return this.#keys
  }

  async next(): Promise<Rows | undefined> {
    for (;;) {
      this.#askAhead()
      const rows = this.#waiting[0]
      if (rows && rows.at < rows.to) return rows
      if (rows) this.#waiting.shift()?.objects.release()
      else if (this.#over) return undefined
      else await this.#coming
    }
  }

  /** Asks for the first page, where it did not come yet; resolves when it did. Throws where it cannot be had. */
  async begin(): Promise<void> {
    this.#askAhead()
    await this.#coming
  }

  /** There is nothing to ask for. */
  end(): void {
    this.#over = true
  }

  /**
   * Ends with the key `at` and opens a stream for what follows. Unless this one is over, `at` lies
   * behind all keys that came; if it is, the new one gets what came already and asks for nothing.
   */
  split(at: KeyBytes): Stream {
    const right = new Stream(this.place, { from: at, until: this.#until }, this.#ports)
    this.#until = at
    if (!this.#over) return right
    right.#over = true
    right.#waiting.push(...this.#waiting.flatMap((rows) => leave(rows, at)))
    const [some] = right.#waiting
    right.#beyond = this.#beyond
    right.#first = some ? keyOf(some.objects, some.at) : this.#beyond
    this.#beyond = right.#first
    return right
  }

  /** Whether it comes, or came, to know all keys up to another end, behind its own; undefined: to the end. */
  reaches(until: KeyBytes | undefined): boolean {
    if (!this.#over) return true
    const beyond = this.#beyond
    if (beyond === undefined) return this.#front !== this.#until
    return until !== undefined && beyond > until
  }

  /** Ends with another key, behind its end; only where it reaches so far. */
  extend(until: KeyBytes | undefined): void {
    this.#until = until
  }

  /** Whether it, being over, ends exactly where the next one began, so that no key lies between them. */
  meets(next: Stream): boolean {
    return (
      this.#beyond === next.#first || (this.#beyond === undefined && this.#front === this.#until)
    )
  }

  #askAhead(): void {
    if (this.#over || this.#coming || this.#waiting.length > AHEAD) return
    const { place, from } = this
    const behind = from === '' ? undefined : place.prefix + toText(from)
    const token = this.#token
    const query = token === undefined ? { startAfter: behind } : { token }
    this.#coming = this.#ports.ask(place, query).then((page) => {
      this.#coming = undefined
      this.#accept(page)
      this.#askAhead()
    })
    // Whoever reads next is told; until then nobody listens.
    this.#coming.catch(() => {})
  }

  #accept(page: ObjectPage): void {
    const { objects } = page
    const until = this.#until
    // The key that is the prefix itself may come first, but only once.
    const isFirst = this.#pages === 0 && this.from === ''
    if (!isFirst && objects.count > 0 && keyAt(objects, 0) <= this.#front) this.#ports.onDisorder()
    for (let row = 1; row < objects.count; row++)
      if (objects.order(row - 1, objects, row) >= 0) this.#ports.onDisorder()
    const to = until === undefined ? objects.count : rowAfter(objects, until)
    if (to > 0) this.#waiting.push({ objects, at: 0, to })
    this.#pages++
    this.#keys += to
    this.#first ??= keyOf(objects, 0)
    this.#front = keyOf(objects, to - 1) ?? this.#front
    this.#beyond = keyOf(objects, to)
    this.#over = this.#beyond !== undefined || !page.truncated || this.#front === until
    // Keys that ascend are progress enough; only empty pages could come for ever.
    if (objects.count > 0) this.#watch = new PageWatch()
    if (!this.#over) this.#token = nextToken(page, this.#watch, this.place)
    this.#ports.onPage(page)
    if (to === 0) objects.release()
  }
}
