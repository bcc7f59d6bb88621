import { type ListedChecksums, listedChecksum } from '../../model/checksum.ts'
import { type PageBytes, startsWith, textEnd, unreadable } from './page-bytes.ts'
import { type Field, fieldNamed } from './scan-fields.ts'

/** How an object of a page begins. */
export const OPEN = Buffer.from('<Contents>')
const CLOSE = Buffer.from('</Contents>')
const CHECKSUM = Buffer.from('Checksum')
const CDATA = Buffer.from('<![CDATA[')
const GREATER = 0x3e
const SLASH = 0x2f

/** All from the end of one value that is read to the beginning of the next one. */
interface Markup {
  /** The field whose value follows, or nothing more of the object. */
  readonly follows: Field | 'end'
  /** Which checksums it names. */
  readonly checksums: ListedChecksums
  readonly end: number
}

/**
 * Reads markup from `begin` on: what follows it, and where that begins. So many bytes are known to be no tag that counts.
 * Throws where the object does not end.
 */
export function markupAt(page: PageBytes, begin: number, skipped: number): Markup {
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
    if (field) return { follows: field, checksums, end: at }
    if (isValue && startsWith(bytes, name, CHECKSUM))
      checksums |= listedChecksum(
        bytes.toString('latin1', name, nameEnd),
        bytes.toString('latin1', at, end),
      )
    at = isValue ? textEnd(page, end + 1) : end
  }
}
