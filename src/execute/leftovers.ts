import type { Session, Sessions } from '../credentials/session.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import type { Plan } from '../model/op.ts'
import { humanObjects } from '../model/units.ts'
import { readCopies } from '../plan/plan-file.ts'
import type { Files, FoundUpload, Log } from '../ports.ts'
import type { Facts } from '../preflight/preflight.ts'
import { abortAll } from './uploads.ts'

interface LeftoverGround {
  readonly facts: Facts
  readonly sessions: Sessions
  readonly plan: Plan
  readonly files: Files
  readonly timeoutMs: number
  readonly log: Log
}

/** A role is the same whatever its session is called. */
const principalOf = (arn: string): string => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1')

/** Who writes the destination. */
export const carrierSession = (
  { transfer, destination }: Facts,
  sessions: Sessions,
): Session | undefined =>
  transfer.carrier === destination.store ? sessions.destination : sessions.source

/** Unfinished uploads of the one who writes, by their keys. */
async function ownUploads(
  { destination, transfer }: Facts,
  arn: string,
): Promise<Map<string, FoundUpload[]>> {
  const own = new Map<string, FoundUpload[]>()
  for await (const upload of transfer.carrier.uploads(destination.bucket, destination.prefix)) {
    const { key, initiator } = upload
    if (initiator === undefined || principalOf(initiator) !== principalOf(arn)) continue
    own.set(key, [...(own.get(key) ?? []), upload])
  }
  return own
}

/**
 * Aborts what an earlier run left that was killed: unfinished uploads that the same identity began, of
 * objects that this plan copies. What others began stays. A service that does not tell who began an
 * upload, or an identity that may not look, keeps what there is.
 */
export async function abortLeftovers(ground: LeftoverGround): Promise<void> {
  const { facts, sessions, plan, files, timeoutMs, log } = ground
  const arn = carrierSession(facts, sessions)?.facts.arn
  if (!arn) return
  try {
    const own = await ownUploads(facts, arn)
    if (own.size === 0) return
    const left: FoundUpload[] = []
    for await (const { to } of readCopies(files, plan)) left.push(...(own.get(to) ?? []))
    const failures = await abortAll(left, facts.transfer.carrier.objects, timeoutMs)
    const aborted = left.length - failures.length
    if (aborted > 0)
      log.line(
        'info',
        `${humanObjects(aborted, 'upload')} that an earlier run left unfinished: aborted.`,
      )
    for (const failure of failures.slice(0, 1))
      log.line(
        'warn',
        `Unfinished uploads could not be aborted: ${serviceFailure(failure).message}`,
      )
  } catch (error) {
    log.line(
      'debug',
      `Unfinished uploads could not be looked for: ${serviceFailure(error).message}`,
    )
  }
}
