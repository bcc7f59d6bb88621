import type { ServiceAddress } from '../model/service.ts'

/** What a client of the SDK is told of its service; without these options it looks for an address by itself. */
export const sdkService = ({ endpoint, region, variant }: ServiceAddress) => ({
  region,
  ...(endpoint === undefined ? {} : { endpoint }),
  ignoreConfiguredEndpointUrls: true,
  useFipsEndpoint: variant.fips,
  useDualstackEndpoint: variant.dualstack,
  // Else a wrong AWS_DEFAULTS_MODE or AWS_RETRY_MODE ends every request, with words that lead nowhere.
  defaultsMode: 'legacy' as const,
  retryMode: 'standard',
})
