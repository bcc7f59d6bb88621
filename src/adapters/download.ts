import { createWriteStream } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { agentsFor } from './agents.ts'
import { bounded } from './bounded.ts'
import { get } from './get.ts'

// Where the way out is closed, packets are often dropped in silence: a short limit lets the next way begin soon.
const CONNECT_MS = 5_000
const MAX_REDIRECTS = 5
// An archive of s5cmd has 5 MB.
const MOST_BYTES = 256 * 2 ** 20

const answered = ({ host }: URL, status: number): Error =>
  Object.assign(new Error(`${host} answered with HTTP ${status}`), {
    $metadata: { httpStatusCode: status },
  })

async function follow(first: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const agents = agentsFor({ maxSockets: 1 })
  let url = first
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await get(url, { agents, connectMs: CONNECT_MS, signal })
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

/** Downloads to a file. Throws the signal's reason when it is aborted. */
export async function download(url: string, file: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await follow(new URL(url), signal)
    await pipeline(bounded(answer, MOST_BYTES), createWriteStream(file), { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
