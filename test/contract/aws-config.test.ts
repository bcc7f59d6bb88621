import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAwsConfig } from '../../src/adapters/aws-config.ts'
import { noFiles, scriptedHost } from '../ports.ts'
import { readRequest } from '../unit/inputs/reading.ts'

let home: string
let before: NodeJS.ProcessEnv

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'aws-config-'))
  await mkdir(join(home, '.aws'))
  before = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, { HOME: home, AWS_EC2_METADATA_DISABLED: 'true' })
})
afterEach(async () => {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, before)
  await rm(home, { recursive: true })
})

const write = (name: string, text: string) => writeFile(join(home, '.aws', name), text)

/** What a client of the SDK is left to find by itself; nothing is sent. */
async function foundBy(client: S3Client | STSClient | CloudWatchClient) {
  const { config } = client as unknown as {
    readonly config: {
      readonly serviceConfiguredEndpoint: () => Promise<string | undefined>
      readonly region: () => Promise<string>
      readonly useFipsEndpoint: () => Promise<boolean>
      readonly useDualstackEndpoint: () => Promise<boolean>
    }
  }
  const [fips, dualstack] = [await config.useFipsEndpoint(), await config.useDualstackEndpoint()]
  const endpoint = await config.serviceConfiguredEndpoint()
  return { endpoint, region: await config.region(), variant: { fips, dualstack } }
}

/** What this action finds in the same place. */
async function foundByUs() {
  const inputs = { source: 's3://src/', destination: 's3://dst/', 'cloudwatch-metrics': 'true' }
  const host = scriptedHost({ inputs, env: { RUNNER_TEMP: '/tmp', ...process.env } as never })
  const read = await readRequest(host, { ...noFiles, awsConfig: readAwsConfig })
  const { endpoint, region, variant } = read.destination
  const metrics = { endpoint: read.reporting.metricsEndpoint, region, variant }
  return { s3: { endpoint, region, variant }, sts: read.access.sts, cloudwatch: metrics }
}

const SECTIONS = `
[default]
region = eu-west-1
endpoint_url = https://all.test # of everything
services = own
[profile other]
region = eu-west-2
services = own
[profile fips]
region = us-gov-west-1
use_fips_endpoint = true
[profile both]
region = us-east-2
use_fips_endpoint=true
use_dualstack_endpoint=true
[profile ignoring]
region = eu-west-3
ignore_configured_endpoint_urls = true
endpoint_url = https://all.test
[services own]
s3 =
  endpoint_url = https://s3.test
  max_concurrent_requests = 3
sts =
  endpoint_url = https://sts.test
; the end
`

describe('what the inputs leave open is found as the SDK finds it', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['in the default profile', {}],
    ['in the profile that AWS_PROFILE names', { AWS_PROFILE: 'other' }],
    ['in a profile of FIPS', { AWS_PROFILE: 'fips' }],
    ['in a profile of both variants', { AWS_PROFILE: 'both' }],
    ['in a profile that ignores endpoints', { AWS_PROFILE: 'ignoring' }],
    ['in no profile at all', { AWS_PROFILE: 'nobody', AWS_REGION: 'us-west-1' }],
    [
      'in the environment, for each service',
      {
        AWS_ENDPOINT_URL_S3: 'https://env-s3.test',
        AWS_ENDPOINT_URL_STS: 'https://env-sts.test',
        AWS_ENDPOINT_URL_CLOUDWATCH: 'https://env-cloudwatch.test',
        AWS_ENDPOINT_URL: 'https://env.test',
      },
    ],
    ['in the environment, for all services', { AWS_ENDPOINT_URL: 'https://env.test' }],
    [
      'nowhere, where the environment ignores it',
      {
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
        AWS_ENDPOINT_URL: 'https://env.test',
      },
    ],
    [
      'in the environment, against the profile',
      {
        AWS_PROFILE: 'both',
        AWS_REGION: 'us-west-2',
        AWS_USE_FIPS_ENDPOINT: 'false',
        AWS_USE_DUALSTACK_ENDPOINT: 'false',
      },
    ],
  ])('%s', async (_, env) => {
    await write('config', SECTIONS)
    await write(
      'credentials',
      '[other]\nendpoint_url = https://credentials.test\nregion = eu-north-1\n',
    )
    Object.assign(process.env, env)
    const ours = await foundByUs()
    expect(ours.s3).toEqual(await foundBy(new S3Client({})))
    expect(ours.sts).toEqual(await foundBy(new STSClient({})))
    expect(ours.cloudwatch).toEqual(await foundBy(new CloudWatchClient({})))
  })
})

