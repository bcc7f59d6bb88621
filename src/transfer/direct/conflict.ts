import type { Ending } from '../../model/engine.ts'
import { otherEtag } from '../../model/etag.ts'
import { isAsListed } from '../../model/object-info.ts'
import type { CopyOp } from '../../model/op.ts'
import { type Expected, type Found, holds } from '../../model/proof.ts'
import type { Look } from '../look.ts'

/** How both sides of a copy are looked at, and what may become of it where one of them changed. */
export interface ConflictDeps {
  readonly lookAtSource: Look
  readonly lookAtDestination: Look
  /** Whether a source that changed is copied as it is now; else what was planned is all that may be copied. */
  readonly replan: boolean
  readonly signal: AbortSignal
}

const failed = (code: string, message: string): Ending => ({ status: 'failed', code, message })

const GONE = failed('NoSuchKey', 'The source object was removed after it was listed.')

const SOURCE_CHANGED = failed('SourceChanged', 'The source object changed after it was planned.')

const NOT_AS_PINNED = failed(
  'ChangedSinceManifest',
  'The source object changed after it was compared with the manifest, so it was not copied.',
)

const DESTINATION_CHANGED = failed(
  'DestinationChanged',
  'The destination object was written or removed by somebody else after it was listed, so it was left unchanged.',
)

/** The service says that something changed, and nothing did: it compares by other rules, or not at all. */
export const UNFOUNDED = failed(
  'PreconditionFailed',
  'The service refused the copy, although neither side changed.',
)

/** Whether the source is what was planned. */
export const isSource = (op: CopyOp, source: Found): boolean =>
  isAsListed({ size: op.size, etag: op.etag, modified: op.lastModified }, source)

/** Whether what stands at the destination is what was listed there. */
export function isDestination(
  { toEtag, toSize: size, toLastModified: modified }: CopyOp,
  destination: Found,
): boolean {
  if (toEtag === undefined || otherEtag(toEtag, destination.etag)) return false
  return (
    size === undefined ||
    modified === undefined ||
    isAsListed({ size, etag: toEtag, modified }, destination)
  )
}

/** The op as the source has the object now, to be written onto what the destination has now. */
export function renewed(op: CopyOp, source: Found): CopyOp {
  const { etag, size, modified } = source
  return { ...op, etag, size, lastModified: new Date(modified).toISOString() }
}

/**
 * What becomes of a copy that was refused because one of its sides is not as it was listed: its end,
 * or the op as it is to be tried now. `writtenSinceMs`: when a request that nothing was heard of wrote the object at
 * the earliest (server time); undefined: there was none. Throws what the looks throw.
 */
export async function settleConflict(
  op: CopyOp,
  writtenSinceMs: number | undefined,
  deps: ConflictDeps,
): Promise<Ending | CopyOp> {
  const { lookAtSource, lookAtDestination, replan, signal } = deps
  const [source, destination] = await Promise.all([
    lookAtSource(op.key, signal, op.versionId),
    lookAtDestination(op.to, signal),
  ])
  if (!source) return GONE
  const sourceChanged = !isSource(op, source)
  if (sourceChanged && op.pinned) return NOT_AS_PINNED
  if (sourceChanged && !replan) return SOURCE_CHANGED
  // A request of ours whose answer was lost may have written what stands there, under an ETag of its own.
  const since = sourceChanged ? undefined : writtenSinceMs
  const expected: Expected = {
    etag: source.etag,
    size: source.size,
    batchBeganMs: since ?? Number.POSITIVE_INFINITY,
    stood: op.toEtag,
    etagIsMd5: source.etagIsMd5,
  }
  if (holds(expected, destination))
    return { status: 'done', etag: destination?.etag, as: renewed(op, source) }
  const vanished = op.toEtag !== undefined && !destination
  if (vanished ? !replan : destination && !isDestination(op, destination))
    return DESTINATION_CHANGED
  if (!sourceChanged && !vanished) return UNFOUNDED
  const { toEtag: _etag, toSize: _size, toLastModified: _modified, ...rest } = op
  return renewed(vanished ? rest : op, source)
}
