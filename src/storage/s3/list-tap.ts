import type { S3Client } from '@aws-sdk/client-s3'
import { MOST_PAGE_BYTES, tooLong } from '../../adapters/bounded.ts'

interface Answer {
  readonly statusCode: number
  body: AsyncIterable<Uint8Array> | Uint8Array
}

/** A page as it came, in memory that the next page uses again. */
export interface TappedPage {
  /** Reads the page, once. */
  read<T>(reader: (body: Uint8Array) => T): T
}

/** What the SDK is given to read in place of a page: it then only checks that it is XML. */
const STUB = Buffer.from('<ListBucketResult></ListBucketResult>')

const FIRST_BYTES = 352 * 1024
/** Buffers of pages that were read. Fresh ones for every page would keep the garbage collector busy. */
const spare: Buffer[] = []

async function collect(body: Answer['body']): Promise<TappedPage> {
  let buffer: Buffer | undefined
  let length = 0
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    if (length + chunk.length > MOST_PAGE_BYTES) throw tooLong()
    buffer ??= spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES)
    if (length + chunk.length > buffer.length) {
      const larger = Buffer.allocUnsafeSlow((length + chunk.length) * 2)
      buffer.copy(larger, 0, 0, length)
      buffer = larger
    }
    buffer.set(chunk, length)
    length += chunk.length
  }
  return {
    read: (reader) => {
      try {
        return reader(buffer?.subarray(0, length) ?? new Uint8Array())
      } finally {
        if (buffer) spare.push(buffer)
        buffer = undefined
      }
    },
  }
}

/**
 * Takes the pages of ListObjectsV2 past the SDK's XML parser, which costs ten times what all else
 * does; signing, endpoints, retries and errors stay the SDK's. Gives the page of an output.
 */
export function tapListings(client: S3Client): (output: object) => TappedPage | undefined {
  const pages = new WeakMap<object, TappedPage>()
  const pending = new WeakMap<object, TappedPage>()
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const answer = result.response as Answer
      if (context.commandName === 'ListObjectsV2Command' && answer.statusCode === 200) {
        pending.set(context, await collect(answer.body))
        answer.body = STUB
      }
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'tapListings' },
  )
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args)
      const page = pending.get(context)
      if (page) pages.set(result.output as object, page)
      return result
    },
    { step: 'initialize', priority: 'high', name: 'giveListings' },
  )
  return (output) => pages.get(output)
}