describe('the AWS files', () => {
  const problem = async (text: string) => {
    await write('config', text)
    return (await readAwsConfig()).config.problem
  }

  it('may be missing', async () => {
    const { config, credentials } = await readAwsConfig()
    expect([config.problem, credentials.problem]).toEqual([undefined, undefined])
    expect(config.path).toBe(join(home, '.aws', 'config'))
  })

  it.each<[string, string | undefined]>([
    [SECTIONS, undefined],
    ['', undefined],
    ['\uFEFF[default]\r\nregion = eu-west-1\r\n', undefined],
    ['# of nobody\n\n[default] # mine\n  region = eu-west-1\n', undefined],
    ['[default]\ns3 =\n  a word of its own\n', undefined],
    ['[plugins]\nx = y\n', undefined],
    ['[default]\nregion eu-west-1\n', 'line 2 is neither a [section] nor name = value'],
    ['[default]\nendpoint_url: https://x\n', 'line 2 is neither a [section] nor name = value'],
    ['[profile x\nregion = eu-west-1\n', 'line 1 is neither a [section] nor name = value'],
    ['region = eu-west-1\n', 'line 1 is neither a [section] nor name = value'],
    ['[default]\n= x\n', 'line 2 is neither a [section] nor name = value'],
    ['{"endpoint_url": "https://x"}\n', 'line 1 is neither a [section] nor name = value'],
  ])('that say %j have the problem: %s', async (text, expected) => {
    expect(await problem(text)).toBe(expected)
  })

  it('are those that the environment names, and an unreadable one is a problem', async () => {
    await write('mine', '[default]\nregion = eu-west-1\n')
    Object.assign(process.env, {
      AWS_CONFIG_FILE: '~/.aws/mine',
      AWS_SHARED_CREDENTIALS_FILE: home,
    })
    const { config, credentials } = await readAwsConfig()
    expect(config).toEqual({
      path: join(home, '.aws', 'mine'),
      sections: { default: { region: 'eu-west-1' } },
      problem: undefined,
    })
    expect(credentials.problem).toBe('it is not a regular file')
  })
})

describe.skipIf(process.platform === 'win32')('a file that has no end', () => {
  it('is not waited for where it is a pipe', async () => {
    execFileSync('mkfifo', [join(home, '.aws', 'config')])
    const { config } = await readAwsConfig()
    expect(config).toMatchObject({ problem: 'it is not a regular file', sections: {} })
  })

  it('is not read where it is a device, unless that is as good as none', async () => {
    process.env['AWS_CONFIG_FILE'] = '/dev/zero'
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/dev/null'
    const { config, credentials } = await readAwsConfig()
    expect(config).toMatchObject({ problem: 'it is not a regular file', sections: {} })
    expect(credentials).toMatchObject({ problem: undefined, sections: {} })
  })

  it('is not read beyond 4 MiB, and the other file is', async () => {
    await write('config', '')
    await truncate(join(home, '.aws', 'config'), 2 ** 31)
    await write('credentials', '[default]\naws_access_key_id = AKID\n')
    const { config, credentials } = await readAwsConfig()
    expect(config).toMatchObject({ problem: 'it is larger than 4096 KiB', sections: {} })
    expect(credentials.sections['default']).toEqual({ aws_access_key_id: 'AKID' })
  })
})
