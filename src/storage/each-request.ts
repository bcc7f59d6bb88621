import type { Objects, RequestLimit } from './store.ts'

/** What is done around one request, which is made when `request` is called; `bytes`: that it moves, or 0. */
export type Around = <T>(
  request: () => Promise<T>,
  limit: RequestLimit,
  bytes: number,
) => Promise<T>

/** Where bytes count that pass through this process: as they are read from a service, or as they are sent to one. */
export type Counted = 'read' | 'sent'

/**
 * The same objects, with something done around every request. An abort of an upload is left as it is: it is the last
 * word of a run that may be over.
 */
export const aroundEach = (
  objects: Objects,
  around: Around,
  counted: Counted = 'read',
): Objects => ({
  copy: (from, write, limit) => around(() => objects.copy(from, write, limit), limit, from.size),
  stat: (object, limit, what) => around(() => objects.stat(object, limit, what), limit, 0),
  page: (query, limit) => around(() => objects.page(query, limit), limit, 0),
  describe: (object, limit, what) => around(() => objects.describe(object, limit, what), limit, 0),
  tags: (object, limit) => around(() => objects.tags(object, limit), limit, 0),
  read: (object, what, limit) => around(() => objects.read(object, what, limit), limit, what.bytes),
  put: (write, bytes, limit) =>
    around(() => objects.put(write, bytes, limit), limit, counted === 'sent' ? bytes.length : 0),
  startUpload: (write, limit) => around(() => objects.startUpload(write, limit), limit, 0),
  copyPart: (part, from, limit) =>
    around(
      () => objects.copyPart(part, from, limit),
      limit,
      from.range.last - from.range.first + 1,
    ),
  putPart: (part, bytes, limit) =>
    around(() => objects.putPart(part, bytes, limit), limit, counted === 'sent' ? bytes.length : 0),
  completeUpload: (upload, parts, limit) =>
    around(() => objects.completeUpload(upload, parts, limit), limit, 0),
  abortUpload: (upload, limit) => objects.abortUpload(upload, limit),
})
