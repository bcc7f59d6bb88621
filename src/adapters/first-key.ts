import { element, fromUrlEncoded, plainText } from '../model/xml.ts'

/** Asks for a few keys of a listing; gives the body of the page. */
export type AskFew = (token: string | undefined) => Promise<Uint8Array>

const broken = (why: string): Error =>
  Object.assign(new Error(`The service did not answer with a whole listing: ${why}.`), {
    name: 'InternalError',
  })

interface Few {
  readonly keys: readonly string[]
  /** Where the listing goes on; undefined at its end. */
  readonly next: string | undefined
}

function fewOf(body: Uint8Array): Few {
  const text = Buffer.from(body).toString('latin1')
  if (!text.includes('</ListBucketResult>')) throw broken('its root element is not closed')
  const encoded = element(text, 'EncodingType') === 'url'
  const [, ...contents] = text.split(/<Contents(?=[\s>])/)
  const keys = contents.map((content) => {
    const key = plainText(element(content, 'Key') ?? '')
    return Buffer.from(encoded ? fromUrlEncoded(key) : key, 'latin1').toString()
  })
  const truncated = element(text, 'IsTruncated') === 'true'
  const next = plainText(element(text, 'NextContinuationToken') ?? '')
  if (truncated && next === '') throw broken('more follows, but it does not say where')
  return { keys, next: truncated ? next : undefined }
}

/**
 * The first key of a listing that is not the prefix itself; undefined when there is none. A page may be
 * empty though more follows: only the last one tells that nothing is there.
 */
export async function firstKey(prefix: string, ask: AskFew): Promise<string | undefined> {
  const seen = new Set<string>()
  for (let token: string | undefined; ; ) {
    const { keys, next } = fewOf(await ask(token))
    const key = keys.find((found) => found !== prefix)
    if (key !== undefined || next === undefined) return key
    if (seen.has(next)) throw broken('it repeats a page')
    seen.add(next)
    token = next
  }
}
