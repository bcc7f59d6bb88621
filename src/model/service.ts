/**
 * Which hosts are asked. Of AWS: those validated under FIPS 140, those that are reached by IPv6 too. Of a compatible
 * service: those that name the bucket.
 */
export interface HostVariant {
  readonly fips: boolean
  readonly dualstack: boolean
  /** The service wants the bucket in the name of the host; else it stands in the path. */
  readonly bucketInHost?: true | undefined
}

/** Where a service is asked: decided once, and the same for all who ask it. */
export interface ServiceAddress {
  /** URL of a compatible service in its one spelling; undefined means AWS, whatever environment and files say. */
  readonly endpoint: string | undefined
  readonly region: string
  readonly variant: HostVariant
}

const PLAIN: HostVariant = { fips: false, dualstack: false }

/** The address of a place's service. */
export const serviceOf = (place: {
  readonly endpoint?: string | undefined
  readonly region: string
  readonly variant?: HostVariant | undefined
}): ServiceAddress => ({
  endpoint: place.endpoint,
  region: place.region,
  variant: place.variant ?? PLAIN,
})

/** Whether the bucket stands in the path, as most compatible services take it. */
export const isPathStyle = ({
  endpoint,
  variant,
}: Pick<ServiceAddress, 'endpoint' | 'variant'>): boolean =>
  endpoint !== undefined && !variant.bucketInHost

/** Regions of the partition of AWS that most are in: all of its hosts end alike. */
const USUAL_REGION = /^(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d$/

/** Whether a service is AWS in its most common form, so that its hosts follow from the region alone. */
export const isUsual = ({ endpoint, variant }: ServiceAddress, region: string): boolean =>
  endpoint === undefined && !variant.fips && !variant.dualstack && USUAL_REGION.test(region)

/** Whether a bucket can stand before the host of an endpoint: before a number, or a name within a network, it cannot. */
export function takesBucketInHost(endpoint: string): boolean {
  const { hostname } = new URL(endpoint)
  return /[a-z][a-z0-9-]*$/.test(hostname) && hostname.includes('.')
}
