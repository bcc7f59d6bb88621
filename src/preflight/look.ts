import { denialIn, titleOfDenial } from '../errors/denial.ts'
import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError, titleOf } from '../errors/sync-error.ts'
import type { Check, CheckName } from '../model/report.ts'

/** What a look came to: something found, or a problem that stops the run, or neither. */
export interface Looked<T = unknown> {
  readonly check: Check
  readonly found?: T | undefined
  readonly problem?: SyncError | undefined
}

/** A look that needs no request. */
export const seen = (name: CheckName, status: Check['status'], detail: string): Looked<never> => ({
  check: { name, status, detail },
})

/** A look that stops the run. */
export const problem = (name: CheckName, error: SyncError): Looked<never> => ({
  check: { name, status: 'fail', detail: titleOf(error) },
  problem: error,
})

/** Looks at what the run cannot do without: a SyncError is a problem, any other error is thrown. */
export async function demand<T>(
  name: CheckName,
  work: () => Promise<T>,
  detail: (found: T) => string,
): Promise<Looked<T>> {
  try {
    const found = await work()
    return { found, ...seen(name, 'pass', detail(found)) }
  } catch (error) {
    if (!(error instanceof SyncError)) throw error
    return problem(name, error)
  }
}

/** A look that could not be had: the run goes on without it. */
export function unseen(name: CheckName, error: unknown): Looked<never> {
  const { code, message } = serviceFailure(error)
  const denial = denialIn(message)
  if (denial) return seen(name, 'not-allowed', titleOfDenial(denial))
  if (code === 'AccessDenied') return seen(name, 'not-allowed', message)
  if (code === 'Cancelled' || code === 'RequestTimeout')
    return seen(name, 'not-known', 'the service did not answer in time')
  return seen(name, 'not-known', `${code}: ${message}`)
}
