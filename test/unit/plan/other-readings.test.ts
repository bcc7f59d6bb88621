import { describe, expect, it } from 'vitest'
import { otherReadings } from '../../../src/plan/other-readings.ts'

const PLACES = {
  source: { bucket: 'src', prefix: 'data/' },
  destination: { bucket: 'dst', prefix: 'mirror/' },
}

const readingsOf = (glob: string, onlyIdle: boolean): string[] =>
  otherReadings(glob, PLACES)
    .filter((reading) => reading.onlyIdle === onlyIdle)
    .map((reading) => reading.glob)

describe('an exclude may always be meant', () => {
  it.each<[string, string, string]>([
    ['with quotes around it', "'logs/**'", 'logs/**'],
    ['with double quotes around it', '"logs/**"', 'logs/**'],
    ['with typographic quotes around it', '“logs/**”', 'logs/**'],
    ['with blanks within its quotes', "' logs/** '", 'logs/**'],
    ['as the first of a list', 'logs/**, tmp/**', 'logs/**'],
    ['as the last of a list', 'logs/**, tmp/**', 'tmp/**'],
    ['as one of a list without blanks', '*.log;*.tmp', '*.tmp'],
    ['as one of a quoted list', "'logs/**', 'tmp/**'", 'tmp/**'],
    ['as one of a JSON list', '["logs/**", "tmp/**"]', 'logs/**'],
    ['as an option', '--exclude logs/**', 'logs/**'],
    ['as an option with quotes', '--exclude "logs/**"', 'logs/**'],
    ['as an option with =', '--exclude=logs/**', 'logs/**'],
    ['as another option', "--include 'logs/**'", 'logs/**'],
    ['as an item of a YAML list', '- logs/**', 'logs/**'],
    ['from the current folder', './logs/**', 'logs/**'],
    ['as a URL of the destination', 's3://dst/mirror/logs/**', 'logs/**'],
    ['as a URL of the source', 's3://src/data/logs/**', 'logs/**'],
    ['as a URL without the prefix', 's3://dst/logs/**', 'logs/**'],
    ['as a whole key of the destination', 'mirror/logs/**', 'logs/**'],
    ['as a whole key of the source', 'data/logs/**', 'logs/**'],
    ['as a whole key behind a slash', '/mirror/logs/**', 'logs/**'],
    ['with the bucket', 'dst/mirror/logs/**', 'logs/**'],
    ['as a folder', 'logs', 'logs/'],
    ['as a folder at any depth', 'logs', '**/logs/'],
    ['as a folder in a folder', 'a/*/logs', 'a/*/logs/'],
    ['as a negation', '!logs/**', 'logs/**'],
    ['with the slashes of Windows', 'logs\\**', 'logs/**'],
    ['with a shell’s escapes', 'a\\ b', 'a b'],
    ['in several of these ways at once', `--exclude ".\\logs"`, 'logs/'],
  ])('%s', (_way, glob, meant) => {
    expect(readingsOf(glob, false)).toContain(meant)
  })
})

describe('an exclude that matches nothing may be meant', () => {
  it.each<[string, string, string]>([
    ['as one choice of braces', '{logs,tmp}/**', 'tmp/**'],
    ['as one choice of two braces', '{a,b}/{c,d}', 'b/c'],
    ['as a member of a class', 'log[ab].txt', 'logb.txt'],
    ['as a member of a range', 'log[0-9]/', 'log7/'],
    ['as one of a folded line', 'logs/** tmp/**', 'tmp/**'],
    ['as one of two options', '--exclude "a/*" --exclude "b/*"', 'b/*'],
    ['without blanks in it', 'logs/ **', 'logs/**'],
    ['without characters that are not seen', 'logs\u200b/**', 'logs/**'],
    ['without its URL encoding', 'my%20logs/**', 'my logs/**'],
    ['as all below a folder, by .gitignore', '*.tmp', '**/*.tmp/'],
    ['as a folder at any depth, by .gitignore', 'logs/', '**/logs/'],
  ])('%s', (_way, glob, meant) => {
    expect(readingsOf(glob, true)).toContain(meant)
    expect(readingsOf(glob, false)).not.toContain(meant)
  })
})

describe('an exclude in proper spelling', () => {
  it.each([
    'logs/',
    '/logs/',
    'logs/**',
    'logs/*',
    '**/logs/',
    '**/*.key',
    'a/**/b*',
    '*.tmp',
    'tmp*',
    'a?c',
    '[ab]*',
    '{a,b}*',
    '{a,b}/',
    'my file*',
    'data*',
    '**',
  ])('has no other reading as long as it matches something: %s', (glob) => {
    expect(readingsOf(glob, false)).toEqual([])
  })

  it('is none of its own readings, and each reading comes once', () => {
    for (const glob of ["'a'", 'a, a, b', '{a,a}', './a', 'logs', "'logs', 'logs'"]) {
      const globs = otherReadings(glob, PLACES).map((reading) => reading.glob)
      expect(globs).not.toContain(glob)
      expect(new Set(globs).size).toBe(globs.length)
    }
  })

  it('is not taken for everything where it begins as the prefix does', () => {
    expect(readingsOf('mirror/**', false)).toEqual([])
    expect(readingsOf('mirror/**', true)).toContain('**')
  })
})

it('the reasons are those that apply, each once', () => {
  const reading = otherReadings(`--exclude "logs"`, PLACES).find(({ glob }) => glob === 'logs/')
  expect(reading?.because).toBe(
    'write only the glob, without the option; quotes and spaces are matched literally; end the glob with / to match everything below a folder',
  )
})

it('globs made to be slow, or to have endless readings, cost little', () => {
  for (const glob of [
    '{a,b}'.repeat(1000),
    '[a-z]'.repeat(1000),
    `${'a, '.repeat(30_000)}b`,
    `${' '.repeat(100_000)}x`,
    `${'\\'.repeat(100_000)}x`,
    `${'./'.repeat(50_000)}x`,
    '-'.repeat(100_000),
    "'".repeat(100_000),
    '{'.repeat(100_000),
  ])
    expect(otherReadings(glob, PLACES).length).toBeLessThan(1100)
})
