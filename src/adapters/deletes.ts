import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { namedFailure, refusesConditions, serviceFailure } from '../errors/service-failure.ts'
import type { DeleteFailure, DeleteTarget, Store } from '../ports.ts'

/** XML has no way to write the others, or none that every parser keeps: such a key has to stand in the URL. */
const XML_TEXT = /^[\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

/** Whether the service binds deletes to ETags; as long as nobody knows, they are sent as if it did. */
type Pins = 'unproven' | 'known' | 'unknown'

interface Call {
  readonly client: S3Client
  readonly bucket: string
  readonly signal: AbortSignal
  readonly pins: Pins
}

const isGone = (error: unknown): boolean =>
  /^(NotFound|NoSuchKey)$/.test(serviceFailure(error).code)

const conditionOf = ({ etag }: DeleteTarget): string => `"${etag}"`

interface Answer {
  readonly failures: DeleteFailure[]
  /** Targets that the service did not say a word about. */
  readonly rest: readonly DeleteTarget[]
}

async function deleteMany(
  { client, bucket, signal, pins }: Call,
  targets: readonly DeleteTarget[],
): Promise<Answer> {
  if (targets.length === 0) return { failures: [], rest: [] }
  const objects = targets.map((target) => ({
    Key: target.key,
    ...(pins === 'unknown' ? {} : { ETag: conditionOf(target) }),
  }))
  const input = { Bucket: bucket, Delete: { Objects: objects } }
  const { Errors = [], Deleted = [] } = await client.send(new DeleteObjectsCommand(input), {
    abortSignal: signal,
  })
  const named = new Set([...Errors, ...Deleted].map(({ Key }) => Key))
  const failures = Errors.map(({ Key = '', Code = '', Message = '' }) => ({
    key: Key,
    ...namedFailure(Code, Message),
  }))
  return { failures, rest: targets.filter(({ key }) => !named.has(key)) }
}

/** How S3 says that an object is gone. */
const NO_CONTENT = 204

/** What another answer than that of S3 was worth, as the object itself tells. */
async function stillThere(
  { client, bucket, signal }: Call,
  { key }: DeleteTarget,
): Promise<DeleteFailure[]> {
  try {
    await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
    const message = 'The service answered as if it had deleted the object, and still has it.'
    return [{ key, code: 'NotDeleted', message }]
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

async function deleteOne(call: Call, target: DeleteTarget): Promise<DeleteFailure[]> {
  const { client, bucket, signal, pins } = call
  const condition = pins === 'unknown' ? {} : { IfMatch: conditionOf(target) }
  const input = { Bucket: bucket, Key: target.key, ...condition }
  try {
    const answer = await client.send(new DeleteObjectCommand(input), { abortSignal: signal })
    return answer.$metadata.httpStatusCode === NO_CONTENT ? [] : await stillThere(call, target)
  } catch (error) {
    const failure = serviceFailure(error)
    const { code, message, status } = failure
    if (status === undefined || (pins === 'unproven' && refusesConditions(failure))) throw error
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

const LOOKS = 16

/** The targets that are as they were listed; one that is gone needs no delete, one that changed is told. */
async function unchanged(
  { client, bucket, signal }: Call,
  targets: readonly DeleteTarget[],
): Promise<{ same: DeleteTarget[]; failures: DeleteFailure[] }> {
  const same: DeleteTarget[] = []
  const failures: DeleteFailure[] = []
  const next = targets.values()
  const look = async (): Promise<void> => {
    for (const target of next) {
      const input = { Bucket: bucket, Key: target.key }
      const found = await client
        .send(new HeadObjectCommand(input), { abortSignal: signal })
        .catch((error: unknown) => {
          if (!isGone(error)) throw error
        })
      if (found?.ETag === conditionOf(target)) same.push(target)
      else if (found)
        failures.push({
          key: target.key,
          code: 'PreconditionFailed',
          message: 'The object changed after it was listed.',
        })
    }
  }
  await Promise.all(Array.from({ length: LOOKS }, look))
  return { same, failures }
}

/** Without conditions the next best is to look at each object right before it is deleted. */
async function deleteSeen(call: Call, targets: readonly DeleteTarget[]): Promise<DeleteFailure[]> {
  const { same, failures } = await unchanged(call, targets)
  return [...failures, ...(await deleteAll(call, same))]
}

/** Whether a service that refused a request with conditions refuses the smallest one as well. */
async function knowsConditions(call: Call, [first]: readonly DeleteTarget[]): Promise<boolean> {
  try {
    if (first) await deleteAll(call, [first])
    return true
  } catch (error) {
    if (refusesConditions(serviceFailure(error))) return false
    throw error
  }
}

/**
 * Deletes by DeleteObjects; each object only while it has its ETag. A service that does not know
 * conditions on deletes is asked for the ETag right before.
 */
export function deleter(client: S3Client): Store['deleteObjects'] {
  let pins: Pins = 'unproven'
  return async (bucket, targets, signal) => {
    const call = { client, bucket, signal }
    if (pins === 'unproven')
      try {
        const failures = await deleteAll({ ...call, pins }, targets)
        pins = 'known'
        return failures
      } catch (error) {
        if (!refusesConditions(serviceFailure(error))) throw error
        // One refusal may be that of a request which was damaged on its way.
        pins = (await knowsConditions({ ...call, pins }, targets)) ? 'known' : 'unknown'
      }
    return (pins === 'known' ? deleteAll : deleteSeen)({ ...call, pins }, targets)
  }
}
