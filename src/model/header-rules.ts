import { hash } from 'node:crypto'
import { type GlobMatch, globMatch } from './globs.ts'
import type { Place } from './place.ts'

/** HTTP headers by name in lower case. */
export type HeaderValues = Readonly<Record<string, string>>

/** What a rule says of the objects whose keys it matches; what it does not name is left to the rules behind it. */
export interface HeaderRule {
  readonly files: readonly string[]
  /** What describes an object to those who read it, `x-amz-meta-…` included. */
  readonly headers: HeaderValues
  readonly storageClass?: string | undefined
  readonly acl?: string | undefined
  /** All tags of the object, as `x-amz-tagging` takes them; '' for none. */
  readonly tags?: string | undefined
}

/** What all rules together say of one object. */
export type Ruled = Omit<HeaderRule, 'files'>

/** Metadata of an object that was written with headers of rules: a digest of all that it was to have. */
export const HEADERS_DIGEST = 'x-amz-meta-s3-direct-sync-headers'

const NOTHING: Ruled = { headers: {} }

/** Matchers are made once for each set of rules, which every object is compared with. */
const matchers = new WeakMap<readonly HeaderRule[], readonly GlobMatch[]>()

const matcherOf = ({ files }: HeaderRule): GlobMatch => {
  const globs = files.map(globMatch)
  return (key) => globs.some((takes) => takes(key))
}

function matchersOf(rules: readonly HeaderRule[]): readonly GlobMatch[] {
  const known = matchers.get(rules) ?? rules.map(matcherOf)
  matchers.set(rules, known)
  return known
}

/** What the rules say of a key, relative to the destination: each header is decided by the first rule that matches and names it. */
export function headersFor(rules: readonly HeaderRule[], key: string): Ruled {
  if (rules.length === 0) return NOTHING
  const takes = matchersOf(rules)
  const matching = rules.filter((_, at) => takes[at]?.(key))
  return matching.reduceRight<Ruled>(
    (later, { headers, storageClass, acl, tags }) => ({
      headers: { ...later.headers, ...headers },
      storageClass: storageClass ?? later.storageClass,
      acl: acl ?? later.acl,
      tags: tags ?? later.tags,
    }),
    NOTHING,
  )
}

/** A full key of the destination as rules read it: below its prefix; a single object by its own name. */
export const ruledKey = (
  { prefix, single }: Pick<Place, 'prefix' | 'single'>,
  key: string,
): string => (single ? key.slice(key.lastIndexOf('/') + 1) : key.slice(prefix.length))

/** A glob that says something in other tools' syntax: all but these, or either of these. Here it is literal. */
const ELSEWHERE = /^!|\{[^{}]*,[^{}]*\}/

/**
 * Rules that have matched no key yet: those that match none at all may be misspelt. So may a single glob of a rule that
 * looks like another syntax; of the others some may well match nothing.
 */
export class IdleRules {
  #idle: readonly { readonly files: readonly string[]; readonly takes: GlobMatch }[]

  constructor(rules: readonly HeaderRule[]) {
    const foreign = rules.flatMap(({ files }) => files).filter((glob) => ELSEWHERE.test(glob))
    this.#idle = [
      ...rules.map((rule) => ({ files: rule.files, takes: matcherOf(rule) })),
      ...foreign.map((glob) => ({ files: [glob], takes: globMatch(glob) })),
    ]
  }

  /** Takes a key of the destination, as rules read it. */
  see(key: string): void {
    if (this.#idle.some(({ takes }) => takes(key)))
      this.#idle = this.#idle.filter(({ takes }) => !takes(key))
  }

  /** Globs that matched none of the keys so far, as above. */
  globs(): readonly string[] {
    return [...new Set(this.#idle.flatMap(({ files }) => files))]
  }
}

const sorted = (values: HeaderValues): readonly (readonly [string, string])[] =>
  Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1))

/** 16 hex digits that are the same for two objects that are to have the same headers, class, ACL and tags. */
export const digestOf = ({ headers, storageClass, acl, tags }: Ruled): string =>
  hash(
    'sha256',
    JSON.stringify([sorted(headers), storageClass ?? null, acl ?? null, tags ?? null]),
  ).slice(0, 16)
