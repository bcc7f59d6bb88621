import { hash } from 'node:crypto'
import { isPuzzled, serviceFailure } from '../errors/service-failure.ts'
import { copyLimitMs } from '../flow/copy-limit.ts'
import type { OpenFile } from '../model/folder.ts'
import type { Clock } from '../ports.ts'
import { retrying } from '../storage/retrying.ts'
import type { Objects, ObjectWrite, Store, WriteCondition } from '../storage/store.ts'
import { rangesOf } from './direct/parts.ts'
import { Uploads } from './direct/upload.ts'

/** Larger files go in parts, of which a few are held at a time. */
const PART_BYTES = 8 * 2 ** 20
const PARTS_AT_ONCE = 4

/** What files of this run's own are written to the destination with. */
export interface OwnObjectDeps {
  readonly store: Pick<Store, 'objects' | 'capabilities'>
  readonly clock: Clock
  readonly retryCount: number
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

/** The condition of a write over what was seen (undefined: nothing); of what the service tells no ETag of nothing can be said. */
export const ifUnchanged = (etag: string | undefined): WriteCondition | undefined =>
  etag === undefined ? 'absent' : etag === '' ? undefined : { etag }

async function bytesOf(file: OpenFile, first: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const read = await file.read(bytes, first)
  return bytes.subarray(0, read)
}

async function writeFile(
  file: OpenFile,
  write: ObjectWrite,
  objects: Objects,
  { store, clock, requestTimeoutMs, signal }: OwnObjectDeps,
): Promise<string> {
  const { size } = await file.facts()
  if (size <= PART_BYTES) {
    const bytes = await bytesOf(file, 0, size)
    const headers = { ...write.headers, 'content-md5': hash('md5', bytes, 'base64') }
    const limit = { timeoutMs: copyLimitMs(size, requestTimeoutMs), signal }
    return objects.put({ ...write, headers }, bytes, limit)
  }
  const { capabilities } = store
  const concurrency = PARTS_AT_ONCE
  const uploads = new Uploads({
    objects,
    capabilities,
    clock,
    concurrency,
    requestTimeoutMs,
    signal,
  })
  const limit = { timeoutMs: copyLimitMs(PART_BYTES, requestTimeoutMs), signal }
  return uploads.write(write, {
    ranges: rangesOf(size, PART_BYTES),
    make: async (part, { first, last }) => {
      const bytes = await bytesOf(file, first, last - first + 1)
      const proof = { md5: hash('md5', bytes, 'base64') }
      return objects.putPart({ ...part, proof }, bytes, limit)
    },
  })
}

/**
 * Writes a file that this run made to the destination, on the condition that is given where the service knows
 * conditions; gives the new ETag. Throws what the service said.
 */
export async function putOwnFile(
  file: OpenFile,
  write: ObjectWrite,
  deps: OwnObjectDeps,
): Promise<string> {
  const { store, clock, retryCount, signal } = deps
  const { capabilities } = store
  const objects = retrying(store.objects, { clock, retryCount, signal })
  const free: ObjectWrite = { to: write.to, only: undefined, headers: write.headers }
  if (!capabilities.conditionalWrites) return writeFile(file, free, objects, deps)
  try {
    return await writeFile(file, write, objects, deps)
  } catch (error) {
    if (write.only === undefined || !isPuzzled(serviceFailure(error))) throw error
    const etag = await writeFile(file, free, objects, deps).catch(() => Promise.reject(error))
    capabilities.lacksConditionalWrites()
    return etag
  }
}
