import { type KeyBytes, toKeyBytes } from '../model/key.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
}

const REFERENCE = '&(?:#\\d+|#[xX][0-9a-fA-F]+|\\w+);'
const ONE = new RegExp(REFERENCE, 'g')
/** Some services write an astral character as two references, one for each of its UTF-16 units. */
const RUN = new RegExp(`(?:${REFERENCE})+`, 'g')

function character(reference: string): string {
  const name = reference.slice(1, -1)
  if (!name.startsWith('#')) return ENTITIES[name] ?? reference
  const hex = /^#x/i.test(name)
  const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10)
  return code <= 0x10ffff ? String.fromCodePoint(code) : reference
}

/** No key, token or tag is longer, however it is written. */
export const MOST_TEXT_CHARS = 64 * 1024

/**
 * Text of an element as bytes: character references stand for the UTF-8 bytes of their characters. What is longer than
 * any text of use is left as it is: only a hostile service sends it, and reading it would keep all else waiting.
 */
export const plainText = (text: string): string =>
  text.length <= MOST_TEXT_CHARS && text.includes('&')
    ? text.replace(RUN, (run) => toKeyBytes(run.replace(ONE, character)))
    : text

/** A key of a listing with `encoding-type=url`, as bytes: `+` is a space, `%XX` a byte. */
export const fromUrlEncoded = (key: string): KeyBytes =>
  (/[+%]/.test(key)
    ? key
        .replaceAll('+', ' ')
        .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        )
    : key) as KeyBytes

/** Texts of all elements of a kind, up to the first that does not end. */
export function* elements(xml: string, name: string): Generator<string> {
  const [opens, closes] = [`<${name}>`, `</${name}>`]
  for (let at = xml.indexOf(opens); at >= 0; ) {
    const end = xml.indexOf(closes, at)
    if (end < 0) return
    yield xml.slice(at + opens.length, end)
    at = xml.indexOf(opens, end)
  }
}

/** What may stand before the root element, in latin1: a byte order mark, a declaration, comments. */
const PROLOG = /^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]*?-->\s*)*/

/** Where the root element of a document begins that was read as latin1. */
export const rootAt = (xml: string): number => PROLOG.exec(xml)?.[0].length ?? 0

/** Names without what some services put before all of them. */
export const plainNames = (xml: string, prefix: string): string =>
  xml.replaceAll(`<${prefix}:`, '<').replaceAll(`</${prefix}:`, '</')

/** What the root element holds, where it is of this name, whatever prefix stands before its names; undefined: another document. */
export function rootOf(xml: string, name: string): string | undefined {
  const open = new RegExp(`<(?:([A-Za-z_][\\w.-]{0,63}):)?${name}(?:\\s[^>]*)?>`, 'y')
  open.lastIndex = rootAt(xml)
  const found = open.exec(xml)
  if (found === null) return undefined
  const [opened, prefix] = found
  const held = xml.slice(found.index + opened.length)
  return prefix === undefined ? held : plainNames(held, prefix)
}

/** Text of the first element of a kind; undefined when there is none. */
export function element(xml: string, name: string): string | undefined {
  const at = xml.indexOf(`<${name}>`)
  if (at < 0) return undefined
  const begin = at + name.length + 2
  const end = xml.indexOf(`</${name}>`, begin)
  return end < 0 ? undefined : xml.slice(begin, end)
}
