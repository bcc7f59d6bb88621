import type { Setting } from '../model/request.ts'
import type { ServiceAddress } from '../model/service.ts'
import type { AwsConfig, Host } from '../ports.ts'
import { AwsLookup, type LookupProblem, type LookupValue } from './aws-lookup.ts'
import type { InputValues } from './schema.ts'
import { endpointOf, hasTwoIdentities, isDownload, type Side } from './sides.ts'

/** Where everything is that a run asks. */
export interface Services {
  readonly source: ServiceAddress
  readonly destination: ServiceAddress
  /** Who gives and knows the identity that writes the destination. */
  readonly sts: ServiceAddress
  /** Who gives and knows the identity of the source, where that is another. */
  readonly sourceSts: ServiceAddress
  /** URL of what stands in for CloudWatch; undefined means AWS. */
  readonly metricsEndpoint: string | undefined
  /** URL of what stands in for CloudFront; undefined means AWS. */
  readonly cdnEndpoint: string | undefined
}

/** What was decided, and what was found in the place of inputs. */
export interface Decided {
  readonly services: Services
  readonly settings: readonly Setting[]
  readonly problems: readonly LookupProblem[]
}

/** An endpoint, and what said it where no input did; no endpoint means AWS. */
interface Endpoint {
  readonly url: string | undefined
  readonly found: LookupValue<string> | undefined
}

/** What is asked of both sides. */
interface ServiceInputs {
  readonly values: InputValues
  readonly lookup: AwsLookup
}

const DEFAULT_REGION = 'us-east-1'
/** A region of this name asks for the hosts of FIPS. */
const FIPS_REGION = /^fips-|-fips$/
/** By this name the SDKs ask one region for all of AWS. */
const GLOBAL = 'aws-global'
const ALL = { environment: true, file: true, shared: true }
const AWS: Endpoint = { url: undefined, found: undefined }

const namedBy = (values: InputValues, side: Side): string | undefined =>
  values[`${side}-endpoint-url`] ?? values['endpoint-url']

function s3Of({ values, lookup }: ServiceInputs, side: Side): Endpoint {
  const found = namedBy(values, side) === undefined ? lookup.endpoint(side, 's3', ALL) : undefined
  return { url: endpointOf(values, side) ?? found?.value, found }
}

/**
 * The STS of a side. Of two services `sts-endpoint` is the destination's, and the environment speaks of the one whose
 * S3 it names. Where an input says `aws`, nothing but `sts-endpoint` says otherwise.
 */
function stsOf(
  { values, lookup }: ServiceInputs,
  s3: Readonly<Record<Side, Endpoint>>,
  side: Side,
): Endpoint {
  const sameService = s3.source.url === s3.destination.url
  const given = side === 'destination' || sameService ? values['sts-endpoint'] : undefined
  if (given !== undefined) return { url: given === 'aws' ? undefined : given, found: undefined }
  if (namedBy(values, side) === 'aws') return AWS
  const environment = sameService || side === (s3.source.found ? 'source' : 'destination')
  const ownProfile = side === 'source' && values['source-profile'] !== undefined
  const file = environment || ownProfile || s3[side].found?.origin === 'config file'
  const found = lookup.endpoint(side, 'sts', { environment, file, shared: true })
  return { url: found?.value, found }
}

/** The region in the name of a host of AWS's STS, an endpoint of a VPC included; nothing where it is the one for all regions. */
const STS_HOST =
  /(?:^|\.)sts(?:-fips)?\.(?:([a-z0-9-]+)\.)?(?:vpce\.)?(?:amazonaws\.(?:com(?:\.cn)?|eu)|api\.aws)$/

/** What requests to an STS are signed for: there AWS takes no signature for another region. */
function stsRegion(url: string | undefined, region: string): string {
  const found = url === undefined ? null : STS_HOST.exec(new URL(url).hostname)
  return found ? (found[1] ?? DEFAULT_REGION) : region
}

/** These services are AWS's alone, so that `aws` overrides only what is said of all services at once. */
function ofAwsAlone(
  { values, lookup }: ServiceInputs,
  service: 'cloudwatch' | 'cloudfront',
): string | undefined {
  if (!values[service === 'cloudwatch' ? 'cloudwatch-metrics' : service]) return undefined
  const shared = namedBy(values, 'destination') !== 'aws'
  return lookup.endpoint('destination', service, { ...ALL, shared })?.value
}

/** An address in the side's variant of AWS's hosts. */
function addressOf({ lookup }: ServiceInputs, side: Side, url: string | undefined, region: string) {
  const plain = region.replace(FIPS_REGION, '')
  return {
    endpoint: url,
    // A signature names a region, and this is none.
    region: plain === GLOBAL ? DEFAULT_REGION : plain,
    variant: {
      fips: lookup.fips(side)?.value === true || FIPS_REGION.test(region),
      dualstack: lookup.dualstack(side)?.value === true,
    },
  }
}

