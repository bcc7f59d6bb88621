import { Readable } from 'node:stream'
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { S3Client } from '@aws-sdk/client-s3'
import type { STSClient } from '@aws-sdk/client-sts'

/** More bytes than an answer of S3 has with a thousand keys of the longest kind. */
export const MOST_PAGE_BYTES = 16 * 2 ** 20

/** What no answer of the other services comes near. */
export const MOST_ANSWER_BYTES = 2 ** 20

/** An answer that is not read to its end. */
export const tooLong = (): Error =>
  Object.assign(new Error('The service sends an answer without end.'), { name: 'AnswerTooLong' })

async function* upTo(mostBytes: number, body: AsyncIterable<Uint8Array>) {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > mostBytes) throw tooLong()
    yield chunk
  }
}

/** The same bytes, and an error where they are more than so many. */
export const bounded = (body: Readable, mostBytes: number): Readable =>
  Readable.from(upTo(mostBytes, body))

type Next = (args: unknown) => Promise<{ readonly response: unknown }>

interface Stack {
  add(
    middleware: (next: Next) => Next,
    options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
  ): void
}

/** Ends answers beyond so many bytes: the SDK would hold them whole, and its parser would hold up all else. */
export function boundAnswers<T extends S3Client | STSClient | CloudWatchClient>(
  client: T,
  mostBytes: number,
): T {
  const middleware = (next: Next): Next => {
    return async (args) => {
      const result = await next(args)
      const answer = result.response as { body?: unknown }
      const { body } = answer
      if (body instanceof Readable) answer.body = bounded(body, mostBytes)
      return result
    }
  }
  const stack = client.middlewareStack as unknown as Stack
  stack.add(middleware, { step: 'deserialize', priority: 'low', name: 'boundAnswers' })
  return client
}
