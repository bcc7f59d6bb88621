import { gunzipSync } from 'node:zlib'
import { type Body, bytesBody, readBody } from '../body.ts'
import { type Fault, fail, type RequestInfo } from '../faults.ts'
import { changed, having, of, type Quirk, READS, rule, without, withText } from './quirk.ts'

const COPIES = ['CopyObject', 'UploadPartCopy']

/** A copy of more bytes than the service takes at once, by the code that it has for that. */
const copyLimit = (code: string, message: string): Quirk =>
  rule(
    (request) => request.operation === 'CopyObject' && request.key.includes('large'),
    fail(400, code, { message }),
  )

export const COPY_LIMITS: Readonly<Record<string, Quirk>> = {
  'copies of at most 5,000,000,000 bytes: EntityTooLarge': copyLimit(
    'EntityTooLarge',
    'Your proposed upload exceeds the maximum allowed size',
  ),
  'copies of at most 5,000,000,000 bytes: InvalidRequest': copyLimit(
    'InvalidRequest',
    'The specified copy source is larger than the maximum allowable size for a copy source',
  ),
  'copies of at most 5,000,000,000 bytes: InvalidArgument': copyLimit(
    'InvalidArgument',
    'Copy source too large',
  ),
  'copies of parts: 501 NotImplemented': rule(of('UploadPartCopy'), fail(501, 'NotImplemented')),
  'copies of parts: 400 InvalidArgument': rule(of('UploadPartCopy'), fail(400, 'InvalidArgument')),
  'copies: 501 NotImplemented': rule(of(...COPIES), fail(501, 'NotImplemented')),
  'copies: 404 NoSuchKey, though it is there': rule(
    ({ operation, headers }) =>
      COPIES.includes(operation) && headers['x-amz-copy-source']?.includes('a') === true,
    fail(404, 'NoSuchKey'),
  ),
}

const tagged = ({ headers }: RequestInfo): boolean => Boolean(headers['x-amz-tagging'])

const sizeOf = (body: string | Body | undefined): number =>
  body === undefined || typeof body === 'string' ? 0 : body.size

const unzipped = (body: Body): Body => bytesBody(gunzipSync(Buffer.concat([...readBody(body)])))

/** A service that unpacks what is stored as gzip, unless who reads it says that gzip will do. */
const unpacks: Fault = async (request, next) => {
  const reply = await next()
  const { 'content-encoding': encoding } = reply.headers
  const asStored = request.headers['accept-encoding']?.includes('gzip') === true
  if (reply.status >= 300 || encoding !== 'gzip' || asStored) return reply
  const { body } = reply
  const whole = typeof body === 'string' || body === undefined ? undefined : unzipped(body)
  const plain = without(reply, 'content-encoding', 'content-length', 'content-range')
  return {
    ...plain,
    status: 200,
    headers: {
      ...plain.headers,
      'x-goog-stored-content-encoding': 'gzip',
      'x-goog-stored-content-length': reply.headers['content-length'] ?? String(sizeOf(body)),
    },
    body: whole,
  }
}

/** As B2 says it of whatever it does not know. */
const unsupported = (header: string): Fault =>
  fail(400, 'InvalidArgument', {
    message: `Unsupported header '${header}' received for this API call.`,
  })

export const HEADERS: Readonly<Record<string, Quirk>> = {
  'tags on writes: 501 NotImplemented': rule(tagged, fail(501, 'NotImplemented')),
  'tags on writes: 400 InvalidArgument': rule(tagged, unsupported('x-amz-tagging')),
  'conditions and tags on writes: 400 InvalidArgument': {
    rules: [
      { match: tagged, fault: unsupported('x-amz-tagging') },
      {
        match: ({ headers }) => headers['if-none-match'] !== undefined,
        fault: unsupported('if-none-match'),
      },
    ],
  },
  // A service without tags.
  'a copy told to leave tags behind: 501 NotImplemented': {
    rules: [
      {
        match: having('x-amz-tagging-directive', 'CopyObject'),
        fault: fail(501, 'NotImplemented', {
          message: "Header 'x-amz-tagging-directive' with value 'REPLACE' not implemented",
        }),
      },
      {
        match: of('CopyObject'),
        fault: (request, next) => {
          Object.assign(request.headers, { 'x-amz-tagging-directive': 'REPLACE' })
          return next()
        },
      },
    ],
  },
  'gzip: unpacked unless it is asked for': rule(of(...READS), unpacks),
}

/** Keys that a service on a file system cannot hold beside the others, by what it calls that. */
const cannotHold = (status: number, code: string): Quirk =>
  rule(
    (request) =>
      ['PutObject', 'CopyObject'].includes(request.operation) && request.key.endsWith('never'),
    fail(status, code),
  )

export const NAMES: Readonly<Record<string, Quirk>> = {
  'names: 400 XMinioParentIsObject': cannotHold(400, 'XMinioParentIsObject'),
  'names: 409 ObjectParentIsFile': cannotHold(409, 'ObjectParentIsFile'),
  'names: 422 and a code that nobody knows': cannotHold(422, 'WeirdName'),
}

export const CLOCKS: Readonly<Record<string, Quirk>> = {
  'clocks: an hour behind': { options: { now: () => Date.now() - 3_600_000 } },
  'clocks: an hour ahead': { options: { now: () => Date.now() + 3_600_000 } },
}

/** Markers of a bucket that keeps older versions, as its answers tell them. */
const VERSION = { 'x-amz-version-id': '3HL4kqtJlcpXroDTDmJ_rmSpXd3dIbrHY' }
const MARKER = { ...VERSION, 'x-amz-delete-marker': 'true' }

const telling = (headers: Readonly<Record<string, string>>): Fault =>
  changed((reply) => ({ ...reply, headers: { ...reply.headers, ...headers } }))

export const VERSIONS: Readonly<Record<string, Quirk>> = {
  'versions: a delete makes a marker': {
    buckets: { versioning: 'Enabled' },
    rules: [
      { match: of('PutObject', 'CompleteMultipartUpload', ...COPIES), fault: telling(VERSION) },
      { match: of(...READS), fault: telling(VERSION) },
      { match: of('DeleteObject'), fault: telling(MARKER) },
      {
        match: of('DeleteObjects'),
        fault: withText((xml) =>
          xml.replaceAll(
            '</Deleted>',
            '<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>m1</DeleteMarkerVersionId></Deleted>',
          ),
        ),
      },
      {
        match: of(...READS),
        fault: async (_request, next) => {
          const reply = await next()
          return reply.status === 404
            ? { ...reply, headers: { ...reply.headers, ...MARKER } }
            : reply
        },
      },
    ],
  },
  'versions: Object Lock, where every write wants a digest': {
    buckets: { versioning: 'Enabled', objectLock: true },
  },
}

/** A bucket whose policy wants a condition on every write of a whole object. */
export const POLICIES: Readonly<Record<string, Quirk>> = {
  'a policy that wants conditions on writes': rule(
    ({ operation, headers }) =>
      ['PutObject', 'CopyObject'].includes(operation) &&
      headers['if-none-match'] === undefined &&
      headers['if-match'] === undefined,
    fail(403, 'AccessDenied', {
      message:
        'User: arn:aws:iam::123456789012:user/admin is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::dst/copy" with an explicit deny in a resource-based policy',
    }),
  ),
}
