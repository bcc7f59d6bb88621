/** Which relative keys belong to the sync. */
export type KeyFilter = (relativeKey: string) => boolean

const LITERAL = /[\\^$.|+()[\]{}]/g

/** `**` + `/` also stands for no folder at all, as in .gitignore. */
function toPattern(glob: string): string {
  return glob
    .replace(LITERAL, '\\$&')
    .replace(/(^|\/)\*\*\/|\*\*|\*|\?/g, (wildcard, start: string | undefined) => {
      if (wildcard === '**') return '[^]*'
      if (wildcard === '*') return '[^/]*'
      if (wildcard === '?') return '[^/]'
      return `${start ?? ''}(?:[^]*/)?`
    })
}

function matcher(glob: string): KeyFilter {
  const anchored = glob.startsWith('/') ? glob.slice(1) : glob
  const start = glob.includes('/') ? '^' : '(?:^|/)'
  const pattern = new RegExp(`${start}${toPattern(anchored)}$`, 'u')
  return (key) => pattern.test(key)
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
