import { takesAll } from '../model/globs.ts'
import type { Place } from '../model/place.ts'

/** A glob that an exclude may have been meant to be. */
export interface Reading {
  /** In its proper spelling. */
  readonly glob: string
  /** What is wrong with the spelling that was given. */
  readonly because: string
  /** Whether only an exclude that matches nothing is read so, as what it says can be meant as it stands. */
  readonly onlyIdle: boolean
  /** Whether the exclude stands for more globs than this one. */
  readonly ofSeveral: boolean
}

/** Where a glob may have been written for. */
export interface Places {
  readonly source: Pick<Place, 'bucket' | 'prefix'>
  readonly destination: Pick<Place, 'bucket' | 'prefix'>
}

/** One way of spelling that has another meaning here. */
interface Habit {
  readonly because: string
  /** Whether each result is one of several globs, rather than one way to read one. */
  readonly isList?: true
  /** The globs that are meant by one that is spelled so; the glob itself, or none, by others. */
  meant(glob: string, places: Places): readonly string[]
}

const EDGES = new Set(`'"\`“”‘’ \t\u00a0`)

function withoutEdges(glob: string): string {
  let [from, to] = [0, glob.length]
  while (from < to && EDGES.has(glob.charAt(from))) from++
  while (to > from && EDGES.has(glob.charAt(to - 1))) to--
  return glob.slice(from, to)
}

/** Wildcards alone are no more than what a cut has left of a glob. */
const hasLiteral = (glob: string): boolean => /[^*?/\s]/.test(glob)

const MOST_PARTS = 200

/** The globs of a list on one line. */
function partsOf(glob: string, between: RegExp): readonly string[] {
  const parts = glob.split(between, MOST_PARTS).map((part) => part.trim())
  return parts.length > 1 ? parts.filter(hasLiteral) : []
}

