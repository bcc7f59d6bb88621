/** Which hosts of AWS are asked: those validated under FIPS 140, those that are reached by IPv6 too. */
export interface HostVariant {
  readonly fips: boolean
  readonly dualstack: boolean
}

/** Where a service is asked: decided once, and the same for all who ask it. */
export interface ServiceAddress {
  /** URL of a compatible service in its one spelling; undefined means AWS, whatever environment and files say. */
  readonly endpoint: string | undefined
  readonly region: string
  /** Only AWS has variants. */
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
