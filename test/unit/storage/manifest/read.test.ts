import { describe, expect, it } from 'vitest'
import { fromForm } from '../../../../src/storage/manifest/form.ts'
import { formatOf } from '../../../../src/storage/manifest/format.ts'
import { PLACES, readBuckets, readBytes } from '../../../manifest-files.ts'

const keysOf = async (...given: Parameters<typeof readBytes>) =>
  (await readBytes(...given)).rows.map(({ line, key }) => `${line}:${key}`)
const problemsOf = (...given: Parameters<typeof readBytes>): Promise<string> =>
  readBytes(...given).then(
    () => 'none',
    ({ message }: Error) => message,
  )

describe('the format of a manifest', () => {
  it.each([
    ['list.csv', 'csv'],
    ['s3://b/lists/x.batch.csv', 'batch'],
    ['a/x.ndjson', 'ndjson'],
    ['x.jsonl', 'ndjson'],
    ['x.keys0', 'keys0'],
    ['inventory/2026/manifest.json', 'inventory'],
    ['x.txt', 'keys'],
    ['list', 'keys'],
    ['C:\\lists\\manifest.json', 'inventory'],
    ['LIST.CSV', 'csv'],
    ['s3://b/Lists/X.NDJSON', 'ndjson'],
  ])('of %s is %s by its name alone', (name, format) => {
    expect(formatOf(name)).toBe(format)
  })

  it.each(['x.csv.gz', 'x.parquet', 'rows.json', 'x.yaml', 'x.tsv', 'X.ZIP'])(
    'of %s is refused with what to do',
    (name) => {
      expect(formatOf(name)).toEqual({
        problem: expect.stringMatching(/unpack|decompress|\.ndjson/),
      })
    },
  )
})

describe('a plain list', () => {
  it('is taken as it stands: no trimming, no comments, no wildcards, no mended slash', async () => {
    const keys = [' a ', '#b', '/c', '*.csv', 'd\t', 'é', '"e"']
    expect(await keysOf(keys.join('\n'), 'keys')).toEqual(keys.map((key, at) => `${at + 1}:${key}`))
  })

  it('may begin with a byte order mark, and have empty lines, which count as lines', async () => {
    expect(await keysOf('\ufeffa\n\nb\n', 'keys')).toEqual(['1:a', '3:b'])
  })

  it.each([
    ['a\r\nb\r\n', ['1:a', '2:b']],
    ['a\r\nb\r\nc', ['1:a', '2:b', '3:c']],
    ['a\r\nb\n', ['1:a\r', '2:b']],
    ['a\r', ['1:a\r']],
  ])('loses a CR only where every line has it: %j', async (text, keys) => {
    expect(await keysOf(text, 'keys')).toEqual(keys)
  })

  it('of one newline has no rows, and where keys end with NUL one', async () => {
    expect(await keysOf('\n', 'keys')).toEqual([])
    expect(await keysOf('\n', 'keys0')).toEqual(['1:\n'])
    expect(await keysOf('a\nb\0c', 'keys0')).toEqual(['1:a\nb', '2:c'])
  })

  it('names objects by URL or by key', async () => {
    expect(await keysOf('s3://src/data/a\nb\n', 'keys')).toEqual(['1:a', '2:b'])
  })
})

describe('CSV', () => {
  it('is read as RFC 4180 has it, with lines in quotes', async () => {
    const text = 'key,size\r\n"a ""b""\nc",1\r\nd,\r\n'
    expect(await keysOf(text, 'csv')).toEqual(['2:a "b"\nc', '4:d'])
  })

  it.each([
    ['', 'none'],
    ['key\n"a"b\n', 'line 2, column 4: there is text after a closing quote'],
    ['key\na"b\n', 'line 2, column 2: a quote is not allowed in a field without quotes'],
    ['key,size\na\n', 'line 2: has 1 fields, but the first line has 2'],
    ['key;size\na;1\n', 'line 1, column 1: "key;size" is not a column'],
    ['key,key\n', 'line 1, column 2: the column key is duplicated'],
    ['size\n1\n', 'line 1, column 1: there is no column key or source_url'],
    ['key,target_path\na,\n', 'line 2: target_path is empty'],
    ['key\na\n\nb\n', 'line 3: has no object'],
  ])('%j: %s', async (text, problem) => {
    expect(await problemsOf(text, 'csv')).toContain(problem)
  })
})

