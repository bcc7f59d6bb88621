import { adviceOf, denialIn, titleOfDenial } from '../errors/denial.ts'
import { isTransient, type ServiceFailure, serviceFailure } from '../errors/service-failure.ts'
import { spokenRemedy } from '../errors/spoken.ts'
import { SyncError } from '../errors/sync-error.ts'
import { s3Arn } from '../model/arn.ts'
import type { Limit } from '../model/limit.ts'
import { optionHeaders, type WriteOptions } from '../model/write-options.ts'
import type { BucketEncryption, HeadResult, Store, Upload } from '../storage/store.ts'
import { blocked, type CheckResult, checked, inconclusive } from './check-result.ts'
import type { OpenPlace } from './places.ts'

const POLICY =
  'The smallest policy for this request is in the job summary, and in policy.json (output policy-path). Nothing was copied.'

/** A permission, and what it is wanted on. */
interface Wanted {
  readonly action: string
  /** ARN of all objects that need it. */
  readonly on: string
}

/** What to do about a refusal: in the service's own terms where it says them. */
function lacking(what: string, { action, on }: Wanted, error: unknown): SyncError {
  const { code, message } = serviceFailure(error)
  const denial = denialIn(message)
  const spoken = spokenRemedy({ message })
  if (spoken !== undefined)
    return new SyncError('preflight', spoken, {
      title: what,
      hint: `The service says: ${code}: ${message.replace(/\.$/, '')}. Nothing was copied.`,
      cause: error,
    })
  if (denial === undefined)
    return new SyncError('preflight', `${what}: allow ${action} on ${on} to this identity.`, {
      title: `${what}: ${action} denied`,
      hint: `The service says: ${code}: ${message.replace(/\.$/, '')}. ${POLICY}`,
      cause: error,
    })
  const wide = denial.action.startsWith('s3:') ? on : undefined
  return new SyncError('preflight', adviceOf(denial, wide), {
    title: titleOfDenial(denial, wide),
    hint: `${what}. The service says: ${message.replace(/\.$/, '')}. ${POLICY}`,
    cause: error,
  })
}

/** ARN of all objects of a place. */
const allOf = (place: OpenPlace): string =>
  s3Arn(place, place.single ? place.prefix : `${place.prefix}*`)

/** What is read to see whether objects can be. */
export interface Readable {
  readonly place: OpenPlace
  /** The first ones of the place. */
  readonly keys: readonly string[]
  /** Whether the run may leave out objects, so that those it cannot read may not matter. */
  readonly filtered: boolean
}

/** A key that is no valid UTF-8 was decoded so, and no request can name it. */
export const isNameable = (key: string): boolean => !key.includes('\uFFFD')

/** Looks at some of the first objects until one can be read. */
export async function readingProbe({
  place,
  keys,
  filtered,
}: Readable): Promise<CheckResult<HeadResult>> {
  const name = 'source-reading'
  let refusal: unknown
  for (const key of keys.filter(isNameable)) {
    const object = { bucket: place.bucket, key }
    try {
      const found = await place.store.stat(object)
      if (found) return { found, ...checked(name, 'pass', `HEAD ${key} is allowed`) }
    } catch (error) {
      // One reason stands for all of them.
      refusal ??= await place.store.refusalOf(object, error)
      if (serviceFailure(error).code !== 'AccessDenied') return inconclusive(name, refusal)
    }
  }
  if (refusal === undefined) return checked(name, 'not-known', 'there was no object to test')
  if (filtered) return inconclusive(name, refusal)
  const wanted = { action: 's3:GetObject', on: allOf(place) }
  return blocked(name, lacking('The source cannot be read', wanted, refusal))
}

/** Where it is seen whether objects can be written, and how they are. */
export interface Writable {
  readonly place: OpenPlace
  /** Full key that an upload is begun for; an object that stands there is left as it is. */
  readonly key: string
  readonly carrier: Store
  readonly write: WriteOptions
  readonly timeoutMs: number
}

