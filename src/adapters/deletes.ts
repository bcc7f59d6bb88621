import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3'
import { serviceFailure } from '../errors.ts'
import type { DeleteFailure, DeleteTarget, Store } from '../ports.ts'

/** XML 1.0 has no way to write the others, so that such a key has to stand in the URL. */
const XML_TEXT = /^[\t\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

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

async function deleteMany(
  { client, bucket, signal, pinned }: Call,
  targets: readonly DeleteTarget[],
): Promise<DeleteFailure[]> {
  if (targets.length === 0) return []
  const objects = targets.map((target) => ({
    Key: target.key,
    ...(pinned ? { ETag: conditionOf(target) } : {}),
  }))
  const input = { Bucket: bucket, Delete: { Objects: objects, Quiet: true } }
  const { Errors = [] } = await client.send(new DeleteObjectsCommand(input), {
    abortSignal: signal,
  })
  return Errors.map(({ Key = '', Code = '', Message = '' }) => ({
    key: Key,
    code: Code,
    message: Message,
  }))
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
  const failures = await deleteMany(
    call,
    targets.filter(({ key }) => XML_TEXT.test(key)),
  )
  for (const target of targets)
    if (!XML_TEXT.test(target.key)) failures.push(...(await deleteOne(call, target)))
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
