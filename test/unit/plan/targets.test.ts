import { describe, expect, it } from 'vitest'
import { RECIPES } from '../../../src/inputs/recipes.ts'
import { targetsOf } from '../../../src/plan/targets.ts'

const pattern = '^(?<symbol>[^/]+)/(?<year>\\d{4})?'
const template = 's={symbol}/y={year}/{name}'

describe('a key template', () => {
  it.each([
    ['BTC/2025/a.zip', 's=BTC/y=2025/a.zip'],
    ['BTC/a.zip', 's=BTC/y=/a.zip'],
    ['b\u{1f600}/é', 's=b\u{1f600}/y=/é'],
    ['top', 'top'],
  ])('makes %j into %j', (key, target) => {
    expect(targetsOf({ pattern, template, mismatch: 'keep' }).of(key)).toBe(target)
  })

  it('takes a character whole, however many units it has', () => {
    const rules = { pattern: '^(?<first>.)(?<rest>.*)', template: '{rest}{first}' } as const
    expect(targetsOf({ ...rules, mismatch: 'fail' }).of('\u{1f600}x')).toBe('x\u{1f600}')
  })

  it('needs no pattern for what every key has', () => {
    expect(targetsOf({ template: 'all/{name}', mismatch: 'fail' }).of('a/b/c')).toBe('all/c')
    expect(targetsOf({ template: 'x/{key}', mismatch: 'fail' }).of('a/b')).toBe('x/a/b')
  })

  it('takes a group of its pattern before what every key has', () => {
    const rules = { pattern: '(?<name>\\w+)\\.', template: '{name}', mismatch: 'fail' } as const
    expect(targetsOf(rules).of('a/b.txt')).toBe('b')
  })

  it('leaves out, or refuses, what does not match', () => {
    expect(targetsOf({ pattern, template, mismatch: 'skip' }).of('top')).toBeUndefined()
    expect(() => targetsOf({ pattern, template, mismatch: 'fail' }).of('top')).toThrow(
      '"top" does not match key-pattern',
    )
  })

  it('refuses to make an empty key', () => {
    const rules = { pattern: '(?<a>x)?', template: '{a}', mismatch: 'keep' } as const
    expect(() => targetsOf(rules).of('b')).toThrow('an empty key for "b"')
    expect(targetsOf(rules).ofFiltered('b')).toBe('b')
  })
})

describe('the recipe for kline archives', () => {
  const recipe = RECIPES['kline-archive']
  it.each([
    [
      'klines/BTCUSDT/1m/BTCUSDT-1m-2025-07-15.zip',
      'klines/symbol=BTCUSDT/interval=1m/date=2025-07-15/BTCUSDT-1m-2025-07-15.zip',
    ],
    [
      'spot/monthly/klines/ETHUSDT/1mo/ETHUSDT-1mo-2025-07.zip.CHECKSUM',
      'spot/monthly/klines/symbol=ETHUSDT/interval=1mo/date=2025-07/ETHUSDT-1mo-2025-07.zip.CHECKSUM',
    ],
    [
      'BTCUSDT/1h/BTCUSDT-1h-2025-07-15.zip',
      'symbol=BTCUSDT/interval=1h/date=2025-07-15/BTCUSDT-1h-2025-07-15.zip',
    ],
    ['klines/BTCUSDT/1m/ETHUSDT-1m-2025-07-15.zip', 'klines/BTCUSDT/1m/ETHUSDT-1m-2025-07-15.zip'],
    ['klines/README.md', 'klines/README.md'],
  ])('%s', (key, target) => {
    expect(targetsOf({ template: '', ...recipe, mismatch: 'keep' }).of(key)).toBe(target)
  })
})
