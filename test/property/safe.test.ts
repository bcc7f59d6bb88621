import fc from 'fast-check'
import { parseCommand } from 's3-direct-sync-testkit/runner-commands.ts'
import { describe, expect, test } from 'vitest'
import { safe, visibleJson } from '../../src/model/safe.ts'
import { runs } from '../runs.ts'
import { hostileText } from '../unit/report/hostile.ts'

describe('safe', () => {
  test('the check itself knows a command', () => {
    expect(parseCommand('  ::error file=x::y')).toBeDefined()
    expect(parseCommand('cp s3://b/x##[set-output name=a]b')).toBeDefined()
    expect(parseCommand('plain')).toBeUndefined()
  })

  test('gives one line that the runner never obeys, alone or after a prefix', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const line = safe(text)
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
        expect(parseCommand(line)).toBeUndefined()
        expect(parseCommand(`Copied: ${line}`)).toBeUndefined()
      }),
      runs(1500),
    )
  })

  test('changes nothing twice', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(safe(safe(text))).toBe(safe(text))
      }),
      runs(300),
    )
  })

  test('shows whatever nobody would see, but for the form of an emoji', () => {
    const unseen =
      /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\u3164|\u115f|\uffa0|\u2800|\u180b|[\u{e0100}-\u{e01ef}\u{1d159}\u{13441}\u{16fe4}]/u
    const selector = /(?<!\p{Extended_Pictographic}\p{Emoji_Modifier}?)[\ufe00-\ufe0f](?!\u20e3)/u
    const parts = fc.constantFrom(
      ...'ab1#*\ufe0f\ufe0e\ufe00\u200d\u200b\u3164\u115f\uffa0\u2800\u00ad\u20e3',
      '\u{e0041}',
      '\u{e0101}',
      '\u{1d173}',
      ...'\u{1d159}\u{13441}\u{16fe4}',
      '😀',
      '👍🏽',
    )
    const text = fc.array(fc.oneof(parts, fc.string({ unit: 'binary' }))).map((all) => all.join(''))
    fc.assert(
      fc.property(text, (tried) => {
        expect(safe(tried)).not.toMatch(unseen)
        expect(safe(tried)).not.toMatch(selector)
      }),
      runs(1000),
    )
  })

  test.each([
    ['a\u200bb', 'a\\u200bb'],
    ['a\u3164', 'a\\u3164'],
    ['a\ufe0f', 'a\\ufe0f'],
    ['😀\ufe0f\ufe0f', '😀\ufe0f\\ufe0f'],
    ['1\ufe0f', '1\\ufe0f'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ufeff::error::x', '\\ufeff::error::x'],
  ])('writes %j as %j', (text, shown) => {
    expect(safe(text)).toBe(shown)
  })

  test('leaves ordinary keys as they are', () => {
    for (const key of [
      'a/b.txt',
      'día/日本/😀 x',
      '❤️',
      '1️⃣',
      '👍🏽',
      'a::b',
      'x##y[0]',
      '100%',
      'a\\b',
    ])
      expect(safe(key)).toBe(key)
  })
})

test('JSON for people has nothing unseen in it, and reads as any other', () => {
  const texts = fc.array(fc.oneof(hostileText, fc.string({ unit: 'binary' })))
  fc.assert(
    fc.property(texts, fc.constantFrom(undefined, 2), (value, indent) => {
      const text = visibleJson({ value }, indent)
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u3164\u2800]/u)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value })))
    }),
    runs(500),
  )
})