describe('a row', () => {
  it('says by the names of the specification, or of S3, what it is', async () => {
    const row = {
      source_url: 's3://src/data/a',
      target_path: '/x',
      version_id: 'v1',
      size: 3,
      etag: '"ABC"',
      sha256: 'A'.repeat(64),
    }
    expect((await readBytes(JSON.stringify(row), 'ndjson')).rows).toEqual([
      {
        line: 1,
        key: 'a',
        target: '/x',
        version: 'v1',
        size: 3,
        etag: 'ABC',
        sha256: 'a'.repeat(64),
      },
    ])
  })

  it('may be one of published.ndjson, and have null where it says nothing', async () => {
    const row = '{"key":"a","size":null,"etag":"e","status":"copied"}'
    expect((await readBytes(row, 'ndjson')).rows).toEqual([{ line: 1, key: 'a', etag: 'e' }])
  })

  it.each([
    [{}, 'has no object'],
    [{ key: 'a', source_url: 's3://src/data/a' }, 'both key and source_url'],
    [{ key: 1 }, 'key is not a text'],
    [{ key: 'é'.repeat(513) }, 'longer than 1,024 bytes'],
    [{ source_url: 'data/a' }, 'not of the form s3://bucket/key'],
    [{ source_url: 's3://src/other/a' }, 'is not under source, s3://src/data/'],
    [{ source_url: 's3://src/data' }, 'is not under source'],
    [{ source_url: 's3://src/data/' }, 'none'],
    [{ key: '' }, 'none'],
    [{ key: null }, 'has no object'],
    [{ source_url: 's3://src/' }, 'not of the form s3://bucket/key'],
    [{ source_url: 's3://other/data/a' }, 'is not under source'],
    [{ key: 'a', target_path: '' }, 'target_path is empty'],
    [{ key: 'a', target_path: 'x/../y' }, 'would leave the destination'],
    [{ key: 'a', target_path: '.' }, 'would leave the destination'],
    [{ key: 'a', size: 1.5 }, 'size is not a number of bytes'],
    [{ key: 'a', size: '1' }, 'none'],
    [{ key: 'a', etag: 'a b' }, 'etag is not an ETag'],
    [{ key: 'a', sha256: 'abc' }, 'sha256 is not a SHA-256'],
    [{ key: 'a', version_id: 'a b' }, 'version_id is not a version ID'],
    [{ key: 'a', Key: 'b' }, '"Key" is not a column'],
    [{ key: { a: 1 } }, 'key is not a text'],
  ])('%j: %s', async (row, problem) => {
    expect(await problemsOf(JSON.stringify(row), 'ndjson')).toContain(problem)
  })

  it('is of one bucket where rows alone name the source, and never of the destination', async () => {
    const places = {
      source: undefined,
      destination: { bucket: 'src', prefix: 'copy/', isSameService: true },
    }
    const url = (text: string) => JSON.stringify({ source_url: text })
    const { manifest, rows } = await readBytes(
      `${url('s3://src/a/b')}\n${url('s3://src/c')}`,
      'ndjson',
      { places },
    )
    expect(manifest.bucket).toBe('src')
    expect(rows.map(({ key }) => key)).toEqual(['a/b', 'c'])
    const text = [
      url('s3://src/a'),
      url('s3://other/b'),
      '{"key":"c"}',
      url('s3://src/copy/d'),
    ].join('\n')
    const told = await problemsOf(text, 'ndjson', { places })
    expect(told).not.toContain('line 2')
    expect(told).toContain('line 3: key is relative to source, which is not set')
    expect(told).toContain('line 4: source_url is inside the destination')
  })

  it.each([
    ['..', '".." is not a bucket name'],
    ['a b', '"a b" is not a bucket name'],
    ['x\ny', String.raw`"x\ny" is not a bucket name`],
    ['evil.example#', '"evil.example#" is not a bucket name'],
    ['user@host', '"user@host" is not a bucket name'],
    ['arn:aws:s3:us-east-1:123456789012:accesspoint:ap', 'use the access point alias'],
    ['arn:aws:s3:::src', 'use the bucket name'],
  ])('of the bucket %j is refused: as a path it would lead elsewhere', async (bucket, told) => {
    const places = { ...PLACES, source: undefined }
    const row = JSON.stringify({ source_url: `s3://${bucket}/dst/copy/a` })
    expect(await problemsOf(row, 'ndjson', { places })).toContain(told)
    const listed = `"${bucket}",dst/copy/a\n`
    expect(await problemsOf(listed, 'batch', { places })).toContain(told)
  })

  it('at the root of a bucket is none with an empty key, which is the folder itself elsewhere', async () => {
    const root = { ...PLACES, source: { bucket: 'src', prefix: '' } }
    expect(await problemsOf('{"key":""}', 'ndjson', { places: root })).toContain('has no object')
    expect((await readBytes('{"key":""}', 'ndjson')).rows).toEqual([{ line: 1, key: '' }])
    expect((await readBytes('s3://src/data/\n', 'keys')).rows).toEqual([{ line: 1, key: '' }])
    expect(await problemsOf('key,size\n,1\n', 'csv')).toContain('has no object')
  })

  it('is one of its bucket where rows alone name the source, and all are read at once', async () => {
    const places = { ...PLACES, source: undefined }
    const url = (text: string) => `s3://${text}`
    const found = await readBuckets(['one/a', 'two/b', 'one/c'].map(url).join('\r\n'), 'keys', {
      places,
    })
    expect(found.map(({ manifest: { bucket, rows } }) => [bucket, rows])).toEqual([
      ['one', 2],
      ['two', 1],
    ])
    expect(found.map(({ rows }) => rows.map(({ key, line }) => [line, key]))).toEqual([
      [
        [1, 'a'],
        [3, 'c'],
      ],
      [[2, 'b']],
    ])
    expect(found[0]?.manifest.sha256).toBe(found[1]?.manifest.sha256)
    expect(found[0]?.files.readings()).toBe(1)
  })

  it('of more buckets than a step has transfers refuses the list', async () => {
    const rows = Array.from({ length: 51 }, (_, at) => `s3://bucket-${at}/a`)
    const places = { ...PLACES, source: undefined }
    await expect(readBuckets(rows.join('\n'), 'keys', { places })).rejects.toThrow(
      'The manifest list has rows of more than 50 buckets.',
    )
  })

  it('that is wrong is told with all others, of which twenty are shown', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => JSON.stringify({ [`x${at}`]: 1 }))
    const told = await problemsOf(rows.join('\n'), 'ndjson')
    expect(told).toContain('50 changes')
    expect(told).toContain('- line 20')
    expect(told).not.toContain('- line 21')
    expect(told).toContain('and 30 more')
  })

  it('in the same way on every line is told once, with the first lines', async () => {
    const rows = Array.from({ length: 50 }, () => '{"key":"a","size":"many"}')
    const told = await problemsOf(['{"key":"a","etag":""}', ...rows].join('\n'), 'ndjson')
    expect(told).toContain('50 changes')
    expect(told).toContain('- lines 2, 3, 4, 5, 6 and 45 more: size is not a number of bytes')
    expect(told.match(/is not a number/g)).toHaveLength(1)
  })

  it.each([
    ['url', '; write source_url'],
    ['sourceUrl', '; write source_url'],
    ['Key', '; write key'],
    ['destination', '; write target_path'],
    ['target_paht', '; write target_path'],
    ['key;size', '; write commas between the columns'],
    ['op', 'run the same step again'],
    ['colour', 'etag, sha256'],
  ])('with %j for a column is told what was meant', async (name, told) => {
    expect(await problemsOf(JSON.stringify({ [name]: 'a' }), 'ndjson')).toMatch(
      new RegExp(`${told}$`, 'm'),
    )
  })

  it('whose target is a URL is refused: it would become a key that begins with s3://', async () => {
    const row = '{"key":"a","target_path":"s3://dst/copy/a"}'
    expect(await problemsOf(row, 'ndjson')).toContain('target_path is relative to destination')
  })
})

