import { describe, expect, it } from 'vitest'
import { copyHeaders, writeHeaders } from '../../../../src/transfer/direct/headers.ts'

const carried = (source: Readonly<Record<string, string>>) => writeHeaders({}, source, '')

describe('what a write carries over', () => {
  it('is what describes the object, and nothing of the answer', () => {
    const described = {
      'cache-control': 'no-store',
      'content-disposition': 'inline',
      'content-language': 'de',
      'content-type': 'text/x',
      expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
      'x-amz-meta-a': '',
    }
    const answer = { etag: '"e"', date: 'today', 'content-length': '5', 'x-amz-version-id': 'v' }
    expect(carried({ ...described, ...answer })).toEqual(described)
  })

  it('is not where a website leads to, as S3 copies that neither', () => {
    expect(carried({ 'x-amz-website-redirect-location': '/elsewhere' })).toEqual({})
  })

  it.each([
    ['aws-chunked', undefined],
    [' AWS-Chunked ', undefined],
    ['aws-chunked,aws-chunked', undefined],
    ['aws-chunked,gzip', 'gzip'],
    ['gzip, aws-chunked', 'gzip'],
    ['gzip, aws-chunked, br', 'gzip, br'],
    ['aws-chunked, gzip,br', 'gzip,br'],
    ['gzip', 'gzip'],
    ['x-aws-chunked', 'x-aws-chunked'],
  ])('of the encoding %j is %j', (encoding, kept) => {
    expect(carried({ 'content-encoding': encoding })).toEqual(
      kept === undefined ? {} : { 'content-encoding': kept },
    )
  })

  it('gives way to metadata that takes its place, tags apart', () => {
    const options = { metadata: {}, headers: { 'content-encoding': 'br', 'x-amz-meta-a': 'b' } }
    const source = {
      'content-type': 'text/x',
      'content-encoding': 'gzip',
      'x-amz-meta-old': 'x',
    }
    expect(writeHeaders(options, source, 'a=b')).toEqual({
      // A type that nobody names is kept: without one, S3 takes another.
      'content-type': 'text/x',
      'content-encoding': 'br',
      'x-amz-meta-a': 'b',
      'x-amz-tagging': 'a=b',
    })
    expect(copyHeaders(options, source)).toEqual({
      'x-amz-metadata-directive': 'REPLACE',
      'content-type': 'text/x',
      'content-encoding': 'br',
      'x-amz-meta-a': 'b',
    })
  })
})
