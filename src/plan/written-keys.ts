import type { SyncError } from '../errors/sync-error.ts'
import { cut, KEY_CHARS } from '../model/cut.ts'
import { MOST_KEY_BYTES } from '../model/key.ts'
import { OWN_KEYS } from '../model/own-keys.ts'
import { addressOf, type Place } from '../model/place.ts'
import type { SelectionRequest } from '../model/request.ts'
import { humanCount } from '../model/units.ts'
import type { Part } from './part.ts'
import { refusal } from './refusal.ts'

/** Why no run can carry out copies to keys that no service takes. */
function refuseLongKeys(parts: readonly Part[]): SyncError | undefined {
  const key = parts.find(({ tooLong }) => tooLong !== undefined)?.tooLong
  if (key === undefined) return undefined
  const bytes = humanCount(Buffer.byteLength(key))
  const named = cut(JSON.stringify(key), KEY_CHARS)
  return refusal(
    `Key of ${bytes} bytes: ${named}`,
    `A key of the destination would have ${bytes} bytes in UTF-8, but S3 allows at most ${humanCount(MOST_KEY_BYTES)}: ${named}`,
    'Shorten its name or the prefix of destination, or exclude it.',
  )
}

/** Why keys of a plan cannot be written, or must not be. */
export const refuseKeys = (
  request: { readonly destination: Place; readonly rules: SelectionRequest },
  parts: readonly Part[],
): SyncError | undefined => refuseLongKeys(parts) ?? refuseOwnSums(request, parts)

/** Why SHA256SUMS must not be published: the source has one of its own, or it would speak of one object and take the place of one that speaks of all. */
function refuseOwnSums(
  { destination, rules }: { readonly destination: Place; readonly rules: SelectionRequest },
  parts: readonly Part[],
): SyncError | undefined {
  if (!rules.sums?.upload) return undefined
  const url = addressOf(destination, destination.prefix + OWN_KEYS.sums)
  if (destination.single)
    return refusal(
      'sha256sums: upload needs a folder, but source is a single object',
      `sha256sums: upload needs a folder, but source is a single object: ${OWN_KEYS.sums} would list nothing else.`,
      'Set sha256sums: true, which writes the file into report-dir only.',
    )
  if (!parts.some(({ hasSums }) => hasSums)) return undefined
  return refusal(
    `The source has its own ${OWN_KEYS.sums}`,
    `An object of the source would be copied to ${url}, where sha256sums: upload publishes the file of this run.`,
    `Exclude it ("/${OWN_KEYS.sums}"), or remove upload from sha256sums.`,
  )
}
