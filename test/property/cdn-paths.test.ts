import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChangedPaths, covering, type PathLimits, pathsOf } from '../../src/model/cdn-paths.ts'

const segments = fc.constantFrom('a', 'b', 'c', 'index.html', 'x y', 'ü', '*', "it's", '')
const keys = fc
  .array(segments, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('/'))
  .filter((key) => key !== '')
const limits = fc.record({
  paths: fc.integer({ min: 1, max: 12 }),
  wildcards: fc.integer({ min: 1, max: 4 }),
})

const covers = (told: string, path: string): boolean =>
  told.endsWith('*') ? path.startsWith(told.slice(0, -1)) : told === path

const isWild = (path: string): boolean => path.endsWith('*')
const fits = (paths: readonly string[], most: PathLimits): boolean =>
  paths.length <= most.paths && paths.filter(isWild).length <= most.wildcards

/** One step of the greed, by its definition: the deepest folder with several in it, of these the fullest. */
function step(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>()
  for (const path of paths)
    for (let at = path.lastIndexOf('/'); at >= 0; at = path.lastIndexOf('/', at - 1)) {
      folders.add(path.slice(0, at + 1))
      if (at === 0) break
    }
  const within = (folder: string) => paths.filter((path) => path.startsWith(folder))
  const found = [...folders]
    .map((folder) => ({ folder, held: within(folder), depth: folder.split('/').length }))
    .filter(({ held, folder }) => held.length > 1 || folder === '/')
    .sort(
      (a, b) =>
        b.depth - a.depth || b.held.length - a.held.length || (a.folder < b.folder ? -1 : 1),
    )
  const { folder = '/', held = [] } = found[0] ?? {}
  return [...paths.filter((path) => !held.includes(path)), `${folder}*`]
}

function greedy(paths: readonly string[], most: PathLimits): readonly string[] {
  let left: readonly string[] = paths.filter(
    (path) => !paths.some((other) => other !== path && covers(other, path)),
  )
  while (!fits(left, most)) left = step(left)
  return [...left].sort()
}

describe('paths that a CDN is told', () => {
  it('cover every path that changed, within the limits', () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 40 }), limits, (changed, most) => {
        const paths = [...new Set(changed.flatMap(pathsOf))]
        const told = covering(paths, most)
        for (const path of paths) expect(told.some((one) => covers(one, path))).toBe(true)
        expect(fits(told, most)).toBe(true)
        expect(new Set(told).size).toBe(told.length)
      }),
    )
  })

  it('are those that the greed comes to step by step, and no step further', () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 25 }), limits, (changed, most) => {
        const paths = [...new Set(changed.flatMap(pathsOf))]
        expect(covering(paths, most)).toEqual(greedy(paths, most))
      }),
      { numRuns: 500 },
    )
  })

  it('hold no folder that nothing changed in', () => {
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 40 }), limits, (changed, most) => {
        const paths = [...new Set(changed.flatMap(pathsOf))]
        for (const one of covering(paths, most))
          expect(paths.some((path) => covers(one, path))).toBe(true)
      }),
    )
  })

  it('are as complete for a hundred thousand of them, in memory that does not grow', () => {
    const all = new ChangedPaths()
    const path = (at: number) => `/${at % 7}/${at % 1000}/${at}.js`
    for (let at = 0; at < 100_000; at++) all.add(path(at))
    const told = all.covering({ paths: 15, wildcards: 15 })
    expect(told).toEqual(['/0/*', '/1/*', '/2/*', '/3/*', '/4/*', '/5/*', '/6/*'])
  })
})
