import { toText } from '../bytes.ts'
import { accessDenied, refusal } from '../iam/authorize.ts'
import type { Access, ConditionContext } from '../iam/policy.ts'
import { serviceError } from '../reply.ts'
import type { Exchange, Place } from '../service.ts'
import { type Bucket, etagOf, type StoredObject } from '../store.ts'
import { matchesEtag } from './conditions.ts'
import { notImplemented } from './request-rules.ts'

/** What anybody may do in a public bucket. */
const PUBLIC_ACTIONS: readonly string[] = ['s3:GetObject', 's3:ListBucket']

/** A bucket, or an object in it, as the target of an action. */
export interface Target {
  readonly bucket: string
  readonly keyBytes?: string
  readonly context?: ConditionContext
}

/** Throws AccessDenied unless the caller may do this. */
export function demand(exchange: Exchange, action: string, target: Target): void {
  if (!isPublic(exchange, action, target.bucket)) demandAccess(exchange, accessTo(action, target))
}

/** Whether the caller may do this. */
export function allows(exchange: Exchange, action: string, target: Target): boolean {
  const { caller } = exchange
  if (isPublic(exchange, action, target.bucket)) return true
  return caller !== undefined && refusal(caller, accessTo(action, target)) === undefined
}

/** Throws AccessDenied unless the caller may do this, to whatever it is. */
export function demandAccess({ caller }: Exchange, access: Access): void {
  if (caller === undefined) throw serviceError('AccessDenied', 'Access Denied')
  const reason = refusal(caller, access)
  if (reason !== undefined) throw accessDenied(caller, access, reason)
}

function isPublic({ service }: Exchange, action: string, bucket: string): boolean {
  return PUBLIC_ACTIONS.includes(action) && service.buckets.get(bucket)?.public === true
}

function accessTo(action: string, { bucket, keyBytes, context }: Target): Access {
  const path = keyBytes === undefined ? bucket : `${bucket}/${toText(keyBytes)}`
  const resource = `arn:aws:s3:::${path}`
  return context === undefined ? { action, resource } : { action, resource, context }
}

/** The bucket, or NoSuchBucket. */
export function bucketOf({ service }: Exchange, name: string): Bucket {
  const bucket = service.buckets.get(name)
  if (bucket !== undefined) return bucket
  throw serviceError('NoSuchBucket', 'The specified bucket does not exist', {
    details: { BucketName: name },
  })
}

/** The object; without it NoSuchKey, or AccessDenied for those who may not list the bucket. */
export function objectAt(exchange: Exchange, { bucket, keyBytes }: Place): StoredObject {
  const object = bucket.objects.get(keyBytes)
  if (object !== undefined) return object
  demand(exchange, 's3:ListBucket', { bucket: bucket.name })
  throw serviceError('NoSuchKey', 'The specified key does not exist.', {
    details: { Key: keyBytes },
  })
}

/** PreconditionFailed, naming the condition. */
export const preconditionFailed = (condition: string) =>
  serviceError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    { details: { Condition: condition } },
  )

/** S3 serves one condition on a write, and `If-None-Match` with `*` alone. */
function checkServedConditions(headers: Exchange['request']['headers']): void {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  if (ifNoneMatch === undefined) return
  if (ifNoneMatch !== '*') {
    throw notImplemented(
      'If-None-Match',
      "We don't accept the provided value of If-None-Match header for this API",
    )
  }
  if (ifMatch === undefined) return
  throw notImplemented(
    'If-Match,If-None-Match',
    'Multiple conditional request headers present in the request',
  )
}

/** Judges `If-None-Match: *` and `If-Match` of a write against what is there now. */
export function checkWriteConditions(exchange: Exchange, { bucket, keyBytes }: Place): void {
  const existing = bucket.objects.get(keyBytes)
  const { headers } = exchange.request
  const ifNoneMatch = headers['if-none-match']
  checkServedConditions(headers)
  if (ifNoneMatch !== undefined && existing !== undefined) throw preconditionFailed('If-None-Match')
  const ifMatch = headers['if-match']
  if (ifMatch === undefined) return
  // Who learns an ETag by a condition needs the right to read it.
  demand(exchange, 's3:GetObject', { bucket: bucket.name, keyBytes })
  if (existing === undefined) {
    throw serviceError('NoSuchKey', 'The specified key does not exist.', {
      details: { Key: keyBytes },
    })
  }
  if (!matchesEtag(ifMatch, etagOf(existing))) throw preconditionFailed('If-Match')
}
