import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { serviceFailure } from '../errors.ts'
import type { DeleteFailure, DeleteTarget, Store } from '../ports.ts'

/** XML has no way to write the others, or none that every parser keeps: such a key has to stand in the URL. */
const XML_TEXT = /^[\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

/** How services answer that do not know conditions on deletes. */
const UNKNOWN_CONDITION = new Set([
  'MalformedXML',
  'NotImplemented',
  'InvalidRequest',
  'InvalidArgument',
])

interface Call {
  readonly client: S3Client
  readonly bucket: string
  readonly signal: AbortSignal
  readonly pinned: boolean
}

const conditionOf = ({ etag }: DeleteTarget): string => `"${etag}"`

interface Answer {
  readonly failures: DeleteFailure[]
  /** Targets that the service did not say a word about. */
  readonly rest: readonly DeleteTarget[]
}

async function deleteMany(
  { client, bucket, signal, pinned }: Call,
  targets: readonly DeleteTarget[],
): Promise<Answer> {
  if (targets.length === 0) return { failures: [], rest: [] }
  const objects = targets.map((target) => ({
    Key: target.key,
    ...(pinned ? { ETag: conditionOf(target) } : {}),
  }))
  const input = { Bucket: bucket, Delete: { Objects: objects } }
  const { Errors = [], Deleted = [] } = await client.send(new DeleteObjectsCommand(input), {
    abortSignal: signal,
  })
  const named = new Set([...Errors, ...Deleted].map(({ Key }) => Key))
  const failures = Errors.map(({ Key = '', Code = '', Message = '' }) => ({
    key: Key,
    code: Code,
    message: Message,
  }))
  return { failures, rest: targets.filter(({ key }) => !named.has(key)) }
}

async function deleteOne(
  { client, bucket, signal, pinned }: Call,
  target: DeleteTarget,
): Promise<DeleteFailure[]> {
  const condition = pinned ? { IfMatch: conditionOf(target) } : {}
  const input = { Bucket: bucket, Key: target.key, ...condition }
  try {
    await client.send(new DeleteObjectCommand(input), { abortSignal: signal })
    return []
  } catch (error) {
    const { code, message, status } = serviceFailure(error)
    if (status === undefined || UNKNOWN_CONDITION.has(code)) throw error
    return [{ key: target.key, code, message }]
  }
}

async function deleteAll(call: Call, targets: readonly DeleteTarget[]): Promise<DeleteFailure[]> {
  const plain = targets.filter(({ key }) => XML_TEXT.test(key))
  const odd = targets.filter(({ key }) => !XML_TEXT.test(key))
  const { failures, rest } = await deleteMany(call, plain)
  // Only what the service says is gone counts; a second delete of the same object does no harm.
  for (const target of [...rest, ...odd]) failures.push(...(await deleteOne(call, target)))
  return failures
}

/** Deletes by DeleteObjects; each object only while it has its ETag, where the service knows how. */
export function deleter(client: S3Client): Store['deleteObjects'] {
  let pinned = true
  return async (bucket, targets, signal) => {
    try {
      return await deleteAll({ client, bucket, signal, pinned }, targets)
    } catch (error) {
      if (!pinned || !UNKNOWN_CONDITION.has(serviceFailure(error).code)) throw error
      pinned = false
      return deleteAll({ client, bucket, signal, pinned }, targets)
    }
  }
}
