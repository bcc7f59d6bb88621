import { type KeyBytes, toText } from '../model/key.ts'
import { PageWatch } from '../model/page-watch.ts'
import { detached, keyAt, type ObjectPage, type PackedObjects } from '../storage/object-page.ts'
import { type ListedPlace, nextToken, type PageQuery } from './pages.ts'

/** Objects in the order of their keys, of which those from `at` to before `to` are still to be read. */
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

/** One side of one range: its pages, one ahead of the reader, cut where the range ends. */
export interface Stream {
  readonly place: ListedPlace
  readonly ports: StreamPorts
  /** The range begins behind this key; '' for the first one. */
  readonly from: KeyBytes
  /** And ends with this key; undefined for the last one. */
  until: KeyBytes | undefined
  /** Whether nothing more will be asked for. */
  over: boolean
  /** The last key that came; where the range begins before one did. */
  front: KeyBytes
  /** The first key that the service has behind `from`, be it in the range or not. */
  first: KeyBytes | undefined
  /** The first key that it has behind `until`, where one was seen. */
  beyond: KeyBytes | undefined
  /** Pages that came. */
  pages: number
  /** Keys that came and belong to the range. */
  keys: number
  readonly waiting: Rows[]
  coming: Promise<void> | undefined
  token: string | undefined
  /** Notices that the service leads nowhere, by pages that held nothing. */
  watch: PageWatch
}

/** Pages that lie ready while the join reads one. */
const AHEAD = 1

/** Opens one side of a range. */
export const openStream = (
  place: ListedPlace,
  { from, until }: Pick<Stream, 'from' | 'until'>,
  ports: StreamPorts,
): Stream => ({
  place,
  ports,
  from,
  until,
  over: false,
  front: from,
  first: undefined,
  beyond: undefined,
  pages: 0,
  keys: 0,
  waiting: [],
  coming: undefined,
  token: undefined,
  watch: new PageWatch(),
})

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

const detachedAt = (objects: PackedObjects, row: number): KeyBytes | undefined =>
  row >= 0 && row < objects.count ? detached(keyAt(objects, row)) : undefined

function accept(stream: Stream, page: ObjectPage): void {
  const { from, until, ports } = stream
  const { objects } = page
  // The key that is the prefix itself may come first, but only once.
  let last = stream.pages === 0 && from === '' ? undefined : stream.front
  for (let row = 0; row < objects.count; row++) {
    const key = keyAt(objects, row)
    if (last !== undefined && key <= last) ports.onDisorder()
    last = key
  }
  const to = until === undefined ? objects.count : rowAfter(objects, until)
  if (to > 0) stream.waiting.push({ objects, at: 0, to })
  stream.pages++
  stream.keys += to
  stream.first ??= detachedAt(objects, 0)
  stream.front = detachedAt(objects, to - 1) ?? stream.front
  stream.beyond = detachedAt(objects, to)
  stream.over = stream.beyond !== undefined || !page.truncated || stream.front === until
  // Keys that ascend are progress enough; only empty pages could come for ever.
  if (objects.count > 0) stream.watch = new PageWatch()
  if (!stream.over) stream.token = nextToken(page, stream.watch, stream.place)
  ports.onPage(page)
}

function askAhead(stream: Stream): void {
  const { place, ports, from, token } = stream
  if (stream.over || stream.coming || stream.waiting.length > AHEAD) return
  const behind = from === '' ? undefined : place.prefix + toText(from)
  const query = token === undefined ? { startAfter: behind } : { token }
  stream.coming = ports.ask(place, query).then((page) => {
    stream.coming = undefined
    accept(stream, page)
    askAhead(stream)
  })
  // Whoever reads next is told; until then nobody listens.
  stream.coming.catch(() => {})
}

async function nextRows(stream: Stream): Promise<Rows | undefined> {
  for (;;) {
    askAhead(stream)
    const rows = stream.waiting[0]
    if (rows && rows.at < rows.to) return rows
    if (rows) stream.waiting.shift()
    else if (stream.over) return undefined
    else await stream.coming
  }
}

/** A stream as the join reads it. */
export const rowsOf = (stream: Stream): RowSource => ({ next: () => nextRows(stream) })

/** Takes the rows behind `key` away. */
function leave(rows: Rows, key: KeyBytes): Rows[] {
  const cut = Math.max(rows.at, rowAfter(rows.objects, key))
  if (cut >= rows.to) return []
  const taken = { ...rows, at: cut }
  rows.to = cut
  return [taken]
}

/**
 * Ends a stream with the key `at` and opens one for what follows. Unless the stream is over, `at` lies
 * behind all keys that came; if it is, the new one gets what came already and asks for nothing.
 */
export function splitStream(stream: Stream, at: KeyBytes): Stream {
  const right = openStream(stream.place, { from: at, until: stream.until }, stream.ports)
  stream.until = at
  if (!stream.over) return right
  right.over = true
  right.waiting.push(...stream.waiting.flatMap((rows) => leave(rows, at)))
  const [some] = right.waiting
  right.beyond = stream.beyond
  right.first = some ? detachedAt(some.objects, some.at) : stream.beyond
  stream.beyond = right.first
  return right
}

/** Whether a stream that is over ends exactly where the next one began, so that no key lies between them. */
export const meets = (stream: Stream, next: Stream): boolean =>
  stream.beyond === next.first || (stream.beyond === undefined && stream.front === stream.until)
