import { isRefusal, serviceFailure } from '../../errors/service-failure.ts'
import type { CopyOp } from '../../model/op.ts'
import { keepsType } from '../../model/write-options.ts'
import type { Way } from '../../storage/capabilities.ts'
import type { Described, WriteCondition } from '../../storage/store.ts'
import type { BareWrite, WriteGround } from './ground.ts'
import { copyHeaders, writeHeaders } from './headers.ts'
import { copyPartBytes, rangesOf } from './parts.ts'
import {
  describe,
  hasTags,
  isComposite,
  limitOf,
  partBytesOf,
  pinned,
  tagsOf,
} from './source-object.ts'
import { streamObject } from './stream.ts'
import { writeInParts } from './upload.ts'

/** From here on parts are faster than one request. */
const IN_PARTS_FROM_BYTES = 2 ** 30
/** Above this S3 takes nothing but parts. */
const MOST_WHOLE_BYTES = 5 * 2 ** 30
/** Smaller parts would take too many requests to keep an ETag for nothing but proof. */
const LEAST_KEPT_PART_BYTES = 64 * 2 ** 20

/** One request; S3 does the rest. */
async function copyWhole(op: CopyOp, write: BareWrite, ground: WriteGround): Promise<string> {
  const { objects, options } = ground
  const from = { ...pinned(op, ground), size: op.size }
  const source = keepsType(options) ? (await describe(from, ground)).headers : undefined
  const headers = copyHeaders(options, source)
  return objects.copy(from, { ...write, headers }, limitOf(op.size, ground))
}

/** Tags of the source; undefined: who may not read them leaves it to S3, which carries none that are not there. */
async function carriedTags(
  op: CopyOp,
  described: Described,
  ground: WriteGround,
): Promise<string | undefined> {
  if (ground.options.tags === 'drop') return ''
  try {
    // HEAD does not tell everybody of tags, so that they are asked for.
    return await tagsOf(pinned(op, ground), ground, hasTags(described))
  } catch (error) {
    const refused = isRefusal(serviceFailure(error))
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
  const tags = await carriedTags(op, described, ground)
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

/** The ways in which an object may get to the destination, the usual one first. */
export function possibleWays(op: CopyOp, ground: WriteGround): readonly Way[] {
  const { streamed, keepEtags, destination } = ground
  if (streamed) return ['streamed']
  const inParts =
    op.size > IN_PARTS_FROM_BYTES || (keepEtags && op.size > 0 && isComposite(op.etag))
  const copied: readonly Way[] = inParts ? ['parts', 'whole'] : ['whole']
  // AWS copies all that it holds, and what passes through this process costs there.
  const all: readonly Way[] = destination.endpoint === undefined ? copied : [...copied, 'streamed']
  return all.filter((way) => destination.store.capabilities.knowsWay(way))
}

const WRITERS = {
  whole: copyWhole,
  parts: copyInParts,
  streamed: streamObject,
} as const satisfies Record<
  Way,
  (op: CopyOp, write: BareWrite, ground: WriteGround) => Promise<string>
>

/** Writes an object as the plan has it in one of its ways; gives the new ETag, '' where the service names none. */
export function writeObject(
  op: CopyOp,
  { way, only }: { readonly way: Way; readonly only: WriteCondition | undefined },
  ground: WriteGround,
): Promise<string> {
  const write = { to: { bucket: ground.destination.bucket, key: op.to }, only }
  return WRITERS[way](op, write, ground)
}
