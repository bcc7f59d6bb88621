import type { Credentials, ProcessSpec } from '../../ports.ts'

/** How one s5cmd process is started. */
export interface CommandRules {
  readonly path: string
  readonly endpoint: string | undefined
  /** The destination's: CopyObject is sent there. */
  readonly region: string
  readonly workers: number
  readonly retryCount: number
  readonly requestPayer?: 'requester' | undefined
}

/** What s5cmd may see of the runner's environment: the network, the system, and who its parent is. */
const PASSED_ON = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'AWS_CA_BUNDLE',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_USE_FIPS_ENDPOINT',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SYSTEMROOT',
  'SystemRoot',
  'TMPDIR',
  'TEMP',
  'RUNNER_TRACKING_ID',
] as const

/** s5cmd takes nothing but escaped characters in the user and the password of a proxy. */
const spelled = (name: string, value: string): string =>
  /^https?_proxy$/i.test(name) && URL.canParse(value) ? new URL(value).href : value

function environment(
  rules: CommandRules,
  credentials: Credentials,
  outside: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = outside[name]
    return value ? [[name, spelled(name, value)] as const] : []
  })
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  return {
    ...Object.fromEntries(passed),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken ? { AWS_SESSION_TOKEN: sessionToken } : {}),
    AWS_REGION: rules.region,
    // It makes a connection for most copies, and collects their garbage with an eighth of its time, unless it may hold more.
    GOGC: '400',
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
  const endpoint = rules.endpoint ? ['--endpoint-url', rules.endpoint] : []
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
