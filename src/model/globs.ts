/** Which relative keys belong to the sync. */
export type KeyFilter = (relativeKey: string) => boolean

/** Where to go on when a literal does not match: the wildcard takes more of the key. */
interface Retry {
  key: number
  readonly glob: number
  /** `**` + `/` takes whole folders; another `**` any characters. */
  readonly byFolder: boolean
}

/** Length of the character at `at`: a `?` takes an astral character whole. */
const charLength = (key: string, at: number): number =>
  (key.codePointAt(at) ?? 0) > 0xffff ? 2 : 1

/** The next position for a `**` that takes more; -1 when there is none. */
function further(key: string, { key: at, byFolder }: Retry): number {
  if (!byFolder) return at < key.length ? at + 1 : -1
  const slash = key.indexOf('/', at)
  return slash < 0 ? -1 : slash + 1
}

/**
 * Whether a glob matches a whole key. Only the last `*` and the last `**` are ever tried again, so the
 * time is at most the square of the key's length, whatever glob and key are.
 */
function matchesWhole(glob: string, key: string): boolean {
  let star: Retry | undefined
  let globstar: Retry | undefined
  let k = 0
  for (let g = 0; g < glob.length || k < key.length; ) {
    if (glob.startsWith('**', g)) {
      const byFolder = glob[g + 2] === '/' && (g === 0 || glob[g - 1] === '/')
      g += byFolder ? 3 : 2
      globstar = { key: k, glob: g, byFolder }
      star = undefined
      if (!byFolder && g === glob.length) return true
    } else if (glob[g] === '*') {
      g++
      star = { key: k, glob: g, byFolder: false }
    } else if (g < glob.length && k < key.length && glob[g] === '?' && key[k] !== '/') {
      g++
      k += charLength(key, k)
    } else if (g < glob.length && glob[g] !== '?' && glob[g] === key[k]) {
      g++
      k++
    } else if (star && star.key < key.length && key[star.key] !== '/') {
      k = ++star.key
      g = star.glob
    } else if (globstar) {
      k = further(key, globstar)
      if (k < 0) return false
      globstar.key = k
      g = globstar.glob
      star = undefined
    } else return false
  }
  return true
}

/** A glob without `/` starts at any folder, one with `/` at the prefix. */
function matcher(glob: string): KeyFilter {
  const whole = glob.includes('/') ? glob.replace(/^\//, '') : `**/${glob}`
  return (key) => matchesWhole(whole, key)
}

/** What a glob begins with before its first wildcard; one without `/` may match in any folder. */
const literalOf = (glob: string): string =>
  glob.includes('/') ? (/^[^*?]*/.exec(glob.replace(/^\//, ''))?.[0] ?? '') : ''

/** What every key begins with that some of the globs matches; '' when nothing is known. */
export function commonPrefix(globs: readonly string[]): string {
  const [first = '', ...others] = globs.map(literalOf)
  const chars = [...first]
  const same = chars.findIndex(
    (_, i) => !others.every((other) => other.startsWith(chars.slice(0, i + 1).join(''))),
  )
  return same < 0 ? first : chars.slice(0, same).join('')
}

/**
 * The filter that `include` and `exclude` make: a key is in when no include is given or one matches,
 * and no exclude matches. A glob without `/` matches the last segment; one with `/` starts at the prefix.
 */
export function keyFilter(include: readonly string[], exclude: readonly string[]): KeyFilter {
  const included = include.map(matcher)
  const excluded = exclude.map(matcher)
  return (key) =>
    (included.length === 0 || included.some((matches) => matches(key))) &&
    !excluded.some((matches) => matches(key))
}
