import type { Done } from '../../model/engine.ts'
import type { CopyOp } from '../../model/op.ts'
import type { Outcome } from '../../model/outcome.ts'
import { holds } from '../../model/proof.ts'
import type { Look } from '../look.ts'

/** The end of a copy that nothing was heard of, where it stands at the destination all the same. Throws what the look throws. */
export async function standingCopy(
  { op, engine, batchBeganMs }: Outcome<CopyOp>,
  look: Look,
  signal: AbortSignal,
): Promise<Done | undefined> {
  const { etag, size, toEtag: stood } = op
  const found = await look(op.to, signal)
  const oneRequest = engine === 's5cmd'
  return found && holds({ etag, size, stood, batchBeganMs, oneRequest }, found)
    ? { status: 'done', etag: found.etag }
    : undefined
}