/** What a glob is below the prefix of either side, if it begins with the prefix, or with bucket and prefix. */
function belowPrefix(glob: string, { source, destination }: Places): readonly string[] {
  const key = glob.replace(/^\//, '')
  return [source, destination]
    .flatMap(({ bucket, prefix }) => [prefix, `${bucket}/${prefix}`])
    .filter((start) => start !== '' && key.startsWith(start))
    .map((start) => key.slice(start.length))
}

/** All below a folder: at its place, and for a bare name at any depth. */
const foldersOf = (glob: string): readonly string[] =>
  glob.includes('/') ? [`${glob}/`] : [`${glob}/`, `**/${glob}/`]

const isBareName = (glob: string): boolean => /^[^*?]+$/.test(glob.slice(glob.lastIndexOf('/') + 1))

const RELATIVE = 'globs are relative to the prefix'
const FOLDER = 'end the glob with / to match everything below a folder'
const LIST = 'write one glob per line'

/** Spellings in which a glob means another thing than its author, whether it matches something or not. */
const ALWAYS: readonly Habit[] = [
  { because: 'quotes and spaces are matched literally', meant: (glob) => [withoutEdges(glob)] },
  {
    because: 'write one glob per line, without brackets',
    meant: (glob) => [/^\[(.*[,'"].*)\]$/s.exec(glob)?.[1] ?? glob],
  },
  {
    because: 'write only the glob, without the option',
    meant: (glob) => [glob.replace(/^(?:--?(?:exclude|include)(?:\s*=|\s)|-\s)/, '').trim()],
  },
  {
    because: LIST,
    isList: true,
    meant: (glob) => (glob.includes('}') ? [] : partsOf(glob, /[,;]/)),
  },
  { because: 'keys do not begin with ./', meant: (glob) => [glob.replace(/^\.\/+/, '')] },
  { because: RELATIVE, meant: (glob) => [glob.replace(/^s3:\/\/[^/]+\/+/, '')] },
  {
    because: RELATIVE,
    meant: (glob, places) => belowPrefix(glob, places).filter((rest) => !takesAll(rest)),
  },
  { because: 'a ! is matched literally', meant: (glob) => [glob.replace(/^!\s*/, '')] },
  {
    because: 'a backslash is matched literally',
    meant: (glob) => [glob.replace(/\\+/g, '/'), glob.replace(/\\([^\w*?/\\])/g, '$1')],
  },
]

/** What is meant by a glob that names a folder; its result is in proper spelling. */
const FOLDERS: readonly Habit[] = [
  { because: FOLDER, meant: (glob) => (isBareName(glob) ? foldersOf(glob) : []) },
]

const MOST_CHOICES = 64

/** The members of a class such as `0-9a`; none of one that is negated. */
const choicesOf = (members: string): readonly string[] =>
  /^[!^]/.test(members)
    ? []
    : [...members.matchAll(/(.)-(.)|./gsu)].flatMap(([one, first = one, last = first]) => {
        const from = first.codePointAt(0) ?? 0
        const length = Math.min(MOST_CHOICES, Math.max(0, (last.codePointAt(0) ?? 0) - from + 1))
        return Array.from({ length }, (_, i) => String.fromCodePoint(from + i))
      })

/** What the first braces, or the first brackets, of a glob stand for in a shell. */
function expanded(glob: string): readonly string[] {
  const close = glob.search(/[}\]]/)
  const open = glob.lastIndexOf(glob[close] === '}' ? '{' : '[', close)
  if (close < 0 || open < 0) return []
  const members = glob.slice(open + 1, close)
  const choices = glob[close] === '}' ? members.split(',') : choicesOf(members)
  // One choice is no choice: the braces of a name, or a class that is negated.
  if (choices.length < 2) return []
  return choices
    .slice(0, MOST_CHOICES)
    .map((choice) => glob.slice(0, open) + choice.trim() + glob.slice(close + 1))
    .filter(hasLiteral)
}

function decoded(glob: string): string {
  try {
    return decodeURIComponent(glob)
  } catch {
    return glob
  }
}

/** Spellings that can be meant as they stand, so that only an exclude that matches nothing is doubted. */
const WHERE_IDLE: readonly Habit[] = [
  { because: 'braces and brackets are matched literally', isList: true, meant: expanded },
  {
    because: 'spaces are matched literally',
    meant: (glob) => [glob.replace(/\s+/g, ' ').replace(/ ?([/*]) ?/g, '$1')].filter(hasLiteral),
  },
  { because: LIST, isList: true, meant: (glob) => partsOf(glob, /[,;\s]/) },
  {
    because: 'invisible characters are taken literally',
    meant: (glob) => [glob.replace(/\p{Cf}/gu, '')],
  },
  { because: 'keys are not URL-encoded here', meant: (glob) => [decoded(glob)] },
  { because: RELATIVE, meant: belowPrefix },
]

/** As .gitignore has it; a wildcard shows that objects may be meant. */
const FOLDERS_WHERE_IDLE: readonly Habit[] = [
  { because: FOLDER, meant: (glob) => (/[^/*]$|^[^/]*$/.test(glob) ? foldersOf(glob) : []) },
  {
    because: 'begin the glob with **/ to match a folder at any depth',
    meant: (glob) => (/^[^/]+\/$/.test(glob) ? [`**/${glob}`] : []),
  },
]

/** More readings are not looked at: nobody meant them. */
const MOST_READINGS = 500

/** Text that is read in all, whatever was given. */
const MOST_CHARS = 200_000

type Readings = ReadonlyMap<string, Reading>

const bothReasons = (first: string, second: string): string =>
  first === '' || first === second ? second : first.includes(second) ? first : `${first}; ${second}`

/** Readings, and what the habits make of each; `again`: of what they make as well. */
function read(
  given: Readings,
  habits: readonly Habit[],
  { places, onlyIdle, again }: { places: Places; onlyIdle: boolean; again: boolean },
): Map<string, Reading> {
  const all = new Map(given)
  let chars = 0
  for (const { glob, because, ofSeveral } of (again ? all : given).values()) {
    if (chars > MOST_CHARS) break
    chars += glob.length
    for (const habit of habits) {
      const globs = habit.meant(glob, places)
      const several = ofSeveral || (habit.isList === true && globs.length > 1)
      for (const meant of globs) {
        if (meant === '' || all.has(meant) || all.size > MOST_READINGS) continue
        const reasons = bothReasons(because, habit.because)
        all.set(meant, { glob: meant, because: reasons, onlyIdle, ofSeveral: several })
      }
    }
  }
  return all
}

/**
 * What else a glob of `exclude` may be meant to be, in the spelling that says so: by those who come from
 * a shell, from `aws s3 sync`, from .gitignore or from Windows. The glob itself is none of them.
 */
export function otherReadings(glob: string, places: Places): readonly Reading[] {
  const itself = new Map([[glob, { glob, because: '', onlyIdle: false, ofSeveral: false }]])
  const always = read(itself, ALWAYS, { places, onlyIdle: false, again: true })
  const whereIdle = { places, onlyIdle: true }
  const idle = read(always, [...ALWAYS, ...WHERE_IDLE], { ...whereIdle, again: true })
  const folders = [
    read(always, FOLDERS, { places, onlyIdle: false, again: false }),
    read(idle, FOLDERS_WHERE_IDLE, { ...whereIdle, again: false }),
  ]
  const readings = new Map(folders.flatMap((each) => [...each]).reverse())
  readings.delete(glob)
  return [...readings.values()].reverse()
}
