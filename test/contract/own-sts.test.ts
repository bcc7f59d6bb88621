import { S3Client } from '@aws-sdk/client-s3'
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import fc from 'fast-check'
import {
  headerOf,
  type RecordedAnswer,
  type RecordedRequest,
  type Recorder,
  startRecorder,
} from 's3-direct-sync-testkit/recorder.ts'
import { loopbackTls } from 's3-direct-sync-testkit/web-server.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stsIdentity } from '../../src/adapters/identity.ts'
import { usualStsUrl } from '../../src/adapters/sts.ts'
import { type ServiceAddress, serviceOf } from '../../src/model/service.ts'
import type { Identity, RoleRequest } from '../../src/ports.ts'
import { usualUrl } from '../../src/storage/s3/bucket-hosts.ts'
import { differences } from './same-requests/compare.ts'

const KEYS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'sec/ret+key', sessionToken: 't/+==' }
const CREDENTIALS =
  '<Credentials><AccessKeyId>ASIAONE</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2030-01-31T12:00:00Z</Expiration></Credentials>'
const RESULTS: Readonly<Record<string, string>> = {
  AssumeRole: CREDENTIALS,
  AssumeRoleWithWebIdentity: CREDENTIALS,
  GetCallerIdentity:
    '<Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId><Account>123456789012</Account>',
}

/** As STS answers an action. */
function result({ body }: RecordedRequest): RecordedAnswer {
  const action = new URLSearchParams(body.toString()).get('Action') ?? ''
  const xml = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${RESULTS[action]}</${action}Result></${action}Response>`
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml }
}

let answer: (request: RecordedRequest) => RecordedAnswer
let recorder: Recorder
let identity: Identity
const endpoint = () => `http://127.0.0.1:${recorder.port}`

beforeEach(async () => {
  answer = result
  recorder = await startRecorder(loopbackTls(), (request) => answer(request))
  const service = serviceOf({ endpoint: endpoint(), region: 'eu-central-1' })
  identity = stsIdentity({ service, timeoutMs: 10_000 })
})
afterEach(() => recorder[Symbol.asyncDispose]())

const ROLE: RoleRequest = {
  roleArn: 'arn:aws:iam::123456789012:role/a+b=c,d.e@f-g_h',
  sessionName: 'me@here',
  durationSeconds: 900,
  externalId: 'x/:+=,.@-',
  policy: '{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]} ~!\'()* ü',
  policyArns: ['arn:aws:iam::aws:policy/One', 'arn:aws:iam::aws:policy/Two'],
}
const BARE: RoleRequest = { roleArn: ROLE.roleArn, sessionName: 'me', durationSeconds: 3600 }

const sdkRole = ({ policyArns, ...role }: RoleRequest) => ({
  RoleArn: role.roleArn,
  RoleSessionName: role.sessionName,
  DurationSeconds: role.durationSeconds,
  Policy: role.policy,
  PolicyArns: policyArns?.map((arn) => ({ arn })),
})

/** Parameters of a form may come in any order. */
const inOrder = (request: RecordedRequest | undefined): RecordedRequest => {
  if (!request) throw new Error('nothing was sent')
  return { ...request, body: Buffer.from(request.body.toString().split('&').sort().join('&')) }
}

/** What programs say of themselves, and of their attempts. */
const OF_PROGRAMS = [
  'header amz-sdk-invocation-id only theirs',
  'header amz-sdk-request only theirs',
  'header user-agent other',
  'header x-amz-user-agent only theirs',
]

describe('a request to STS', () => {
  it.each<[string, () => Promise<unknown>, (sdk: STSClient) => Promise<unknown>, string[]]>([
    [
      'for a role by token',
      () => identity.assumeRoleWithWebIdentity(ROLE, 'a.b-c_d.e'),
      (sdk) =>
        sdk.send(
          new AssumeRoleWithWebIdentityCommand({ ...sdkRole(ROLE), WebIdentityToken: 'a.b-c_d.e' }),
        ),
      [],
    ],
    [
      'for a role by keys',
      () => identity.assumeRole(ROLE, async () => KEYS),
      (sdk) => sdk.send(new AssumeRoleCommand({ ...sdkRole(ROLE), ExternalId: ROLE.externalId })),
      ['signed content-length only theirs'],
    ],
    [
      'for a role without conditions',
      () => identity.assumeRole(BARE, async () => KEYS),
      (sdk) => sdk.send(new AssumeRoleCommand(sdkRole(BARE))),
      ['signed content-length only theirs'],
    ],
    [
      'for the caller',
      () => identity.callerIdentity(async () => KEYS),
      (sdk) => sdk.send(new GetCallerIdentityCommand({})),
      ['signed content-length only theirs'],
    ],
  ])(
    '%s is that of the SDK, but for what programs say of themselves',
    async (_, ours, theirs, more) => {
      await ours()
      const [our] = recorder.take()
      const sdk = new STSClient({
        region: 'eu-central-1',
        endpoint: endpoint(),
        credentials: KEYS,
        maxAttempts: 1,
      })
      await theirs(sdk)
      sdk.destroy()
      const [their] = recorder.take()
      const found = differences(inOrder(our), inOrder(their)).map(
        ({ field, kind }) => `${field} ${kind}`,
      )
      expect(found.sort()).toEqual([...OF_PROGRAMS, ...more].sort())
    },
  )

  it('gives what the answer holds', async () => {
    expect(await identity.assumeRole(BARE, async () => KEYS)).toEqual({
      accessKeyId: 'ASIAONE',
      secretAccessKey: 'a&b',
      sessionToken: 'token',
      expiresAtMs: Date.parse('2030-01-31T12:00:00Z'),
    })
    expect(await identity.callerIdentity(async () => KEYS)).toEqual({
      account: '123456789012',
      arn: 'arn:aws:iam::123456789012:user/me',
    })
  })

  it('fails where a page comes in place of an answer', async () => {
    answer = () => ({ status: 200, body: '<!doctype html><title>Log in</title>' })
    await expect(identity.callerIdentity(async () => KEYS)).rejects.toMatchObject({
      code: 'Unanswered',
    })
  })
})

describe('a runner whose clock is wrong', () => {
  /** As STS refuses a signature by its time; it answers by its own clock. */
  const strict =
    (aheadMs: number) =>
    (request: RecordedRequest): RecordedAnswer => {
      const nowMs = Date.now() + aheadMs
      const date = { date: new Date(nowMs).toUTCString() }
      const signed = (headerOf(request, 'x-amz-date') ?? '').replace(
        /^(....)(..)(..T..)(..)(..Z)$/,
        '$1-$2-$3:$4:$5',
      )
      if (Math.abs(Date.parse(signed) - nowMs) < 15 * 60_000)
        return { ...result(request), headers: date }
      const error =
        '<Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error>'
      return { status: 403, headers: date, body: `<ErrorResponse>${error}</ErrorResponse>` }
    }

  it.each([-120, -16, 16, 120])('is told by the service: %i minutes', async (minutes) => {
    answer = strict(minutes * 60_000)
    expect((await identity.callerIdentity(async () => KEYS)).account).toBe('123456789012')
    expect(recorder.take()).toHaveLength(2)
    // From then on the time of the service is known.
    await identity.assumeRole(BARE, async () => KEYS)
    expect(recorder.take()).toHaveLength(1)
  })

  it('is not to blame where its clock is right: the refusal stands', async () => {
    answer = () => ({
      status: 403,
      headers: { date: new Date().toUTCString() },
      body: '<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error></ErrorResponse>',
    })
    await expect(identity.callerIdentity(async () => KEYS)).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch',
    })
    expect(recorder.take()).toHaveLength(1)
  })
})

