import { hostileKeys } from 's3-direct-sync-testkit/hostile-keys.ts'
import type { Random } from './random.ts'

const HOSTILE = hostileKeys().map(({ key }) => key)

const MARKUP = [
  ...[
    '`',
    '``',
    '|',
    '\\|',
    '\\',
    '<b>',
    '</details>',
    '<!--',
    '](x)',
    '![',
    '**',
    '__',
    '~~',
    '@a',
    '#1',
  ],
  ...[
    '```mermaid',
    '"] --> B',
    '%%{init: {}}%%',
    'end',
    ';',
    '"',
    "'",
    '&lt;',
    '&#x3c;',
    '$$',
    ':tada:',
  ],
]
const COMMANDS = [
  ...['::', '##[', ']', '::set-output name=result::success', '::add-mask::a', '::stop-commands::x'],
  ...[
    '##[add-mask]a',
    '##[set-output name=copied]0',
    '##vso[',
    '%0A',
    '%0D',
    'ghadelimiter_',
    '<<EOF',
    'EOF',
  ],
]
const SHELL = [
  '*',
  '?',
  '[a]',
  '{a,b}',
  '$(id)',
  '`id`',
  '$HOME',
  '~',
  '!',
  '#',
  '&',
  '-',
  '--raw',
  '>',
  ' ',
  '  ',
]
const PATHS = [
  '/',
  '//',
  './',
  '../',
  '/..',
  '/.',
  '.',
  '%2F',
  '%2e%2e',
  '\\',
  ':',
  '+',
  '%',
  '%20',
  '=',
  ',',
  '{key}',
]
// NFC and NFD of the same letters, letters that change their case alone, marks that turn the direction.
const LETTERS = [
  '\u00e9',
  'e\u0301',
  '\u00c5',
  'A\u030a',
  '\u212b',
  'ß',
  'İ',
  'ı',
  '한',
  '\u1112\u1161\u11ab',
  '\u202e',
  '\ufeff',
]
const EDGES = [
  '\ud7ff',
  '\ue000',
  '\ufffd',
  '\uffff',
  '\u{10000}',
  '\u{10ffff}',
  '\u{1f600}',
  '\u2028',
  '\u2029',
  '\u0085',
  '\u007f',
]
const WORDS = ['a', 'b', '0', 'data', 'copy', '.tmp', '.csv', 'extra', 'klines']

/** Any character but the surrogates, each range of the planes as likely as the others. */
function anyCharacter(random: Random): string {
  const [from, to] = random.pick([
    [1, 0x1f],
    [0x20, 0x7e],
    [0x7f, 0x9f],
    [0xa0, 0x7ff],
    [0x800, 0xd7ff],
    [0xe000, 0xffff],
    [0x10000, 0x10ffff],
  ] as const)
  return String.fromCodePoint(random.int(from, to))
}

const fragment = (random: Random): string =>
  random.chance(0.25)
    ? anyCharacter(random)
    : random.pick(random.pick([MARKUP, COMMANDS, SHELL, PATHS, LETTERS, EDGES, WORDS, HOSTILE]))

/** With the longest prefix and template of a schedule it is still a key. */
const MOST_BYTES = 1000

function drawKey(random: Random): string {
  // Now and then as long as a key may be.
  const fragments = random.chance(0.01) ? 300 : random.int(1, 8)
  let key = ''
  for (let at = 0; at < fragments; at++) {
    const longer = key + fragment(random)
    if (Buffer.byteLength(longer) <= MOST_BYTES) key = longer
  }
  return key
}

/** So many different keys that try to be more than keys. */
export function fuzzedKeys(random: Random, count: number): string[] {
  const keys = new Set<string>()
  while (keys.size < count) keys.add(drawKey(random))
  keys.delete('')
  return [...keys]
}
