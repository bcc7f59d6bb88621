import { ServiceError } from '../../errors/service-error.ts'
import { isPuzzled, serviceFailure } from '../../errors/service-failure.ts'
import type { Objects, ObjectWrite } from '../../storage/store.ts'

/** A refusal, as the service said it, of a write that carries tags: many services take none, and have no word for that. */
export class TaggedRefusal extends ServiceError {}

function telling<T>({ headers }: ObjectWrite, written: Promise<T>): Promise<T> {
  if (headers['x-amz-tagging'] === undefined) return written
  return written.catch((error: unknown) => {
    const failure = serviceFailure(error)
    if (!isPuzzled(failure)) throw error
    const { code, message, status } = failure
    throw new TaggedRefusal(code, message, { status, cause: error })
  })
}

/** The same objects, of whose refusals those that may be of tags are known. */
export const tellingTags = (objects: Objects): Objects => ({
  ...objects,
  copy: (from, write, limit) => telling(write, objects.copy(from, write, limit)),
  put: (write, bytes, limit) => telling(write, objects.put(write, bytes, limit)),
  startUpload: (write, limit) => telling(write, objects.startUpload(write, limit)),
})
