import { SyncError } from '../errors/sync-error.ts'
import { isCopyReason, type Plan } from '../model/op.ts'
import { overlapOf } from '../model/overlap.ts'
import { s3Url } from '../model/place.ts'
import { optionHeaders, type WriteOptions } from '../model/write-options.ts'
import type { Files } from '../ports.ts'
import { isMadeByFunction, whyOneBucket } from '../preflight/aliases.ts'
import type { OpenPlace } from '../preflight/places.ts'
import { insist, isNameable } from '../preflight/probes.ts'
import type { HeadResult, Objects } from '../storage/store.ts'
import { readCopies } from './plan-file.ts'

/** What is looked at to see whether two names mean one bucket. */
export interface OneBucketInput {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  readonly plan: Plan
  /** Whether extra objects are deleted. */
  readonly deletes: boolean
  readonly files: Files
  /** How the destination is written; undefined: nothing is written, so that less can be proven. */
  readonly writer:
    | { readonly objects: Objects; readonly write: WriteOptions; readonly timeoutMs: number }
    | undefined
}

type Verdict = 'one' | 'two'

const LOOKS = 3

const REAL_RUN = 'A real run checks this with a multipart upload, and is refused if'

/** The first keys that the plan touches: those it would delete, and those it copies from. */
function touched({ samples }: Plan): readonly string[] {
  const all = Object.entries(samples)
  const keysOf = (wanted: (reason: string) => boolean) =>
    all
      .filter(([reason]) => wanted(reason))
      .flatMap(([, some]) => some.map(({ key }) => key))
      .filter(isNameable)
      .slice(0, LOOKS)
  return [...keysOf((reason) => reason === 'only-at-destination'), ...keysOf(isCopyReason)]
}

const isSame = (one: HeadResult | undefined, other: HeadResult | undefined): boolean =>
  one?.etag === other?.etag && one?.size === other?.size && one?.modified === other?.modified

/** What one full key tells, looked at in both buckets; undefined where it changes meanwhile or cannot be seen. */
async function byKey(
  key: string,
  { source, destination }: OneBucketInput,
): Promise<Verdict | undefined> {
  const look = async () =>
    [
      await source.store.stat({ bucket: source.bucket, key }),
      await destination.store.stat({ bucket: destination.bucket, key }),
    ] as const
  try {
    const [from, to] = await look()
    const [fromAgain, toAgain] = await look()
    if (!(isSame(from, fromAgain) && isSame(to, toAgain)) || !(from || to)) return undefined
    if (isSame(from, to)) return 'one'
    return [source, destination].some(({ bucket }) => isMadeByFunction(bucket)) ? undefined : 'two'
  } catch {
    return undefined
  }
}

async function shows(
  { store, bucket }: OpenPlace,
  { key: prefix, uploadId }: { readonly key: string; readonly uploadId: string },
  timeoutMs: number,
): Promise<boolean> {
  for await (const found of store.uploads({ bucket, prefix }, AbortSignal.timeout(timeoutMs)))
    if (found.uploadId === uploadId) return true
  return false
}

/** The key of the first write or delete of a plan. */
async function firstKey({ plan, files }: OneBucketInput): Promise<string | undefined> {
  const [extra] = plan.samples['only-at-destination'] ?? []
  if (extra) return extra.key
  for await (const { to, unnameable } of readCopies(files, plan)) if (!unnameable) return to
  return undefined
}

/** Begins an upload at the destination, and looks whether the source's bucket has it; nothing is stored. */
async function byUpload(input: OneBucketInput): Promise<Verdict | undefined> {
  const { source, destination, writer } = input
  const key = await firstKey(input)
  if (!writer || key === undefined) return undefined
  const { objects, write, timeoutMs } = writer
  const limit = { timeoutMs }
  const bare = { to: { bucket: destination.bucket, key }, only: undefined }
  try {
    const headers = optionHeaders(write)
    const upload = await insist(() => objects.startUpload({ ...bare, headers }, limit))
    try {
      if (await shows(source, upload, timeoutMs)) return 'one'
      // Who does not show it where it was begun proves nothing by not showing it elsewhere.
      return (await shows(destination, upload, timeoutMs)) ? 'two' : undefined
    } finally {
      await insist(() => objects.abortUpload(upload, limit))
    }
  } catch {
    return undefined
  }
}

async function verdictOf(input: OneBucketInput): Promise<Verdict | undefined> {
  const seen = new Set<Verdict>()
  for (const key of touched(input.plan)) {
    const verdict = await byKey(key, input)
    if (verdict) seen.add(verdict)
  }
  const [only] = seen
  // Where keys contradict each other only something new can tell.
  return seen.size === 1 ? only : byUpload(input)
}

