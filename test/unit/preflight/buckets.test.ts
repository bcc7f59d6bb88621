import { describe, expect, it } from 'vitest'
import { ServiceError } from '../../../src/errors/service-error.ts'
import type { ServiceAddress } from '../../../src/model/service.ts'
import { openBucket } from '../../../src/preflight/buckets.ts'
import type { BucketFacts } from '../../../src/storage/store.ts'
import { listedStore } from '../../listed-store.ts'

const SIGNED_FOR_ANOTHER = new ServiceError(
  'AuthorizationHeaderMalformed',
  "unexpected scope: '20260812/us-east-1/s3/aws4_request', expected: '20260812/garage/s3/aws4_request'",
  { status: 400 },
)
const BY_PATH = new ServiceError('VirtualHostDomainRequired', 'Virtual host domain is required', {
  status: 403,
})
const NO_WORDS = new ServiceError('BadRequest', 'status 400, and no reason', { status: 400 })
const GONE = new ServiceError('NotFound', 'status 404, and no reason', { status: 404 })

interface Service {
  readonly endpoint?: string
  /** What a HEAD is answered by where the service is asked as it does not want it. */
  readonly refusal?: ServiceError
  /** What a listing is. */
  readonly listing?: ServiceError
  readonly isRight?: (service: ServiceAddress) => boolean
}

/** Opens the bucket `b` of a service that has it at one address, and refuses it at any other. */
async function open({ endpoint = 'https://s3.example.com', refusal, listing, isRight }: Service) {
  const asked: ServiceAddress[] = []
  let listings = 0
  const side = { bucket: 'b', path: '', endpoint, region: 'us-east-1' }
  const opened = await openBucket(
    'source',
    {
      side: { ...side, variant: { fips: false, dualstack: false } },
      session: undefined,
      folder: undefined,
    },
    {
      transfer: { requestTimeoutMs: 1, retryCount: 0, requestPayer: undefined, numworkers: 'auto' },
      openStore: async ({ service }) => {
        asked.push(service)
        const right = isRight?.(service) ?? false
        const store = listedStore({ objects: new Map(), pageKeys: 10 })
        return {
          ...store,
          findBucket: async (): Promise<BucketFacts> => ({
            region: undefined,
            isAlias: false,
            ...(right || !refusal ? {} : { refusal }),
          }),
          page: async (query) => {
            listings++
            if (!right && listing) throw listing
            return store.page(query)
          },
        }
      },
    },
  )
  return { opened, asked, listings }
}

describe('a bucket of a compatible service', () => {
  it('is asked for in the region that the service expects', async () => {
    const isRight = ({ region }: ServiceAddress) => region === 'garage'
    const { opened, asked } = await open({
      endpoint: 'http://127.0.0.1:3900',
      refusal: NO_WORDS,
      listing: SIGNED_FOR_ANOTHER,
      isRight,
    })
    expect(opened.region).toBe('garage')
    expect(asked.map(({ region }) => region)).toEqual(['us-east-1', 'garage'])
  })

  it('is asked for in the host where the service wants that, though a HEAD is answered anyhow', async () => {
    const isRight = ({ variant }: ServiceAddress) => variant.bucketInHost === true
    const { opened, asked } = await open({ listing: BY_PATH, isRight })
    expect(opened.variant).toEqual({ fips: false, dualstack: false, bucketInHost: true })
    expect(asked.length).toBe(2)
  })

  it.each(['http://127.0.0.1:9000', 'http://[::1]:9000', 'http://minio:9000'])(
    'is not looked for in a host that cannot name it: %s',
    async (endpoint) => {
      const { opened, listings } = await open({ endpoint })
      expect(opened.variant.bucketInHost).toBeUndefined()
      expect(listings).toBe(0)
    },
  )

  it('is left to the first listing where it is refused for anything else', async () => {
    const listing = new ServiceError('AccessDenied', 'Access Denied', { status: 403 })
    const { opened, asked } = await open({ refusal: NO_WORDS, listing })
    expect(opened.oddHead?.code).toBe('BadRequest')
    expect(asked.length).toBe(1)
  })
})

describe('the name of a bucket in endpoint-url', () => {
  it.each([
    ['https://b.s3.eu-west-1.example.com', 'https://s3.eu-west-1.example.com'],
    ['https://acc.r2.example.com/b', 'https://acc.r2.example.com'],
    ['https://project.example.com/storage/v1/s3/b', 'https://project.example.com/storage/v1/s3'],
  ])('is told where the bucket is not there: %s', async (endpoint, bare) => {
    await expect(open({ endpoint, refusal: GONE, listing: GONE })).rejects.toMatchObject({
      hint: expect.stringContaining(`set endpoint-url to ${bare}. `),
    })
  })

  it('is no matter where it does not stand there', async () => {
    await expect(open({ refusal: GONE, listing: GONE })).rejects.toMatchObject({
      hint: expect.not.stringContaining('belong'),
    })
  })
})
