import { SyncError } from '../errors.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'

/** One page of ListObjectsV2. The lists belong together by index. */
export interface ScannedPage {
  /** Full keys. */
  readonly keys: readonly KeyBytes[]
  /** Bytes. */
  readonly sizes: readonly number[]
  /** Without quotes. */
  readonly etags: readonly string[]
  /** As the service wrote them, ISO 8601. */
  readonly modified: readonly string[]
  /** '' for STANDARD, or where the service names none. */
  readonly storageClasses: readonly string[]
  /** Common prefixes, where a delimiter was asked for. */
  readonly prefixes: readonly KeyBytes[]
  readonly truncated: boolean
  /** Where the next page begins; '' when there is none. */
  readonly nextToken: string
}

const ROOT_END = '</ListBucketResult>'
const OPEN = '<Contents>'
const CLOSE = '</Contents>'

const unreadable = (why: string): SyncError =>
  new SyncError('listing', `The service sent a page that is not a complete listing: ${why}.`, {
    hint: 'Nothing was touched. Run again; if it stays, the service does not list correctly.',
    retryable: true,
  })

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

function character(reference: string): string {
  const name = reference.slice(1, -1)
  if (!name.startsWith('#')) return ENTITIES[name] ?? reference
  const hex = /^#x/i.test(name)
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10)
  return code <= 0x10ffff ? toKeyBytes(String.fromCodePoint(code)) : reference
}

/** Text of an element as bytes: a character reference stands for the UTF-8 bytes of its character. */
const plainText = (text: string): string =>
  text.includes('&') ? text.replace(/&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);/g, character) : text

/** A key of a listing with `encoding-type=url`, as bytes: `+` is a space, `%XX` a byte. */
export const fromUrlEncoded = (key: string): KeyBytes =>
  (/[+%]/.test(key)
    ? key
        .replaceAll('+', ' ')
        .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        )
    : key) as KeyBytes

interface Tag {
  readonly open: string
  readonly close: string
}

const tag = (name: string): Tag => ({ open: `<${name}>`, close: `</${name}>` })

/** Text of the first element of a kind; undefined when there is none. */
function element(xml: string, { open, close }: Tag): string | undefined {
  const at = xml.indexOf(open)
  if (at < 0) return undefined
  const begin = at + open.length
  const end = xml.indexOf(close, begin)
  return end < 0 ? undefined : xml.slice(begin, end)
}

const KEY = tag('Key')
const SIZE = tag('Size')
const ETAG = tag('ETag')
const MODIFIED = tag('LastModified')
const CLASS = tag('StorageClass')
const DIGITS = /^\d{1,15}$/

/** What stands before and after the objects: the facts of the page itself. */
function withoutObjects(xml: string): string {
  const first = xml.indexOf(OPEN)
  return first < 0 ? xml : xml.slice(0, first) + xml.slice(xml.lastIndexOf(CLOSE) + CLOSE.length)
}

const unquoted = (etag: string): string =>
  etag.replace(/^(?:"|&quot;|&#34;)|(?:"|&quot;|&#34;)$/g, '')

type Decode = (key: string) => KeyBytes

interface Lists {
  readonly keys: KeyBytes[]
  readonly sizes: number[]
  readonly etags: string[]
  readonly modified: string[]
  readonly storageClasses: string[]
}

/** `block` is cut out first, so that a search for what is not there stays in it. */
function addObject(lists: Lists, block: string, decode: Decode): void {
  const key = element(block, KEY)
  const size = element(block, SIZE)
  const etag = element(block, ETAG)
  const modified = element(block, MODIFIED)
  if (!key || !etag || !modified || size === undefined || !DIGITS.test(size))
    throw unreadable('an object comes without key, size, ETag or time')
  const storageClass = element(block, CLASS) ?? ''
  lists.keys.push(decode(plainText(key)))
  lists.sizes.push(Number(size))
  lists.etags.push(unquoted(etag))
  lists.modified.push(modified)
  lists.storageClasses.push(storageClass === 'STANDARD' ? '' : storageClass)
}

function objectsOf(xml: string, decode: Decode): Lists {
  const lists: Lists = { keys: [], sizes: [], etags: [], modified: [], storageClasses: [] }
  for (let from = xml.indexOf(OPEN); from >= 0; ) {
    const to = xml.indexOf(CLOSE, from)
    if (to < 0) throw unreadable('an object is cut off')
    addObject(lists, xml.slice(from, to), decode)
    from = xml.indexOf(OPEN, to)
  }
  return lists
}

function prefixesOf(facts: string, decode: Decode): KeyBytes[] {
  const groups = facts.match(/<CommonPrefixes>.*?<\/CommonPrefixes>/gs) ?? []
  return groups.map((group) => {
    const prefix = element(group, tag('Prefix'))
    if (prefix === undefined) throw unreadable('a common prefix comes without a name')
    return decode(plainText(prefix))
  })
}

/**
 * Reads the XML of a ListObjectsV2 page, one char a byte. A page counts only when its root element is
 * closed, every object is whole, and their number is the one it states. Throws SyncError otherwise.
 */
export function scanPage(xml: string): ScannedPage {
  if (!xml.trimEnd().endsWith(ROOT_END)) throw unreadable('its root element is not closed')
  const facts = withoutObjects(xml)
  const urlEncoded = element(facts, tag('EncodingType')) === 'url'
  const decode: Decode = urlEncoded ? fromUrlEncoded : (key) => key as KeyBytes
  const objects = objectsOf(xml, decode)
  const prefixes = prefixesOf(facts, decode)
  const count = objects.keys.length + prefixes.length
  const keyCount = element(facts, tag('KeyCount'))
  const truncated = element(facts, tag('IsTruncated'))
  const nextToken = plainText(element(facts, tag('NextContinuationToken')) ?? '')
  if (truncated !== 'true' && truncated !== 'false')
    throw unreadable('it does not say whether more follows')
  if (keyCount !== undefined && Number(keyCount) !== count)
    throw unreadable(`it says ${keyCount} keys and holds ${count}`)
  if (truncated === 'true' && nextToken === '')
    throw unreadable('it says that more follows, but not where')
  return { ...objects, prefixes, truncated: truncated === 'true', nextToken }
}
