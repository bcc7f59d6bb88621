import { isUtf8 } from 'node:buffer'
import { percentDecode, toText } from './bytes.ts'
import { serviceError } from './reply.ts'

/** All but tab, newline and the printable characters that need no escape. */
const SPECIAL = /[^\t\n !#-%'-;=?-\uffff]/g
const NAMED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/** Escapes a byte string for XML; control characters become numeric references, as S3 writes them. */
export const escapeXml = (text: string): string =>
  text.replace(SPECIAL, (char) => NAMED[char] ?? `&#x${char.charCodeAt(0).toString(16)};`)

/** `<name>escaped text</name>`, or nothing for an absent value. */
export const element = (name: string, value: string | number | boolean | undefined): string =>
  value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>`

/** A document with the XML declaration and the namespace of S3. */
export const s3Document = (name: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`

const REFERENCES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
}

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return REFERENCES[name] ?? whole
    return percentDecode(encodeURIComponent(String.fromCodePoint(pointOf(name))))
  })
}

/** MalformedXML. */
export const malformedXml = () =>
  serviceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )

/** What XML 1.0 cannot hold, neither as it is nor as a reference. */
const NO_XML_TEXT = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** The document of a request as a byte string; MalformedXML unless it is one, with the root of this name. */
export function readXml(bytes: Buffer, root: string): string {
  const xml = bytes.toString('latin1')
  const isRoot = new RegExp(
    `^\\s*(?:<\\?xml[^>]*\\?>\\s*)?<${root}(?:\\s[^>]*)?(?:/>|>[\\s\\S]*</${root}>)\\s*$`,
  )
  const references = xml.matchAll(/&(#x[0-9a-f]+|#\d+|\w*);?/gi)
  if (!isUtf8(bytes) || NO_XML_TEXT.test(toText(xml)) || !isRoot.test(xml)) throw malformedXml()
  for (const [whole, name = ''] of references) {
    if (!whole.endsWith(';') || !isReference(name)) throw malformedXml()
  }
  return xml
}

function isReference(name: string): boolean {
  if (!name.startsWith('#')) return name in REFERENCES
  const point = pointOf(name)
  return point <= 0x10ffff && !NO_XML_TEXT.test(String.fromCodePoint(point))
}

/** The code point of `#65` or `#x41`. */
function pointOf(name: string): number {
  const hex = name[1] === 'x' || name[1] === 'X'
  return Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10)
}

/** The raw contents of every `<name>` in a request body; names never nest in themselves in S3. */
export function allElements(xml: string, name: string): readonly string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g')
  return Array.from(xml.matchAll(pattern), (match) => match[1] ?? '')
}

/** The unescaped text of the first `<name>`, if there is one. */
export function textOf(xml: string, name: string): string | undefined {
  const content = allElements(xml, name)[0]
  return content === undefined ? undefined : unescapeXml(content)
}
