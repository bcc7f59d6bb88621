import { percentDecode } from './bytes.ts'

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
    const hex = name[1] === 'x' || name[1] === 'X'
    const point = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10)
    return percentDecode(encodeURIComponent(String.fromCodePoint(point)))
  })
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
