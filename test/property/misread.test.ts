import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatch, KeyFilter, takesAll } from '../../src/model/globs.ts'
import { MisreadExcludes } from '../../src/plan/misread.ts'
import { runs } from '../runs.ts'

const PLACES = {
  source: { bucket: 'src', prefix: 'data/' },
  destination: { bucket: 'dst', prefix: 'mirror/' },
}

/** What is found when some keys are kept, and some are deleted that no exclude protects. */
function found(exclude: readonly string[], kept: readonly string[], deleted: readonly string[]) {
  const filter = new KeyFilter({ include: [], exclude })
  const misread = new MisreadExcludes(exclude, PLACES, filter)
  for (const key of kept) filter.takes(key)
  for (const key of deleted) if (filter.takes(key)) misread.see(key)
  return misread.first()
}

const text = (letters: readonly string[], least: number, most: number) =>
  fc
    .array(fc.constantFrom(...letters), { minLength: least, maxLength: most })
    .map((parts) => parts.join(''))

/** Proper globs over other letters than those of the keys that go. */
const proper = text(['k', 'l', 'é', 'k', 'K', '/', '*', '**', '?', '_', ' ', ','], 1, 8).filter(
  (glob) => /[klé]/i.test(glob) && glob === glob.trim(),
)
const gone = text(['a', 'b', 'B', '/', '-', '(', '\u{1f600}'], 1, 10)
const MEANT = ['logs/', 'logs/**', 'logs/*', '*.log', 'a/**/b', '**/tmp/', 'keep.lock', 'x y/*']
const BAD_SPELLINGS: readonly ((glob: string) => string)[] = [
  (glob) => `'${glob}'`,
  (glob) => `"${glob}"`,
  (glob) => `--exclude ${glob}`,
  (glob) => `--exclude='${glob}'`,
  (glob) => `- ${glob}`,
  (glob) => `./${glob}`,
  (glob) => `s3://dst/mirror/${glob}`,
  (glob) => `s3://src/data/${glob}`,
  (glob) => `mirror/${glob}`,
  (glob) => `!${glob}`,
  (glob) => `none/here, ${glob}`,
  (glob) => `${glob}, none/here`,
  (glob) => glob.replaceAll('/', '\\'),
  (glob) => glob.toUpperCase(),
  (glob) => `{none,${glob}}`,
]

describe('an exclude', () => {
  it('in proper spelling never refuses deletes that it cannot mean', () => {
    fc.assert(
      fc.property(
        fc.array(proper, { minLength: 1, maxLength: 3 }),
        fc.array(gone, { maxLength: 8 }),
        fc.array(gone, { minLength: 1, maxLength: 8 }),
        (exclude, kept, deleted) => {
          expect(found(exclude, kept, deleted)).toBeUndefined()
        },
      ),
      runs(1500),
    )
  })

  it('that protects all that it means is never doubted, however it is spelled', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MEANT),
        fc.constantFrom(...BAD_SPELLINGS),
        fc.array(text(['logs', 'tmp', 'a', 'b', '/', '.log'], 1, 6), {
          minLength: 1,
          maxLength: 8,
        }),
        (meant, spell, keys) => {
          const misspelled = found(
            [spell(meant), meant, `**/${meant}`, `${meant}/`, `**/${meant}/`],
            [],
            keys,
          )
          expect(misspelled).toBeUndefined()
        },
      ),
      runs(1000),
    )
  })

  it('in a bad spelling refuses every delete that the proper one would prevent, and names one that does', () => {
    let refused = 0
    fc.assert(
      fc.property(
        fc.constantFrom(...MEANT),
        fc.constantFrom(...BAD_SPELLINGS),
        text(['logs', 'tmp', 'a', 'b', '/', '.log', 'x y', 'keep.lock'], 1, 6),
        (meant, spell, key) => {
          const exclude = spell(meant)
          if (!globMatch(meant)(key) || globMatch(exclude)(key)) return
          refused++
          const misread = found([exclude], ['kept'], [key])
          expect(misread).toMatchObject({ exclude, key })
          expect(globMatch(misread?.meant ?? '')(key)).toBe(true)
          expect(takesAll(misread?.meant ?? '')).toBe(false)
        },
      ),
      runs(6000),
    )
    expect(refused).toBeGreaterThan(120)
  })
})
