import { inParallel } from '../flow/pool.ts'
import type { Limit } from '../model/limit.ts'
import type { Objects, Upload } from '../storage/store.ts'

const ABORTS_AT_ONCE = 16

/** Aborts uploads, each within the limit; gives the failures. */
export async function abortAll(
  uploads: readonly Upload[],
  objects: Objects,
  limit: Limit,
): Promise<readonly unknown[]> {
  const failures: unknown[] = []
  await inParallel(uploads, ABORTS_AT_ONCE, (upload) =>
    objects.abortUpload(upload, limit).catch((error: unknown) => {
      failures.push(error)
    }),
  )
  return failures
}
