import { element, fromUrlEncoded, plainText } from '../../adapters/xml.ts'
import { ServiceError } from '../../errors/service-error.ts'
import { PageWatch } from '../../model/page-watch.ts'

/** Asks for `ASKED_KEYS` of a listing; gives the body of the page. */
export type AskFew = (token: string | undefined) => Promise<Uint8Array>

const broken = (why: string): ServiceError =>
  new ServiceError('InternalError', `The service did not answer with a whole listing: ${why}.`)

interface Few {
  readonly keys: readonly string[]
  /** Where the listing goes on; undefined at its end. */
  readonly next: string | undefined
}

function fewOf(body: Uint8Array): Few {
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  if (!text.includes('</ListBucketResult>')) throw broken('its root element is not closed')
  const encoded = element(text, 'EncodingType') === 'url'
  // Whoever sends more than was asked for has none to tell behind these.
  const [, ...contents] = text.split(/<Contents(?=[\s>])/, MOST_READ + 1)
  const keys = contents.map((content) => {
    const key = plainText(element(content, 'Key') ?? '')
    return Buffer.from(encoded ? fromUrlEncoded(key) : key, 'latin1').toString()
  })
  const truncated = element(text, 'IsTruncated') === 'true'
  const next = plainText(element(text, 'NextContinuationToken') ?? '')
  if (truncated && next === '') throw broken('more follows, but it does not say where')
  return { keys, next: truncated ? next : undefined }
}

/** As many as services send at most that do not heed what is asked for. */
const MOST_READ = 1000

/** Enough to look at when one of them stands for all. */
const ENOUGH = 3

/** Keys to ask for: the folder's own marker may come first. */
export const ASKED_KEYS = ENOUGH + 1

/**
 * The first keys of a listing that are not the prefix itself, three at most. A page may be empty though
 * more follows: only the last one tells that nothing is there.
 */
export async function firstKeys(prefix: string, ask: AskFew): Promise<readonly string[]> {
  const watch = new PageWatch()
  for (let token: string | undefined; ; ) {
    const { keys, next } = fewOf(await ask(token))
    const found = keys.filter((key) => key !== prefix).slice(0, ENOUGH)
    if (found.length > 0 || next === undefined) return found
    const problem = watch.problemOf(next, 0)
    if (problem) throw broken(problem)
    token = next
  }
}