const REGIONS = [
  ...['us-east-1', 'us-west-2', 'eu-central-1', 'ap-southeast-5', 'il-central-1', 'mx-central-1'],
  ...['cn-north-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1'],
  ...['eusc-de-east-1', 'us-isof-south-1', 'aws-global', 'us-east-10', 'moon-1'],
]
const VARIANTS = [false, true].flatMap((fips) =>
  [false, true].map((dualstack) => ({ fips, dualstack })),
)

/** Names as buckets have them, and as they may be misspelt. */
const bucket = fc.oneof(
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/),
  fc.stringMatching(/^[A-Za-z0-9._-]{1,70}$/),
  fc.constantFrom('a.b.c', '10.0.0.1', 'x--x-s3', 'x--op-s3', 'alias-s3alias', 'xn--a', 'Upper'),
)
const where = fc.record({
  region: fc.constantFrom(...REGIONS),
  variant: fc.constantFrom(...VARIANTS),
  endpoint: fc.constantFrom(
    undefined,
    'https://s3.test',
    'http://127.0.0.1:9000',
    'https://a.test/x',
  ),
})

describe('where a service is asked', () => {
  const s3 = new S3Client({ region: 'us-east-1' })
  const sts = new STSClient({ region: 'us-east-1' })
  const common = ({ endpoint: url, region, variant }: ServiceAddress) => ({
    Region: region,
    UseFIPS: variant.fips,
    UseDualStack: variant.dualstack,
    ...(url === undefined ? {} : { Endpoint: url }),
  })

  it('is what the rules of the SDK say of a bucket, wherever we do not ask them', () => {
    let told = 0
    fc.assert(
      fc.property(where, bucket, (service, name) => {
        const url = usualUrl(service, name, service.region)
        if (!url) return
        told++
        const path = { ForcePathStyle: service.endpoint !== undefined, Bucket: name }
        const { href } = s3.config.endpointProvider({ ...common(service), ...path }).url
        expect(url.href.replace(/\/$/, '')).toBe(href.replace(/\/$/, ''))
      }),
      { numRuns: 2000 },
    )
    expect(told).toBeGreaterThan(50)
  })

  it('is what the rules of the SDK say of STS, wherever we do not ask them', () => {
    const usual = REGIONS.flatMap((region) => {
      const service = serviceOf({ region })
      const url = usualStsUrl(service)
      if (!url) return []
      expect(url.href).toBe(sts.config.endpointProvider(common(service)).url.href)
      return [region]
    })
    expect(usual).toEqual(REGIONS.slice(0, 6))
  })
})