describe('a list of S3 Batch Operations', () => {
  it('has keys as forms have them, and all rows have a version or none', async () => {
    const text = 'src,data/a+b%2Bc%20d\n'
    expect(await keysOf(text, 'batch')).toEqual(['1:a b+c d'])
    expect((await readBytes('src,data/a,v1\n', 'batch')).rows[0]).toMatchObject({ version: 'v1' })
    expect(await problemsOf('src,data/a\nsrc,data/b,v1\n', 'batch')).toContain(
      'line 2: has 3 fields',
    )
    expect(await problemsOf('src,data/%zz\n', 'batch')).toContain(
      'line 1: the key "data/%zz" is malformed',
    )
    expect(await problemsOf('other,data/a\nsrc,data/a\n', 'batch')).toContain(
      'the bucket "other" is not the source bucket',
    )
  })

  it('counts what does not lie under the source as filtered', async () => {
    const { manifest } = await readBytes('src,elsewhere/a\nsrc,data/b\n', 'batch')
    expect(manifest).toMatchObject({ rows: 2, leftOut: { filtered: 1 } })
  })
})

it.each([
  ['a%2Bb+c', 'a+b c'],
  ['%C3%A9', 'é'],
  ['%E9', undefined],
  ['%', undefined],
  ['%2', undefined],
  ['é', 'é'],
])('the form %s is %s', (text, key) => {
  expect(fromForm(text)).toBe(key)
})

it('the places of a row may be anywhere in its bucket', async () => {
  const places = { ...PLACES, source: { bucket: 'src', prefix: '' } }
  expect(await keysOf('s3://src/x/y\n', 'keys', { places })).toEqual(['1:x/y'])
})
