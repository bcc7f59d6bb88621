import { inParallel } from '../flow/pool.ts'
import type { Limit } from '../model/limit.ts'
import type { FoundUpload, ObjectAddress, Objects, Store, Upload } from '../storage/store.ts'

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

/** No ARN is longer. */
const MOST_ARN_CHARS = 2048

/** A role is the same whatever its session is called. */
const principalOf = (arn: string): string => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1')

/** Unfinished uploads below a prefix that an identity began; those of a service that does not tell who did are nobody's. Throws as the listing does. */
export async function* ownUploads(
  store: Pick<Store, 'uploads'>,
  place: { readonly bucket: string; readonly prefix: string },
  arn: string,
  signal: AbortSignal,
): AsyncGenerator<FoundUpload> {
  for await (const upload of store.uploads(place, signal)) {
    const { initiator } = upload
    if (initiator === undefined || initiator.length > MOST_ARN_CHARS) continue
    if (principalOf(initiator) === principalOf(arn)) yield upload
  }
}

const LISTS_AT_ONCE = 8

/** How uploads are found whose id nobody knows. */
export interface UnheardSearch {
  readonly store: Pick<Store, 'uploads' | 'objects'>
  /** Who asked for them; undefined: nobody knows, and none is found. */
  readonly arn: string | undefined
  /** Uploads whose ids are known: they stay. */
  readonly known: readonly Upload[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Aborts the uploads of objects whose requests got no answer; gives how many. Throws where it cannot be known whether
 * there are any, or where one cannot be aborted.
 */
export async function abortUnheard(
  objects: readonly ObjectAddress[],
  { store, arn, known, timeoutMs, signal }: UnheardSearch,
): Promise<number> {
  if (arn === undefined) return 0
  const ids = new Set(known.map(({ uploadId }) => uploadId))
  const keys = new Map(objects.map(({ bucket, key }) => [key, { bucket, prefix: key }]))
  const found: Upload[] = []
  await inParallel(keys, LISTS_AT_ONCE, async ([key, place]) => {
    for await (const upload of ownUploads(store, place, arn, signal))
      if (upload.key === key && !ids.has(upload.uploadId)) found.push(upload)
  })
  const [failure] = await abortAll(found, store.objects, { timeoutMs, signal })
  if (failure !== undefined) throw failure
  return found.length
}
