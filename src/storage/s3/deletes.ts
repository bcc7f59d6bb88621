import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3'
import { ServiceError } from '../../errors/service-error.ts'
import { isMissing, isRefusal, namedFailure, serviceFailure } from '../../errors/service-failure.ts'
import { inParallel } from '../../flow/pool.ts'
import { otherEtag, plainEtag } from '../../model/etag.ts'
import { isAsListed } from '../../model/object-info.ts'
import type { Capabilities } from '../capabilities.ts'
import type { DeleteFailure, DeleteLimits, DeleteTarget, Store } from '../store.ts'

/** XML has no way to write the others, or none that every parser keeps. */
const XML_TEXT = /^[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
/** Blanks that may be trimmed, or folded into one: the rest would be the key of another object. */
const LOOSE_BLANKS = /(^|\/)\s|\s(\/|$)|\s\s/

/** Whether every parser reads the key as it is; any other has to stand in the URL. */
const standsInXml = (key: string): boolean => XML_TEXT.test(key) && !LOOSE_BLANKS.test(key)

interface Call {
  readonly client: S3Client
  readonly bucket: string
  readonly limits: DeleteLimits
  /** Whether DeleteObjects tells ETags. */
  readonly pinned: boolean
}

/** Of an object without an ETag nothing can be asked. */
const conditionOf = ({ etag }: DeleteTarget): string | undefined =>
  etag === '' ? undefined : `"${etag}"`

/** Whether a service may say so that it does not know such a request; the same in another form proves it. */
const isOdd = (error: unknown): boolean => {
  const failure = serviceFailure(error)
  if (['OtherKeysNamed', 'AnswerTooLong'].includes(failure.code)) return false
  // What answers by a page of its own has deleted nothing, or says nothing of it.
  if (failure.status === 200) return true
  return isRefusal(failure) && !['AccessDenied', 'NoSuchBucket'].includes(failure.code)
}

interface Answer {
  readonly failures: DeleteFailure[]
  /** Targets that the service did not say a word about. */
  readonly rest: readonly DeleteTarget[]
}

/** Who deletes other objects than it was asked to must not be asked again. */
function refuseOthers(
  named: ReadonlySet<string | undefined>,
  targets: readonly DeleteTarget[],
): void {
  const asked = new Set(targets.map(({ key }) => key))
  const [other] = [...named].filter((key) => key && !asked.has(key))
  if (other === undefined) return
  const message = `A request to delete ${targets.length} objects returned a key that is not one of them: ${JSON.stringify(other)}.`
  throw new ServiceError('OtherKeysNamed', message, { status: 200 })
}

async function deleteMany(
  { client, bucket, limits: { signal, pace }, pinned }: Call,
  targets: readonly DeleteTarget[],
): Promise<Answer> {
  if (targets.length === 0) return { failures: [], rest: [] }
  const objects = targets.map((target) => ({
    Key: target.key,
    ETag: pinned ? conditionOf(target) : undefined,
  }))
  const input = { Bucket: bucket, Delete: { Objects: objects } }
  await pace()
  const { Errors = [], Deleted = [] } = await client.send(new DeleteObjectsCommand(input), {
    abortSignal: signal,
  })
  const named = new Set([...Errors, ...Deleted].map(({ Key }) => Key))
  refuseOthers(named, targets)
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
  { client, bucket, limits: { signal, pace } }: Call,
  { key }: DeleteTarget,
): Promise<DeleteFailure[]> {
  await pace()
  try {
    await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
    const message = 'The service confirmed the delete, but the object still exists.'
    return [{ key, code: 'NotDeleted', message }]
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Deletes one object while it has its ETag; where the service refuses such a request, after a look at the object. */
async function deleteOne(call: Call, target: DeleteTarget, bound = true): Promise<DeleteFailure[]> {
  const { client, bucket, limits } = call
  const { signal, pace } = limits
  const input = {
    Bucket: bucket,
    Key: target.key,
    IfMatch: bound ? conditionOf(target) : undefined,
  }
  await pace()
  try {
    const answer = await client.send(new DeleteObjectCommand(input), { abortSignal: signal })
    return answer.$metadata.httpStatusCode === NO_CONTENT ? [] : await stillThere(call, target)
  } catch (error) {
    const { code, message, status } = serviceFailure(error)
    if (status === undefined) throw error
    if (!bound || !isOdd(error) || isMissing(error)) return [{ key: target.key, code, message }]
    const { same, failures } = await unchanged(call, [target])
    return same.length === 0 ? failures : deleteOne(call, target, false)
  }
}

const AT_ONCE = 64

/** Targets of which a service says that they changed. */
function doubts(failures: readonly DeleteFailure[], targets: readonly DeleteTarget[]) {
  const changed = new Set(
    failures.filter(({ code }) => code === 'PreconditionFailed').map(({ key }) => key),
  )
  return {
    kept: failures.filter(({ key }) => !changed.has(key)),
    doubted: targets.filter(({ key }) => changed.has(key)),
  }
}

async function deleteAll(call: Call, targets: readonly DeleteTarget[]): Promise<DeleteFailure[]> {
  const plain = targets.filter(({ key }) => standsInXml(key))
  const odd = targets.filter(({ key }) => !standsInXml(key))
  const { failures, rest } = await deleteMany(call, plain).catch((error: unknown): Answer => {
    // There are services that know no other deletes than single ones.
    if (!isOdd(error)) throw error
    return { failures: [], rest: plain }
  })
  // Who says that an object changed which did not compares by other rules: it is looked at, and deleted without.
  const { kept, doubted } = doubts(failures, plain)
  const open = new Set([...rest, ...doubted, ...odd])
  try {
    // Only what the service says is gone counts; a second delete of the same object does no harm.
    await inParallel([...open], AT_ONCE, async (target) => {
      kept.push(...(await deleteOne(call, target)))
      open.delete(target)
    })
  } catch (error) {
    const { code, message, status } = serviceFailure(error)
    if (call.limits.signal.aborted || status !== undefined) throw error
    // Of all the others it is known what became of them.
    for (const { key } of open) kept.push({ key, code, message, unheard: true })
  }
  return kept
}

/** Whether an object is what was listed; without ETags, and without what else was listed, nobody can tell. */
function isTarget(
  { etag, size, lastModified }: DeleteTarget,
  { ETag, ContentLength = 0, LastModified }: HeadObjectCommandOutput,
): boolean {
  const found = plainEtag(ETag)
  if (size === undefined || lastModified === undefined) return !otherEtag(found, etag)
  const modified = LastModified?.toISOString() ?? ''
  return isAsListed(
    { size, etag, modified: lastModified },
    { size: ContentLength, etag: found, modified },
  )
}

/** The targets that are as they were listed; one that is gone needs no delete, one that changed is told. */
async function unchanged(
  { client, bucket, limits: { signal, pace } }: Call,
  targets: readonly DeleteTarget[],
): Promise<{ same: DeleteTarget[]; failures: DeleteFailure[] }> {
  const same: DeleteTarget[] = []
  const failures: DeleteFailure[] = []
  await inParallel(targets, AT_ONCE, async (target) => {
    await pace()
    const input = { Bucket: bucket, Key: target.key }
    const found = await client
      .send(new HeadObjectCommand(input), { abortSignal: signal })
      .catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
    if (found && isTarget(target, found)) same.push(target)
    else if (found)
      failures.push({
        key: target.key,
        code: 'PreconditionFailed',
        message: 'The object changed after it was listed.',
      })
  })
  return { same, failures }
}

/** Without conditions the next best is to look at each object right before it is deleted. */
async function deleteSeen(call: Call, targets: readonly DeleteTarget[]): Promise<DeleteFailure[]> {
  const { same, failures } = await unchanged(call, targets)
  return [...failures, ...(await deleteAll(call, same))]
}

/** An ETag that no object has. */
const NOBODYS = '0'.repeat(32)

/** What was found out about a service, and the targets that are still to be deleted. */
interface Trial {
  /** Whether conditions are heeded; undefined: still not known. */
  readonly heeded: boolean | undefined
  readonly rest: readonly DeleteTarget[]
}

/**
 * Whether a service heeds conditions: those that ignore them answer as if they had. One object that is as it was
 * listed is to be deleted under an ETag that it has not; where it goes all the same, it is gone as it should be.
 */
async function tryConditions(call: Call, targets: readonly DeleteTarget[]): Promise<Trial> {
  const open = { heeded: undefined, rest: targets }
  const first = targets.find(({ key }) => standsInXml(key))
  let target: DeleteTarget | undefined
  try {
    target = (await unchanged(call, first ? [first] : [])).same[0]
  } catch (error) {
    if (serviceFailure(error).code !== 'AccessDenied') throw error
    // Who may not look has nothing better than the conditions.
    return { heeded: true, rest: targets }
  }
  if (!target) return open
  const { failures, rest } = await deleteMany(call, [{ ...target, etag: NOBODYS }])
  const [refusal] = failures
  if (refusal?.code === 'PreconditionFailed') return { heeded: true, rest: targets }
  if (refusal || rest.length > 0) return open
  return { heeded: false, rest: targets.filter((one) => one !== target) }
}

/** The same of a service that may refuse conditions; one refusal may be that of a request which was damaged on its way. */
async function trialOf(call: Call, targets: readonly DeleteTarget[]): Promise<Trial> {
  for (let left = 2; ; left--)
    try {
      return await tryConditions(call, targets)
    } catch (error) {
      if (!isOdd(error)) throw error
      if (left === 1) return { heeded: false, rest: targets }
    }
}

/**
 * Deletes by DeleteObjects; each object only while it has its ETag. A service that does not know conditions on
 * deletes, or ignores them, is asked for the ETag right before.
 */
export function deleter(client: S3Client, capabilities: Capabilities): Store['deleteObjects'] {
  return async (bucket, targets, limits) => {
    const call = { client, bucket, limits }
    let open = targets
    if (capabilities.conditionalDeletes === undefined) {
      const trial = await trialOf({ ...call, pinned: true }, targets)
      if (trial.heeded !== undefined) capabilities.conditionalDeletes = trial.heeded
      open = trial.rest
    }
    // What has no ETag cannot be pinned to one.
    const isPinned = ({ etag }: DeleteTarget) => capabilities.conditionalDeletes && etag !== ''
    const pinned = open.filter(isPinned)
    const seen = open.filter((target) => !isPinned(target))
    return [
      ...(await deleteAll({ ...call, pinned: true }, pinned)),
      ...(await deleteSeen({ ...call, pinned: false }, seen)),
    ]
  }
}
