import { describe, expect, it } from 'vitest'
import type { SyncRequest } from '../../../src/model/request.ts'
import type { AwsFile } from '../../../src/ports.ts'
import { noFiles, scriptedHost } from '../../ports.ts'
import { readRequest } from './reading.ts'

type Texts = Readonly<Record<string, string>>
type Sections = AwsFile['sections']

interface Given {
  readonly inputs?: Texts
  readonly env?: Texts
  readonly config?: Sections
  readonly credentials?: Sections
}

const [ONE, TWO, THREE] = ['https://one.test', 'https://two.test', 'https://three.test'] as const
const KEYS = { 'source-aws-access-key-id': 'OWN', 'source-aws-secret-access-key': 'hUsH' }

function read({ inputs = {}, env = {}, config = {}, credentials = {} }: Given) {
  const places = { source: 's3://src/a/', destination: 's3://dst/b/' }
  const host = scriptedHost({
    inputs: { ...places, ...inputs },
    env: { RUNNER_TEMP: '/tmp', ...env },
  })
  const file = (path: string, sections: Sections) => ({ path, sections, problem: undefined })
  return readRequest(host, {
    ...noFiles,
    awsConfig: async () => ({
      config: file('/home/.aws/config', config),
      credentials: file('/home/.aws/credentials', credentials),
    }),
  })
}

const problems = (given: Given): Promise<string> =>
  read(given).then(
    () => '',
    (error: Error) => error.message,
  )

const stsOfSource = ({ sourceAccess }: SyncRequest): string | undefined =>
  typeof sourceAccess === 'object' ? sourceAccess.sts.endpoint : undefined

const settings = async (given: Given): Promise<string[]> => {
  const found = (await read(given)).settings.filter(({ origin }) =>
    ['environment', 'config file'].includes(origin),
  )
  return found.map(({ name, value, origin }) => `${name} = ${value} (${origin})`)
}

describe('the endpoint of each side', () => {
  it.each<[string, Given, string | undefined, string | undefined]>([
    ['is AWS where nothing says otherwise', {}, undefined, undefined],
    [
      'is that of its own profile, where the source has one',
      {
        inputs: { 'source-profile': 'far' },
        config: { default: { endpoint_url: ONE }, far: { endpoint_url: TWO } },
      },
      TWO,
      ONE,
    ],
    [
      'is that of aws-profile rather than of AWS_PROFILE',
      {
        inputs: { 'aws-profile': 'near' },
        env: { AWS_PROFILE: 'far' },
        config: { near: { endpoint_url: ONE }, far: { endpoint_url: TWO } },
      },
      ONE,
      ONE,
    ],
    [
      'is that of the environment before that of a profile, though the profile names S3 alone',
      {
        env: { AWS_ENDPOINT_URL: ONE },
        config: { default: { services: 'x' }, 'services.x': { 's3.endpoint_url': TWO } },
      },
      ONE,
      ONE,
    ],
    [
      'may stand in the credentials file, where the config file has none',
      {
        config: { default: { region: 'eu-west-1' } },
        credentials: { default: { endpoint_url: ONE } },
      },
      ONE,
      ONE,
    ],
    [
      'is that of the profile, where its services section speaks of others only',
      {
        config: {
          default: { services: 'x', endpoint_url: ONE },
          'services.x': { 'sts.endpoint_url': TWO },
        },
      },
      ONE,
      ONE,
    ],
    [
      'is AWS on one side alone, where only that side says aws',
      { inputs: { 'destination-endpoint-url': 'aws' }, env: { AWS_ENDPOINT_URL_S3: ONE } },
      ONE,
      undefined,
    ],
    [
      'is not in a profile that only looks like one',
      { env: { AWS_PROFILE: 'constructor' }, config: { default: { endpoint_url: ONE } } },
      undefined,
      undefined,
    ],
    [
      'is AWS for the side whose profile ignores what is configured',
      {
        inputs: { 'source-profile': 'far' },
        env: { AWS_ENDPOINT_URL: ONE },
        config: { far: { ignore_configured_endpoint_urls: 'true' } },
      },
      undefined,
      ONE,
    ],
    [
      'is not ignored where the environment takes that back',
      {
        env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' },
        config: { default: { ignore_configured_endpoint_urls: 'true', endpoint_url: ONE } },
      },
      ONE,
      ONE,
    ],
  ])('%s', async (_, given, from, to) => {
    const { source, destination } = await read(given)
    expect([source.endpoint, destination.endpoint]).toEqual([from, to])
  })

  it('has one spelling, so that one service is not taken for two', async () => {
    const { transfer } = await read({
      inputs: { 'source-endpoint-url': 'HTTPS://One.Test:443/' },
      config: { default: { endpoint_url: 'https://one.test//' } },
    })
    expect(transfer.directBecause).toBeUndefined()
    const overlapping = { source: 's3://bucket/', destination: 's3://bucket/x/' }
    expect(
      await problems({
        inputs: { ...overlapping, 'source-endpoint-url': 'https://ONE.test/' },
        env: { AWS_ENDPOINT_URL: 'https://one.test:443' },
      }),
    ).toContain('is inside source')
  })

  it('tells two services from one where a profile names the other', async () => {
    const { transfer } = await read({
      inputs: { 'destination-endpoint-url': 'aws' },
      config: { default: { endpoint_url: ONE } },
    })
    expect(transfer.directBecause).toBe('two-services')
  })
})

