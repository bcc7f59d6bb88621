import { ETAG, PackedObjects, pageMemory, SPAN } from '../object-page.ts'
import { markupAt, OPEN } from './markup.ts'
import { startsWith, textEnd, unreadable, viewOf } from './page-bytes.ts'
import type { Form, PlainRows, ScanRoom, Step } from './plain-rows.ts'
import { FIELD, MOST_PLAIN_ROWS } from './row-program.ts'
import { type KeyForm, lacking, MOST_ROWS, type Scan, tooMany } from './scan-fields.ts'

const SLASH = 0x2f

/** Reads an object from its `<Contents>` on, with elements at any depth; gives where it has ended. */
function readFields(scan: Scan, open: number): number {
  let at = open
  let skipped = OPEN.length
  let checksums = 0
  for (;;) {
    const markup = markupAt(scan, at, skipped)
    const { follows, end: begin } = markup
    checksums |= markup.checksums
    if (follows === 'end') {
      scan.checksums[scan.rows] = checksums
      return begin
    }
    const end = textEnd(scan, begin)
    // What has children is no value.
    const isValue = scan.bytes[end + 1] === SLASH
    if (isValue) follows.read(scan, begin, end)
    // The next end of an element is that of the value, whatever its name.
    skipped = isValue ? 1 : 0
    at = end
  }
}

const NEEDED = [FIELD.key, FIELD.time, FIELD.size]
const OTHERS = [FIELD.etag, FIELD.class]

/** How an object is written that was read; undefined where others cannot be known by that. */
function formOf(scan: Scan, open: number): Form | undefined {
  const steps: Step[] = []
  let checksums = 0
  for (let [at, skipped] = [open, OPEN.length]; ; skipped = 1) {
    const { follows, end, checksums: named } = markupAt(scan, at, skipped)
    const field = follows === 'end' ? FIELD.end : follows.plain
    if (field === undefined) return undefined
    steps.push({ markup: scan.bytes.subarray(at, end), field })
    checksums |= named
    if (field === FIELD.end) break
    at = textEnd(scan, end)
    if (scan.bytes[at + 1] !== SLASH) return undefined
  }
  const times = (field: number): number => steps.filter((step) => step.field === field).length
  const isPlain =
    NEEDED.every((field) => times(field) === 1) && OTHERS.every((field) => times(field) < 2)
  return isPlain ? { steps, checksums } : undefined
}

/** Begins the next row. An ETag may be missing: then the row must not have one that stood there before. */
function beginRow(scan: Scan): void {
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

/** What is written at a time may end behind the last byte that counts. */
const SLACK = 4

/** Serves one page after the other. */
const checksums = new Uint8Array(MOST_PLAIN_ROWS)

/** Where no program reads, pages stay where they are. */
const roomBeside = (bytes: Buffer): ScanRoom => ({
  bytes,
  out: Buffer.allocUnsafeSlow(bytes.length + SLACK),
  spans: new Uint32Array(MOST_PLAIN_ROWS * SPAN),
  sizes: new Float64Array(MOST_PLAIN_ROWS),
})

/** Begins to read a page; `plain`: what reads objects that look alike. */
export function scanOf(page: Buffer, form: KeyForm, plain: PlainRows | undefined): Scan {
  const { bytes, out, spans, sizes } = plain?.take(page, form) ?? roomBeside(page)
  return {
    urlEncoded: form.urlEncoded,
    prefix: form.prefix,
    spans,
    sizes,
    checksums,
    bytes,
    view: viewOf(bytes),
    out,
    outView: viewOf(out),
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

/** Reads one object; gives where it has ended. */
function readOne(scan: Scan, open: number, plain: PlainRows | undefined): number {
  beginRow(scan)
  const end = readFields(scan, open)
  refuseHalf(scan)
  scan.rows++
  plain?.learn(() => formOf(scan, open))
  return end
}

/**
 * Reads the objects of a page, of which the root element ends where `page` ends; `plain`: what reads those that look alike,
 * where this machine can. Throws SyncError.
 */
export function scanObjects(
  page: Buffer,
  form: KeyForm,
  plain: PlainRows | undefined,
): ScannedObjects {
  const scan = scanOf(page, form, plain)
  const { bytes } = scan
  let facts = ''
  let at = 0
  for (let open = bytes.indexOf(OPEN); open >= 0; ) {
    if (open > at) facts += bytes.toString('latin1', at, open)
    at = plain?.read(scan, open) ?? open
    if (at === open) at = readOne(scan, open, plain)
    if (scan.rows > MOST_ROWS) throw tooMany()
    open = startsWith(bytes, at, OPEN) ? at : bytes.indexOf(OPEN, at)
  }
  return { objects: packedRows(scan), facts: facts + bytes.toString('latin1', at) }
}
