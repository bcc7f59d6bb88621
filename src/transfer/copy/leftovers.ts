import type { Session, Sessions } from '../../credentials/session.ts'
import { serviceFailure } from '../../errors/service-failure.ts'
import type { Plan } from '../../model/op.ts'
import { humanObjects } from '../../model/units.ts'
import { readCopies } from '../../plan/plan-file.ts'
import type { Files, Log } from '../../ports.ts'
import type { Facts } from '../../preflight/preflight.ts'
import type { UploadJournal } from '../../storage/journaled.ts'
import type { FoundUpload } from '../../storage/store.ts'
import { abortAll, abortUnheard, ownUploads } from '../uploads.ts'

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

/** Who writes the destination. */
export const carrierSession = (
  { transferPath, destination }: Facts,
  sessions: Sessions,
): Session | undefined =>
  transferPath.carrier === destination.store ? sessions.destination : sessions.source

/** Unfinished uploads of the one who writes, by their keys: those that were found, where a listing of them fails. */
async function uploadsByKey(
  { facts, log }: LeftoverInput,
  arn: string,
  signal: AbortSignal,
): Promise<Map<string, FoundUpload[]>> {
  const { destination, transferPath } = facts
  const own = new Map<string, FoundUpload[]>()
  try {
    for await (const upload of ownUploads(transferPath.carrier, destination, arn, signal)) {
      const ofKey = own.get(upload.key) ?? []
      ofKey.push(upload)
      own.set(upload.key, ofKey)
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
    const own = await uploadsByKey(input, arn, signal)
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

/**
 * Aborts what requests of this run may have begun whose answers were lost: it was asked for again, and its parts would
 * cost storage until somebody looks. What cannot be settled is left to the post step, as all of it is behind a cancel.
 */
export async function abortUnheardOf(
  journal: UploadJournal,
  { facts, sessions, timeoutMs, log, signal }: Omit<LeftoverInput, 'plan' | 'files'>,
): Promise<void> {
  const { begun, unheard } = journal.open()
  if (unheard.length === 0 || signal.aborted) return
  const arn = carrierSession(facts, sessions)?.facts.arn
  try {
    const store = facts.transferPath.carrier
    const within = AbortSignal.any([signal, AbortSignal.timeout(TIDYING_MS)])
    const search = { store, arn, known: begun, timeoutMs, signal: within }
    const aborted = await abortUnheard(unheard, search)
    journal.settleUnheard()
    if (aborted > 0)
      log.line(
        'info',
        `${humanObjects(aborted, 'unfinished upload')} whose CreateMultipartUpload response was lost: aborted.`,
      )
  } catch (error) {
    log.line(
      'debug',
      `Uploads whose CreateMultipartUpload response was lost could not be looked for: ${serviceFailure(error).message}`,
    )
  }
}
