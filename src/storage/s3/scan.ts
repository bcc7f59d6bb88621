import { isWebPage } from '../../adapters/error-answer.ts'
import { element, elements, fromUrlEncoded, plainNames, plainText } from '../../adapters/xml.ts'
import type { KeyBytes } from '../../model/key.ts'
import { onceAble } from '../../model/once-able.ts'
import type { ObjectPage } from '../object-page.ts'
import { unreadable, webPage } from './page-bytes.ts'
import { PlainRows } from './plain-rows.ts'
import { type KeyForm, MOST_ROWS, tooMany } from './scan-fields.ts'
import { type ScannedObjects, scanObjects } from './scan-objects.ts'

const ROOT_END = Buffer.from('</ListBucketResult>')
const URL_ENCODED = '<EncodingType>url</EncodingType>'
const URL_ENCODED_BYTES = Buffer.from(URL_ENCODED)
const WHITE = /^\s*$/

function foldersOf(facts: string, prefix: KeyBytes): KeyBytes[] {
  const urlEncoded = facts.includes(URL_ENCODED)
  const folders: KeyBytes[] = []
  for (const group of elements(facts, 'CommonPrefixes')) {
    const text = plainText(element(group, 'Prefix') ?? '')
    const folder = urlEncoded ? fromUrlEncoded(text) : text
    if (folder === '' || !folder.startsWith(prefix))
      throw unreadable('it contains a common prefix outside the prefix')
    if (folders.push(folder.slice(prefix.length) as KeyBytes) > MOST_ROWS) throw tooMany()
  }
  return folders
}

const CDATA = '<![CDATA['
const CDATA_END = ']]>'
const ROOT = /<([A-Za-z_][\w.-]{0,63}):ListBucketResult[\s>]/

/** What stands in CDATA sections, written with references. */
function withoutCdata(xml: string): string {
  const parts: string[] = []
  let at = 0
  for (let open = xml.indexOf(CDATA); open >= 0; open = xml.indexOf(CDATA, at)) {
    const end = xml.indexOf(CDATA_END, open)
    if (end < 0) throw unreadable('a section of it is truncated')
    const text = xml.slice(open + CDATA.length, end)
    parts.push(xml.slice(at, open), text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'))
    at = end + CDATA_END.length
  }
  return parts.join('') + xml.slice(at)
}

/** The page without what some services put before all names. */
function withPlainNames(bytes: Buffer): Buffer {
  const [, prefix] = ROOT.exec(bytes.toString('latin1', 0, 1024)) ?? []
  return prefix === undefined
    ? bytes
    : Buffer.from(plainNames(bytes.toString('latin1'), prefix), 'latin1')
}

/** The page up to the end of its root element. Throws when that is not the end of the page. */
function wholePage(body: Uint8Array): Buffer {
  const bytes = withPlainNames(Buffer.from(body.buffer, body.byteOffset, body.length))
  const end = bytes.lastIndexOf(ROOT_END)
  const after = end + ROOT_END.length
  if (end < 0 && isWebPage(bytes.toString('latin1', 0, 512))) throw webPage()
  if (end < 0 || !WHITE.test(bytes.toString('latin1', after)))
    throw unreadable('its root element is not closed')
  return bytes.subarray(0, after)
}

/** What reads objects that look alike, made for the first page. */
const plainRows = onceAble(() => new PlainRows())

/** Reads the objects; some services put keys into CDATA sections, where they stand as they are. */
function objectsOf(bytes: Buffer, form: KeyForm): ScannedObjects {
  const plain = plainRows()
  try {
    const found = scanObjects(bytes, form, plain)
    if (!found.facts.includes(CDATA)) return found
  } catch (error) {
    if (!bytes.includes(CDATA)) throw error
  }
  return scanObjects(Buffer.from(withoutCdata(bytes.toString('latin1')), 'latin1'), form, plain)
}

/**
 * Reads the XML of a ListObjectsV2 page. It counts only when its root element is closed, every object
 * is whole, and their number is the one it states. Throws SyncError otherwise.
 */
export function scanPage(body: Uint8Array, prefix: KeyBytes): ObjectPage {
  const bytes = wholePage(body)
  const urlEncoded = bytes.includes(URL_ENCODED_BYTES)
  const form = { urlEncoded, prefix: Buffer.from(prefix, 'latin1') }
  const { objects, facts } = objectsOf(bytes, form)
  const folders = foldersOf(facts, prefix)
  if (facts.includes('<Contents')) throw unreadable('it contains an entry of an unexpected form')
  const keyCount = element(facts, 'KeyCount')
  const truncated = element(facts, 'IsTruncated')?.toLowerCase()
  const nextToken = plainText(element(facts, 'NextContinuationToken') ?? '')
  if (truncated !== 'true' && truncated !== 'false') throw unreadable('IsTruncated is missing')
  // S3 counts common prefixes as well; versitygw counts keys alone.
  const counts = [objects.count + folders.length, objects.count]
  if (keyCount !== undefined && !counts.includes(Number(keyCount)))
    throw unreadable(`KeyCount is ${keyCount}, but it contains ${counts[0]} keys`)
  if (truncated === 'true' && nextToken === '')
    throw unreadable(
      keyCount === undefined && !facts.includes('<NextContinuationToken')
        ? 'it is truncated but has no continuation token: the service seems to support only ListObjects version 1'
        : 'it is truncated but has no continuation token',
    )
  return { objects, folders, truncated: truncated === 'true', nextToken }
}
