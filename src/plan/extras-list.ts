import { createHash } from 'node:crypto'
import { z } from 'zod'
import { joinStreams } from '../listing/join-streams.ts'
import { type KeyBytes, toKeyBytes } from '../model/key.ts'
import { visibleJson } from '../model/safe.ts'
import type { Files } from '../ports.ts'

/** Version of the list's lines. */
const SCHEMA = 's3-direct-sync/extras/1'

/** Where a list belongs: what another place's says counts for nothing, be it copied here. */
interface ListPlace {
  readonly bucket: string
  readonly prefix: string
}

const headerLine = z.strictObject({
  schema: z.literal(SCHEMA),
  bucket: z.string(),
  prefix: z.string(),
})

const extraLine = z.strictObject({
  /** Relative to the destination. */
  key: z.string().refine((key) => key.isWellFormed()),
  /** By these three the object is known again. */
  size: z.number().int().nonnegative(),
  etag: z.string(),
  lastModified: z.iso.datetime(),
  /** When a run saw first that only the destination has it, by the destination's clock. */
  since: z.iso.datetime(),
})

/** An object that only the destination has, and since when. */
export type ListedExtra = z.infer<typeof extraLine>

const trailerLine = z.strictObject({
  trailer: z.literal(true),
  extras: z.number().int().nonnegative(),
  /** sha256 over all lines before it. */
  digest: z.string(),
})

/** Extras as they are joined with others. */
export interface KeyedExtra {
  readonly key: KeyBytes
  readonly extra: ListedExtra
}

/** Extras in the order of their keys. */
export type Entries = AsyncGenerator<KeyedExtra, undefined>

/** All but those with a key of the others, which come in the same order. */
export async function* withoutExtras(
  entries: Entries,
  others: AsyncGenerator<{ readonly key: KeyBytes }, undefined>,
): Entries {
  for await (const [entry, other] of joinStreams(entries, others)) if (entry && !other) yield entry
  return undefined
}

const sinceMs = ({ extra }: KeyedExtra): number => Date.parse(extra.since)

/** What either of two lists says; of what both know the later time, so that nothing goes too early. */
export async function* mergedExtras(ours: Entries, theirs: Entries): Entries {
  for await (const [our, their] of joinStreams(ours, theirs)) {
    const [first, second] = [our ?? their, their ?? our]
    if (first && second) yield sinceMs(first) >= sinceMs(second) ? first : second
  }
  return undefined
}

/** What only the destination has, and is to keep for some time. */
export interface WaitingExtra {
  /** Relative to the whole destination. */
  readonly key: KeyBytes
  readonly waits: true
}

function lineOf<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/**
 * Reads a whole list. Gives why not a word of it can be believed: it is cut, was changed by something else, or belongs to
 * another place. undefined: it is as a run wrote it there.
 */
export async function flawOfList(
  files: Files,
  path: string,
  { bucket, prefix }: ListPlace,
): Promise<string | undefined> {
  const hash = createHash('sha256')
  let at = 0
  let last: KeyBytes | undefined
  let end: z.infer<typeof trailerLine> | undefined
  for await (const text of files.lines(path)) {
    at++
    if (end) return 'there is data after its trailer'
    if (at === 1) {
      const header = lineOf(headerLine, text)
      if (!header) return 'its first line is not the header of such a list'
      if (header.bucket !== bucket || header.prefix !== prefix)
        return 'it belongs to another destination'
    } else {
      end = lineOf(trailerLine, text)
      const extra = end ? undefined : lineOf(extraLine, text)
      if (!end && !extra) return `its line ${at} is invalid`
      const key = extra && toKeyBytes(extra.key)
      if (key !== undefined && last !== undefined && key <= last) return 'its keys are not in order'
      last = key ?? last
    }
    if (!end) hash.update(`${text}\n`)
  }
  if (!end) return 'it has no trailer, so it is truncated'
  return end.extras === at - 2 && end.digest === hash.digest('hex')
    ? undefined
    : 'its lines were changed after it was written'
}

/** The extras of a list, or of lines that are to be one. */
export async function* readExtras(files: Files, path: string): Entries {
  for await (const text of files.lines(path)) {
    const extra = lineOf(extraLine, text)
    if (extra) yield { key: toKeyBytes(extra.key), extra }
  }
  return undefined
}

/** Writes a list of extras, which come in the order of their keys. */
export async function writeExtrasList(
  files: Files,
  path: string,
  { bucket, prefix }: ListPlace,
  extras: AsyncIterable<KeyedExtra>,
): Promise<void> {
  const writer = await files.writer(path)
  const hash = createHash('sha256')
  const add = async (line: unknown): Promise<void> => {
    const text = visibleJson(line)
    hash.update(`${text}\n`)
    await writer.write(text)
  }
  try {
    let count = 0
    await add({ schema: SCHEMA, bucket, prefix })
    for await (const { extra } of extras) {
      count++
      await add(extra)
    }
    await writer.write(visibleJson({ trailer: true, extras: count, digest: hash.digest('hex') }))
  } finally {
    await writer.close()
  }
}
