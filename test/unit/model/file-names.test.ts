import { describe, expect, it } from 'vitest'
import {
  diskForm,
  isTemporaryName,
  type NameRules,
  temporaryName,
  whyNoFile,
} from '../../../src/model/file-names.ts'

const linux: NameRules = { platform: 'linux', ignoresCase: false, rootBytes: 10 }
const mac: NameRules = { platform: 'darwin', ignoresCase: true, rootBytes: 10 }
const windows: NameRules = { platform: 'win32', ignoresCase: true, rootBytes: 10 }

describe('a key as a file', () => {
  it.each([
    '..',
    '../x',
    'a/..',
    '.',
    './x',
    'a/./b',
    '/x',
    '//x',
    'a//b',
    'a/',
    'a\0b',
    '',
    'n'.repeat(256),
    `${'ü'.repeat(128)}`,
    `a/${'n'.repeat(256)}/b`,
    temporaryName('x', '0123abcd'),
    `a/${temporaryName('x', '0123abcd')}/b`,
    `${'d/'.repeat(2050)}x`,
  ])('cannot be one of %j on any system', (key) => {
    expect(whyNoFile(key, linux)).toBeDefined()
    expect(whyNoFile(key, mac)).toBeDefined()
    if (!key.startsWith('d/') && !key.startsWith('ü')) expect(whyNoFile(key, windows)).toBeDefined()
  })

  it.each([
    'a',
    '...',
    '..a',
    'a..',
    '.hidden',
    'a b',
    'C:x',
    'CON',
    'back\\slash',
    'ü',
    '~',
    '-rf',
  ])('can be %j on Linux', (key) => {
    expect(whyNoFile(key, linux)).toBeUndefined()
    expect(whyNoFile(`x/${key}/y`, linux)).toBeUndefined()
  })

  it.each([
    'C:x',
    'C:\\x',
    'CON',
    'con.txt',
    'a/NUL/b',
    'COM1',
    'lpt\u00b9',
    'CONIN$',
    'a.',
    'a ',
    'a:stream',
    'a?b',
    'back\\slash',
    'a\\..\\b',
    'tab\t',
    'n'.repeat(256),
  ])('cannot be %j on Windows', (key) => {
    expect(whyNoFile(key, windows)).toBeDefined()
  })

  it.each(['.GIT/config', '.Git', 'a/.gIt/hooks/x', '.g\u200cit/config'])(
    'cannot be %j where that is .git',
    (key) => {
      expect(whyNoFile(key, mac)).toBeDefined()
      expect(whyNoFile(key, linux)).toBeUndefined()
    },
  )

  it.each(['GIT~1/config', 'git~2', '.git /x', '.git./x', '.git::$INDEX_ALLOCATION/x'])(
    'cannot be %j on Windows, as git may be meant',
    (key) => {
      expect(whyNoFile(key, windows)).toBeDefined()
    },
  )

  it('cannot be in another Unicode form than macOS lists, and has no longer path than it takes', () => {
    expect(whyNoFile('u\u0308', mac)).toContain('NFC')
    expect(whyNoFile('\u00fc', mac)).toBeUndefined()
    const long = `${'d/'.repeat(506)}x`
    expect(whyNoFile(long, mac)).toContain('at most 1023 are allowed')
    expect(whyNoFile(long, linux)).toBeUndefined()
  })

  it('is one with another by case or form only on disks that say so', () => {
    const pairs = [
      ['README', 'readme'],
      ['stra\u00dfe', 'STRASSE'],
      ['\u212a', 'k'],
      ['\u00fc', 'u\u0308'],
    ] as const
    for (const [one, other] of pairs) {
      expect(diskForm(one, linux)).not.toBe(diskForm(other, linux))
      expect(diskForm(one, mac)).toBe(diskForm(other, mac))
    }
    const sensitive = { ...mac, ignoresCase: false }
    expect(diskForm('\u00fc', sensitive)).toBe(diskForm('u\u0308', sensitive))
    expect(diskForm('A', sensitive)).not.toBe(diskForm('a', sensitive))
  })
})

describe('a temporary name', () => {
  it.each(['x', 'n'.repeat(255), 'ü'.repeat(127), '\u{1f600}'.repeat(63), '.', 'a\nb'])(
    'of %j has room on every disk, is known again, and is none of another run',
    (name) => {
      const temporary = temporaryName(name, '0123abcd')
      expect(Buffer.byteLength(temporary)).toBeLessThanOrEqual(255)
      expect(temporary.isWellFormed()).toBe(true)
      expect(isTemporaryName(temporary)).toBe(true)
      expect(temporary).not.toBe(temporaryName(name, 'ffffffff'))
      expect(isTemporaryName(name)).toBe(false)
    },
  )

  it.each([1, 220, 254])('is another one for names that have %i bytes in common', (bytes) => {
    const [one, other] = ['a', 'b'].map((end) => temporaryName('n'.repeat(bytes) + end, '0123abcd'))
    expect(one).not.toBe(other)
  })
})
