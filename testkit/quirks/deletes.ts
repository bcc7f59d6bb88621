import { fail, type RequestInfo } from '../faults.ts'
import { changed, nothing, of, page, type Quirk, rule } from './quirk.ts'

const boundDelete = ({ operation, headers, payload }: RequestInfo): boolean =>
  (operation === 'DeleteObjects' && payload.includes('<ETag>')) ||
  (operation === 'DeleteObject' && headers['if-match'] !== undefined)

export const DELETES: Readonly<Record<string, Quirk>> = {
  'deletes: Content-MD5 is wanted': { options: { checksums: 'md5-only' } },
  'deletes of many: 501 NotImplemented': rule(of('DeleteObjects'), fail(501, 'NotImplemented')),
  'deletes of many: 400 InvalidArgument': rule(of('DeleteObjects'), fail(400, 'InvalidArgument')),
  'deletes of many: 405 MethodNotAllowed': rule(of('DeleteObjects'), fail(405, 'MethodNotAllowed')),
  'deletes of many: 404 NoSuchKey': rule(of('DeleteObjects'), fail(404, 'NoSuchKey')),
  'deletes of many: a page': rule(of('DeleteObjects'), page()),
  'deletes of many: 200 and nothing': rule(of('DeleteObjects'), nothing),
  'conditions on deletes: 501 NotImplemented': rule(boundDelete, fail(501, 'NotImplemented')),
  'conditions on deletes: 400 MalformedXML': rule(boundDelete, fail(400, 'MalformedXML')),
  'conditions on deletes: 412 whatever stands there': rule(
    boundDelete,
    fail(412, 'PreconditionFailed'),
  ),
  'deletes: 200 where S3 says 204': rule(
    of('DeleteObject'),
    changed((reply) => ({ ...reply, status: 200 })),
  ),
}