describe('the STS of each side', () => {
  const env = { AWS_ENDPOINT_URL_STS: THREE }

  it.each<[string, Given, string | undefined, string | undefined]>([
    ['is that of the environment, for both sides of one service', { env }, THREE, THREE],
    [
      'is AWS where both sides say aws',
      { inputs: { 'endpoint-url': 'aws' }, env: { ...env, AWS_ENDPOINT_URL: ONE } },
      undefined,
      undefined,
    ],
    [
      'is AWS where sts-endpoint says aws',
      { inputs: { 'sts-endpoint': 'aws' }, env: { AWS_ENDPOINT_URL: ONE } },
      undefined,
      undefined,
    ],
    [
      'is of the destination alone, where an input names another service for the source',
      { inputs: { 'source-endpoint-url': TWO }, env },
      undefined,
      THREE,
    ],
    [
      'is of the source alone, where the environment names its S3 and an input another destination',
      { inputs: { 'destination-endpoint-url': TWO }, env: { ...env, AWS_ENDPOINT_URL_S3: ONE } },
      THREE,
      undefined,
    ],
    [
      'is of the source alone, where the destination is at AWS',
      { inputs: { 'destination-endpoint-url': 'aws' }, env: { AWS_ENDPOINT_URL: ONE } },
      ONE,
      undefined,
    ],
    [
      'is that of the profile of the source',
      {
        inputs: { 'source-endpoint-url': TWO, 'source-profile': 'far' },
        env,
        config: { far: { services: 'x' }, 'services.x': { 'sts.endpoint_url': ONE } },
      },
      ONE,
      THREE,
    ],
  ])('%s', async (_, given, from, to) => {
    const own = given.inputs?.['source-profile'] ? {} : KEYS
    const request = await read({ ...given, inputs: { ...own, ...given.inputs } })
    expect([stsOfSource(request), request.access.sts.endpoint]).toEqual([from, to])
  })
})

