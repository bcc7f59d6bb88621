import { type PackedObjects, SPAN } from '../object-page.ts'
import {
  fieldNamed,
  type KeyForm,
  lacking,
  MOST_ROWS,
  type Scan,
  startsWith,
  textEnd,
  tooMany,
  unreadable,
} from './scan-fields.ts'

const OPEN = Buffer.from('<Contents>')
const CLOSE = Buffer.from('</Contents>')
const GREATER = 0x3e
const SLASH = 0x2f

/** Reads what stands between `<Contents>` and its end, at any depth; gives where the end begins. */
function readFields(scan: Scan, begin: number): number {
  const { bytes } = scan
  for (let at = textEnd(bytes, begin); ; at = textEnd(bytes, at)) {
    const closes = bytes[at + 1] === SLASH
    if (closes && startsWith(bytes, at, CLOSE)) return at
    if (startsWith(bytes, at, OPEN)) throw unreadable('an object does not end')
    const name = at + 1
    while (bytes[at] !== GREATER) at++
    const nameEnd = at++
    if (at >= bytes.length) throw unreadable('an object does not end')
    if (closes || bytes[nameEnd - 1] === SLASH) continue
    const end = textEnd(bytes, at)
    // What is not followed by its own end has children, which are read next.
    if (bytes[end + 1] === SLASH) {
      fieldNamed(bytes, name, nameEnd)?.read(scan, at, end)
      at = end + 1
    }
  }
}

function room(scan: Scan): void {
  if (scan.rows < scan.sizes.length) return
  const { spans, sizes } = scan
  scan.spans = new Uint32Array(spans.length * 2)
  scan.spans.set(spans)
  scan.sizes = new Float64Array(sizes.length * 2)
  scan.sizes.set(sizes)
}

/** Names what is missing, so that whoever runs the service can look for it. */
function refuseHalf(scan: Scan): void {
  const missing = lacking(scan)
  if (missing === undefined) return
  const { spans, rows, out } = scan
  const key = out.toString('utf8', spans[rows * SPAN], spans[rows * SPAN + 1])
  const which = missing === 'Key' ? 'an object' : `the object ${JSON.stringify(key.slice(0, 200))}`
  throw unreadable(`${which} comes without a ${missing} that can be read`)
}

const ROWS = 1000

/** Grows to the size of the largest page, and serves one page after the other. */
let scratch = Buffer.allocUnsafeSlow(512 * 1024)

/** The objects of a page, and what stands around them: the facts of the page itself. */
export interface ScannedObjects {
  readonly objects: PackedObjects
  readonly facts: string
}

/** Reads the objects of a page, of which the root element ends where `bytes` end. Throws SyncError. */
export function scanObjects(bytes: Buffer, form: KeyForm): ScannedObjects {
  if (scratch.length < bytes.length) scratch = Buffer.allocUnsafeSlow(bytes.length)
  const scan: Scan = {
    ...form,
    bytes,
    out: scratch,
    written: 0,
    rows: 0,
    seen: 0,
    spans: new Uint32Array(ROWS * SPAN),
    sizes: new Float64Array(ROWS),
    states: new Map(),
  }
  let facts = ''
  let at = 0
  for (let open = bytes.indexOf(OPEN); open >= 0; ) {
    if (open > at) facts += bytes.toString('latin1', at, open)
    room(scan)
    scan.seen = 0
    at = readFields(scan, open + OPEN.length) + CLOSE.length
    refuseHalf(scan)
    if (++scan.rows > MOST_ROWS) throw tooMany()
    open = startsWith(bytes, at, OPEN) ? at : bytes.indexOf(OPEN, at)
  }
  const text = scratch.toString('latin1', 0, scan.written)
  const { rows: count, spans, sizes, states } = scan
  return {
    objects: { count, text, spans, sizes, states },
    facts: facts + bytes.toString('latin1', at),
  }
}
