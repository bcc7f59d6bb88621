import { z } from 'zod'
import { COPY_REASONS, PLAN_SCHEMA, REASONS } from './plan-words.ts'
import { MOST_WAVES } from './waves.ts'

/** A key as requests can name it. */
const keyText = z.string().refine((key) => key.isWellFormed())
/** An ETag as a condition can name it, without quotes; '' where the service told none. */
const etagText = z.string().regex(/^[^\s"*]*$/)

/** A copy to be made: one line of the plan file. Keys are full keys. */
export const copyOp = z.strictObject({
  op: z.literal('copy'),
  key: keyText,
  to: keyText,
  /** Bytes. */
  size: z.number().int().nonnegative(),
  etag: etagText,
  lastModified: z.iso.datetime(),
  /** ETag of the object that stands at the destination, where one does. */
  toEtag: etagText.optional(),
  /** Bytes and time of that object, where the service told no ETag of it. */
  toSize: z.number().int().nonnegative().optional(),
  toLastModified: z.iso.datetime().optional(),
  storageClass: z.string().optional(),
  /** The version that is copied, where a manifest names it. */
  versionId: z
    .string()
    .regex(/^[\x21-\x7e]{1,1024}$/)
    .optional(),
  /** A manifest says what the object is: what it becomes later is not copied. */
  pinned: z.literal(true).optional(),
  /** Hex: what its bytes have to be, where a manifest says it and no stored checksum proves it. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** The key is not valid UTF-8: it is shown with U+FFFD, and no request can name it. */
  unnameable: z.literal(true).optional(),
  /** The object is archived and not restored, so that nothing can read it. */
  archived: z.literal(true).optional(),
  /** When it is made; without one it is of wave 0, which goes first. */
  wave: z.number().int().min(1).max(MOST_WAVES).optional(),
  reason: z.enum(COPY_REASONS),
})
export type CopyOp = z.infer<typeof copyOp>

/** An object that only the destination has, to be deleted: one line of the plan file. */
export const deleteOp = z.strictObject({
  op: z.literal('delete'),
  key: keyText,
  /** Bytes. */
  size: z.number().int().nonnegative(),
  etag: etagText,
  /** By it and the size an object is known again where nobody tells its ETag; plans of before have none. */
  lastModified: z.iso.datetime().optional(),
  /** The key is not valid UTF-8: it is shown with U+FFFD, and may be that of another object. */
  unnameable: z.literal(true).optional(),
  reason: z.literal('only-at-destination'),
})
export type DeleteOp = z.infer<typeof deleteOp>

const placeLine = z.strictObject({
  endpoint: z.string().optional(),
  region: z.string(),
  bucket: z.string(),
  prefix: z.string(),
  single: z.boolean(),
  folder: z.string().optional(),
})

/** First line of a plan file. */
export const planHeader = z.strictObject({
  schema: z.literal(PLAN_SCHEMA),
  source: placeLine,
  destination: placeLine,
  compare: z.string(),
  delete: z.boolean(),
  /** sha256 of the manifest that names the objects, where one does. */
  manifest: z.string().optional(),
  /** sha256 of places, filters, waves, compare, overwrite, delete, write options and the manifest: a plan belongs to one request. */
  requestDigest: z.string(),
  createdAt: z.iso.datetime(),
})
export type PlanHeader = z.infer<typeof planHeader>

const count = z.number().int().nonnegative()
const tally = z.strictObject({ objects: count, bytes: count })

/** A number of objects and their bytes. */
export type Tally = z.infer<typeof tally>

const checksumLooks = z.strictObject({ pairs: count, source: count, destination: count })

/** Pairs of objects whose checksums were asked for, and the HEADs that they took on each side. */
export type ChecksumCount = z.infer<typeof checksumLooks>

const keyCount = z.strictObject({ objects: count, digest: z.string() })

/** How many keys were listed, and a digest of them all. */
export type KeyCount = z.infer<typeof keyCount>

const asked = z.strictObject({ heads: count, lists: count })

const manifestCounts = z.strictObject({
  /** Those that were read, duplicates and filtered ones included. */
  rows: count,
  /** Rows whose SHA-256 nothing proves: no such checksum is stored. */
  sha256Unproven: count,
  /** Requests that looked the rows up. */
  lookUps: z.strictObject({ source: asked, destination: asked }),
})

/** What the rows of a manifest came to, beside their reasons. */
export type ManifestCounts = z.infer<typeof manifestCounts>

/** Last line of a plan file; a file without it is not a plan. */
export const planTrailer = z.strictObject({
  trailer: z.literal(true),
  copies: tally,
  deletes: tally,
  /** The copies of wave 0, 1 and so on; undefined where all are one wave. */
  waves: z
    .array(tally)
    .max(MOST_WAVES + 1)
    .optional(),
  /** Objects and bytes by reason, copies and skips alike. */
  reasons: z.record(
    z.string().refine((reason) => REASONS.has(reason)),
    tally,
  ),
  listed: z.strictObject({ source: count, destination: count }),
  /** Objects at the destination that the filters leave in. */
  inScope: count,
  /** Where there are rules for headers: objects whose headers were compared, and were not; copies whose source is looked at first. */
  headers: z.strictObject({ compared: count, notCompared: count, sourceLooks: count }).optional(),
  /** All keys of the source, where it is listed once more before deletes. */
  sourceKeys: keyCount.optional(),
  /** Where checksums were asked for. */
  checksums: checksumLooks.optional(),
  manifest: manifestCounts.optional(),
  /** sha256 over all lines before the trailer. */
  digest: z.string(),
})
export type PlanTrailer = z.infer<typeof planTrailer>
