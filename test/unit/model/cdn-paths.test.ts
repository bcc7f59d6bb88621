import { describe, expect, it } from 'vitest'
import { covering, pathsOf } from '../../../src/model/cdn-paths.ts'

describe('the paths of a key', () => {
  it.each([
    ['a/b.js', ['/a/b.js']],
    ['index.html', ['/index.html', '/']],
    ['docs/index.html', ['/docs/index.html', '/docs/', '/docs']],
    ['myindex.html', ['/myindex.html']],
    ['docs/', ['/docs/']],
    // What RFC 1738 calls unsafe, and nothing else: with another escape CloudFront invalidates nothing.
    ['a b"<>#%{}|\\^[]`?', ['/a%20b%22%3C%3E%23%25%7B%7D%7C%5C%5E%5B%5D%60%3F']],
    ['~me/a', ['/*']],
    ['docs/a~b/c.html', ['/docs/*']],
    ["2026/it's/index.html", ['/2026/*']],
    ['@scope/a+b=c&d,e;f:g$h!i(k)', ['/@scope/a+b=c&d,e;f:g$h!i(k)']],
    ['ü/日本/😀', ['/%C3%BC/%E6%97%A5%E6%9C%AC/%F0%9F%98%80']],
    ['a\nb', ['/a%0Ab']],
    ['a//b', ['/a//b']],
    ['x/a*b.js', ['/x/*']],
    ['x y/a*b/c/index.html', ['/x%20y/*']],
    ['*', ['/*']],
  ])('%j are %j', (key, paths) => {
    expect(pathsOf(key)).toEqual(paths)
  })
})

describe('paths that stand for many', () => {
  const most = (paths: number, wildcards = 15) => ({ paths, wildcards })

  it('are the same where they are few', () => {
    expect(covering(['/b', '/a/x', '/a/y'], most(3))).toEqual(['/a/x', '/a/y', '/b'])
  })

  it('are the deepest folder that holds several, of these the fullest one', () => {
    const paths = ['/a/1', '/a/2', '/b/1', '/b/2', '/b/3', '/b/c/1', '/b/c/2', '/z']
    expect(covering(paths, most(7))).toEqual([
      '/a/1',
      '/a/2',
      '/b/1',
      '/b/2',
      '/b/3',
      '/b/c/*',
      '/z',
    ])
    expect(covering(paths, most(6))).toEqual(['/a/1', '/a/2', '/b/*', '/z'])
    expect(covering(paths, most(3))).toEqual(['/a/*', '/b/*', '/z'])
    expect(covering(paths, most(2))).toEqual(['/*'])
  })

  it('are fewer where too many are wildcards', () => {
    expect(covering(['/a/*', '/b/*', '/c'], most(9, 1))).toEqual(['/*'])
  })

  it('leave out what another one covers', () => {
    expect(covering(['/a/*', '/a/b/c', '/a/', '/a'], most(9))).toEqual(['/a', '/a/*'])
  })
})
