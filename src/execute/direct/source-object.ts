import { isRefusal, serviceFailure } from '../../errors/service-failure.ts'
import type { CopyOp } from '../../model/op.ts'
import type { Described, ObjectHeaders, PinnedObject, RequestLimit } from '../../storage/store.ts'
import { copyLimitMs } from '../limits.ts'
import type { WriteGround } from './ground.ts'
import { writeHeaders } from './headers.ts'

/** Whether nobody knows of tags, as the service does not answer what it is asked of them. */
const knowsNoTags = (error: unknown): boolean => {
  const failure = serviceFailure(error)
  return failure.code === 'Unanswered' || (failure.code !== 'AccessDenied' && isRefusal(failure))
}

/** The source object as it was planned. */
export const pinned = ({ key, etag }: CopyOp, { source, unbound }: WriteGround): PinnedObject => ({
  bucket: source.bucket,
  key,
  etag,
  ...(unbound || !source.store.capabilities.conditionalReads ? { unasked: true } : {}),
})

/** How long a request may take that moves so many bytes. */
export const limitOf = (
  bytes: number,
  { requestTimeoutMs, signal, onRetry }: WriteGround,
): RequestLimit => ({ timeoutMs: copyLimitMs(bytes, requestTimeoutMs), signal, onRetry })

/** Tags of a source object, as a write takes them; `counted`: an answer said that there are some. */
export async function tagsOf(
  from: PinnedObject,
  ground: WriteGround,
  counted: boolean,
): Promise<string> {
  try {
    return await ground.sourceObjects.tags(from, limitOf(0, ground))
  } catch (error) {
    if (!counted && knowsNoTags(error)) return ''
    throw error
  }
}

/** Whether an answer says that the object has tags. */
export const hasTags = ({ headers }: Pick<Described, 'headers'>): boolean =>
  Number(headers['x-amz-tagging-count'] ?? 0) > 0

/** What the source object is, without its content. */
export const describe = (
  from: PinnedObject,
  ground: WriteGround,
  what?: 'first-part',
): Promise<Described> => ground.sourceObjects.describe(from, limitOf(0, ground), what)

/** Whether an ETag is that of an object that was put together from parts. */
export const isComposite = (etag: string): boolean => /-\d+$/.test(etag)

/** Bytes of the parts that an object was put together from, where they can have been alike; undefined: not known. */
export function partBytesOf({ etag, headers }: Described, size: number): number | undefined {
  const bytes = Number(headers['content-length'])
  const parts = Number(/-(\d+)$/.exec(etag)?.[1])
  return bytes > 0 && Math.ceil(size / bytes) === parts ? bytes : undefined
}

/** Tags by what an answer counts; where it counts none, one look tells whether that can be believed. */
async function countedTags(
  from: PinnedObject,
  described: Described,
  ground: WriteGround,
): Promise<string> {
  const { onTagsUnreadable, options } = ground
  const { capabilities } = ground.source.store
  if (options.tags === 'drop') return ''
  const counted = hasTags(described)
  const known = capabilities.tags === 'counted' || capabilities.tags === 'unreadable'
  if (!counted && known) return ''
  try {
    const tags = await tagsOf(from, ground, counted)
    capabilities.sawTags(counted || tags === '')
    return tags
  } catch (error) {
    if (counted || serviceFailure(error).code !== 'AccessDenied') throw error
    capabilities.refusesTags()
    onTagsUnreadable()
    return ''
  }
}

/** Headers that carry over what an answer to a read described. */
export const headersFor = async (
  from: PinnedObject,
  described: Described,
  ground: WriteGround,
): Promise<ObjectHeaders> =>
  writeHeaders(ground.options, described.headers, await countedTags(from, described, ground))
