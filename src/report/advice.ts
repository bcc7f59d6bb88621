import { adviceOf, type Denial, denialIn } from '../errors/denial.ts'
import { spokenRemedy } from '../errors/spoken.ts'
import { s3Arn } from '../model/arn.ts'
import type { Place } from '../model/place.ts'
import type { ErrorGroup, Report } from '../model/report.ts'

/** Both sides of a run, as far as they were found. */
export interface Places {
  readonly source?: Place | undefined
  readonly destination?: Place | undefined
}

/** ARN of all objects of the place that the refused one lies in; undefined where it is none of a run's. */
export function wholeOf({ resource = '' }: Denial, places: Places): string | undefined {
  const folders = [places.destination, places.source].filter((place) => place && !place.single)
  return folders
    .flatMap((place) => (place ? [s3Arn(place, place.prefix)] : []))
    .filter((folder) => resource.startsWith(folder))
    .map((folder) => `${folder}*`)[0]
}

const BY_MODE = 'run again; with mode: execute, make a new plan first'

/** What to do about the objects of one code: in the service's own terms where it says them, and as this mode can. */
export function advised(group: ErrorGroup, places: Places, mode: Report['mode']): ErrorGroup {
  const { code, objects, help, examples, message } = group
  const denial = denialIn(message)
  const next =
    mode === 'execute' || mode === 'finish' ? 'make a new plan with mode: plan' : 'run again'
  const resolution = denial
    ? adviceOf(denial, wholeOf(denial, places))
    : (spokenRemedy(group) ?? group.resolution.replace(BY_MODE, next))
  return { code, objects, resolution, help, examples, message }
}
