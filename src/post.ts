import type { Host } from './ports.ts'

/** After the job: says so when the step was killed before it could tell its result itself. */
export function post(host: Host): void {
  if (host.state('finished') !== '') return
  host.annotate(
    'warning',
    's3-direct-sync was killed',
    'The step ended before it could write its report, so its result is unknown. Run again: what was copied stays, and the rest is planned anew.',
  )
}
