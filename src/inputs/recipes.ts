import { piecesOf } from '../model/key-template.ts'
import type { KeyRules } from '../model/request.ts'

type Recipe = Pick<KeyRules, 'pattern' | 'template'>

/** Ways to organise keys that are known by name: what `key-template` may be in place of a template. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  'kline-archive': {
    pattern: String.raw`^(?<path>.*/)?(?<symbol>[A-Z0-9_-]+)/(?<interval>\d+(?:s|m|h|d|w|mo))/(?<name>\k<symbol>-\k<interval>-(?<date>\d{4}-\d{2}(?:-\d{2})?)\.[^/]+)$`,
    template: '{path}symbol={symbol}/interval={interval}/date={date}/{name}',
  },
}

/** What every template may name, beside the groups of its pattern: the last segment, and the whole key. */
const ALWAYS = ['name', 'key']

/** Names of the groups of a pattern. */
const groupsOf = (pattern: string): string[] =>
  Object.keys(new RegExp(`${pattern}|`, 'u').exec('')?.groups ?? {})

/** Whether a template has an unmatched brace. */
export const hasStrayBrace = (template: string): boolean =>
  piecesOf(template).some((piece) => typeof piece === 'string' && /[{}]/.test(piece))

/** What a template names that neither its pattern nor every key has. */
export function unknownParts(template: string, pattern: string | undefined): string[] {
  const known = new Set([...ALWAYS, ...groupsOf(pattern ?? '')])
  const named = piecesOf(template).flatMap((piece) => (typeof piece === 'string' ? [] : piece.part))
  return named.filter((name) => !known.has(name))
}
