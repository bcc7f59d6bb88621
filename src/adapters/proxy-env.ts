import type { ProxyEnv } from 'node:http'
import { SyncError } from '../errors/sync-error.ts'

/** Node knows the agents' option since the release that has this flag; older ones pass by the proxy in silence. */
const KNOWS_PROXIES = process.allowedNodeEnvironmentFlags.has('--use-env-proxy')

/** Neither s5cmd nor the runner ever asks a proxy for these. */
const LOOPBACK = ['localhost', '127.0.0.0-127.255.255.255', '::1']

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

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.')

/** The addresses of an IPv4 network, as Node writes them. */
function rangeOf(network: string, bits: number): string {
  const address = network.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const size = 2 ** (32 - bits)
  const first = Math.floor(address / size) * size
  return `${dotted(first)}-${dotted(first + size - 1)}`
}

/** Node takes a bare name for that host alone, and knows no networks. */
function spelledForNode(entry: string): readonly string[] {
  const [, network, bits] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(entry) ?? []
  if (network) return [rangeOf(network, Number(bits))]
  return entry.startsWith('.') ? [`*${entry}`] : [entry, `*.${entry}`]
}

/**
 * The proxies of an environment as Node's agents take them, with the meaning that s5cmd and the runner give to them;
 * undefined when there are none. Throws SyncError when one cannot be used.
 */
export function proxyEnv(env: NodeJS.ProcessEnv): ProxyEnv | undefined {
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
  const direct = setting(env, 'NO_PROXY')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  const noProxy = [...LOOPBACK, ...direct.flatMap(spelledForNode)].join(',')
  return { http_proxy: httpProxy, https_proxy: httpsProxy, no_proxy: noProxy }
}
