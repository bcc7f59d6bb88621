import type { Session, Sessions } from '../../credentials/session.ts'
import { serviceFailure } from '../../errors/service-failure.ts'
import type { Plan } from '../../model/op.ts'
import { humanObjects } from '../../model/units.ts'
import { readCopies } from '../../plan/plan-file.ts'
import type { Files, Log } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import type { FoundUpload } from '../../storage/store.ts'
import { abortAll } from '../uploads.ts'

interface LeftoverInput {
  readonly facts: Facts
  readonly sessions: Sessions
  readonly plan: Plan
  readonly files: Files
  readonly timeoutMs: number
  readonly log: Log
  readonly signal: AbortSignal
}

/** Nobody waits longer for what an earlier run left: the next run comes to the rest. */
const TIDYING_MS = 30_000

/** No ARN is longer. */
const MOST_ARN_CHARS = 2048

/** A role is the same whatever its session is called. */
const principalOf = (arn: string): string => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1')

/** Who writes the destination. */
export const carrierSession = (
  { transferPath, destination }: Facts,
  sessions: Sessions,
): Session | undefined =>
  transferPath.carrier === destination.store ? sessions.destination : sessions.source

/** Unfinished uploads of the one who writes, by their keys: those that were found, where a listing of them fails. */
async function ownUploads(
  { facts, log }: LeftoverInput,
  arn: string,
  signal: AbortSignal,
): Promise<Map<string, FoundUpload[]>> {
  const { destination, transferPath } = facts
  const own = new Map<string, FoundUpload[]>()
  try {
    for await (const upload of transferPath.carrier.uploads(destination, signal)) {
      const { key, initiator } = upload
      if (initiator === undefined || initiator.length > MOST_ARN_CHARS) continue
      if (principalOf(initiator) !== principalOf(arn)) continue
      const ofKey = own.get(key) ?? []
      ofKey.push(upload)
      own.set(key, ofKey)
    }
  } catch (error) {
    const { message } = serviceFailure(error)
    log.line('debug', `Not all unfinished multipart uploads could be listed: ${message}`)
  }
  return own
}

/**
 * Aborts what an earlier run left that was killed: unfinished uploads that the same identity began, of
 * objects that this plan copies. What others began stays. A service that does not tell who began an
 * upload, or an identity that may not look, keeps what there is.
 */
export async function abortLeftovers(input: LeftoverInput): Promise<void> {
  const { facts, sessions, plan, files, timeoutMs, log } = input
  const signal = AbortSignal.any([input.signal, AbortSignal.timeout(TIDYING_MS)])
  const arn = carrierSession(facts, sessions)?.facts.arn
  if (!arn) return
  try {
    const own = await ownUploads(input, arn, signal)
    if (own.size === 0) return
    const left: FoundUpload[] = []
    for await (const { to } of readCopies(files, plan)) left.push(...(own.get(to) ?? []))
    const failures = await abortAll(left, facts.transferPath.carrier.objects, { timeoutMs, signal })
    const aborted = left.length - failures.length
    if (aborted > 0)
      log.line(
        'info',
        `${humanObjects(aborted, 'upload')} left unfinished by an earlier run: aborted.`,
      )
    for (const failure of failures.slice(0, 1))
      log.line(
        'warn',
        `Unfinished multipart uploads could not be aborted: ${serviceFailure(failure).message}`,
      )
  } catch (error) {
    log.line(
      'debug',
      `Unfinished multipart uploads could not be listed: ${serviceFailure(error).message}`,
    )
  }
}
