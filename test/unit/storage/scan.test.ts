import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listedChecksum } from '../../../src/model/checksum.ts'
import { toKeyBytes, toText } from '../../../src/model/key.ts'
import { scanPage } from '../../../src/storage/s3/scan.ts'
import { listing, unpacked } from '../listing/listing.ts'

const scan = (page: Buffer) => scanPage(page, toKeyBytes(''))
const keysOf = (page: Buffer) => unpacked(scan(page).objects).map(({ key }) => toText(key))

describe('a page', () => {
  it('is read into keys, sizes, ETags, times and classes', () => {
    const page = scan(listing({ keys: ['a', 'bc'] }))
    expect(page).toMatchObject({ folders: [], truncated: false, nextToken: '' })
    expect(unpacked(page.objects)).toEqual(
      ['a', 'bc'].map((key) => ({
        key,
        size: key.length,
        etag: `e-${key.length}`,
        modified: '2026-01-02T03:04:05.000Z',
        storageClass: '',
        restored: false,
      })),
    )
  })

  it('gives keys relative to the prefix, however they are encoded', () => {
    const page = listing({ keys: ['a%2Fb/c', 'a/b/d%20e'] })
    expect(unpacked(scanPage(page, toKeyBytes('a/b/')).objects)).toMatchObject([
      { key: 'c' },
      { key: 'd e' },
    ])
    expect(() => scanPage(page, toKeyBytes('b/'))).toThrow(/outside the prefix/)
  })

  it.each(['<!DOCTYPE html>\n<html><body>Log in</body></html>', '<html></html>'])(
    'is told from one that a web server sent: %j',
    (page) => {
      expect(() => scan(Buffer.from(page))).toThrow(/a web page instead of a listing/)
    },
  )

  it('tells which checksums an object has, of what, and of others nothing', () => {
    const named = [
      '<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>',
      '<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumAlgorithm>SHA256</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType>',
      '',
      '<ChecksumAlgorithm>XXHASH3</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>',
      '<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>',
    ]
    const codes = named.map((text) =>
      [...text.matchAll(/<(\w+)>(\w+)</g)].reduce(
        (sum, [, element = '', value = '']) => sum | listedChecksum(element, value),
        0,
      ),
    )
    expect(new Set(codes).size).toBe(named.length)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
    const texts = [...named, ...named]
    const bend = (xml: string) => xml.replaceAll('</ETag>', () => `</ETag>${texts.shift()}`)
    const objects = unpacked(scan(listing({ keys, bend })).objects)
    expect(objects.map(({ checksums = 0 }) => checksums)).toEqual([...codes, ...codes])
    // The memory of a page is used again.
    expect(unpacked(scan(listing({ keys: ['a', 'b'] })).objects)[0]?.checksums).toBeUndefined()
  })

  it('tells of which archived objects a copy was restored', () => {
    const restore = (date: string) =>
      `<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>${date}</RestoreStatus></Contents>`
    const dates = ['', '<RestoreExpiryDate>2026-02-02T00:00:00.000Z</RestoreExpiryDate>']
    const bend = (xml: string) =>
      xml
        .replaceAll('STANDARD', 'GLACIER')
        .replaceAll('</Contents>', () => restore(dates.shift() ?? ''))
    expect(unpacked(scan(listing({ keys: ['a', 'b'], bend })).objects)).toMatchObject([
      { key: 'a', storageClass: 'GLACIER', restored: false },
      { key: 'b', storageClass: 'GLACIER', restored: true },
    ])
  })

  it('may be indented, and hold empty elements', () => {
    const bend = (xml: string) =>
      xml.replace('<StorageClass>STANDARD</StorageClass>', '<Owner/>').replaceAll('><', '>\n  <')
    expect(keysOf(listing({ keys: ['a', 'b'], bend }))).toEqual(['a', 'b'])
  })

  it.each([false, true])('names its successor, also behind the objects: %s', (tokenLast) => {
    const page = scan(listing({ keys: ['a'], next: 'x&amp;y==', tokenLast }))
    expect(page).toMatchObject({ truncated: true, nextToken: 'x&y==' })
  })

  it('has its keys decoded where the service says that it encoded them', () => {
    expect(keysOf(listing({ keys: ['a+b%2Bc%0A', '%F0%9F%98%80', 'é'] }))).toEqual([
      'a b+c\n',
      '\u{1f600}',
      'é',
    ])
    const keys = ['a+b%2B', 'x&lt;&amp;&#x1F600;&#10;', '&#xD83D;&#xDE00;&amp;', 'é']
    expect(keysOf(listing({ keys, encoding: 'none' }))).toEqual([
      'a+b%2B',
      'x<&\u{1f600}\n',
      '\u{1f600}&',
      'é',
    ])
  })

  it('counts common prefixes too, unless the service counts keys alone', () => {
    const page = scan(listing({ keys: ['a'], prefixes: ['f%2F', 'g/'] }))
    expect(page.folders).toEqual(['f/', 'g/'])
    const bend = (xml: string) => xml.replace(/<KeyCount>3</, '<KeyCount>1<')
    const others = scan(listing({ keys: ['a'], prefixes: ['f%2F', 'g/'], bend }))
    expect(others.folders).toEqual(['f/', 'g/'])
  })

  it('is not misled by what looks like its own facts in a key', () => {
    const page = scan(listing({ keys: ['&lt;IsTruncated>true', 'a'], encoding: 'none' }))
    expect(page.truncated).toBe(false)
  })

  it('may leave out the count, and the class', () => {
    const bend = (xml: string) =>
      xml.replace(/<KeyCount>\d+<\/KeyCount>|<StorageClass>STANDARD<\/StorageClass>/g, '')
    expect(unpacked(scan(listing({ keys: ['a'], bend })).objects)).toMatchObject([
      { key: 'a', storageClass: '' },
    ])
  })

  it.each(['<!DOCTYPE html><p>MinIO Console', '\n<html><body>Welcome</body></html>'])(
    'that is a web page is called so: %j',
    (text) => {
      expect(() => scanPage(Buffer.from(text), toKeyBytes(''))).toThrow(
        'The service returned a web page instead of a listing.',
      )
    },
  )

  it.each<[string, (xml: string) => string]>([
    ['is empty', () => ''],
    ['is another document', () => '<other></other>'],
    ['is cut behind an object', (xml) => xml.slice(0, xml.indexOf('</Contents>') + 11)],
    ['is cut within an object', (xml) => xml.slice(0, xml.indexOf('<Size>'))],
    ['has an object that does not end', (xml) => xml.replace(/<\/Contents>(?!<Contents>)/, '')],
    ['ends in a value', (xml) => xml.replace(/<\/Key>.*(?=<\/ListBucketResult>)/s, '')],
    ['ends in a tag', (xml) => xml.replace(/<Size>.*(?=<\/ListBucketResult>)/s, '<Size')],
    [
      'ends in a value that nobody reads',
      (xml) => xml.replace(/<\/ID>.*(?=<\/ListBucketResult>)/s, ''),
    ],
    [
      'ends in a later value',
      (xml) => xml.replace(/(<Key>b)<\/Key>.*(?=<\/ListBucketResult>)/s, '$1'),
    ],
    ['lost an object', (xml) => xml.replace(/<Contents>.*?<\/Contents>/, '')],
    ['has an object without a key', (xml) => xml.replace(/<Key>.*?<\/Key>/, '')],
    ['has an object without a size', (xml) => xml.replace(/<Size>.*?<\/Size>/, '')],
    ['has a size that is none', (xml) => xml.replace(/<Size>.*?<\/Size>/, '<Size>-1</Size>')],
    ['has a time that is none', (xml) => xml.replace('T03:04:05', 'T23:59:60')],
    [
      'has an object in another form, and no count',
      (xml) =>
        xml.replace('<Contents>', '<Contents xmlns="x">').replace(/<KeyCount>.*?<\/KeyCount>/, ''),
    ],
    ['has an object without a time', (xml) => xml.replace(/<LastModified>.*?<\/LastModified>/, '')],
    [
      'does not say whether more follows',
      (xml) => xml.replace(/<IsTruncated>.*?<\/IsTruncated>/, ''),
    ],
    ['says that more follows but not where', (xml) => xml.replace('>false<', '>true<')],
  ])('is refused when it %s', (_why, bend) => {
    expect(() => scan(listing({ keys: ['a', 'b'], bend }))).toThrow(
      /incomplete or invalid listing page/,
    )
  })

  it.each<[string, string, (xml: string) => string]>([
    [
      'key and size',
      'the object "a" has no readable Size',
      (xml) => xml.replace(/<Size>.*?<\/Size>/, ''),
    ],
    [
      'key and time',
      'the object "a" has no readable LastModified',
      (xml) => xml.replace('T03:', 'T3:'),
    ],
    [
      'what it cannot name',
      'an object has no readable Key',
      (xml) => xml.replace(/<Key>.*?<\/Key>/, ''),
    ],
  ])('that is refused names %s', (_what, told, bend) => {
    expect(() => scan(listing({ keys: ['a', 'b'], bend }))).toThrow(told)
  })

  it.each(['.', '.abc', 'xx', '.123 '])(
    'that has a time which no clock shows is refused: %j',
    (odd) => {
      const bend = (xml: string) => xml.replace(/(?:\.\d+)?Z<\/LastM/, `${odd}Z</LastM`)
      expect(() => scan(listing({ keys: ['a'], bend }))).toThrow('no readable LastModified')
    },
  )

  it.each(['+99:99', '+24:00', '-01:60', '', 'z'])(
    'that has a time in no zone there is is refused: %j',
    (zone) => {
      const bend = (xml: string) => xml.replace('Z</LastM', `${zone}</LastM`)
      expect(() => scan(listing({ keys: ['a'], bend }))).toThrow('no readable LastModified')
    },
  )

  it.each(['Z', '.1Z', '.123456789Z', '+05:30', '.5-23:59'])(
    'tells a time that can be compared, however it is written: %s',
    (end) => {
      const bend = (xml: string) => xml.replace(/(?:\.\d+)?Z<\/LastM/g, `${end}</LastM`)
      const [object] = unpacked(scan(listing({ keys: ['a'], bend })).objects)
      expect(Date.parse(object?.modified ?? '')).not.toBeNaN()
    },
  )

  it.each<[string, (xml: string) => string]>([
    ['without ETags', (xml) => xml.replace(/<ETag>.*?<\/ETag>/g, '')],
    ['with empty ETags', (xml) => xml.replace(/<ETag>.*?<\/ETag>/g, '<ETag/>')],
  ])('may hold objects %s', (_how, bend) => {
    const { objects } = scan(listing({ keys: ['a', 'b'], bend }))
    expect(unpacked(objects).map(({ key, etag }) => [key, etag])).toEqual([
      ['a', ''],
      ['b', ''],
    ])
  })

  it.each<[string, (xml: string) => string]>([
    ['times with an offset', (xml) => xml.replace(/Z<\/LastModified>/g, '+00:00</LastModified>')],
    ['words in capitals', (xml) => xml.replace('>false<', '>False<')],
    ['keys in CDATA sections', (xml) => xml.replace(/<Key>(.*?)</g, '<Key><![CDATA[$1]]><')],
    ['a prefix before all names', (xml) => xml.replace(/<(\/?)(?=[A-Z])/g, '<$1ns2:')],
    ['weak ETags', (xml) => xml.replace(/<ETag>/g, '<ETag>W/')],
  ])('may have %s', (_what, bend) => {
    const plain = unpacked(scan(listing({ keys: ['a', 'b&c'] })).objects)
    const other = unpacked(scan(listing({ keys: ['a', 'b&c'], bend })).objects)
    expect(other.map(({ key, etag, size }) => [key, etag, size])).toEqual(
      plain.map(({ key, etag, size }) => [key, etag, size]),
    )
    expect(other.map(({ modified }) => Date.parse(modified))).toEqual(
      plain.map(({ modified }) => Date.parse(modified)),
    )
  })

  it('may be cut anywhere, and never counts then', () => {
    const whole = listing({ keys: ['a', 'b%20c'], bend: (xml) => xml.trimEnd() })
    for (let end = 0; end < whole.length; end++)
      expect(() => scan(whole.subarray(0, end))).toThrow()
  })

  it('has each object read as if it stood alone, whatever stood before it', () => {
    const values = fc.constantFrom('', 'x', 'CRC64NVME', ' \n', 'a<b>c</b>d', '<b/>')
    const names = fc.constantFrom(
      'Owner',
      'Key',
      'Size',
      'Sizes',
      'ETag',
      'LastModified',
      'Content',
    )
    const other = fc.tuple(names, values).map(([name, value]) => `<${name}>${value}</${name}>`)
    const whole = fc
      .record({ key: fc.constantFrom('k', 'a%2Fb+c', 'x&amp;y', '%zz'), size: fc.nat() })
      .map(({ key, size }) => [
        `<Key>${key}</Key>`,
        `<Size>${size}</Size>`,
        '<LastModified>2026-01-02T03:04:05.000Z</LastModified>',
        '<ETag>&quot;0123456789abcdef&quot;</ETag>',
        '<RestoreStatus><RestoreExpiryDate>2026</RestoreExpiryDate></RestoreStatus>',
        '<StorageClass>GLACIER</StorageClass>',
        '<StorageClass>STANDARD</StorageClass>',
      ])
    const object = fc
      .tuple(whole, fc.array(other, { maxLength: 3 }), fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6]))
      .map(([fields, more, order]) => `${order.map((at) => fields[at]).join('')}${more.join('')}`)
    const page = (objects: readonly string[]): Buffer =>
      Buffer.from(
        `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${objects
          .map((text) => `<Contents>${text}</Contents>`)
          .join('')}</ListBucketResult>`,
      )
    const read = (objects: readonly string[]) => {
      try {
        return unpacked(scan(page(objects)).objects)
      } catch (error) {
        return (error as Error).message
      }
    }
    fc.assert(
      fc.property(fc.array(object, { maxLength: 12 }), (objects) => {
        const alone = objects.map((text) => read([text]))
        const refusal = alone.find((found) => typeof found === 'string')
        expect(read(objects)).toEqual(refusal ?? alone.flat())
      }),
      { numRuns: 500 },
    )
  })
})
