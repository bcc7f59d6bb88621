import type { S3Client } from '@aws-sdk/client-s3'

interface Answer {
  readonly statusCode: number
  body: AsyncIterable<Uint8Array> | Uint8Array
}

/** What the SDK is given to read in place of a page: it then only checks that it is XML. */
const STUB = Buffer.from('<ListBucketResult></ListBucketResult>')

async function collect(body: Answer['body']): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString('latin1')
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}

/**
 * Takes the pages of ListObjectsV2 past the SDK's XML parser, which costs ten times what all else
 * does; signing, endpoints, retries and errors stay the SDK's. Gives the page of an output, one char a byte.
 */
export function tapListings(client: S3Client): (output: object) => string {
  const pages = new WeakMap<object, string>()
  const pending = new WeakMap<object, string>()
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
      if (page !== undefined) pages.set(result.output as object, page)
      return result
    },
    { step: 'initialize', priority: 'high', name: 'giveListings' },
  )
  return (output) => pages.get(output) ?? ''
}