/** Why two places of one bucket do not go together, as they would be refused under one name. */
function overlapping({ source, destination, deletes }: OneBucketInput): string | undefined {
  const [from, to] = [source.prefix, destination.prefix]
  return source.single && from !== to ? undefined : overlapOf(from, to, { deletes })
}

function isOne(input: OneBucketInput, why: string): SyncError | undefined {
  const { source, destination } = input
  const problem = overlapping(input)
  if (problem === undefined) return undefined
  const to = s3Url(destination.bucket, destination.prefix)
  return new SyncError(
    'guard',
    `Source and destination are in one bucket (${why}; ${source.bucket} has the same objects): ${to} ${problem}.`,
    { hint: 'Set source and destination to prefixes that do not overlap. Nothing was touched.' },
  )
}

const unproven = ({ source, destination }: OneBucketInput, why: string): SyncError =>
  new SyncError(
    'guard',
    `Whether ${source.bucket} and ${destination.bucket} are different buckets could not be determined (${why}): if they are the same bucket, delete would remove objects of the source.`,
    {
      hint: 'Use plain bucket names at one endpoint for both sides; or allow s3:ListBucketMultipartUploads on both buckets to this identity, so that the run can check; or run without delete. Nothing was touched.',
    },
  )

/**
 * Refuses places that overlap in one bucket under two names, and deletes where it is not proven that there
 * are two. Throws SyncError of kind `guard`; where nothing is written or deleted it gives what there is to tell: why a
 * run that does so is refused, or may be.
 */
export async function refuseOneBucket(
  input: OneBucketInput,
): Promise<Pick<Plan, 'refused' | 'doubt'> | undefined> {
  const { source, destination, plan, writer } = input
  const { copies, deletes } = plan.trailer
  const why = whyOneBucket(source, destination)
  if (why === undefined || copies.objects + deletes.objects === 0) return undefined
  const verdict = await verdictOf(input)
  if (verdict === 'two') return undefined
  const refused = verdict === 'one' ? isOne(input, why) : unproven(input, why)
  if (!refused) return undefined
  const harmless = verdict === undefined && deletes.objects === 0
  if (harmless)
    return overlapping(input)
      ? {
          doubt: `Source and destination may be the same bucket under two names (${why}), and would then overlap.`,
        }
      : undefined
  if (writer) throw refused
  return verdict === 'one'
    ? { refused }
    : {
        doubt: `${refused.message} ${REAL_RUN} that proves nothing.`,
      }
}

/** Whether one of two places holds the other. */
function overlap(one: OpenPlace, other: OpenPlace): boolean {
  const holds = (outer: OpenPlace, inner: OpenPlace): boolean =>
    outer.single ? outer.prefix === inner.prefix : inner.prefix.startsWith(outer.prefix)
  return holds(one, other) || holds(other, one)
}

/**
 * Refuses a transfer whose destination is, by another name of its bucket, a place of another transfer of the step: what
 * one writes or deletes there, the other has not planned with. `source` of the input is that place, and `deletes` whether
 * either of both deletes. Throws SyncError of kind `guard`; gives what there is to tell where it is not proven, and
 * nothing is deleted, or the run writes nothing. Only an upload tells: mirrors have the same objects of the same second.
 */
export async function refuseSharedPlace(input: OneBucketInput): Promise<string | undefined> {
  const { source: other, destination, deletes, writer } = input
  const why = overlap(other, destination) ? whyOneBucket(other, destination) : undefined
  const verdict = why === undefined ? 'two' : await byUpload(input)
  if (verdict === 'two') return undefined
  const [to, theirs] = [destination, other].map(({ bucket, prefix }) => s3Url(bucket, prefix))
  const doubt = `${to} and ${theirs} of another transfer may be the same bucket under two names (${why}), and would then overlap.`
  if (!writer) return `${doubt} ${REAL_RUN} ${deletes ? 'that proves nothing' : 'that proves it'}.`
  if (verdict === undefined && !deletes) return doubt
  const is = verdict === 'one' ? 'is' : 'may be'
  throw new SyncError(
    'guard',
    `${to} ${is} in the bucket of ${theirs}, which is a place of another transfer (${why}): the plan of one does not know what the other writes or deletes there.`,
    {
      hint: 'Give each transfer its own destination; if these are different buckets, use their plain names, or allow s3:ListBucketMultipartUploads on both. Nothing was touched.',
    },
  )
}