/** The SDK refuses this at the first request, and s5cmd would ask without a word what is no such host. */
function refuseVariants({ lookup, values }: ServiceInputs, services: Services): void {
  const { source, destination, sts, sourceSts, metricsEndpoint } = services
  const own = hasTwoIdentities(values) ? ([['source', 'its STS', sourceSts]] as const) : []
  const endpoints = [
    ['source', 'the source', source],
    ['destination', 'the destination', destination],
    ['destination', 'STS', sts],
    ['destination', 'CloudWatch', { ...destination, endpoint: metricsEndpoint }],
    ...own,
  ] as const
  for (const kind of ['fips', 'dualstack'] as const) {
    const [side, what, at] =
      endpoints.find(([, , { endpoint, variant }]) => endpoint !== undefined && variant[kind]) ?? []
    if (!side) continue
    const asked = lookup[kind](side)
    const where = asked?.value ? asked.where : 'the name of its region'
    lookup.refuse(
      `use_${kind}_endpoint`,
      `true (from ${where}) applies to AWS endpoints only, but ${what} is at ${at?.endpoint}: unset it, or use AWS there`,
    )
  }
}

const settingOf = (name: string, { value, origin }: LookupValue<string | boolean>): Setting => ({
  name,
  value: String(value),
  origin,
})

/** What was found, by the name of the input that would say it: of both sides, else of each. */
function tell(
  [both, ofSource, ofDestination]: readonly [string, string, string],
  source: LookupValue<string | boolean> | undefined,
  destination: LookupValue<string | boolean> | undefined,
): Setting[] {
  if (source && source.value === destination?.value) return [settingOf(both, source)]
  return [
    ...(source ? [settingOf(ofSource, source)] : []),
    ...(destination ? [settingOf(ofDestination, destination)] : []),
  ]
}

/**
 * Decides where everything is, once: what an input says, else the environment, else the side's profile in the AWS
 * files, else AWS. Nobody who asks a service looks again.
 */
export function decideServices(values: InputValues, env: Host['env'], aws: AwsConfig): Decided {
  const lookup = new AwsLookup(values, env, aws)
  const asked = { values, lookup }
  const given = values['aws-region']
  const found = {
    source: given === undefined ? lookup.region('source') : undefined,
    destination: given === undefined ? lookup.region('destination') : undefined,
  }
  const regionOf = (side: Side) => given ?? found[side]?.value ?? DEFAULT_REGION
  const source = s3Of(asked, 'source')
  // A folder of this runner is at no service: all that is asked is asked at the source's.
  const s3 = { source, destination: isDownload(values) ? source : s3Of(asked, 'destination') }
  const sts = { source: stsOf(asked, s3, 'source'), destination: stsOf(asked, s3, 'destination') }
  const stsAt = (side: Side) =>
    addressOf(asked, side, sts[side].url, stsRegion(sts[side].url, regionOf(side)))
  const bucketAt = (side: Side) =>
    addressOf(asked, side, s3[side].url, values[`${side}-region`] ?? regionOf(side))
  const services = {
    source: bucketAt('source'),
    destination: bucketAt('destination'),
    sts: stsAt('destination'),
    sourceSts: stsAt('source'),
    metricsEndpoint: ofAwsAlone(asked, 'cloudwatch'),
    cdnEndpoint: ofAwsAlone(asked, 'cloudfront'),
  }
  refuseVariants(asked, services)
  const endpoints = ['endpoint-url', 'source-endpoint-url', 'destination-endpoint-url'] as const
  const settings = [
    ...tell(['aws-region', 'source-region', 'aws-region'], found.source, found.destination),
    ...tell(['sts-endpoint', 'sts-endpoint', 'sts-endpoint'], undefined, sts.destination.found),
    ...tell(endpoints, s3.source.found, s3.destination.found),
    ...(['fips', 'dualstack'] as const).flatMap((kind) => {
      const name = `use_${kind}_endpoint`
      const names = [name, `source ${name}`, `destination ${name}`] as const
      return tell(names, lookup[kind]('source'), lookup[kind]('destination'))
    }),
  ]
  return { services, settings, problems: lookup.problems }
}

/** The values with what was decided about both sides, for the rules that look at them together. */
export const withPlaces = (values: InputValues, services: Services): InputValues => ({
  ...values,
  'source-endpoint-url': services.source.endpoint ?? 'aws',
  'destination-endpoint-url': services.destination.endpoint ?? 'aws',
})
