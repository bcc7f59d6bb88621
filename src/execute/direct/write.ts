import { serviceFailure } from '../../errors/service-failure.ts'
import type { CopyOp } from '../../model/op.ts'
import type { WriteCondition } from '../../storage/store.ts'
import type { BareWrite, WriteGround } from './ground.ts'
import { copyHeaders, writeHeaders } from './headers.ts'
import { copyPartBytes, rangesOf } from './parts.ts'
import { describe, isComposite, limitOf, partBytesOf, pinned, tagsOf } from './source-object.ts'
import { streamObject } from './stream.ts'
import { writeInParts } from './upload.ts'

/** From here on parts are faster than one request. */
const IN_PARTS_FROM_BYTES = 2 ** 30
/** Above this S3 takes nothing but parts. */
const MOST_WHOLE_BYTES = 5 * 2 ** 30
/** Smaller parts would take too many requests to keep an ETag for nothing but proof. */
const LEAST_KEPT_PART_BYTES = 64 * 2 ** 20

/** One request; S3 does the rest. */
function copyWhole(op: CopyOp, write: BareWrite, ground: WriteGround): Promise<string> {
  const { objects, options } = ground
  const headers = copyHeaders(options)
  const from = { bucket: ground.source.bucket, key: op.key, etag: op.etag, size: op.size }
  return objects.copy(from, { ...write, headers }, limitOf(op.size, ground))
}

/** Tags of the source; undefined: who may not read them leaves it to S3, which carries none that are not there. */
async function carriedTags(op: CopyOp, ground: WriteGround): Promise<string | undefined> {
  try {
    // HEAD does not tell everybody of tags, so that they are asked for.
    return await tagsOf(pinned(op, ground), ground)
  } catch (error) {
    const refused = serviceFailure(error).code === 'AccessDenied'
    if (refused && op.size <= MOST_WHOLE_BYTES) return undefined
    throw error
  }
}

/** S3 copies each part; what it carries over for whole objects is carried by hand. */
async function copyInParts(op: CopyOp, write: BareWrite, ground: WriteGround): Promise<string> {
  const { objects, options } = ground
  const from = pinned(op, ground)
  // Cut as the source was, the copy gets the same ETag.
  const composite = isComposite(op.etag)
  const described = await describe(from, ground, composite ? 'first-part' : undefined)
  const sourcePartBytes = composite ? partBytesOf(described, op.size) : undefined
  if (op.size <= IN_PARTS_FROM_BYTES && sourcePartBytes === undefined)
    return copyWhole(op, write, ground)
  const tags = await carriedTags(op, ground)
  if (tags === undefined) return copyWhole(op, write, ground)
  const headers = writeHeaders(options, described.headers, tags)
  const keep = ground.keepEtags || (sourcePartBytes ?? 0) >= LEAST_KEPT_PART_BYTES
  const partBytes = (keep ? sourcePartBytes : undefined) ?? copyPartBytes(op.size)
  const limit = limitOf(partBytes, ground)
  return writeInParts(
    { ...write, headers },
    {
      ranges: rangesOf(op.size, partBytes),
      make: (part, range) => objects.copyPart(part, { ...from, range }, limit),
      // Some services do not heed the ETag that a part is bound to.
      check: () => describe(from, ground),
    },
    ground,
  )
}

/** Writes an object as the plan has it, the way its size and the services ask for; gives the new ETag. */
export function writeObject(
  op: CopyOp,
  only: WriteCondition | undefined,
  ground: WriteGround,
): Promise<string> {
  const write = { to: { bucket: ground.destination.bucket, key: op.to }, only }
  if (ground.streamed) return streamObject(op, write, ground)
  const inParts =
    op.size > IN_PARTS_FROM_BYTES || (ground.keepEtags && op.size > 0 && isComposite(op.etag))
  return (inParts ? copyInParts : copyWhole)(op, write, ground)
}
