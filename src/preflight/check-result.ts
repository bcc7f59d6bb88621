import { denialIn, titleOfDenial } from '../errors/denial.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError, titleOf } from '../errors/sync-error.ts'
import type { Check, CheckName } from '../model/report.ts'

/** What a check came to: something found, or a problem that stops the run, or neither. */
export interface CheckResult<T = unknown> {
  readonly check: Check
  readonly found?: T | undefined
  readonly problem?: SyncError | undefined
}

/** A check that stops nothing. */
export const checked = (
  name: CheckName,
  status: Check['status'],
  detail: string,
): CheckResult<never> => ({
  check: { name, status, detail },
})

/** A check that stops the run. */
export const blocked = (name: CheckName, error: SyncError): CheckResult<never> => ({
  check: { name, status: 'fail', detail: titleOf(error) },
  problem: error,
})

/** Checks what the run cannot do without: a SyncError is a problem, any other error is thrown. */
export async function requiredCheck<T>(
  name: CheckName,
  work: () => Promise<T>,
  detail: (found: T) => string,
): Promise<CheckResult<T>> {
  try {
    const found = await work()
    return { found, ...checked(name, 'pass', detail(found)) }
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    return blocked(name, error)
  }
}

/** A check that could not be made: the run goes on without it. */
export function inconclusive(name: CheckName, error: unknown): CheckResult<never> {
  const { code, message } = serviceFailure(error)
  const denial = denialIn(message)
  if (denial) return checked(name, 'not-allowed', titleOfDenial(denial))
  if (code === 'AccessDenied') return checked(name, 'not-allowed', message)
  if (code === 'Cancelled' || code === 'RequestTimeout')
    return checked(name, 'not-known', 'the request to the service timed out')
  // Our own code for another document says less than its message.
  return checked(name, 'not-known', code === 'Unanswered' ? message : `${code}: ${message}`)
}
