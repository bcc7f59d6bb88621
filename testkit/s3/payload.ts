import { serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { ChecksumSupport } from '../service.ts'
import { type Checksums, checkChecksums, checkContentMd5 } from './digests.ts'

/** The body that the client meant, and the checksums it proved. */
export interface Payload {
  readonly bytes: Buffer
  readonly checksums: Checksums
}

const WHOLE: ReadonlyMap<string, string> = new Map()

/** Decodes the body and checks every digest that the request carries. */
export function readPayload(request: ServerRequest, support: ChecksumSupport = 'aws'): Payload {
  const declared = request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  const streaming = declared.startsWith('STREAMING-')
  const { bytes, trailers } = streaming
    ? decodeChunks(request.payload)
    : { bytes: request.payload, trailers: WHOLE }
  checkLength(request, bytes, streaming)
  checkContentMd5(request, bytes)
  const checksums = support === 'md5-only' ? {} : checkChecksums(request, bytes, trailers)
  return { bytes, checksums }
}

function checkLength(request: ServerRequest, bytes: Buffer, streaming: boolean): void {
  const decoded = request.headers['x-amz-decoded-content-length']
  if (!streaming || decoded === undefined || Number(decoded) === bytes.length) return
  throw serviceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  )
}

const MIN_CHUNK_BYTES = 8192

/** aws-chunked: `size[;chunk-signature=…]\r\n bytes \r\n`, an empty chunk, then trailer lines. */
function decodeChunks(raw: Buffer): { bytes: Buffer; trailers: Map<string, string> } {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const end = raw.indexOf('\r\n', at)
    if (end < 0) throw serviceError('IncompleteBody', 'The chunked body ends too early')
    const size = Number.parseInt(raw.toString('latin1', at, end), 16)
    if (Number.isNaN(size)) throw serviceError('InvalidRequest', 'The chunk size is malformed')
    at = end + 2
    if (size === 0) return { bytes: Buffer.concat(chunks), trailers: readTrailers(raw, at) }
    if (at + size > raw.length) {
      throw serviceError('IncompleteBody', 'The chunked body ends too early')
    }
    checkChunkSize(chunks.at(-1), chunks.length)
    chunks.push(raw.subarray(at, at + size))
    at += size + 2
  }
}

/** Judges a chunk once another one follows it. */
function checkChunkSize(chunk: Buffer | undefined, count: number): void {
  if (chunk === undefined || chunk.length >= MIN_CHUNK_BYTES) return
  throw serviceError(
    'InvalidChunkSizeError',
    'Only the last chunk is allowed to have a size less than 8192 bytes',
    { details: { Chunk: String(count + 1), BadChunkSize: String(chunk.length) } },
  )
}

function readTrailers(raw: Buffer, at: number): Map<string, string> {
  const lines = raw.toString('latin1', at).split('\r\n')
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(':')
      if (colon < 0) return []
      return [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
    }),
  )
}
