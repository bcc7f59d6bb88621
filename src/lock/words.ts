import { remedyFor } from '../errors/catalogue.ts'
import { adviceOf, denialIn } from '../errors/denial.ts'
import { type ServiceFailure, serviceFailure } from '../errors/service-failure.ts'
import { spokenRemedy } from '../errors/spoken.ts'
import { SyncError } from '../errors/sync-error.ts'
import { type LockRequest, lockUrl } from '../model/lock.ts'
import { humanSeconds } from '../model/units.ts'
import type { SeenLock } from './lock-object.ts'
import { MARGIN_MS } from './stale.ts'

const ENCRYPTED = ', and kms:Decrypt and kms:GenerateDataKey on its key if the bucket uses SSE-KMS'

const seconds = (ms: number): string => humanSeconds(Math.max(0, Math.round(ms / 1000)))

/** Who holds a lock, and until when at the least, as a person reads it. */
export function holderOf({ body, ageMs }: SeenLock, ttlMs: number): string {
  const who = !body
    ? 'an object that is not a lock of this action'
    : body.runUrl === ''
      ? `the run ${body.owner}`
      : `the run ${body.runUrl} (owner ${body.owner})`
  if (ageMs === undefined) return `${who}; the service does not tell when it was last renewed`
  const leftMs = ttlMs + MARGIN_MS - ageMs
  const until =
    leftMs > 0 ? `it expires in ${seconds(leftMs)} unless it is renewed again` : 'it has expired'
  return `${who}; last renewed ${seconds(ageMs)} ago, ${until}`
}

/** The lock was held until the wait was over; `expires`: whether that of a run that was killed does by itself. */
export const heldError = (lock: LockRequest, holder: string, expires: boolean): SyncError =>
  new SyncError('lock', `The lock ${lockUrl(lock)} is held by ${holder}.`, {
    title: 'Another run holds the lock',
    hint: `This run waited ${seconds(lock.waitMs)}, and nothing was touched. Run again when the other run has finished, or set a longer wait (lock: …,wait=30m). ${
      expires
        ? 'If the other run was killed, its lock expires by itself; if you are sure of that, you can also delete the lock object.'
        : 'Without that time its lock never expires: if you are sure that the other run was killed, delete the lock object.'
    }`,
  })

/** The lock was held until the run had to end. */
export const endedError = (lock: LockRequest, waitedMs: number, holder: string): SyncError =>
  new SyncError('lock', `The lock ${lockUrl(lock)} is held by ${holder}.`, {
    title: 'The run reached max-duration while another run held the lock',
    hint: `This run waited ${seconds(waitedMs)}, and nothing was touched. Run again when the other run has finished, or raise max-duration.`,
  })

/** Something else has the key of the lock, which is not to be overwritten. */
export const foreignError = (lock: LockRequest): SyncError =>
  new SyncError('lock', `${lockUrl(lock)} is an object that is not a lock of this action.`, {
    title: 'The key of the lock belongs to another object',
    hint: 'It was not overwritten. Set another key for lock; if the object is not needed, delete it. Nothing was touched.',
  })

/** What to do where the service does not let a lock be taken. */
function hintOf(lock: LockRequest, failure: ServiceFailure): string {
  const { code, message } = failure
  const denial = denialIn(message)
  if (denial) return adviceOf(denial)
  const spoken = spokenRemedy(failure)
  if (spoken !== undefined) return spoken
  if (code === 'AccessDenied')
    return `Allow s3:PutObject, s3:GetObject and s3:DeleteObject on ${lockUrl(lock)} to the identity that writes the destination${ENCRYPTED}.`
  return remedyFor(failure) ?? 'Check endpoint-url and the name of the lock.'
}

/** Nobody could tell whether the lock was taken; what says itself what is to be done stays as it is. */
export function untakenError(lock: LockRequest, error: unknown): SyncError {
  if (error instanceof SyncError) return error
  const failure = serviceFailure(error)
  const { code, message } = failure
  const what = `The lock ${lockUrl(lock)} could not be taken: ${code}: ${message}`
  return new SyncError('lock', what, {
    title: `The lock could not be taken: ${code}`,
    hint: `${hintOf(lock, failure)} Nothing was touched.`,
    cause: error,
  })
}

/** Who may not read cannot see who holds the lock. */
export const hiddenError = (lock: LockRequest): SyncError =>
  new SyncError(
    'lock',
    `The lock ${lockUrl(lock)} exists, but this run is not allowed to read it.`,
    {
      title: 'The lock cannot be read: permission denied',
      hint: `Allow s3:GetObject on ${lockUrl(lock)} to the identity that writes the destination${ENCRYPTED}. Nothing was touched.`,
    },
  )

/** A lock of a service that ignores conditions holds nobody back. */
export const voidError = (lock: LockRequest, what: string): SyncError =>
  new SyncError('lock', `A lock at ${lockUrl(lock)} would not work: ${what}.`, {
    title: 'The service does not support conditional writes, so a lock would not work',
    hint: "Remove lock, and use the workflow's concurrency instead. A lock needs If-None-Match and If-Match on writes, which S3 supports. Nothing was touched.",
  })

/** How a lock is lost. */
export type Loss =
  | { readonly to: string }
  | 'gone'
  | { readonly unheardMs: number; readonly why: string }

/** The lock is another's by now, or may be. */
export function lostError(lock: LockRequest, loss: Loss): SyncError {
  const again = 'Finished operations are kept: run again, and the rest is planned again.'
  const url = lockUrl(lock)
  if (loss === 'gone')
    return new SyncError(
      'lock',
      `Somebody deleted the lock ${url} during the run, so no further operation was started.`,
      {
        title: 'The lock was deleted during the run',
        hint: again,
      },
    )
  if ('to' in loss)
    return new SyncError(
      'lock',
      `The lock ${url} is now held by ${loss.to}, so no further operation was started.`,
      {
        title: 'The lock was lost to another run',
        hint: `This runner was paused for longer than the ttl of its lock. ${again} A longer ttl (lock: …,ttl=15m) allows longer pauses.`,
      },
    )
  return new SyncError(
    'lock',
    `The lock ${url} could not be renewed for ${seconds(loss.unheardMs)}, so no further operation was started: ${loss.why}`,
    {
      title: 'The lock could not be renewed',
      hint: `Check the network to the service. ${again} A longer ttl (lock: …,ttl=15m) allows longer outages.`,
    },
  )
}
