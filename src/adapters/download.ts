import { createWriteStream } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { pipeline } from 'node:stream/promises'

// Where the way out is closed, packets are often dropped in silence: a short limit lets the next way begin soon.
const CONNECT_MS = 5_000
const MAX_REDIRECTS = 5

function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  signal.throwIfAborted()
  const secure = url.protocol === 'https:'
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { 'user-agent': 's3-direct-sync' }
  const proxyEnv = process.env
  const request = secure
    ? https.get(url, { headers, agent: new https.Agent({ proxyEnv }) }, resolve)
    : http.get(url, { headers, agent: new http.Agent({ proxyEnv }) }, resolve)
  // A request whose proxy keeps silent tells no error when it is destroyed: so the promise is ended by hand.
  const fail = (reason: unknown): void => {
    reject(reason)
    request.destroy()
  }
  signal.addEventListener('abort', () => fail(signal.reason), { once: true })
  const late = Object.assign(new Error(`no connection to ${url.host}`), { code: 'ETIMEDOUT' })
  const timer = setTimeout(() => fail(late), CONNECT_MS)
  const connected = (): void => clearTimeout(timer)
  request
    .on('error', reject)
    .on('close', connected)
    .on('socket', (socket) => {
      if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', connected)
      else connected()
    })
  return promise
}

const answered = ({ host }: URL, status: number): Error =>
  Object.assign(new Error(`${host} answered with HTTP ${status}`), {
    $metadata: { httpStatusCode: status },
  })

async function follow(first: URL, signal: AbortSignal): Promise<IncomingMessage> {
  let url = first
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await get(url, signal)
    const { statusCode: status = 0, headers } = answer
    if (status === 200) return answer
    answer.destroy()
    if (!headers.location || status < 300 || status >= 400) throw answered(url, status)
    const next = new URL(headers.location, url)
    if (url.protocol === 'https:' && next.protocol !== 'https:')
      throw new Error(`${url.host} redirects away from https`)
    url = next
  }
  throw new Error(`${first.host} redirects too often`)
}

/** Downloads to a file, through the proxy of the environment. Throws the signal's reason when it is aborted. */
export async function download(url: string, file: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await follow(new URL(url), signal)
    await pipeline(answer, createWriteStream(file), { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
