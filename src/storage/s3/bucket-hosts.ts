import type { S3Client } from '@aws-sdk/client-s3'
import type { WireAnswer } from '../../adapters/wire.ts'
import { isPathStyle, isUsual, type ServiceAddress } from '../../model/service.ts'
import { regionIn } from './region.ts'

/** Where a bucket is asked, and the region that its requests are signed for. */
export interface BucketHost {
  readonly base: URL
  readonly host: string
  /** What stands before every key; without a slash at its end. */
  readonly root: string
  readonly isSecure: boolean
  readonly region: string
}

/** What can stand in the name of a host, and is none of the kinds that are told apart by what follows two dashes. */
const HOST_LABEL = /^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/
/** What stands in a path as it is. */
const IN_PATH = /^(?!.*--)[A-Za-z0-9][A-Za-z0-9._-]{2,62}$/

/** A regional endpoint sends elsewhere, for good or while names are not known everywhere; the global one refuses the signature. */
const SENDS_ELSEWHERE = new Set([301, 307, 400])

/** The URL of a bucket as the SDK's rules have it, which are long; undefined where one has to ask them. */
export function usualUrl(service: ServiceAddress, bucket: string, region: string): URL | undefined {
  const { endpoint, variant } = service
  if (variant.fips || variant.dualstack) return undefined
  if (endpoint !== undefined)
    return isPathStyle(service) && IN_PATH.test(bucket)
      ? new URL(`${endpoint}/${bucket}`)
      : undefined
  return isUsual(service, region) && HOST_LABEL.test(bucket)
    ? new URL(`https://${bucket}.s3.${region}.amazonaws.com/`)
    : undefined
}

/** The buckets' own addresses, by the rules that the SDK's client follows. */
export class BucketHosts {
  readonly #service: ServiceAddress
  readonly #sdk: () => Promise<S3Client>
  readonly #hosts = new Map<string, BucketHost>()
  readonly #regions = new Map<string, string>()

  /** `sdk` gives the client that knows the rules. */
  constructor(service: ServiceAddress, sdk: () => Promise<S3Client>) {
    this.#service = service
    this.#sdk = sdk
  }

  /** Where a bucket is, as far as is known. */
  hostOf(bucket: string): BucketHost | Promise<BucketHost> {
    return this.#hosts.get(bucket) ?? this.#find(bucket)
  }

  /** The region that requests to a bucket are signed for by now. */
  regionOf(bucket: string): string {
    return this.#regions.get(bucket) ?? this.#service.region
  }

  /** Where an answer of `from` says that the bucket is; undefined where it does not, or says nothing new. */
  movedHost(
    bucket: string,
    from: BucketHost,
    answer: WireAnswer,
  ): BucketHost | Promise<BucketHost> | undefined {
    if (!SENDS_ELSEWHERE.has(answer.status)) return undefined
    const region = regionIn(answer.headers['x-amz-bucket-region'])
    if (region === undefined || region === from.region) return undefined
    this.#regions.set(bucket, region)
    return this.#find(bucket)
  }

  #find(bucket: string): BucketHost | Promise<BucketHost> {
    const region = this.regionOf(bucket)
    const usual = usualUrl(this.#service, bucket, region)
    if (usual) return this.#note(bucket, region, usual)
    return this.#urlBySdk(bucket, region).then((url) => this.#note(bucket, region, url))
  }

  #note(bucket: string, region: string, base: URL): BucketHost {
    const root = base.pathname.replace(/\/$/, '')
    const found = { base, host: base.host, root, isSecure: base.protocol === 'https:', region }
    this.#hosts.set(bucket, found)
    return found
  }

  async #urlBySdk(bucket: string, region: string): Promise<URL> {
    const { endpoint, variant } = this.#service
    const client = await this.#sdk()
    return client.config.endpointProvider({
      Bucket: bucket,
      Region: region,
      ForcePathStyle: isPathStyle(this.#service),
      UseFIPS: variant.fips,
      UseDualStack: variant.dualstack,
      ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
    }).url
  }
}
