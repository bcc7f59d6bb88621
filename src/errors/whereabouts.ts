import { entryOf } from './catalogue.ts'
import type { ServiceFailure } from './service-error.ts'

/** Where a service says that a bucket has to be asked for. */
export interface Whereabouts {
  /** Requests are to be signed for this one. */
  readonly region?: string | undefined
  /** The bucket is to stand in the name of the host. */
  readonly bucketInHost?: true | undefined
}

/** How services call it that they take no bucket in the path. */
const WANTS_HOST = 'VirtualHostDomainRequired'

/** How S3, MinIO and Garage name the region that they expected in a signature. */
const REGION = /\bexpecting '([a-z0-9-]{1,64})'|\bexpected: '\d{8}\/([\w-]{1,64})\/s3\//

/** What a refusal says of where its bucket is; undefined where it is about something else. */
export function whereaboutsIn({ code, message }: ServiceFailure): Whereabouts | undefined {
  if (entryOf(code)?.code === WANTS_HOST) return { bucketInHost: true }
  if (code !== 'AuthorizationHeaderMalformed') return undefined
  const [, quoted, scope] = REGION.exec(message) ?? []
  const region = quoted ?? scope
  return region === undefined ? undefined : { region }
}
