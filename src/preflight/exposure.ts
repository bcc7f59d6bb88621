import type { SyncRequest } from '../model/request.ts'
import type { Host } from '../ports.ts'

/** What a run asks at one URL, and what its requests carry. */
interface Contact {
  readonly what: string
  readonly endpoint: string | undefined
  readonly carried: string
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])\.?$/

/** Whether what is sent to a URL can be read on its way: http to another machine than this one. */
export const isReadable = (endpoint: string): boolean => {
  const { protocol, hostname } = new URL(endpoint)
  return protocol === 'http:' && !LOOPBACK.test(hostname)
}

const SIGNED = 'all objects, their keys, the access key ID and the session token'
const UNSIGNED = 'all objects and their keys'

function contactsOf({
  source,
  destination,
  access,
  sourceAccess,
  reporting,
}: SyncRequest): readonly Contact[] {
  const stsOf = (own: SyncRequest['access']): Contact => ({
    what: 'STS',
    endpoint: own.sts.endpoint,
    carried: own.roleArn
      ? 'the OIDC token or other proof of identity, and the credentials that STS returns, including the secret key'
      : 'the access key ID and the session token',
  })
  return [
    {
      what: 'source',
      // A folder of this runner has none.
      endpoint: source.endpoint,
      carried: sourceAccess === 'anonymous' ? UNSIGNED : SIGNED,
    },
    { what: 'destination', endpoint: destination.endpoint, carried: SIGNED },
    stsOf(access),
    ...(sourceAccess && sourceAccess !== 'anonymous' ? [stsOf(sourceAccess)] : []),
    {
      what: 'CloudWatch',
      endpoint: reporting.metricsEndpoint,
      carried: 'all metrics, the access key ID and the session token',
    },
  ]
}

/** One warning of each URL that is asked in clear text. */
function inClearText(request: SyncRequest): string[] {
  const contacts = contactsOf(request).filter(({ endpoint }) => endpoint && isReadable(endpoint))
  const urls = [...new Set(contacts.map(({ endpoint = '' }) => endpoint))]
  return urls.map((url) => {
    const here = contacts.filter(({ endpoint }) => endpoint === url)
    const asked = [...new Set(here.map(({ what }) => what))].join(', ')
    const carried = [...new Set(here.map((contact) => contact.carried))].join('; ')
    return `Requests to ${url} (${asked}) use http, which is not encrypted: anyone on the network path can read and change ${carried}. Use https.`
  })
}

/** What is sent of one identity to two services, where it is. */
function twoServices({ source, destination, sourceAccess }: SyncRequest): string[] {
  if ((source.local ?? destination.local) !== undefined || sourceAccess !== undefined) return []
  if (source.endpoint === destination.endpoint) return []
  const [from, to] = [source, destination].map(({ endpoint }) => endpoint ?? 'AWS')
  return [
    `The same credentials are used for two services: the access key ID and session token are sent to ${from} (source) and to ${to} (destination). Give the source its own: source-role-to-assume, source-profile, source-aws-access-key-id or source-no-sign-request.`,
  ]
}

/** Node alone heeds it: s5cmd checks certificates all the same. */
const unchecked = (env: Host['env']): string[] =>
  env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0'
    ? [
        'The environment variable NODE_TLS_REJECT_UNAUTHORIZED is 0: TLS certificates are not verified, so anyone on the network path can impersonate STS, S3 and the token endpoint, and steal credentials. Unset it for this step; add your own CA certificates with NODE_EXTRA_CA_CERTS.',
      ]
    : []

/** What a run lets others read of its identity and its objects: what is sent, and to whom. */
export const exposures = (request: SyncRequest, env: Host['env']): readonly string[] => [
  ...unchecked(env),
  ...inClearText(request),
  ...twoServices(request),
]
