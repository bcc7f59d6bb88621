import { type ListedChecksums, listedChecksum } from '../../model/checksum.ts'
import { type PageBytes, startsWith, textEnd, unreadable, viewOf } from './page-bytes.ts'
import { fieldNamed, type ReadField } from './scan-fields.ts'

/** How an object of a page begins. */
export const OPEN = Buffer.from('<Contents>')
const CLOSE = Buffer.from('</Contents>')
const CHECKSUM = Buffer.from('Checksum')
const CDATA = Buffer.from('<![CDATA[')
const GREATER = 0x3e
const SLASH = 0x2f

/** What stands behind a piece of markup: the value of a field, or nothing more of the object. */
type Follows = ReadField | 'end'

/** A piece of markup as it was read. */
interface Read {
  readonly follows: Follows
  readonly checksums: ListedChecksums
  readonly end: number
}

/** More kinds of objects than any service has; the others are read without what was learned. */
const MOST_NEXT = 8
/** How deep markup is known again: no service has more fields, and only a hostile one puts thousands into one object. */
const MOST_DEPTH = 32
/** So often is markup of one page read anew at most: nearly all of what services send comes again. */
const MOST_NEWS = 50_000
const MOST_LENGTH = 1024
/** Bytes that are compared at a time, as one number: of text in ASCII that is never one which is unlike itself. */
const WORD = 8
const isAscii = (byte: number): boolean => byte > 0 && byte < 0x7f

/**
 * All from the end of one value that is read to the beginning of the next one, to be known again when it comes again:
 * values that nobody reads are part of it, as nearly all objects have the same ones.
 */
export class Markup {
  readonly follows: Follows
  readonly length: number
  /** Which checksums it names: hardly a page has more than one kind of objects, so that this is no value to be read of each. */
  readonly checksums: ListedChecksums
  /** The markup that was seen behind the value that follows it. */
  readonly #next: Markup[] = []
  /** All of it, some bytes at a time, of which the last ones may overlap those before; none where it is never known again. */
  readonly #words: Float64Array
  readonly #depth: number
  /** How often markup of the page was read anew. */
  readonly #news: { count: number }

  constructor(piece: Buffer, { follows, checksums }: Omit<Read, 'end'>, before?: Markup) {
    this.follows = follows
    this.checksums = checksums
    this.length = piece.length
    this.#depth = before ? before.#depth + 1 : 0
    this.#news = before ? before.#news : { count: 0 }
    const isShort = piece.length >= WORD && piece.length <= MOST_LENGTH
    const fits = isShort && this.#depth < MOST_DEPTH
    const known = fits && piece.every(isAscii)
    const view = viewOf(piece)
    const wordAt = (i: number) => view.getFloat64(Math.min(i * WORD, piece.length - WORD))
    const count = known ? Math.ceil(piece.length / WORD) : 0
    this.#words = Float64Array.from({ length: count }, (_, i) => wordAt(i))
  }

  /** The markup that stands at a position behind its value, as `markupAt` reads it: the same one where it was seen before. */
  behind(page: PageBytes, at: number, skipped: number): Markup {
    for (const known of this.#next) if (known.#standsAt(page, at)) return known
    const { follows, checksums, end } = markupAt(page, at, skipped)
    if (++this.#news.count > MOST_NEWS) throw unreadable('its entries differ in form')
    const markup = new Markup(page.bytes.subarray(at, end), { follows, checksums }, this)
    if (this.#next.length < MOST_NEXT && markup.#depth < MOST_DEPTH) this.#next.push(markup)
    return markup
  }

  #standsAt({ bytes, view }: PageBytes, at: number): boolean {
    const words = this.#words
    const last = words.length - 1
    if (last < 0 || at + this.length > bytes.length) return false
    for (let i = 0; i < last; i++) if (view.getFloat64(at + i * WORD) !== words[i]) return false
    return view.getFloat64(at + this.length - WORD) === words[last]
  }
}

/**
 * Reads markup from `begin` on: what follows it, and where that begins. So many bytes are known to be no tag that counts.
 * Throws where the object does not end.
 */
function markupAt(page: PageBytes, begin: number, skipped: number): Read {
  const { bytes } = page
  let checksums: ListedChecksums = 0
  let at = textEnd(page, begin + skipped)
  for (;;) {
    const closes = bytes[at + 1] === SLASH
    if (closes && startsWith(bytes, at, CLOSE))
      return { follows: 'end', checksums, end: at + CLOSE.length }
    if (startsWith(bytes, at, OPEN)) throw unreadable('an entry is truncated')
    if (startsWith(bytes, at, CDATA)) throw unreadable('it contains a CDATA section')
    const name = at + 1
    while (bytes[at] !== GREATER) at++
    const nameEnd = at++
    if (at >= bytes.length) throw unreadable('an entry is truncated')
    const end = textEnd(page, at)
    // What is not followed by its own end has children, which are read next.
    const isValue = !closes && bytes[nameEnd - 1] !== SLASH && bytes[end + 1] === SLASH
    const field = isValue ? fieldNamed(bytes, name, nameEnd) : undefined
    if (field) return { follows: field.read, checksums, end: at }
    if (isValue && startsWith(bytes, name, CHECKSUM))
      checksums |= listedChecksum(
        bytes.toString('latin1', name, nameEnd),
        bytes.toString('latin1', at, end),
      )
    at = isValue ? textEnd(page, end + 1) : end
  }
}
