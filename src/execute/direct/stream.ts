import { createHash } from 'node:crypto'
import { ServiceError } from '../../errors/service-error.ts'
import type { CopyOp } from '../../model/op.ts'
import type { ByteRange, Content, Described, PinnedObject } from '../../storage/store.ts'
import type { BareWrite, WriteGround } from './ground.ts'
import { rangesOf } from './parts.ts'
import { describe, headersFor, isComposite, limitOf, partBytesOf, pinned } from './source-object.ts'
import { writeInParts } from './upload.ts'

/** Reads the whole object or some bytes of it. */
async function read(
  from: PinnedObject,
  what: { readonly bytes: number; readonly range?: ByteRange },
  ground: WriteGround,
): Promise<Content> {
  const content = await ground.sourceObjects.read(from, what, limitOf(what.bytes, ground))
  ground.link.came(what.bytes)
  return content
}

const MD5 = /^[0-9a-f]{32}$/
const READS = 3

const isMd5 = (etag: string, { headers }: Content): boolean =>
  MD5.test(etag) && !headers['x-amz-server-side-encryption']?.startsWith('aws:kms')

/** Reads a whole object whose ETag is its MD5 until that is so. */
async function readProven(op: CopyOp, from: PinnedObject, ground: WriteGround): Promise<Content> {
  const { capabilities } = ground.source.store
  for (let reads = 0, before = ''; reads < READS; reads++) {
    const content = await read(from, { bytes: op.size }, ground)
    const digest = createHash('md5').update(content.bytes).digest('hex')
    // Damage does not come twice alike: the service makes its ETags in another way.
    if (digest === before) capabilities.hasOtherEtags()
    if (!capabilities.md5Etags || !isMd5(op.etag, content) || digest === op.etag) return content
    before = digest
  }
  throw new ServiceError('BadDigest', `The bytes of the source came damaged ${READS} times.`, {
    status: 500,
  })
}

function streamWhole(op: CopyOp, write: BareWrite, ground: WriteGround): Promise<string> {
  const { objects, memory } = ground
  const from = pinned(op, ground)
  return memory.hold(op.size, async () => {
    const content = await readProven(op, from, ground)
    const headers = await headersFor(from, content, ground)
    return objects.put({ ...write, headers }, content.bytes, limitOf(op.size, ground))
  })
}

/** Parts that are held whole; larger ones would take more memory than there is for all. */
const MOST_KEPT_PART_BYTES = 64 * 2 ** 20

function keptPartBytes(described: Described, size: number): number | undefined {
  const bytes = partBytesOf(described, size)
  return bytes !== undefined && bytes <= MOST_KEPT_PART_BYTES ? bytes : undefined
}

async function streamInParts(op: CopyOp, write: BareWrite, ground: WriteGround): Promise<string> {
  const { objects, memory } = ground
  const from = pinned(op, ground)
  // Cut as the source was, the copy gets the same ETag.
  const composite = ground.keepEtags && isComposite(op.etag)
  const described = await describe(from, ground, composite ? 'first-part' : undefined)
  const headers = await headersFor(from, described, ground)
  const sourcePartBytes = composite ? keptPartBytes(described, op.size) : undefined
  return writeInParts(
    { ...write, headers },
    {
      ranges: rangesOf(op.size, sourcePartBytes ?? ground.partBytes(op.size)),
      make: (part, range) => {
        const bytes = range.last - range.first + 1
        return memory.hold(bytes, async () => {
          const content = await read(from, { bytes, range }, ground)
          return objects.putPart(part, content.bytes, limitOf(bytes, ground))
        })
      },
    },
    ground,
  )
}

/** Writes an object whose bytes pass through this process; gives the new ETag. */
export function streamObject(op: CopyOp, write: BareWrite, ground: WriteGround): Promise<string> {
  const composite = ground.keepEtags && op.size > 0 && isComposite(op.etag)
  const whole = !composite && op.size <= ground.partBytes(op.size)
  return (whole ? streamWhole : streamInParts)(op, write, ground)
}
