import { describe, expect, it } from 'vitest'
import {
  digestOf,
  HEADERS_DIGEST,
  type HeaderRule,
  headersFor,
  IdleRules,
  ruledKey,
} from '../../../src/model/header-rules.ts'
import { optionsFor } from '../../../src/model/write-options.ts'

const PAGES: HeaderRule = { files: ['*.html'], headers: { 'cache-control': 'no-cache' } }
const ALL: HeaderRule = {
  files: ['**'],
  headers: { 'cache-control': 'max-age=60', 'x-amz-meta-build': '7' },
  storageClass: 'STANDARD_IA',
  tags: 'a=b',
}

describe('what rules say of a key', () => {
  it('is decided header by header, by the first rule that matches and names it', () => {
    expect(headersFor([PAGES, ALL], 'a/index.html')).toEqual({
      headers: { 'cache-control': 'no-cache', 'x-amz-meta-build': '7' },
      storageClass: 'STANDARD_IA',
      acl: undefined,
      tags: 'a=b',
    })
    expect(headersFor([ALL, PAGES], 'a/index.html').headers['cache-control']).toBe('max-age=60')
  })

  it('is nothing where none matches', () => {
    expect(headersFor([PAGES], 'a.css')).toEqual({ headers: {} })
  })

  it('is that no tags stay, where the first one says so', () => {
    expect(headersFor([{ files: ['*'], headers: {}, tags: '' }, ALL], 'a').tags).toBe('')
  })

  it('reads the key below the destination, and of a single object its name', () => {
    expect(ruledKey({ prefix: 'site/', single: false }, 'site/a/b.html')).toBe('a/b.html')
    expect(ruledKey({ prefix: 'site/a/b.html', single: true }, 'site/a/b.html')).toBe('b.html')
  })
})

describe('rules that matched nothing', () => {
  it('are told by their globs', () => {
    const rules = new IdleRules([PAGES, { files: ['*.htm', 'old/'], headers: {} }, ALL])
    rules.see('a.css')
    expect(rules.globs()).toEqual(['*.html', '*.htm', 'old/'])
    rules.see('old/a')
    rules.see('b.html')
    expect(rules.globs()).toEqual([])
  })

  it('names a glob in the syntax of another tool by itself, and no other one of a rule that matched', () => {
    const files = ['*.html', 'sw.js', '!draft.html', '*.{css,js}', 'a{b}.txt']
    const rules = new IdleRules([{ files, headers: {} }])
    rules.see('draft.html')
    expect(rules.globs()).toEqual(['!draft.html', '*.{css,js}'])
    rules.see('!draft.html')
    expect(rules.globs()).toEqual(['*.{css,js}'])
    const idle = new IdleRules([{ files: ['!a'], headers: {} }])
    expect(idle.globs()).toEqual(['!a'])
  })
})

describe('how an object is written', () => {
  it('is by the inputs where no rule says otherwise', () => {
    const options = {
      storageClass: 'STANDARD',
      acl: 'private',
      tags: 'drop',
      rules: [PAGES],
    } as const
    expect(optionsFor(options, 'a.css')).toMatchObject({
      storageClass: 'STANDARD',
      acl: 'private',
      tags: '',
    })
    expect(optionsFor(options, 'a.css').headers).toBeUndefined()
  })

  it('is by the rules where both say something', () => {
    const rules = [{ ...ALL, acl: 'public-read' }]
    const options = { storageClass: 'STANDARD', acl: 'private', tags: 'drop', rules } as const
    expect(optionsFor(options, 'a')).toMatchObject({
      storageClass: 'STANDARD_IA',
      acl: 'public-read',
      tags: 'a=b',
    })
  })

  it('has a digest that any other header, class, ACL or tag changes, and no order', () => {
    const one = { headers: { a: '1', b: '2' }, storageClass: 'x', acl: 'y', tags: 'z' }
    const digest = digestOf(one)
    expect(digest).toMatch(/^[0-9a-f]{16}$/)
    expect(digestOf({ ...one, headers: { b: '2', a: '1' } })).toBe(digest)
    const others = [
      { headers: { a: '2', b: '2' } },
      { headers: { a: '1' } },
      { storageClass: undefined },
      { acl: 'z' },
      { tags: '' },
      { tags: undefined },
    ].map((change) => digestOf({ ...one, ...change }))
    expect(new Set([digest, ...others]).size).toBe(others.length + 1)
  })

  it('has the digest of what the inputs say as well', () => {
    const digest = (contentType: string) =>
      optionsFor({ metadata: { contentType }, rules: [PAGES] }, 'a.html').headers?.[HEADERS_DIGEST]
    expect(digest('text/html')).not.toBe(digest('text/plain'))
  })
})
