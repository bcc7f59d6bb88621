/** The metadata in which an object that was uploaded in parts says how many bytes they had: so its ETag can be made again. */
export const PART_SIZE = 's3-direct-sync-part-size'

/** No service takes more of them. */
const MOST_PARTS = 10_000

/**
 * Bytes of the parts of an object, as its metadata says; undefined where that cannot be, as anybody may have written it:
 * its ETag ends with the number of parts.
 */
export function statedPartBytes(
  stated: string | undefined,
  { size, etag }: { readonly size: number; readonly etag: string },
): number | undefined {
  const [, count] = /-(\d{1,5})$/.exec(etag) ?? []
  const bytes = /^[1-9]\d{0,15}$/.test(stated ?? '') ? Number(stated) : undefined
  const parts = bytes === undefined ? 0 : Math.ceil(size / bytes)
  return parts <= MOST_PARTS && parts === Number(count) ? bytes : undefined
}

/** Whether an ETag is that of an object that was put together from parts. */
export const isComposite = (etag: string): boolean => /-\d+$/.test(etag)

/** Bytes of the parts that an object was put together from, by what is told of its first one, where they can have been alike; undefined: not known. */
export function partBytesOf(
  { etag, headers }: { readonly etag: string; readonly headers: Readonly<Record<string, string>> },
  size: number,
): number | undefined {
  const bytes = Number(headers['content-length'])
  const parts = Number(/-(\d+)$/.exec(etag)?.[1])
  return bytes > 0 && parts <= MOST_PARTS && Math.ceil(size / bytes) === parts ? bytes : undefined
}
