import type { Session, Sessions } from '../credentials/session.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Had } from '../install/toolchain.ts'
import type { CopyOp } from '../model/op.ts'
import { s3Url } from '../model/place.ts'
import type { Check, CheckName } from '../model/report.ts'
import { type CarryRequest, looksAtBuckets, type SyncRequest, writesOf } from '../model/request.ts'
import type { Ports } from '../ports.ts'
import { firstKeys } from '../storage/first-keys.ts'
import type { BucketEncryption, HeadResult } from '../storage/store.ts'
import { type OpenBucket, type Opening, openBucket } from './buckets.ts'
import { demand, type Looked, seen } from './look.ts'
import { clockLook, diskLook, identityLook, memoryLook, toolLook } from './machine.ts'
import {
  destinationOf,
  type FoundSource,
  findSource,
  listingError,
  type OpenPlace,
  refuseOne,
  refuseSelf,
} from './places.ts'
import { encryptionProbe, readingProbe, versioningProbe, writingProbe } from './probes.ts'
import { type Transfer, transferOf } from './transfer.ts'

/** What the run stands on: both places as they really are. */
export interface Facts {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  readonly transfer: Transfer
  /** Customers' KMS keys that objects of either side are encrypted with, as far as that is known. */
  readonly kmsKeys: { readonly source: readonly string[]; readonly destination: readonly string[] }
  /** Whether the destination keeps older versions; undefined: not known. */
  readonly versioned: boolean | undefined
}

/** What was looked at before the start. */
export interface Preflight {
  readonly checks: readonly Check[]
  /** Why the run cannot start. */
  readonly problems: readonly SyncError[]
  /** undefined where a place could not be found. */
  readonly facts: Facts | undefined
}

interface Ground {
  readonly request: SyncRequest
  readonly sessions: Sessions
  readonly tool: Had
  readonly ports: Pick<Ports, 'store' | 'system' | 'files' | 'clock'>
}

interface Places {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  readonly keys: readonly string[]
}

const preflightOf = (looks: readonly Looked[], facts?: Facts): Preflight => ({
  checks: looks.map(({ check }) => check),
  problems: looks.flatMap(({ problem }) => problem ?? []),
  facts,
})

const openingOf = ({ request: { how }, ports }: Ground): Opening => ({
  how,
  openStore: ports.store,
})

function openSide(
  name: 'source' | 'destination',
  session: Session | undefined,
  ground: Ground,
): Promise<Looked<OpenBucket>> {
  const side = ground.request[name]
  return demand(
    `${name}-bucket`,
    () => openBucket(name, { side, session }, openingOf(ground)),
    ({ region, oddHead }) =>
      oddHead && oddHead.code !== 'AccessDenied'
        ? `HEAD of ${side.bucket} is answered by ${oddHead.code}: what it holds tells that it is there`
        : `${side.bucket} is in ${region}`,
  )
}

const sourceLook = ({ source }: SyncRequest, open: OpenBucket): Promise<Looked<FoundSource>> =>
  demand(
    'source-listing',
    () => findSource(source, open),
    ({ keys, prefix }) =>
      `${s3Url(source.bucket, prefix)} ${keys.length > 0 ? 'can be listed' : 'is empty'}`,
  )

function destinationLook({ bucket, region, prefix, store }: OpenPlace): Promise<Looked> {
  const list = () =>
    firstKeys(store, bucket, prefix).catch((error: unknown) => {
      throw listingError({ bucket, region }, error)
    })
  return demand('destination-listing', list, () => `${s3Url(bucket, prefix)} can be listed`)
}

const isFiltered = ({ include, exclude, keys }: SyncRequest['what']): boolean =>
  include.length + exclude.length > 0 || keys?.mismatch === 'skip'

/** Looks at what objects of the source are, and whether they can be read. */
function readingLook(
  { source, keys }: Places,
  { readBy }: Transfer,
  { request, sessions }: Ground,
): Promise<Looked<HeadResult>> | Looked<HeadResult> {
  if (sessions.source !== sessions.destination && readBy === 'destination')
    return seen('source-reading', 'pass', 'the identity of the destination can read it')
  return readingProbe({ place: source, keys, filtered: isFiltered(request.what) })
}

interface Looks {
  readonly reading: Looked<HeadResult>
  /** None in a run that writes: that is seen when it is known what. */
  readonly writing: readonly Looked[]
  readonly listing: Looked
  readonly encryption: readonly [Looked<BucketEncryption>, Looked<BucketEncryption>]
  readonly versioning: Looked<boolean>
}

const NOTHING_COPIED = 'nothing is copied'
const NOTHING_THERE = 'there is nothing to copy'

function bucketLooks({ source, destination }: Places, { request, sessions }: Ground) {
  const [from, to, versions] = [
    'source-encryption',
    'destination-encryption',
    'destination-versioning',
  ] as const
  const idle = (name: CheckName, why = NOTHING_COPIED) => seen(name, 'not-needed', why)
  if (!looksAtBuckets(request)) return [idle(from), idle(to), idle(versions)] as const
  return [
    sessions.source ? encryptionProbe(from, source) : idle(from, 'its requests are not signed'),
    encryptionProbe(to, destination),
    versioningProbe(destination),
  ] as const
}

