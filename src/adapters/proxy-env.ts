import type { ProxyEnv } from 'node:http'
import { SyncError } from '../errors/sync-error.ts'
import { passingBy } from './no-proxy.ts'
import type { Target } from './wire-request.ts'

/** Node knows the agents' option since the release that has this flag; older ones pass by the proxy in silence. */
const KNOWS_PROXIES = process.allowedNodeEnvironmentFlags.has('--use-env-proxy')

// Where both spellings differ, s5cmd takes the upper case.
const setting = (env: NodeJS.ProcessEnv, name: string): string =>
  (env[name] || env[name.toLowerCase()] || '').trim()

function unusable(name: string, why: string): SyncError {
  return new SyncError('preflight', `${name} cannot be used: ${why}.`, {
    hint: 'Use the form http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with special characters of the password percent-encoded.',
  })
}

function proxyUrl(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const given = setting(env, name)
  if (given === '') return undefined
  const url = URL.parse(given.includes('://') ? given : `http://${given}`)
  if (!url) throw unusable(name, 'it is not a URL')
  if (!['http:', 'https:'].includes(url.protocol))
    throw unusable(name, `${url.protocol} proxies are not supported`)
  try {
    decodeURIComponent(url.username + url.password)
  } catch {
    throw unusable(name, 'its user or password contains a % that is not part of an escape sequence')
  }
  return url.href
}

/** The proxies of an environment. */
export interface Proxies {
  /** As Node's agents take them. */
  readonly env: ProxyEnv
  /** Whether a host is asked directly all the same. */
  readonly isPassedBy: (target: Target) => boolean
}

/**
 * The proxies of an environment, with the meaning that s5cmd and the runner give to them; undefined when there are none.
 * Throws SyncError when one cannot be used.
 */
export function proxiesOf(env: NodeJS.ProcessEnv): Proxies | undefined {
  const httpProxy = proxyUrl(env, 'HTTP_PROXY')
  const httpsProxy = proxyUrl(env, 'HTTPS_PROXY')
  if (!httpProxy && !httpsProxy) return undefined
  if (!KNOWS_PROXIES)
    throw new SyncError(
      'preflight',
      `Node ${process.versions.node} of this runner does not support proxies.`,
      {
        hint: 'Update the runner to 2.328.0 or newer, or unset HTTP_PROXY and HTTPS_PROXY for this step.',
      },
    )
  // Node knows neither IPv6 networks nor ports of domains, so that it is not asked.
  const isDirect = passingBy(setting(env, 'NO_PROXY'))
  return {
    env: { http_proxy: httpProxy, https_proxy: httpsProxy },
    isPassedBy: (target) => !(target.isSecure ? httpsProxy : httpProxy) || isDirect(target),
  }
}
