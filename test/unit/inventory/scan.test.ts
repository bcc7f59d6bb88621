import { describe, expect, it } from 'vitest'
import { scanPage } from '../../../src/inventory/scan.ts'
import { toText } from '../../../src/model/key.ts'
import { listing } from './listing.ts'

const keysOf = (xml: string) => scanPage(xml).keys.map(toText)

describe('a page', () => {
  it('is read into keys, sizes, ETags, times and classes', () => {
    expect(scanPage(listing({ keys: ['a', 'bc'] }))).toEqual({
      keys: ['a', 'bc'],
      sizes: [1, 2],
      etags: ['e-1', 'e-2'],
      modified: ['2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.000Z'],
      storageClasses: ['', ''],
      prefixes: [],
      truncated: false,
      nextToken: '',
    })
  })

  it.each([false, true])('names its successor, also behind the objects: %s', (tokenLast) => {
    const page = scanPage(listing({ keys: ['a'], next: 'x&amp;y==', tokenLast }))
    expect(page).toMatchObject({ truncated: true, nextToken: 'x&y==' })
  })

  it('has its keys decoded where the service says that it encoded them', () => {
    expect(keysOf(listing({ keys: ['a+b%2Bc%0A', '%F0%9F%98%80', 'é'] }))).toEqual([
      'a b+c\n',
      '\u{1f600}',
      'é',
    ])
    const raw = listing({ keys: ['a+b%2B', 'x&lt;&amp;&#x1F600;&#10;', 'é'], encoding: 'none' })
    expect(keysOf(raw)).toEqual(['a+b%2B', 'x<&\u{1f600}\n', 'é'])
  })

  it('counts common prefixes too', () => {
    const page = scanPage(listing({ keys: ['a'], prefixes: ['f%2F', 'g/'] }))
    expect(page.prefixes).toEqual(['f/', 'g/'])
  })

  it('is not misled by what looks like its own facts in a key', () => {
    const page = scanPage(listing({ keys: ['&lt;IsTruncated>true', 'a'], encoding: 'none' }))
    expect(page.truncated).toBe(false)
  })

  it('may leave out the count, and the class', () => {
    const bend = (xml: string) =>
      xml.replace(/<KeyCount>\d+<\/KeyCount>|<StorageClass>STANDARD<\/StorageClass>/g, '')
    expect(scanPage(listing({ keys: ['a'], bend }))).toMatchObject({
      keys: ['a'],
      storageClasses: [''],
    })
  })

  it.each<[string, (xml: string) => string]>([
    ['is empty', () => ''],
    ['is another document', () => '<html></html>'],
    ['is cut behind an object', (xml) => xml.slice(0, xml.indexOf('</Contents>') + 11)],
    ['is cut within an object', (xml) => xml.slice(0, xml.indexOf('<Size>'))],
    ['has an object that does not end', (xml) => xml.replace(/<\/Contents>(?!<Contents>)/, '')],
    ['lost an object', (xml) => xml.replace(/<Contents>.*?<\/Contents>/, '')],
    ['has an object without a key', (xml) => xml.replace(/<Key>.*?<\/Key>/, '')],
    ['has an object without a size', (xml) => xml.replace(/<Size>.*?<\/Size>/, '')],
    ['has a size that is none', (xml) => xml.replace(/<Size>.*?<\/Size>/, '<Size>-1</Size>')],
    ['has an object without an ETag', (xml) => xml.replace(/<ETag>.*?<\/ETag>/, '')],
    ['has an object without a time', (xml) => xml.replace(/<LastModified>.*?<\/LastModified>/, '')],
    [
      'does not say whether more follows',
      (xml) => xml.replace(/<IsTruncated>.*?<\/IsTruncated>/, ''),
    ],
    ['says that more follows but not where', (xml) => xml.replace('>false<', '>true<')],
  ])('is refused when it %s', (_why, bend) => {
    expect(() => scanPage(listing({ keys: ['a', 'b'], bend }))).toThrow(/not a complete listing/)
  })

  it('may be cut anywhere, and never counts then', () => {
    const whole = listing({ keys: ['a', 'b%20c'] }).trimEnd()
    for (let end = 0; end < whole.length; end++)
      expect(() => scanPage(whole.slice(0, end))).toThrow()
  })
})
