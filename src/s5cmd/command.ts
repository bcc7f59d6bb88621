import { NETWORK_ENV, passOn } from '../model/child-env.ts'
import type { Credentials } from '../model/credentials.ts'
import type { ServiceAddress } from '../model/service.ts'
import type { ProcessSpec } from '../ports.ts'

/** How one s5cmd process is started. */
export interface CommandRules {
  readonly path: string
  /** The destination's: CopyObject is sent there. */
  readonly service: ServiceAddress
  readonly workers: number
  readonly retryCount: number
  readonly requestPayer?: 'requester' | undefined
}

/** What s5cmd may see of the runner's environment: no home and no PATH, for it looks for nothing else. */
const PASSED_ON = [...NETWORK_ENV, 'AWS_CA_BUNDLE', 'SYSTEMROOT', 'TMPDIR', 'TEMP'] as const

/** s5cmd takes nothing but escaped characters in the user and the password of a proxy. */
const spelled = (name: string, value: string): string =>
  /^https?_proxy$/i.test(name) && URL.canParse(value) ? new URL(value).href : value

/** What s5cmd is told of its service; it looks for nothing else. */
const serviceEnv = ({ region, variant }: ServiceAddress): Record<string, string> => ({
  AWS_REGION: region,
  // Else it asks other hosts in us-east-1 than everybody else does.
  AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: 'regional',
  ...(variant.fips ? { AWS_USE_FIPS_ENDPOINT: 'true' } : {}),
  ...(variant.dualstack ? { AWS_USE_DUALSTACK_ENDPOINT: 'true' } : {}),
})

function environment(
  rules: CommandRules,
  credentials: Credentials,
  outside: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = Object.entries(passOn(outside, PASSED_ON)).map(
    ([name, value]) => [name, spelled(name, value)] as const,
  )
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return {
    ...Object.fromEntries(passed),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {}),
    ...serviceEnv(rules.service),
    // It makes a connection for many copies, and collects their garbage with an eighth of its time, unless it may hold more;
    // with 400 each of several processes held 300 MB.
    GOGC: '200',
    // Without these s5cmd would look for other credentials and settings on the machine.
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_LOAD_CONFIG: '0',
  }
}

/** The s5cmd process of a run: lines on stdin, JSON out, credentials by environment only. */
export function s5cmdProcess(
  rules: CommandRules,
  credentials: Credentials,
  outside: Readonly<Record<string, string | undefined>>,
): ProcessSpec {
  const { endpoint: url } = rules.service
  const endpoint = url ? ['--endpoint-url', url] : []
  const payer = rules.requestPayer ? ['--request-payer', rules.requestPayer] : []
  return {
    command: rules.path,
    args: [
      '--json',
      '--log',
      'debug',
      '--numworkers',
      String(rules.workers),
      '--retry-count',
      String(rules.retryCount),
      ...endpoint,
      ...payer,
      'run',
    ],
    env: environment(rules, credentials, outside),
  }
}
