/** What is done between two folders of one bucket. */
export interface Traffic {
  /** Whether extra objects of the destination are deleted. */
  readonly deletes: boolean
}

/** Why a folder of a bucket cannot be synced to another one of it, said of the destination; undefined: it can. */
export function overlapOf(from: string, to: string, { deletes }: Traffic): string | undefined {
  if (from === to) return 'is the same place as source: nothing could be copied'
  if (to.startsWith(from)) return 'lies inside source: every run would copy its own results again'
  return deletes && from.startsWith(to)
    ? 'holds source: delete would remove what was to be copied'
    : undefined
}
