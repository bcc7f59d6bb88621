import { describe, expect, it } from 'vitest'
import {
  autoOrCount,
  byteRate,
  count,
  days,
  deleteLimit,
  duration,
  endpointOrAws,
  endpointUrl,
  flag,
  jsonObject,
  lines,
  list,
  partSize,
  pattern,
  placeAddress,
} from '../../../src/inputs/parsers.ts'
import type { Reader } from '../../../src/inputs/reader.ts'
import { sums } from '../../../src/inputs/sums-input.ts'

const MIB = 2 ** 20
const GIB = 1024 * MIB

/** The value that a text has, or what is said of it. */
function outcomeOf(schema: Reader<unknown>, text: string): unknown {
  const parsed = schema.safeParse(text)
  return parsed.success ? parsed.data : parsed.error.issues.map(({ message }) => message).join()
}

/** One table of a schema: texts that have a value, and those that are refused with one sentence. */
function reads(
  schema: Reader<unknown>,
  values: readonly (readonly [text: string, value: unknown])[],
) {
  it.each(values)('%j is %j', (text, value) => {
    expect(outcomeOf(schema, text)).toEqual(value)
  })
}
function refuses(schema: Reader<unknown>, message: string, texts: readonly string[]) {
  it.each(texts)(`%j is refused: ${message}`, (text) => {
    expect(outcomeOf(schema, text)).toBe(message)
  })
}

describe('a flag', () => {
  reads(flag, [
    ...['true', 'True', 'TRUE'].map((text) => [text, true] as const),
    ...['false', 'False', 'FALSE'].map((text) => [text, false] as const),
  ])
  refuses(flag, 'expected true or false', [
    '',
    'yes',
    '1',
    'tRUE',
    'true!',
    '!true',
    'falsey',
    'infalse',
  ])
})

describe('a count', () => {
  reads(count(1, 10), [
    ['1', 1],
    ['10', 10],
    ['007', 7],
  ])
  refuses(count(1, 10), 'expected a whole number from 1 to 10', [
    '0',
    '11',
    '-1',
    '1.5',
    '1e0',
    '',
    '5x',
    'x5',
    '5 ',
  ])
  refuses(count(0, 3), 'expected a whole number from 0 to 3', ['', 'none', '4'])
  reads(count(0, 1e15), [['999999999999999', 999_999_999_999_999]])
  refuses(count(0, 1e15), 'expected a whole number from 0 to 1000000000000000', [
    '1000000000000000',
  ])
})

describe('a count, or auto', () => {
  reads(autoOrCount(1, 10), [
    ['auto', 'auto'],
    ['10', 10],
  ])
  const message = 'expected auto, or a whole number from 1 to 10'
  refuses(autoOrCount(1, 10), message, ['0', '11', '', 'Auto', 'autos'])
})

describe('a count, a part, or both', () => {
  const message =
    'expected a whole number such as 1000, a percentage such as 10% or 0.25%, or both such as 1000 50%'
  reads(deleteLimit, [
    ['0', { objects: 0 }],
    ['1000', { objects: 1000 }],
    ['999999999999999', { objects: 999_999_999_999_999 }],
    ['0%', { percent: 0 }],
    ['10%', { percent: 10 }],
    ['0.25%', { percent: 0.25 }],
    ['12.5%', { percent: 12.5 }],
    ['100%', { percent: 100 }],
    ['1000 50%', { objects: 1000, percent: 50 }],
    ['0.5%  0', { objects: 0, percent: 0.5 }],
  ])
  refuses(deleteLimit, message, [
    '10 20',
    '10% 20%',
    '10 20% 30',
    '10, 20%',
    '10 101%',
    '10 x',
    '',
    '-1',
    '1.5',
    '1000x',
    'x1000',
    '1000000000000000',
    '100.01%',
    '999%',
    '0100%',
    '0.125%',
    '.5%',
    '5.%',
    '5,5%',
    '5x5%',
    '10 %',
    '10%%',
    '~10%',
  ])
})

