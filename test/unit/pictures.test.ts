import { globSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { chartOf } from '../../bench/chart.ts'
import { STAGES } from '../../src/model/stages.ts'

const root = path.resolve(import.meta.dirname, '../..')
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8')

it('the picture of the benchmarks has the figures of the tables', () => {
  expect(read('docs/pictures/benchmark.svg')).toBe(chartOf(read('docs/benchmarks.md')))
})

it('a table that lacks the rows of the picture is told', () => {
  const without = read('docs/benchmarks.md').replaceAll('20,000 | small', '20 | small')
  expect(() => chartOf(without)).toThrow('no rows for "Copy 20,000 small objects')
})

it('the figures of the README are those of the tables', () => {
  const table =
    /<!-- headline benchmarks -->([\s\S]*)<!-- \/headline/.exec(read('README.md'))?.[1] ?? ''
  const figures = table.match(/\d[\d.]* s\b/g) ?? []
  const measured = read('docs/benchmarks.md').match(/\d[\d.]* s\b/g) ?? []
  expect(figures.length).toBeGreaterThan(8)
  expect(measured).toEqual(expect.arrayContaining(figures))
})

it('the picture of a run names the ten stages in their order', () => {
  const bold = [...read('docs/pictures/pipeline.svg').matchAll(/y="83">(\w+)</g)]
  expect(bold.map(([, name]) => name)).toEqual([...STAGES])
})

it('every picture is small and is shown by a page', () => {
  const pictures = globSync('docs/pictures/*', { cwd: root })
  expect(pictures.length).toBeGreaterThanOrEqual(4)
  const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).map(read).join('\n')
  for (const picture of pictures) {
    expect(statSync(path.join(root, picture)).size, picture).toBeLessThan(120_000)
    expect(pages).toContain(path.basename(picture))
  }
})
