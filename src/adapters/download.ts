import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { answeredFailure } from '../errors/service-failure.ts'
import type { Limit } from '../model/limit.ts'
import { agentsFor } from './agents.ts'
import { bounded } from './bounded.ts'
import { deadline } from './deadline.ts'
import { getOf, type OpenAnswer, open } from './wire.ts'

// Where the way out is closed, packets are often dropped in silence: a short limit lets the next way begin soon.
const CONNECT_MS = 5_000
const MAX_REDIRECTS = 5
/** Of a file of a tool, downloaded or kept: an archive of s5cmd has 5 MB, its binary 20 MB. */
export const MOST_TOOL_BYTES = 256 * 2 ** 20

async function follow(first: URL, limit: Limit): Promise<OpenAnswer> {
  const agents = agentsFor({ maxSockets: 1 })
  let url = first
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await open(getOf(url, {}, CONNECT_MS), agents, limit)
    const { status, headers } = answer
    if (status === 200) return answer
    answer.body.destroy()
    if (!headers.location || status < 300 || status >= 400)
      throw answeredFailure({
        status,
        code: undefined,
        message: `${url.host} returned HTTP status ${status}`,
      })
    const next = new URL(headers.location, url)
    if (url.protocol === 'https:' && next.protocol !== 'https:')
      throw new Error(`${url.host} redirects to a URL that is not https`)
    url = next
  }
  throw new Error(`${first.host} redirects too many times`)
}

/** Downloads to a file within the limit, redirects included. Throws the reason of the limit when it is reached. */
export async function download(url: string, file: string, limit: Limit): Promise<void> {
  const signal = deadline(limit)
  try {
    const answer = await follow(new URL(url), { ...limit, signal })
    await pipeline(bounded(answer.body, MOST_TOOL_BYTES), createWriteStream(file), { signal })
  } catch (error) {
    await rm(file, { force: true })
    throw signal.aborted ? signal.reason : error
  }
}
