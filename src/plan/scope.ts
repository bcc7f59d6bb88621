import { keyFilter } from '../inventory/globs.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import type { PlanRules } from '../model/request.ts'

/** Whether a relative key belongs to the sync. */
export type Scope = (key: KeyBytes) => boolean

/**
 * The scope that the filters of a request make. A single object is filtered by its own name; a key that
 * is no text belongs to every scope, so that it is reported.
 */
export function scopeOf({ single, prefix }: Place, { include, exclude }: PlanRules): Scope {
  if (include.length + exclude.length === 0) return () => true
  const filter = keyFilter(include, exclude)
  const name = prefix.slice(prefix.lastIndexOf('/') + 1)
  return (key) => {
    const text = single ? name : toText(key)
    return text === undefined || filter(text)
  }
}