describe('a duration', () => {
  reads(duration(0), [
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1m1m', 120_000],
    ['0.5h', 1_800_000],
    ['12', 12_000],
    ['1.5', 1500],
    ['0', 0],
    ['1.6ms', 2],
    ['168h', 604_800_000],
    ['10.25s', 10_250],
  ])
  refuses(duration(0), 'expected a duration from 0s to 7 days, such as 30s, 5m or 1h30m', [
    '',
    '-1s',
    '1 s',
    '1d',
    's',
    '.',
    '.5s',
    '1.s',
    '1..5',
    '1.2.3',
    '1,5s',
    '1x5s',
    '5sec',
    'x5s',
    '5m3',
    '168h1ms',
    '604801',
  ])
  reads(duration(1500), [['1500ms', 1500]])
  const message = 'expected a duration from 1.5s to 7 days, such as 30s, 5m or 1h30m'
  refuses(duration(1500), message, ['1499ms', '1'])
})

describe('a time of days', () => {
  const DAY_MS = 86_400_000
  reads(days, [
    ['1s', 1000],
    ['90s', 90_000],
    ['36h', 1.5 * DAY_MS],
    ['7d', 7 * DAY_MS],
    ['2w', 14 * DAY_MS],
    ['1d12h', 1.5 * DAY_MS],
    ['366d', 366 * DAY_MS],
  ])
  refuses(days, 'expected a time from 1s to 366 days with its unit, such as 7d, 36h or 1d12h', [
    '',
    '7',
    '0s',
    '500ms',
    '1.5d',
    '7 d',
    '7days',
    '-7d',
    'd',
    '7d3',
    '367d',
  ])
})

describe('what becomes of SHA256SUMS', () => {
  reads(sums, [
    ['true', { upload: false, read: false }],
    ['False', false],
    ['upload', { upload: true, read: false }],
    [' read , upload ', { upload: true, read: true }],
    ['upload\nread', { upload: true, read: true }],
  ])
  const message = 'expected true, false, or one or both of upload and read, such as upload,read'
  refuses(sums, message, ['', ',', 'yes', 'upload=true', 'true,upload', 'uploads'])
})

describe('a part size', () => {
  reads(partSize, [
    ['auto', 'auto'],
    ['5', 5 * MIB],
    ['5MiB', 5 * MIB],
    ['4.1MiB', 5 * MIB],
    ['5 MB', 5 * MIB],
    ['12.75  MiB', 13 * MIB],
    ['50MB', 48 * MIB],
    ['1GB', 954 * MIB],
    ['1GiB', GIB],
    ['1024', GIB],
  ])
  refuses(partSize, 'expected auto, or a size from 5MiB to 1GiB such as 50MB', [
    '',
    '4',
    '4MB',
    '1024.5',
    '1.1GB',
    '2GiB',
    '50mb',
    '50KiB',
    '50MBs',
    '~50MB',
    '.5GiB',
    '50.MB',
    '50x5MB',
    '50.xMB',
    '-50MB',
  ])
})

describe('a rate', () => {
  reads(byteRate, [
    ['1kB/s', 1000],
    ['1KiB/s', 1024],
    ['50MB/s', 50_000_000],
    ['1.25 MiB/s', 1_310_720],
    ['2  GB/s', 2_000_000_000],
    ['1GiB/s', GIB],
    ['1.0009kB/s', 1000],
  ])
  refuses(byteRate, 'expected a rate of at least 1kB/s such as 50MB/s', [
    '',
    '50',
    '50MB',
    '0MB/s',
    '0.999kB/s',
    '50MB/m',
    '50MB/sec',
    '~50MB/s',
    '.5MB/s',
    '5.MB/s',
    '5x5MB/s',
    '5.xMB/s',
    '50mb/s',
    '50/s',
  ])
})

describe('lines', () => {
  reads(lines, [
    [' a \r\n\n\t\n b c ', ['a', 'b c']],
    ['a,b', ['a,b']],
    ['', []],
  ])
})

describe('a list', () => {
  reads(list, [
    ['a, b  c,,d\n\te', ['a', 'b', 'c', 'd', 'e']],
    [' , ', []],
  ])
})

describe('a pattern', () => {
  const message = 'expected a regular expression such as ^(?<symbol>[^/]+)/'
  const longest = 'a'.repeat(1000)
  reads(pattern, [
    ['^(?<day>\\d+)/', '^(?<day>\\d+)/'],
    [longest, longest],
  ])
  refuses(pattern, message, ['(', '(?<a>x)(?<a>y)', '\\-', `${longest}a`])
})

