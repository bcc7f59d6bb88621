import { serviceError } from '../reply.ts'
import type { ServerRequest } from '../request.ts'
import type { StoredObject } from '../store.ts'
import { MAX_PARTS } from './limits.ts'
import { invalidArgument, invalidRequest, notImplemented } from './request-rules.ts'

/** A run of bytes of an object. */
export interface Range {
  readonly start: number
  readonly size: number
}

/** What a GET or HEAD asks for by `Range` or `partNumber`; `undefined` for the whole object. */
export function readRange(request: ServerRequest, object: StoredObject): Range | undefined {
  const header = request.headers['range']
  const part = request.query.get('partNumber')
  if (part === undefined) return headerRange(header, object.body.size)
  const number = partNumberOf(part)
  if (header !== undefined) {
    throw invalidRequest('Cannot specify both Range header and partNumber query parameter')
  }
  return partRange(number, object)
}

/** The number of a part; InvalidArgument unless an upload can have such a part. */
export function partNumberOf(text: string | undefined): number {
  const number = /^\d+$/.test(text ?? '') ? Number(text) : 0
  if (number >= 1 && number <= MAX_PARTS) return number
  throw invalidArgument(
    `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
    'partNumber',
    text,
  )
}

function partRange(number: number, { body, firstPartBytes }: StoredObject): Range {
  if (number === 1) return { start: 0, size: firstPartBytes ?? body.size }
  // Only the size of the first part is kept.
  if (firstPartBytes !== undefined) throw notImplemented('partNumber')
  throw serviceError('InvalidPartNumber', 'The requested partnumber is not satisfiable', {
    details: { ActualPartCount: '1', PartNumberRequested: String(number) },
  })
}

/** S3 passes over what is no single range of bytes, as HTTP wants it. */
function headerRange(header: string | undefined, size: number): Range | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const isSuffix = first === ''
  const isBackwards = !isSuffix && last !== '' && Number(last) < Number(first)
  if (isBackwards || (isSuffix && size === 0 && Number(last) > 0)) return undefined
  const start = isSuffix ? Math.max(0, size - Number(last)) : Number(first)
  const end = isSuffix || last === '' ? size : Math.min(size, Number(last) + 1)
  if (start < size) return { start, size: end - start }
  throw serviceError('InvalidRange', 'The requested range is not satisfiable', {
    details: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
  })
}
