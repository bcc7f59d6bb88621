import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safe } from '../../src/model/safe.ts'
import { parseCommand } from '../../testkit/runner-commands.ts'
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
      { numRuns: 5000 },
    )
  })

  test('changes nothing twice', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(safe(safe(text))).toBe(safe(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('leaves ordinary keys as they are', () => {
    for (const key of ['a/b.txt', 'día/日本/😀 x', 'a::b', 'x##y[0]', '100%', 'a\\b'])
      expect(safe(key)).toBe(key)
  })
})
