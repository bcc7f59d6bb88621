import { isOneSlipFrom } from '../model/one-slip.ts'
import { MOST_WAVES, type WaveGlobs, type WaveRules } from '../model/waves.ts'
import { anyText, NEVER } from './reader.ts'

/**
 * Waves that are known by name. What an index names goes before it, in another wave: packages before their lists,
 * lists before what is signed; assets before pages, pages before what makes browsers fetch them anew.
 */
export const WAVE_RECIPES: Readonly<Record<string, WaveGlobs>> = {
  apt: [
    // What is never overwritten there, and packages of repositories that keep them below `dists/`.
    ['**/dists/**'],
    [
      // Flat repositories have them beside their packages.
      ...['Packages', 'Packages.*', 'Sources', 'Sources.*'],
      ...['**/*.diff/Index', 'Contents-*', 'Translation-*', 'Components-*', 'Commands-*'],
      '**/dists/**/icons-*',
    ],
    ['Release', 'Release.gpg', 'InRelease'],
  ],
  yum: [['**/repodata/**'], ['repomd.xml', 'repomd.xml.*'], ['.treeinfo', 'treeinfo']],
  website: [
    ['*.html', '*.htm'],
    [
      ...['/index.html', '*.webmanifest', '/manifest.json', 'sitemap*.xml', '/robots.txt'],
      ...['index.xml', 'feed.xml', 'rss.xml', 'atom.xml', 'feed.json', '*.rss', '*.atom'],
    ],
    // A service worker, and what it reads, names the index: it must not keep the old one under the new name.
    [
      ...['sw.js', 'service-worker.js', 'serviceworker.js', 'flutter_service_worker.js'],
      ...['service-worker-assets.js', 'ngsw.json', 'ngsw-worker.js'],
    ],
  ],
}

const SEPARATOR = '---'

/** Another number of dashes, or what editors make of them. */
const NEARLY_SEPARATOR = /^[-\u2010-\u2015\u2212]+$/

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Globs of each wave; separators at the ends and doubled ones make none. */
function globsOf(lines: readonly string[]): WaveGlobs {
  const waves: string[][] = [[]]
  for (const line of lines)
    if (line === SEPARATOR) waves.push([])
    else waves.at(-1)?.push(line)
  return waves.filter((globs) => globs.length > 0)
}

/** The recipe that a word was meant to be. */
function recipeNear(word: string): string | undefined {
  const plain = word.toLowerCase().replace(/[^a-z]/g, '')
  return Object.keys(WAVE_RECIPES).find(
    (recipe) => plain === recipe || isOneSlipFrom(plain, recipe),
  )
}

/**
 * The recipe that the only line was meant to name, be it in quotes, before a comment or with others: whoever takes it for
 * one would publish indexes first.
 */
function recipeMeant(line: string): string | undefined {
  const text = line.replace(/\s#.*$/, '')
  if (!/^[\w ,;:'"-]+$/.test(text)) return undefined
  const each = text.split(/[\s,;]+/).map(recipeNear)
  return recipeNear(text) ?? (each.includes(undefined) ? undefined : each[0])
}

/** What is wrong with waves that were given glob by glob; undefined where nothing is. */
function problemOf(lines: readonly string[], globs: WaveGlobs): string | undefined {
  const recipe = lines.find((line) => Object.hasOwn(WAVE_RECIPES, line))
  if (recipe !== undefined)
    return `${recipe} is a recipe name and must be the only line: for a key of that name write /${recipe}`
  const [only = ''] = lines
  const meant = lines.length === 1 ? recipeMeant(only) : undefined
  if (meant !== undefined)
    return `${JSON.stringify(only)} is not a recipe: write ${meant}; for a key of that name write /${only}`
  const dashes = lines.find((line) => line !== SEPARATOR && NEARLY_SEPARATOR.test(line))
  if (dashes !== undefined)
    return `${JSON.stringify(dashes)} is not a separator: use three dashes to start the next wave; for a key of that name write /${dashes}`
  if (globs.length === 0) return `expected a glob beside the lines of ${SEPARATOR}`
  return globs.length > MOST_WAVES
    ? `expected at most ${MOST_WAVES} waves, but there are ${globs.length}`
    : undefined
}

/** The name of a recipe, or globs, one a line, of which a line of `---` begins the next wave. */
export const waves = anyText.transform((text, context): WaveRules | undefined => {
  const lines = linesOf(text)
  const [only = '', ...others] = lines
  // The runner hands over blanks as a value; they are none.
  if (only === '') return undefined
  const recipe = others.length === 0 && Object.hasOwn(WAVE_RECIPES, only) ? only : undefined
  if (recipe !== undefined) return { recipe, globs: WAVE_RECIPES[recipe] ?? [] }
  const globs = globsOf(lines)
  const problem = problemOf(lines, globs)
  if (problem === undefined) return { globs }
  context.addIssue(problem)
  return NEVER
})
