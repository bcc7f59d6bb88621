import { type Fault, fail, type Rule } from '../faults.ts'
import {
  changed,
  having,
  listing,
  nothing,
  of,
  page,
  type Quirk,
  READS,
  rule,
  without,
} from './quirk.ts'

/** What a run can do without an answer to. */
const OPTIONAL = [
  'HeadBucket',
  'GetBucketEncryption',
  'GetBucketVersioning',
  'ListMultipartUploads',
  'GetObjectTagging',
]

/** Who answers no question about tags counts none either. */
const uncounted: Rule = {
  match: of('GetObject', 'HeadObject'),
  fault: changed((reply) => without(reply, 'x-amz-tagging-count')),
}

const noOptional = (fault: Fault): Quirk => ({
  rules: [{ match: of(...OPTIONAL), fault }, uncounted],
})

export const OPTIONAL_QUESTIONS: Readonly<Record<string, Quirk>> = {
  'optional questions: 400 InvalidRequest': noOptional(fail(400, 'InvalidRequest')),
  'optional questions: 400 InvalidArgument': noOptional(fail(400, 'InvalidArgument')),
  'optional questions: 400 UnsupportedOperation': noOptional(fail(400, 'UnsupportedOperation')),
  'optional questions: 401 Unauthorized': noOptional(fail(401, 'Unauthorized')),
  'optional questions: 403 AccessDenied': noOptional(fail(403, 'AccessDenied')),
  'optional questions: 404 NoSuchKey': noOptional(fail(404, 'NoSuchKey')),
  'optional questions: 404 NoSuchBucket': noOptional(fail(404, 'NoSuchBucket')),
  'optional questions: 405 MethodNotAllowed': noOptional(fail(405, 'MethodNotAllowed')),
  'optional questions: 411 MissingContentLength': noOptional(fail(411, 'MissingContentLength')),
  'optional questions: 501 NotImplemented': noOptional(fail(501, 'NotImplemented')),
  'optional questions: a page': noOptional(page()),
  'optional questions: 404 with a page': noOptional(page(404)),
  'optional questions: a listing': noOptional(listing),
  'optional questions: 200 and nothing': noOptional(nothing),
  'HEAD of a bucket: a region that nobody signs for': rule(
    of('HeadBucket'),
    changed((reply) => ({
      ...reply,
      headers: { ...reply.headers, 'x-amz-bucket-region': 'WEUR' },
    })),
  ),
  'checksums of reads: 400 InvalidArgument': rule(
    having('x-amz-checksum-mode', ...READS),
    fail(400, 'InvalidArgument'),
  ),
  'encryption: 503': rule(of('GetBucketEncryption'), fail(503, 'ServiceUnavailable')),
}

const WRITES = ['PutObject', 'CopyObject', 'CompleteMultipartUpload']
const COPIES = ['CopyObject', 'UploadPartCopy']

const onDestination = (fault: Fault): Quirk => ({
  rules: [
    { match: having('if-none-match', ...WRITES), fault },
    { match: having('if-match', ...WRITES), fault },
  ],
})

const onSource = (fault: Fault): Quirk =>
  rule(having('x-amz-copy-source-if-match', ...COPIES), fault)

const onRead = (fault: Fault): Quirk => rule(having('if-match', ...READS), fault)

export const CONDITIONS: Readonly<Record<string, Quirk>> = {
  'conditions on writes: 501 NotImplemented': onDestination(fail(501, 'NotImplemented')),
  'conditions on writes: 400 InvalidArgument': onDestination(fail(400, 'InvalidArgument')),
  'conditions on writes: 400 UnsupportedHeader': onDestination(fail(400, 'UnsupportedHeader')),
  'conditions on writes: 405 MethodNotAllowed': onDestination(fail(405, 'MethodNotAllowed')),
  'conditions on writes: 403 with a page': onDestination(page(403)),
  'conditions on writes: 403 SignatureDoesNotMatch': onDestination(
    fail(403, 'SignatureDoesNotMatch'),
  ),
  'conditions on writes: 412 whatever stands there': onDestination(fail(412, 'PreconditionFailed')),
  'conditions on the end of an upload alone: 501': rule(
    having('if-none-match', 'CompleteMultipartUpload'),
    fail(501, 'NotImplemented'),
  ),
  'conditions on the source of a copy: 501 NotImplemented': onSource(fail(501, 'NotImplemented')),
  'conditions on the source of a copy: 400 InvalidArgument': onSource(fail(400, 'InvalidArgument')),
  'conditions on the source of a copy: 412 whatever it is': onSource(
    fail(412, 'PreconditionFailed'),
  ),
  'conditions on the source of a part alone: 501': rule(
    having('x-amz-copy-source-if-match', 'UploadPartCopy'),
    fail(501, 'NotImplemented'),
  ),
  'conditions on reads: 501 NotImplemented': onRead(fail(501, 'NotImplemented')),
  'conditions on reads: 400 InvalidArgument': onRead(fail(400, 'InvalidArgument')),
  'conditions on reads: 412 whatever it is': onRead(fail(412, 'PreconditionFailed')),
  'conditions: passed over': {
    options: { passesOver: ['if-match', 'if-none-match', 'x-amz-copy-source-if-match'] },
  },
}