describe('the region', () => {
  it.each<[string, Given, string, string, string]>([
    [
      'is that of the environment before that of the profile',
      { env: { AWS_DEFAULT_REGION: 'eu-west-1' }, config: { default: { region: 'eu-west-2' } } },
      'eu-west-1',
      'eu-west-1',
      'eu-west-1',
    ],
    [
      'is that of the profile, of the credentials file first',
      {
        config: { default: { region: 'eu-west-2' } },
        credentials: { default: { region: 'eu-west-3' } },
      },
      'eu-west-3',
      'eu-west-3',
      'eu-west-3',
    ],
    [
      "is that of the side's own profile",
      {
        inputs: { 'source-profile': 'far' },
        config: { default: { region: 'eu-west-2' }, far: { region: 'cn-north-1' } },
      },
      'cn-north-1',
      'eu-west-2',
      'eu-west-2',
    ],
    [
      'of a bucket says nothing of STS',
      {
        inputs: { 'destination-region': 'eu-north-1' },
        config: { default: { region: 'eu-west-2' } },
      },
      'eu-west-2',
      'eu-north-1',
      'eu-west-2',
    ],
  ])('%s', async (_, given, from, to, sts) => {
    const { source, destination, access } = await read(given)
    expect([source.region, destination.region, access.sts.region]).toEqual([from, to, sts])
  })

  it('that is named for FIPS is the region, at the hosts of FIPS', async () => {
    const { destination, access } = await read({ env: { AWS_REGION: 'us-gov-west-1-fips' } })
    expect(destination).toMatchObject({ region: 'us-gov-west-1', variant: { fips: true } })
    expect(access.sts).toMatchObject({ region: 'us-gov-west-1', variant: { fips: true } })
  })

  it.each([
    ['https://sts.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['https://vpce-0abc-1def.sts.eu-west-1.vpce.amazonaws.com', 'eu-west-1'],
    ['https://sts.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['https://sts.eu-west-1.api.aws', 'eu-west-1'],
    ['https://sts.amazonaws.com', 'us-east-1'],
    ['https://sts.internal.example.com', 'eu-north-1'],
    ['https://notsts.eu-west-1.amazonaws.com', 'eu-north-1'],
    ['https://minio.example.com/sts', 'eu-north-1'],
  ])('that STS takes signatures for is the one that its host names: %s', async (url, region) => {
    const inputs = { 'sts-endpoint': url, 'aws-region': 'eu-north-1' }
    const { access, destination } = await read({ inputs })
    expect([access.sts.region, destination.region]).toEqual([region, 'eu-north-1'])
  })

  it('that stands for all of AWS is the one that the SDKs sign for', async () => {
    for (const AWS_REGION of ['aws-global', 'fips-aws-global']) {
      const { source, destination, access } = await read({ env: { AWS_REGION } })
      const regions = [source, destination, access.sts].map(({ region }) => region)
      expect(regions).toEqual(['us-east-1', 'us-east-1', 'us-east-1'])
    }
  })
})

describe('CloudWatch', () => {
  const endpoint = async (given: Given) =>
    (await read({ ...given, inputs: { 'cloudwatch-metrics': 'true', ...given.inputs } })).reporting
      .metricsEndpoint

  it.each<[string, Given, string | undefined]>([
    ['is AWS, wherever S3 is', { inputs: { 'endpoint-url': ONE } }, undefined],
    [
      'is where its own variable says',
      { env: { AWS_ENDPOINT_URL_CLOUDWATCH: ONE, AWS_ENDPOINT_URL: TWO } },
      ONE,
    ],
    [
      'is where all services are, unless the destination is at AWS',
      { inputs: { 'destination-endpoint-url': 'aws' }, env: { AWS_ENDPOINT_URL: ONE } },
      undefined,
    ],
    [
      'is where its own section says, though the destination is at AWS',
      {
        inputs: { 'destination-endpoint-url': 'aws' },
        config: { default: { services: 'x' }, 'services.x': { 'cloudwatch.endpoint_url': ONE } },
      },
      ONE,
    ],
  ])('%s', async (_, given, expected) => {
    expect(await endpoint(given)).toBe(expected)
  })
})

describe('what was found is told', () => {
  it('by the input that would say it, with its origin', async () => {
    expect(
      await settings({
        env: { AWS_ENDPOINT_URL_S3: `${ONE}/`, AWS_USE_FIPS_ENDPOINT: 'false' },
        config: { default: { region: 'eu-west-2', endpoint_url: TWO } },
      }),
    ).toEqual([
      'aws-region = eu-west-2 (config file)',
      `sts-endpoint = ${TWO} (config file)`,
      `endpoint-url = ${ONE} (environment)`,
      'use_fips_endpoint = false (environment)',
    ])
  })

  it('for each side, where the sides differ', async () => {
    expect(
      await settings({
        inputs: { 'source-profile': 'far' },
        config: { default: { endpoint_url: ONE }, far: { endpoint_url: TWO, region: 'auto' } },
      }),
    ).toEqual([
      `sts-endpoint = ${ONE} (config file)`,
      `source-region = auto (config file)`,
      `source-endpoint-url = ${TWO} (config file)`,
      `destination-endpoint-url = ${ONE} (config file)`,
    ])
  })
})

it("an endpoint that only a plugin of the AWS CLI reads is in nobody's way where another one is given", async () => {
  const config = { default: { 's3.endpoint_url': TWO } }
  expect(await settings({ inputs: { 'endpoint-url': ONE }, config })).toEqual([])
  expect(await settings({ inputs: { 'endpoint-url': 'aws' }, config })).toEqual([])
})

describe('a run is refused', () => {
  it.each<[string, Given, string]>([
    [
      'when the services section is not there, and once for both sides',
      { config: { default: { services: 'x' } } },
      'One input needs a change; nothing was touched:\n' +
        '- services: "x" (from services of the profile default in /home/.aws/config): there is no [services x] in /home/.aws/config',
    ],
    [
      'when it is not known where both sides are, and nothing is said that follows from that',
      {
        inputs: { source: 's3://bucket/', destination: 's3://bucket/x/' },
        config: { default: { services: 'x' } },
      },
      'One input needs a change; nothing was touched:\n- services: ',
    ],
    [
      'when an endpoint stands where only a plugin of the AWS CLI reads it',
      { config: { default: { 's3.endpoint_url': ONE } } },
      'One input needs a change; nothing was touched:\n' +
        '- endpoint-url: s3.endpoint_url of the profile default in /home/.aws/config is supported only by a plugin of the AWS CLI; ' +
        'set endpoint_url in the profile or in a [services] section, or set the input endpoint-url',
    ],
    [
      'when an endpoint stands under a name that nobody reads',
      { config: { default: { 'endpoint-url': ONE } } },
      'One input needs a change; nothing was touched:\n' +
        '- /home/.aws/config: "endpoint-url" of the profile default is ignored: write endpoint_url',
    ],
    [
      'when keys stand under names that the AWS CLI alone reads',
      { config: { default: { AWS_ACCESS_KEY_ID: 'AKID' } } },
      '"AWS_ACCESS_KEY_ID" of the profile default is ignored: write aws_access_key_id',
    ],
    [
      'when the name of a profile ends with a line break',
      { env: { AWS_PROFILE: 'dev\n' } },
      '- aws-profile or AWS_PROFILE: "dev\\n": there is no profile of this name',
    ],
    [
      'when an endpoint is no URL, and its password is not shown',
      { config: { default: { endpoint_url: 'http://bot:hunter2@minio.test' } } },
      '- endpoint-url: "http://***@minio.test" (from endpoint_url of the profile default in /home/.aws/config): expected a URL such as https://s3.example.com',
    ],
    [
      'when the environment says aws, which only inputs may',
      { env: { AWS_ENDPOINT_URL_S3: 'aws' } },
      '- endpoint-url: "aws" (from AWS_ENDPOINT_URL_S3 of the environment): expected a URL',
    ],
    [
      'when it is not clear whether FIPS is asked for',
      { env: { AWS_USE_FIPS_ENDPOINT: 'yes' } },
      '- use_fips_endpoint: "yes" (from AWS_USE_FIPS_ENDPOINT of the environment): expected true or false',
    ],
    [
      'when it is not clear whether endpoints are ignored',
      { config: { default: { ignore_configured_endpoint_urls: '1' } } },
      '- ignore_configured_endpoint_urls: "1" (from ',
    ],
    [
      'when FIPS is asked for at a service that is not AWS',
      { inputs: { 'endpoint-url': ONE }, config: { default: { use_fips_endpoint: 'true' } } },
      `- use_fips_endpoint: true (from use_fips_endpoint of the profile default in /home/.aws/config) applies to AWS endpoints only, but the source is at ${ONE}: unset it, or use AWS there`,
    ],
    [
      'when the name of a region asks for FIPS there, whatever the flag says',
      {
        inputs: { 'endpoint-url': ONE, 'aws-region': 'fips-us-east-1' },
        env: { AWS_USE_FIPS_ENDPOINT: 'false' },
      },
      '- use_fips_endpoint: true (from the name of its region) applies to AWS endpoints only',
    ],
    [
      'when dual-stack hosts are asked for at an STS of its own',
      { inputs: { 'sts-endpoint': ONE }, env: { AWS_USE_DUALSTACK_ENDPOINT: 'true' } },
      `- use_dualstack_endpoint: true (from AWS_USE_DUALSTACK_ENDPOINT of the environment) applies to AWS endpoints only, but STS is at ${ONE}`,
    ],
  ])('%s', async (_, given, expected) => {
    expect(await problems(given)).toContain(expected)
  })

  it('when a file cannot be used, though inputs say where everything is', async () => {
    const host = scriptedHost({ inputs: { source: 's3://src/', destination: 's3://dst/' } })
    const broken = { path: '/aws/config', sections: {}, problem: 'line 3 is odd' }
    const files = {
      ...noFiles,
      awsConfig: async () => ({ config: broken, credentials: { ...broken, problem: undefined } }),
    }
    await expect(readRequest(host, files)).rejects.toMatchObject({
      kind: 'inputs',
      message: expect.stringContaining('- /aws/config: cannot be used: line 3 is odd'),
    })
  })
})