/** Looks at both places all at once; what only a run that writes needs is left out for others. */
async function lookAround(places: Places, transfer: Transfer, ground: Ground): Promise<Looks> {
  const { destination, keys } = places
  const idle = writesOf(ground.request) ? keys.length === 0 && NOTHING_THERE : NOTHING_COPIED
  const [reading, listing, sourceEncryption, destinationEncryption, versioning] = await Promise.all(
    [
      idle ? seen('source-reading', 'not-needed', idle) : readingLook(places, transfer, ground),
      destinationLook(destination),
      ...bucketLooks(places, ground),
    ],
  )
  const encryption = [sourceEncryption, destinationEncryption] as const
  const writing = idle ? [seen('destination-writing', 'not-needed', idle)] : []
  return { reading, listing, writing, encryption, versioning }
}

const distinct = (keys: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(keys.filter((key) => key !== undefined)),
]

function kmsKeysOf({ reading, encryption }: Looks, { how }: SyncRequest): Facts['kmsKeys'] {
  const [source, destination] = encryption
  const { sse, sseKmsKeyId } = how.write
  return {
    source: distinct([source.found?.kmsKey, reading.found?.kmsKey]),
    destination: distinct([sse === undefined ? destination.found?.kmsKey : sseKmsKeyId]),
  }
}

interface Opened {
  readonly from: OpenBucket
  readonly to: OpenBucket
  readonly found: FoundSource
}

async function lookAtBoth(
  { from, to, found }: Opened,
  before: readonly Looked[],
  ground: Ground,
): Promise<Preflight> {
  const { request, sessions } = ground
  refuseOne(found, request)
  const { keys, ...where } = found
  const side = ({ bucket, endpoint, variant }: SyncRequest['source']) => ({
    bucket,
    endpoint,
    variant,
  })
  const source = { ...where, ...from, ...side(request.source) }
  const goal = destinationOf(request.destination, found)
  const destination = { ...goal, ...to, ...side(request.destination) }
  refuseSelf(source, destination)
  const places = { source, destination, keys }
  const write = writesOf(request) ? request.how.write : undefined
  const transfer = await transferOf(places, { sessions, opening: openingOf(ground), write })
  const looks = await lookAround(places, transfer, ground)
  const { reading, listing, writing, encryption, versioning } = looks
  const clock = clockLook(destination.store, ground.ports.clock, ground.tool)
  const after = [reading, listing, ...writing, ...encryption, versioning, clock]
  return preflightOf([...before, ...after], {
    source,
    destination,
    transfer,
    kmsKeys: kmsKeysOf(looks, request),
    versioned: versioning.found,
  })
}

/**
 * Looks at everything a run stands on: s5cmd, the identity, both places, who can copy, the machine.
 * What stops the run is among the problems; what could not be looked at does not. Throws SyncError
 * where the two places do not go together.
 */
export async function preflight(ground: Ground): Promise<Preflight> {
  const { request, sessions, tool, ports } = ground
  const machine = [
    toolLook(tool),
    identityLook(sessions.destination),
    memoryLook(ports.system),
    await diskLook(ports.files, request.tell.reportDir),
  ]
  const [from, to] = await Promise.all([
    openSide('source', sessions.source, ground),
    openSide('destination', sessions.destination, ground),
  ])
  const listing = from.found && (await sourceLook(request, from.found))
  const looks = [...machine, from, to, ...(listing ? [listing] : [])]
  if (!from.found || !to.found || !listing?.found) return preflightOf(looks)
  return lookAtBoth({ from: from.found, to: to.found, found: listing.found }, looks, ground)
}

/**
 * Whether the first planned object can be written, as the copies will write it: the one look that needs the plan.
 * Nothing is asked where nothing would be written.
 */
export async function lookAtWriting(
  first: Pick<CopyOp, 'to'> | undefined,
  { destination, transfer }: Facts,
  { write, requestTimeoutMs }: Pick<CarryRequest, 'write' | 'requestTimeoutMs'>,
): Promise<Looked> {
  if (!first) return seen('destination-writing', 'not-needed', NOTHING_THERE)
  return await writingProbe({
    place: destination,
    key: first.to,
    carrier: transfer.carrier,
    write,
    timeoutMs: requestTimeoutMs,
  })
}

/** The facts of a run that can start. Throws SyncError with every reason why it cannot. */
export function standOn({ problems, facts }: Preflight): Facts {
  const [first, ...others] = problems
  if (first && others.length === 0) throw first
  if (first) {
    const told = problems.map(({ message }) => `- ${message}`)
    throw new SyncError('preflight', `${problems.length} problems:\n${told.join('\n')}`, {
      hint: distinct(problems.map(({ hint }) => hint)).join('\n'),
    })
  }
  if (facts) return facts
  throw new SyncError('internal', 'The places were not found, and nobody knows why.')
}
