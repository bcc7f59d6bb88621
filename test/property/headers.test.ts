import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatch } from '../../src/model/globs.ts'
import {
  digestOf,
  HEADERS_DIGEST,
  type HeaderRule,
  headersFor,
} from '../../src/model/header-rules.ts'
import { optionsFor } from '../../src/model/write-options.ts'

const keys = fc
  .array(fc.constantFrom('a', 'b', 'c.html'), { minLength: 1, maxLength: 3 })
  .map((s) => s.join('/'))
const globs = fc.constantFrom('*', '**', 'a/**', '*.html', 'b/', '/a', 'c.html', '?')
const values = fc.constantFrom('1', '2', '3')
const rules = fc.array(
  fc.record({
    files: fc.array(globs, { minLength: 1, maxLength: 2 }),
    headers: fc.dictionary(
      fc.constantFrom('cache-control', 'content-type', 'x-amz-meta-a'),
      values,
    ),
    storageClass: fc.option(fc.constantFrom('STANDARD', 'GLACIER_IR'), { nil: undefined }),
    acl: fc.option(fc.constantFrom('private', 'public-read'), { nil: undefined }),
    tags: fc.option(fc.constantFrom('', 'a=b'), { nil: undefined }),
  }),
  { maxLength: 4 },
) satisfies fc.Arbitrary<HeaderRule[]>

describe('rules for headers', () => {
  it('give each header the value of the first rule that matches the key and names it', () => {
    fc.assert(
      fc.property(rules, keys, (all, key) => {
        const matching = all.filter(({ files }) => files.some((glob) => globMatch(glob)(key)))
        const found = headersFor(all, key)
        const names = new Set(matching.flatMap(({ headers }) => Object.keys(headers)))
        expect(new Set(Object.keys(found.headers))).toEqual(names)
        for (const name of names)
          expect(found.headers[name]).toBe(
            matching.find(({ headers }) => Object.hasOwn(headers, name))?.headers[name],
          )
        for (const field of ['storageClass', 'acl', 'tags'] as const)
          expect(found[field]).toBe(matching.find((rule) => rule[field] !== undefined)?.[field])
      }),
    )
  })

  it('write the same digest exactly where they ask for the same', () => {
    fc.assert(
      fc.property(rules, rules, keys, (one, other, key) => {
        const [a, b] = [headersFor(one, key), headersFor(other, key)]
        const same = ['headers', 'storageClass', 'acl', 'tags'].every((field) => {
          const part = (ruled: typeof a) => ruled[field as keyof typeof a]
          try {
            expect(part(a)).toEqual(part(b))
            return true
          } catch {
            return false
          }
        })
        expect(digestOf(a) === digestOf(b)).toBe(same)
        const { headers } = optionsFor({ rules: one }, key)
        expect(headers?.[HEADERS_DIGEST]).toBe(
          Object.keys(a.headers).length > 0 ? digestOf(a) : undefined,
        )
      }),
    )
  })
})
