import type { Report } from '../model/report.ts'
import { details, fenced } from './markdown.ts'
import type { Surroundings } from './surroundings.ts'

const DENIED = /\bAccessDenied\b|not authorized to perform|\bdenied\b/

/** Whether the service refused what a policy can allow; a role's trust policy is another matter. */
export function wasDenied({ failure, errors }: Report): boolean {
  if (errors.some(({ code }) => code === 'AccessDenied')) return true
  return (
    failure !== undefined &&
    failure.kind !== 'credentials' &&
    DENIED.test(`${failure.title} ${failure.text}`)
  )
}

/** The smallest policy for the run, where it was denied something. */
export const policy = (report: Report, { policy: text }: Surroundings): string =>
  text !== undefined && wasDenied(report)
    ? details('The smallest IAM policy for this run', fenced('json', text))
    : ''
