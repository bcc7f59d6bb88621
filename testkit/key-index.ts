/** `bytes`: as S3. `folder-first`: as SeaweedFS, where `/` sorts before every other byte. */
export type ListOrder = 'bytes' | 'folder-first'

/** Values by key, with all keys in listing order at the price of one merge after a burst of writes. */
export interface KeyIndex<T> {
  readonly get: (key: string) => T | undefined
  readonly set: (key: string, value: T) => void
  readonly delete: (key: string) => boolean
  readonly size: () => number
  /** Turns a key or prefix into its sortable form, in which `ordered` is sorted. */
  readonly toSortable: (key: string) => string
  readonly fromSortable: (sortable: string) => string
  readonly ordered: () => readonly string[]
}

/** An empty index. Keys are byte strings. */
export function createKeyIndex<T>(order: ListOrder): KeyIndex<T> {
  const values = new Map<string, T>()
  const folderFirst = order === 'folder-first'
  const toSortable = (key: string) => (folderFirst ? key.replaceAll('/', '\0') : key)
  const fromSortable = (key: string) => (folderFirst ? key.replaceAll('\0', '/') : key)
  let sorted: readonly string[] = []
  let added: string[] = []
  let removed = false
  const settle = () => {
    if (removed) sorted = sorted.filter((key) => values.has(fromSortable(key)))
    const fresh = added.filter((key) => values.has(fromSortable(key))).sort(byChar)
    if (fresh.length > 0) sorted = mergeUnique(sorted, fresh)
    added = []
    removed = false
  }
  return {
    get: (key) => values.get(key),
    set: (key, value) => {
      if (!values.has(key)) added.push(toSortable(key))
      values.set(key, value)
    },
    delete: (key) => {
      const existed = values.delete(key)
      removed ||= existed
      return existed
    },
    size: () => values.size,
    toSortable,
    fromSortable,
    ordered: () => {
      if (removed || added.length > 0) settle()
      return sorted
    },
  }
}

const byChar = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function mergeUnique(left: readonly string[], right: readonly string[]): string[] {
  const merged: string[] = []
  const push = (key: string | undefined) => {
    if (key !== undefined && key !== merged.at(-1)) merged.push(key)
  }
  let at = 0
  for (const key of right) {
    for (let other = left[at]; other !== undefined && other <= key; other = left[at]) {
      push(other)
      at += 1
    }
    push(key)
  }
  for (; at < left.length; at += 1) push(left[at])
  return merged
}

/** The first position in a sorted list whose key is at least `bound`. */
export function lowerBound(sorted: readonly string[], bound: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < bound) low = middle + 1
    else high = middle
  }
  return low
}