describe('an endpoint', () => {
  const message = 'expected a URL such as https://s3.example.com'
  reads(endpointUrl, [
    ['https://s3.example.com', 'https://s3.example.com'],
    ['http://127.0.0.1:9000/', 'http://127.0.0.1:9000'],
    ['HTTPS://S3.Example.com:443', 'https://s3.example.com'],
    ['https://s3.example.com/storage//', 'https://s3.example.com/storage'],
    ['https://s3.example.com/?', 'https://s3.example.com'],
    [' https://s3.example.com\n', 'https://s3.example.com'],
  ])
  refuses(endpointUrl, message, [
    '',
    's3.example.com',
    'localhost:9000',
    'ftp://s3.example.com',
    'xhttps://s3.example.com',
    'https://me@s3.example.com',
    'https://:secret@s3.example.com',
    'https://s3.example.com?x=1',
    'https://s3.example.com#x',
    'https://s3.example.com\nhttps://s3.example.org',
    'https://s3.exa\tmple.com',
    'https://s3.example.com/a b',
    'https://s3.exam\u200bple.com',
    '\0https://s3.example.com',
  ])
  reads(endpointOrAws, [
    ['aws', 'aws'],
    ['https://s3.example.com/', 'https://s3.example.com'],
  ])
  refuses(endpointOrAws, 'expected aws, or a URL such as https://s3.example.com', [
    'AWS',
    '',
    'gcp',
  ])
})

describe('a JSON object', () => {
  reads(jsonObject, [[' {"a": 1} ', ' {"a": 1} ']])
  refuses(jsonObject, 'expected a JSON object', ['', '{', 'null', '1', '"text"', '[{"a": 1}]'])
})

describe('a place', () => {
  const longest = `${'a'.repeat(1022)}ä`
  reads(placeAddress, [
    ['s3://my-bucket', { bucket: 'my-bucket', path: '' }],
    ['s3://my-bucket/', { bucket: 'my-bucket', path: '' }],
    ['s3://My_bucket.1/a/b', { bucket: 'My_bucket.1', path: 'a/b' }],
    ['s3://bkt//a/', { bucket: 'bkt', path: '/a/' }],
    ['s3://bkt/a\nb', { bucket: 'bkt', path: 'a\nb' }],
    ['s3://ab/', { bucket: 'ab', path: '' }],
    [`s3://${'b'.repeat(255)}`, { bucket: 'b'.repeat(255), path: '' }],
    [`s3://bkt/${longest}`, { bucket: 'bkt', path: longest }],
  ])
  refuses(
    placeAddress,
    'expected s3://bucket/prefix/ with a valid bucket name, such as s3://my-bucket/data/',
    ['s3://', 's3://a', 's3:///a/', 's3://-bucket/', 's3://my bucket/', `s3://${'b'.repeat(256)}`],
  )
  refuses(
    placeAddress,
    'expected s3://bucket/prefix/, or a local folder: ./data, ../data, ~/data, an absolute path or a file: URL',
    ['', 'S3://bucket/', 'x s3://bucket/', 'https://bucket/', 'my-arn:aws:s3'],
  )
  reads(placeAddress, [
    ...[
      './data',
      '../a',
      '.',
      '..',
      '~/x',
      '~',
      '/tmp/x',
      'C:\\a',
      '\\\\host\\share',
      '.\\a',
      'file:///a%20b',
      'file:a',
    ].map((local) => [local, { bucket: '', path: '', local }] as const),
    ['s3://bkt/a', { bucket: 'bkt', path: 'a' }],
  ])
  refuses(
    placeAddress,
    'expected s3://bucket/prefix/, or a local folder: ./data, ../data, ~/data, an absolute path or a file: URL',
    ['', 'data', 'bucket/prefix/', '...', '.data', '~data', 'S3://bucket/', 'https://bucket/'],
  )
  refuses(
    placeAddress,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the workflow.
    'variables are not expanded here: use a workflow expression such as `${{ runner.temp }}`',
    ['./$HOME', '/%TEMP%/x'],
  )
  refuses(
    placeAddress,
    'ARNs are not supported here: use the access point alias, as in s3://my-alias-s3alias/prefix/',
    ['s3://arn:aws:s3:us-east-1:123456789012:accesspoint/x'],
  )
  refuses(
    placeAddress,
    'ARNs are not supported here: use the bucket name, as in s3://my-bucket/prefix/',
    ['arn:aws:s3:::bucket'],
  )
  refuses(
    placeAddress,
    'wildcards are not allowed here: set the folder, and use the input `include` for patterns',
    ['s3://bucket/*', 's3://bucket/a/*.zip'],
  )
  refuses(placeAddress, 'a key has at most 1,024 bytes', [`s3://bkt/a${longest}`])
})
