import { Readable } from 'node:stream'
import { ServiceError } from '../errors/service-error.ts'

/** A listing of S3 has a thousand keys of 1,024 bytes, each of which a service may write in six, and at most 1 KiB beside each. */
export const MOST_PAGE_BYTES = 8 * 2 ** 20

/** What no other answer comes near. */
export const MOST_ANSWER_BYTES = 2 ** 20

/** What says why a request failed is not read any further. */
export const MOST_ERROR_BYTES = 64 * 2 ** 10

/** An answer that is not read to its end. */
export const tooLong = (status?: number): ServiceError =>
  new ServiceError('AnswerTooLong', 'The response of the service exceeds the size limit.', {
    status,
  })

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
