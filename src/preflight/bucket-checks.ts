import type { Sessions } from '../credentials/session.ts'
import type { CheckName } from '../model/report.ts'
import { checksBuckets, type SyncRequest } from '../model/request.ts'
import type { Asked } from './asked.ts'
import { checked } from './check-result.ts'
import type { OpenPlace } from './places.ts'
import { encryptionProbe, versioningProbe } from './probes.ts'

/** Why nothing of files is asked for. */
export const OF_FILES = 'local files are read when they are compared and copied'
/** Why nothing is asked for in a run that writes nothing. */
export const NOTHING_COPIED = 'nothing is copied'

const NOT_KEPT = 'local files that are replaced or deleted cannot be restored'

/** What looks at buckets need. */
interface BucketChecksInput {
  readonly request: SyncRequest
  readonly sessions: Sessions
  readonly asked: Asked
}

/** Looks at how both buckets keep objects; a folder of this runner keeps none. */
export function bucketChecks(
  { source, destination }: Record<'source' | 'destination', OpenPlace>,
  { request, sessions, asked }: BucketChecksInput,
) {
  const [from, to, versions] = [
    'source-encryption',
    'destination-encryption',
    'destination-versioning',
  ] as const
  const idle = (name: CheckName, why = NOTHING_COPIED) => checked(name, 'not-needed', why)
  if (!checksBuckets(request)) return [idle(from), idle(to), idle(versions)] as const
  const encryption = (name: typeof from | typeof to, place: OpenPlace) =>
    asked.once(place.store, [name, place.bucket], () => encryptionProbe(name, place))
  return [
    source.folder !== undefined
      ? idle(from, OF_FILES)
      : sessions.source
        ? encryption(from, source)
        : idle(from, 'unsigned requests'),
    ...(destination.folder !== undefined
      ? ([idle(to, OF_FILES), idle(versions, NOT_KEPT)] as const)
      : ([
          encryption(to, destination),
          asked.once(destination.store, [versions, destination.bucket], () =>
            versioningProbe(destination),
          ),
        ] as const)),
  ] as const
}
