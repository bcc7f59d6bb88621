/** What is done between two folders of one bucket. */
export interface Traffic {
  /** Whether extra objects of the destination are deleted. */
  readonly deletes: boolean
}

/** Why a folder of a bucket cannot be synced to another one of it, said of the destination; undefined: it can. */
export function overlapOf(from: string, to: string, { deletes }: Traffic): string | undefined {
  if (from === to) return 'is the same as source: there would be nothing to copy'
  if (to.startsWith(from)) return 'is inside source: every run would copy its own results again'
  return deletes && from.startsWith(to)
    ? 'contains source: delete would remove objects of the source'
    : undefined
}
