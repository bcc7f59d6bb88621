import { inParallel } from '../flow/pool.ts'
import type { CopyOp, SkipReason } from '../model/op.ts'
import type { HeaderLooks } from './header-looks.ts'

/** A copy that is made only if the object has other headers; `N`: what is noted of it. */
export interface Doubt<N> {
  readonly op: CopyOp
  readonly skip: SkipReason
  /** As rules read it. */
  readonly key: string
  /** What is noted if it is left, and if it is copied. */
  note?: { readonly left: N; readonly copied: N | undefined }
}

/** The buckets of both sides. */
interface Buckets {
  readonly source: { readonly bucket: string }
  readonly destination: { readonly bucket: string }
}

const LOOKS_AT_ONCE = 32

/** Of doubtful copies those whose objects have other headers. */
export async function differing<N>(
  doubts: readonly Doubt<N>[],
  headers: HeaderLooks,
  { source, destination }: Buckets,
): Promise<ReadonlySet<Doubt<N>>> {
  const found = new Set<Doubt<N>>()
  await inParallel(doubts, LOOKS_AT_ONCE, async (doubt) => {
    const { op, key } = doubt
    const from = { bucket: source.bucket, key: op.key }
    const to = { bucket: destination.bucket, key: op.to }
    if (await headers.differ({ key, source: from, destination: to })) found.add(doubt)
  })
  return found
}
