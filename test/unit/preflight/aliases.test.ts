import { describe, expect, test } from 'vitest'
import { whyOneBucket } from '../../../src/preflight/aliases.ts'

const named = (bucket: string, endpoint?: string, isAlias = false) => ({
  bucket,
  endpoint,
  isAlias,
})

describe('two names', () => {
  test.each([
    ['data', 'mirror', undefined, undefined],
    ['data', 'mirror', 'http://one', 'http://two'],
    ['data', 'data', undefined, undefined],
    ['data', 'data', 'http://one', 'http://one'],
    ['data-s3alias', 'data-s3alias', undefined, undefined],
  ])('are what they say: %s and %s at %s and %s', (source, destination, from, to) => {
    expect(whyOneBucket(named(source, from), named(destination, to))).toBeUndefined()
  })

  test.each([
    ['data', 'data-abc-s3alias'],
    ['data-abc--ol-s3', 'data'],
    ['data', 'data-abc--xa-s3'],
    ['one-o01ac--op-s3', 'two-o01ac--op-s3'],
    ['a-s3alias', 'b-s3alias'],
  ])('may be one bucket where one is an alias: %s and %s', (source, destination) => {
    expect(whyOneBucket(named(source), named(destination))).toContain('access point alias')
  })

  test('may be one bucket where the service says that one is an alias', () => {
    expect(whyOneBucket(named('data'), named('innocent', undefined, true))).toContain('innocent')
  })

  test('may be one bucket where they are the same at two endpoints', () => {
    expect(whyOneBucket(named('data', 'http://a'), named('data', 'http://b'))).toContain(
      'different endpoints',
    )
    expect(whyOneBucket(named('data'), named('data', 'http://b'))).toContain('different endpoints')
  })
})
