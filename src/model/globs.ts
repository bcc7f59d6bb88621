/** Whether a glob takes a relative key. */
export type GlobMatch = (relativeKey: string) => boolean

/** A wildcard that can take more of the key than it has taken. */
interface Wildcard {
  /** Where the key goes on behind it. */
  key: number
  /** Where the glob goes on behind it. */
  readonly glob: number
  /** `**` + `/` ends behind a slash, or takes nothing; any other one ends anywhere. */
  readonly byFolder: boolean
}

const isByFolder = (glob: string, at: number): boolean =>
  glob.startsWith('**/', at) && (at === 0 || glob[at - 1] === '/')

/** Length of the character at `at`: a `?` takes an astral character whole. */
const charLength = (key: string, at: number): number =>
  (key.codePointAt(at) ?? 0) > 0xffff ? 2 : 1

/** The next place where a wildcard can end; -1 when there is none. */
function further(glob: string, key: string, { key: at, glob: next, byFolder }: Wildcard): number {
  if (byFolder) return key.indexOf('/', at) + 1 || -1
  const char = glob[next]
  if (char !== undefined && char !== '?') return key.indexOf(char, at + 1)
  return at < key.length ? at + 1 : -1
}

/**
 * Whether a glob takes all of a key from `start` on. Only the last wildcard is ever tried again, as one
 * before it could only take less of what that one can have: the time is at most the product of both lengths.
 */
function takesFrom(glob: string, key: string, start: number): boolean {
  let wildcard: Wildcard | undefined
  let g = 0
  let k = start
  while (g < glob.length || k < key.length) {
    const char = glob[g]
    if (char === '*') {
      const byFolder = isByFolder(glob, g)
      g += byFolder ? 3 : 1
      if (!byFolder && g === glob.length) return true
      wildcard = { key: k, glob: g, byFolder }
    } else if (k < key.length && (char === '?' || char === key[k])) {
      g++
      k += char === '?' ? charLength(key, k) : 1
    } else {
      if (!wildcard) return false
      k = further(glob, key, wildcard)
      if (k < 0) return false
      wildcard.key = k
      g = wildcard.glob
    }
  }
  return true
}

/** A glob as it is compared with keys: a leading `/` only anchors it, and one that ends in `/` takes all below. */
const bodyOf = (glob: string): string => glob.replace(/^\//, '') + (glob.endsWith('/') ? '*' : '')

/** What every key ends with that a glob takes: all behind its last wildcard. */
function tailOf(body: string): string {
  const last = Math.max(body.lastIndexOf('*'), body.lastIndexOf('?'))
  return body.slice(last + (isByFolder(body, last - 1) ? 2 : 1))
}

/** A glob without `/` takes a key by its last segment as well as by the whole of it; one with `/` only by the whole. */
export function globMatch(glob: string): GlobMatch {
  const body = bodyOf(glob)
  const tail = tailOf(body)
  const anchored = glob.includes('/')
  return (key) =>
    key.endsWith(tail) &&
    (takesFrom(body, key, 0) ||
      (!anchored && key.includes('/') && takesFrom(body, key, key.lastIndexOf('/') + 1)))
}

/** Whether a glob takes every key there can be, as can be seen from it alone: a key has at least one character. */
export function takesAll(glob: string): boolean {
  const rest = bodyOf(glob).replace(/^(?:\*\*\/)+/, '')
  const once = rest.indexOf('?') === rest.lastIndexOf('?')
  return /^[*?]+$/.test(rest) && rest.includes('*') && once
}

/** What a glob begins with before its first wildcard; one without `/` may match in any folder. */
export const literalOf = (glob: string): string =>
  glob.includes('/') ? (/^[^*?]*/.exec(bodyOf(glob))?.[0] ?? '') : ''

/** What every key begins with that some of the globs matches; '' when nothing is known. */
export function commonPrefix(globs: readonly string[]): string {
  const [first = '', ...others] = globs.map(literalOf)
  const chars = [...first]
  const same = chars.findIndex(
    (_, i) => !others.every((other) => other.startsWith(chars.slice(0, i + 1).join(''))),
  )
  return same < 0 ? first : chars.slice(0, same).join('')
}

/** Globs of `include` and `exclude`, each as it was given. */
export interface Globs {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** A glob, and whether it has taken no key yet. */
export interface Watched {
  readonly glob: string
  readonly takes: GlobMatch
  idle: boolean
}

/** Globs that have taken no key yet. */
export const watched = (globs: readonly string[]): readonly Watched[] =>
  globs.map((glob) => ({ glob, takes: globMatch(glob), idle: true }))

/** Whether one of the globs takes a key. One that is not idle any more is asked only while none did. */
export function anyTakes(globs: readonly Watched[], key: string, already = false): boolean {
  let taken = already
  for (const one of globs) {
    if ((taken && !one.idle) || !one.takes(key)) continue
    one.idle = false
    taken = true
  }
  return taken
}

/** Those that took none so far. */
export const idleOf = (globs: readonly Watched[]): string[] =>
  globs.flatMap(({ glob, idle }) => (idle ? [glob] : []))

/**
 * The filter that `include` and `exclude` make. A key is in when no include is given or one takes it, and
 * no exclude does, whatever their order. Every glob is watched: those that took no key are told.
 */
export class KeyFilter {
  readonly #include: readonly Watched[]
  readonly #exclude: readonly Watched[]

  constructor({ include, exclude }: Globs) {
    this.#include = watched(include)
    this.#exclude = watched(exclude)
  }

  /** Whether a relative key is in. */
  takes(key: string): boolean {
    const included = anyTakes(this.#include, key, this.#include.length === 0)
    return !anyTakes(this.#exclude, key, !included)
  }

  /** Whether no exclude takes a relative key: of what only the destination has includes may say nothing. */
  spares(key: string): boolean {
    return !anyTakes(this.#exclude, key)
  }

  /** Whether an exclude, by its place among them, took none of the keys so far. */
  isIdle(at: number): boolean {
    return this.#exclude[at]?.idle ?? true
  }

  /** Globs that took none of the keys so far. */
  idle(): Globs {
    return { include: idleOf(this.#include), exclude: idleOf(this.#exclude) }
  }
}