const hasOptions = ({ storageClass, sse, acl }: WriteOptions): boolean =>
  [storageClass, sse, acl].some((option) => option !== undefined)

/** A refusal of the upload that every copy would meet as well; undefined where that is not known. */
function refused(error: unknown, { place, key, write }: Writable): SyncError | undefined {
  const { code, message, status } = serviceFailure(error)
  const wanted = { action: 's3:PutObject', on: place.single ? s3Arn(place, key) : allOf(place) }
  if (code === 'AccessDenied') return lacking('The destination cannot be written', wanted, error)
  if (!hasOptions(write)) return undefined
  const spoken = spokenRemedy({ message })
  if (spoken === undefined && status !== 400) return undefined
  return new SyncError('preflight', `The destination refuses the upload: ${code}: ${message}`, {
    hint: `${spoken ?? 'Check whether the bucket allows storage-class, sse, sse-kms-key-id and acl.'} Nothing was copied.`,
    cause: error,
  })
}

const ATTEMPTS = 3

/** Asks again where that may help: much hangs on the answer, and the requests below are made once. */
export async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      return await ask()
    } catch (error) {
      if (left === 1 || !isTransient(serviceFailure(error))) throw error
    }
  }
}

/** Aborts what was begun only to see that it can be; gives why it stays. */
const abortOf = (
  { objects }: Store,
  upload: Upload,
  limit: Limit,
): Promise<ServiceFailure | undefined> =>
  insist(() => objects.abortUpload(upload, limit)).then(
    () => undefined,
    (error: unknown) => serviceFailure(error),
  )

/** Begins a multipart upload as the copies will be written, and aborts it: nothing is stored. */
export async function writingProbe(what: Writable): Promise<CheckResult> {
  const { place, key, carrier, write, timeoutMs } = what
  const name = 'destination-writing'
  const to = { bucket: place.bucket, key }
  const limit = { timeoutMs }
  try {
    const bare = { to, only: undefined, headers: optionHeaders(write) }
    const upload = await insist(() => carrier.objects.startUpload(bare, limit))
    const failed = await abortOf(carrier, upload, limit)
    if (failed) {
      const { code, message } = failed
      const why =
        code === 'AccessDenied'
          ? `s3:AbortMultipartUpload on ${s3Arn(place, to.key)} is denied`
          : `${code}: ${message}`
      return checked(
        name,
        'warn',
        `a test upload to ${to.key} was started, and could not be aborted: ${why}`,
      )
    }
    return checked(name, 'pass', `a test upload to ${to.key} was started and aborted`)
  } catch (error) {
    const refusal = refused(error, what)
    return refusal ? blocked(name, refusal) : inconclusive(name, error)
  }
}

const encryptionText = (found: BucketEncryption | undefined): string =>
  found ? [found.algorithm, found.kmsKey].filter(Boolean).join(' ') : 'none unless set by input'

/** What a bucket encrypts objects with. */
export const encryptionProbe = async (
  name: 'source-encryption' | 'destination-encryption',
  { store, bucket }: Pick<OpenPlace, 'store' | 'bucket'>,
): Promise<CheckResult<BucketEncryption>> => {
  try {
    const found = await insist(() => store.bucketEncryption(bucket))
    return { found, ...checked(name, 'pass', encryptionText(found)) }
  } catch (error) {
    return inconclusive(name, error)
  }
}

/** Whether what is overwritten or deleted in a bucket can be had back. */
export async function versioningProbe({
  store,
  bucket,
}: Pick<OpenPlace, 'store' | 'bucket'>): Promise<CheckResult<boolean>> {
  const name = 'destination-versioning'
  try {
    const found = await insist(() => store.isVersioned(bucket))
    return found
      ? {
          found,
          ...checked(
            name,
            'pass',
            'enabled: older versions are kept, a delete adds a marker and frees no space',
          ),
        }
      : {
          found,
          ...checked(
            name,
            'warn',
            'not versioned: overwritten or deleted objects cannot be restored',
          ),
        }
  } catch (error) {
    return inconclusive(name, error)
  }
}
