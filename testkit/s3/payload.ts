import { hash } from 'node:crypto'
import { serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import { CHECKSUMS } from './checksums.ts'

/** The body that the client meant, and the checksums it proved. */
export interface Payload {
  readonly bytes: Buffer
  /** Base64 by algorithm suffix, for example `crc32`. */
  readonly checksums: Readonly<Record<string, string>>
}

/** Larger bodies are not hashed again for the signature: the checksum header covers them. */
const HASHED_BYTES = 1024 * 1024
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Decodes the body and checks every digest that the request carries. */
export function readPayload(request: ServerRequest): Payload {
  const declared = request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  const streaming = declared.startsWith('STREAMING-')
  const { bytes, trailers } = streaming
    ? decodeChunks(request.payload)
    : { bytes: request.payload, trailers: new Map<string, string>() }
  if (!streaming) checkDeclaredHash(declared, bytes)
  checkLength(request, bytes, streaming)
  const md5 = request.headers['content-md5']
  if (md5 !== undefined && md5 !== hash('md5', bytes, 'base64')) {
    throw serviceError('BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
  const checksums = Object.keys(CHECKSUMS).flatMap((name) => {
    const header = `x-amz-checksum-${name}`
    const value = request.headers[header] ?? trailers.get(header)
    if (value === undefined) return []
    if (CHECKSUMS[name]?.(bytes) === value) return [[name, value]]
    throw serviceError(
      'BadDigest',
      `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
    )
  })
  return { bytes, checksums: Object.fromEntries(checksums) }
}

function checkDeclaredHash(declared: string, bytes: Buffer): void {
  if (declared === 'UNSIGNED-PAYLOAD' || bytes.length > HASHED_BYTES) return
  const actual = bytes.length === 0 ? EMPTY_SHA256 : hash('sha256', bytes)
  if (actual === declared) return
  throw serviceError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { details: { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: actual } },
  )
}

function checkLength(request: ServerRequest, bytes: Buffer, streaming: boolean): void {
  const decoded = request.headers['x-amz-decoded-content-length']
  if (!streaming || decoded === undefined || Number(decoded) === bytes.length) return
  throw serviceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  )
}

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
    chunks.push(raw.subarray(at, at + size))
    at += size + 2
  }
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
