import type { RequestInfo } from 's3-direct-sync-testkit/faults.ts'
import type { Door } from './catalogue.ts'

const WRITES = new Set(['CopyObject', 'PutObject', 'UploadPart', 'UploadPartCopy'])
WRITES.add('CreateMultipartUpload').add('CompleteMultipartUpload')

/** Requests that write an object, and not just probe whether one could. */
export const isWrite = ({ operation }: Pick<RequestInfo, 'operation'>): boolean =>
  WRITES.has(operation)

const PASSES: Readonly<Partial<Record<Door, (request: RequestInfo) => boolean>>> = {
  LIST: ({ operation }) => operation === 'ListObjectsV2',
  // A probe of the preflight begins an upload of its own.
  COPY: (request) => isWrite(request) && request.operation !== 'CreateMultipartUpload',
  GET: ({ operation }) => operation === 'GetObject' || operation === 'GetObjectTagging',
  HEAD: ({ operation }) => operation.startsWith('Head'),
  DELETE: ({ operation }) => operation === 'DeleteObjects' || operation === 'DeleteObject',
  'any request': ({ service }) => service === 's3',
  STS: ({ service }) => service === 'sts',
}

/** Whether a request passes a door. */
export const passes = (door: Door, request: RequestInfo): boolean =>
  PASSES[door]?.(request) ?? false
