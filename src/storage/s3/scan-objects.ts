import { ETAG, PackedObjects, pageMemory, SPAN } from '../object-page.ts'
import { Markup, OPEN } from './markup.ts'
import { startsWith, textEnd, unreadable, viewOf } from './page-bytes.ts'
import { type KeyForm, lacking, MOST_ROWS, type Scan, tooMany } from './scan-fields.ts'

const SLASH = 0x2f

/** Reads an object from its `<Contents>` on, with elements at any depth; gives where it has ended. */
function readFields(scan: Scan, start: Markup, open: number): number {
  let at = open
  let markup = start
  let skipped = OPEN.length
  let checksums = 0
  for (;;) {
    markup = markup.behind(scan, at, skipped)
    const { follows } = markup
    at += markup.length
    checksums |= markup.checksums
    if (follows === 'end') {
      scan.checksums[scan.rows] = checksums
      return at
    }
    const end = textEnd(scan, at)
    // The same markup may hold a value in one object, and children in another.
    const isValue = scan.bytes[end + 1] === SLASH
    if (isValue) follows(scan, at, end)
    // The next end of an element is that of the value, whatever its name.
    skipped = isValue ? 1 : 0
    at = end
  }
}

function room(scan: Scan): void {
  if (scan.rows < scan.sizes.length) return
  const { spans, sizes, checksums } = scan
  scan.spans = new Uint32Array(spans.length * 2)
  scan.spans.set(spans)
  scan.sizes = new Float64Array(sizes.length * 2)
  scan.sizes.set(sizes)
  scan.checksums = new Uint8Array(checksums.length * 2)
  scan.checksums.set(checksums)
}

/** Begins the next row. An ETag may be missing: then the row must not have one that stood there before. */
function beginRow(scan: Scan): void {
  room(scan)
  const at = scan.rows * SPAN + ETAG
  scan.seen = 0
  scan.spans[at] = 0
  scan.spans[at + 1] = 0
}

/** Names what is missing, so that whoever runs the service can look for it. */
function refuseHalf(scan: Scan): void {
  const missing = lacking(scan)
  if (missing === undefined) return
  const { spans, rows, out } = scan
  const key = out.toString('utf8', spans[rows * SPAN], spans[rows * SPAN + 1])
  const which = missing === 'Key' ? 'an object' : `the object ${JSON.stringify(key.slice(0, 200))}`
  throw unreadable(`${which} has no readable ${missing}`)
}

const ROWS = 1000
/** What is written at a time may end behind the last byte that counts. */
const SLACK = 4

/** Grow to the size of the largest page, and serve one page after the other. */
let scratch = Buffer.allocUnsafeSlow(512 * 1024)
let scratchView = viewOf(scratch)
let scratchRows: Pick<Scan, 'spans' | 'sizes' | 'checksums'> = {
  spans: new Uint32Array(ROWS * SPAN),
  sizes: new Float64Array(ROWS),
  checksums: new Uint8Array(ROWS),
}

function scanOf(bytes: Buffer, { urlEncoded, prefix }: KeyForm): Scan {
  if (scratch.length < bytes.length + SLACK) {
    scratch = Buffer.allocUnsafeSlow(bytes.length + SLACK)
    scratchView = viewOf(scratch)
  }
  const { spans, sizes, checksums } = scratchRows
  return {
    urlEncoded,
    prefix,
    spans,
    sizes,
    checksums,
    bytes,
    view: viewOf(bytes),
    out: scratch,
    outView: scratchView,
    written: 0,
    rows: 0,
    seen: 0,
    states: new Map(),
  }
}

/** The objects as they wait for the join, in no more memory than they need. */
function packedRows({ rows, written, out, spans, sizes, checksums, states }: Scan): PackedObjects {
  const memory = pageMemory(written, rows)
  memory.bytes.set(out.subarray(0, written))
  memory.spans.set(spans.subarray(0, rows * SPAN))
  memory.sizes.set(sizes.subarray(0, rows))
  memory.checksums.set(checksums.subarray(0, rows))
  return new PackedObjects({ count: rows, byteCount: written }, memory, states)
}

/** The objects of a page, and what stands around them: the facts of the page itself. */
export interface ScannedObjects {
  readonly objects: PackedObjects
  readonly facts: string
}

/** Reads the objects of a page, of which the root element ends where `bytes` end. Throws SyncError. */
export function scanObjects(bytes: Buffer, form: KeyForm): ScannedObjects {
  const scan = scanOf(bytes, form)
  const start = new Markup(OPEN, { follows: 'end', checksums: 0 })
  let facts = ''
  let at = 0
  for (let open = bytes.indexOf(OPEN); open >= 0; ) {
    if (open > at) facts += bytes.toString('latin1', at, open)
    beginRow(scan)
    at = readFields(scan, start, open)
    refuseHalf(scan)
    if (++scan.rows > MOST_ROWS) throw tooMany()
    open = startsWith(bytes, at, OPEN) ? at : bytes.indexOf(OPEN, at)
  }
  const { spans, sizes, checksums } = scan
  scratchRows = { spans, sizes, checksums }
  return { objects: packedRows(scan), facts: facts + bytes.toString('latin1', at) }
}
