import type { Sessions } from '../credentials/session.ts'
import { SyncError, titleOf } from '../errors/sync-error.ts'
import { commonPrefix } from '../model/globs.ts'
import type { Manifest } from '../model/manifest.ts'
import type { CopyOp } from '../model/op.ts'
import { addressOf } from '../model/place.ts'
import type { Check } from '../model/report.ts'
import {
  previews,
  type SideRequest,
  type SyncRequest,
  type TransferRequest,
  writesOf,
} from '../model/request.ts'
import { humanObjects } from '../model/units.ts'
import type { Ports } from '../ports.ts'
import type { ToolchainResult } from '../s5cmd/install/toolchain.ts'
import type { BucketEncryption, HeadResult } from '../storage/store.ts'
import type { Asked } from './asked.ts'
import { bucketChecks, NOTHING_COPIED, OF_FILES } from './bucket-checks.ts'
import { type OpenBucket, openBucket, type Signer, type StoreOptions } from './buckets.ts'
import { type CheckResult, checked, requiredCheck } from './check-result.ts'
import { distinct, kmsKeysOf } from './kms-keys.ts'
import { type FolderPorts, openLocal } from './local-folder.ts'
import { clockCheck, diskCheck, identityCheck, memoryCheck, toolCheck } from './machine.ts'
import {
  destinationOf,
  findSource,
  folderOf,
  isFolder,
  keysUnder,
  type Location,
  type OpenPlace,
  refuseOne,
  refuseSelf,
  type SourceLocation,
} from './places.ts'
import { readingProbe, writingProbe } from './probes.ts'
import { openTarget, targetOf, writingFiles } from './target-folder.ts'
import { type TransferPath, transferPathOf } from './transfer-path.ts'

/** What the run depends on: both places as they really are. */
export interface Facts {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  readonly transferPath: TransferPath
  /** Customers' KMS keys that objects of either side are encrypted with, as far as that is known. */
  readonly kmsKeys: { readonly source: readonly string[]; readonly destination: readonly string[] }
  /** Whether the destination keeps older versions; undefined: not known. */
  readonly versioned: boolean | undefined
}

/** What was checked before the start. */
export interface Preflight {
  readonly checks: readonly Check[]
  /** Why the run cannot start. */
  readonly problems: readonly SyncError[]
  /** undefined where a place could not be found. */
  readonly facts: Facts | undefined
}

/** What the checks need. */
interface PreflightInput {
  readonly request: SyncRequest
  readonly sessions: Sessions
  readonly tool: ToolchainResult
  readonly ports: Pick<Ports, 'store' | 'system' | 'files' | 'clock' | 'host'> & FolderPorts
  /** Both buckets, asked for already. */
  readonly buckets: Buckets
  /** What names the objects; undefined: the listing of the source. */
  readonly manifest: Manifest | undefined
  readonly asked: Asked
}

/** Who signs requests to either side. */
interface Signers {
  readonly source: Signer | undefined
  readonly destination: Signer
}

/** Both buckets, while they are opened. */
export interface Buckets {
  readonly source: Promise<CheckResult<OpenBucket>>
  readonly destination: Promise<CheckResult<OpenBucket>>
}

interface Places {
  readonly source: OpenPlace
  readonly destination: OpenPlace
  readonly keys: readonly string[]
}

const preflightOf = (results: readonly CheckResult[], facts?: Facts): Preflight => ({
  checks: results.map(({ check }) => check),
  problems: results.flatMap(({ problem }) => problem ?? []),
  facts,
})

/** What is needed to ask a service, or to open a folder. */
type Asking = Pick<PreflightInput, 'request' | 'asked' | 'ports'>

const storeOptions = ({
  request: { transfer },
  ports,
}: Pick<Asking, 'request' | 'ports'>): StoreOptions => ({
  transfer,
  openStore: ports.store,
})

function openSide(
  name: 'source' | 'destination',
  session: Signer | undefined,
  asking: Asking,
): Promise<CheckResult<OpenBucket>> {
  const side = asking.request[name]
  const { local: path } = side
  if (path !== undefined)
    return requiredCheck(
      `${name}-bucket`,
      () => (name === 'source' ? openLocal(path, asking) : openTarget(path, asking)),
      ({ local }) => `${local?.folder} ${name === 'source' ? 'exists' : 'is a local folder'}`,
    )
  // Where one object is the source, the destination is one as well: that is not known yet.
  const known = name === 'source' || isFolder(asking.request.source.path)
  const { include, keys, manifest } = asking.request.selection
  // What the includes narrow down is listed below another prefix.
  const goesOn = keys !== undefined || commonPrefix(include) === ''
  // Nobody needs a page of a place of which a manifest names some objects.
  const folder = known && !manifest ? { prefix: folderOf(side.path), goesOn } : undefined
  const { transfer } = asking.request
  const { requestTimeoutMs, retryCount, requestPayer, numworkers } = transfer
  const client = [requestTimeoutMs, retryCount, requestPayer, numworkers]
  const { bucket, endpoint, region, variant } = side
  const question = [name, bucket, endpoint, region, variant, folder, client]
  return asking.asked.once(session?.credentials, question, () =>
    requiredCheck(
      `${name}-bucket`,
      () => openBucket(name, { side, session, folder }, storeOptions(asking)),
      (found) => bucketDetail(bucket, found),
    ),
  )
}

const bucketDetail = (bucket: string, { region, variant, oddHead }: OpenBucket): string =>
  oddHead && oddHead.code !== 'AccessDenied'
    ? `HEAD ${bucket} returned ${oddHead.code}, but the bucket exists: it can be listed`
    : `${bucket} is in ${region}${variant.bucketInHost ? ', virtual-hosted-style' : ''}`

/** Begins to open both buckets. Nothing is judged: `preflight` does that. */
export function openBuckets(
  { source, destination }: Signers,
  { request, ports, asked }: Asking,
): Buckets {
  const asking = { request, ports, asked }
  const buckets = {
    source: openSide('source', source, asking),
    destination: openSide('destination', destination, asking),
  }
  // Until somebody judges them, nobody listens.
  for (const bucket of [buckets.source, buckets.destination]) bucket.catch(() => {})
  return buckets
}

const sourceCheck = (
  { request: { source }, asked }: Pick<Asking, 'request' | 'asked'>,
  open: OpenBucket,
): Promise<CheckResult<SourceLocation>> =>
  asked.once(open.store, ['source-listing', source.bucket, source.path], () =>
    requiredCheck(
      'source-listing',
      () => findSource(source, open),
      ({ keys, prefix }) =>
        `${addressOf({ folder: open.local?.folder, bucket: source.bucket }, prefix)} ${keys.length > 0 ? 'can be listed' : 'is empty'}`,
    ),
  )

/** Nobody has to list a source whose objects a manifest names. */
const manifestCheck = (
  { source }: SyncRequest,
  { name, rows, firstKeys: keys }: Manifest,
): CheckResult<SourceLocation> => {
  const check = checked(
    'source-listing',
    'not-needed',
    `${name} names ${humanObjects(rows, 'row')}`,
  )
  return { ...check, found: { prefix: folderOf(source.path), single: false, keys } }
}

const destinationCheck = (place: OpenPlace): Promise<CheckResult> =>
  requiredCheck(
    'destination-listing',
    () => keysUnder(place, place.prefix),
    () => `${addressOf(place, place.prefix)} can be listed`,
  )

const isFiltered = ({ include, exclude, keys, manifest }: SyncRequest['selection']): boolean =>
  include.length + exclude.length > 0 || keys?.mismatch === 'skip' || manifest !== undefined

/** Reads some of the first objects of a place; to read a file takes as long as it is large. */
const readingOf = (
  { source, keys }: Places,
  filtered: boolean,
  { asked }: PreflightInput,
): Promise<CheckResult<HeadResult>> | CheckResult<HeadResult> =>
  source.folder === undefined
    ? asked.once(source.store, ['source-reading', source.bucket, keys, filtered], () =>
        readingProbe({ place: source, keys, filtered }),
      )
    : checked('source-reading', 'not-needed', OF_FILES)

/** Checks what objects of the source are, and whether they can be read. */
function readingCheck(
  places: Places,
  { readBy }: TransferPath,
  input: PreflightInput,
): Promise<CheckResult<HeadResult>> | CheckResult<HeadResult> {
  const { request, sessions } = input
  if (sessions.source !== sessions.destination && readBy === 'destination')
    return checked('source-reading', 'pass', 'the identity of the destination can read it')
  return readingOf(places, isFiltered(request.selection), input)
}

interface PlaceChecks {
  readonly reading: CheckResult<HeadResult>
  /** None in a run that writes: that is seen when it is known what. */
  readonly writing: readonly CheckResult[]
  readonly listing: CheckResult
  readonly encryption: readonly [CheckResult<BucketEncryption>, CheckResult<BucketEncryption>]
  readonly versioning: CheckResult<boolean>
}

const NOTHING_THERE = 'there is nothing to copy'

/** Checks both places all at once; what only a run that writes needs is left out for others. */
async function checkPlaces(
  places: Places,
  transferPath: TransferPath,
  input: PreflightInput,
): Promise<PlaceChecks> {
  const { destination, keys } = places
  const idle = writesOf(input.request) ? keys.length === 0 && NOTHING_THERE : NOTHING_COPIED
  const [reading, listing, sourceEncryption, destinationEncryption, versioning] = await Promise.all(
    [
      // A plan reads nothing, but its policy is that of the real run: the key that objects are encrypted with is in it.
      previews(input.request) && keys.length > 0
        ? readingOf(places, true, input)
        : idle
          ? checked('source-reading', 'not-needed', idle)
          : readingCheck(places, transferPath, input),
      destinationCheck(destination),
      ...bucketChecks(places, input),
    ],
  )
  const encryption = [sourceEncryption, destinationEncryption] as const
  const writing = idle ? [checked('destination-writing', 'not-needed', idle)] : []
  return { reading, listing, writing, encryption, versioning }
}

const placeOf = (
  { bucket, endpoint }: SideRequest,
  { region, variant, isAlias, store, firstPages, local }: OpenBucket,
  { prefix, single }: Location,
): OpenPlace => ({
  bucket,
  prefix,
  single,
  endpoint,
  region,
  variant,
  isAlias,
  store,
  firstPages,
  folder: local?.folder,
})

interface Opened {
  readonly from: OpenBucket
  readonly to: OpenBucket
  readonly found: SourceLocation
}

async function checkBoth(
  { from, to, found }: Opened,
  before: readonly CheckResult[],
  input: PreflightInput,
): Promise<Preflight> {
  const { request, sessions } = input
  refuseOne(found, request)
  const { keys } = found
  const source = placeOf(request.source, from, found)
  const landed = await targetOf(request.destination.local, found, input)
  const destination = placeOf(
    request.destination,
    landed?.open ?? to,
    landed?.at ?? destinationOf(request.destination, found),
  )
  refuseSelf(source, destination)
  const places = { source, destination, keys }
  const write = writesOf(request) ? request.transfer.write : undefined
  const transferPath = await transferPathOf(places, {
    sessions,
    options: storeOptions(input),
    write,
  })
  const checks = await checkPlaces(places, transferPath, input)
  const { reading, listing, writing, encryption, versioning } = checks
  const asked = destination.folder === undefined ? destination : source
  const clock = clockCheck(asked.store, input.ports.clock, input.tool)
  const after = [reading, listing, ...writing, ...encryption, versioning, clock]
  return preflightOf([...before, ...after], {
    source,
    destination,
    transferPath,
    kmsKeys: kmsKeysOf(checks, request),
    versioned: versioning.found,
  })
}

/**
 * Checks everything that a run depends on: s5cmd, the identity, both places, who can copy, the machine.
 * What stops the run is among the problems; what could not be checked does not. Throws SyncError
 * where the two places do not go together.
 */
export async function preflight(input: PreflightInput): Promise<Preflight> {
  const { request, sessions, tool, ports, buckets, manifest } = input
  const machine = [
    toolCheck(tool),
    identityCheck(sessions.destination),
    memoryCheck(ports.system),
    await diskCheck(ports.files, request.reporting.reportDir),
  ]
  const [from, to] = await Promise.all([buckets.source, buckets.destination])
  const listing = manifest
    ? manifestCheck(request, manifest)
    : from.found && (await sourceCheck(input, from.found))
  const results = [...machine, from, to, ...(listing ? [listing] : [])]
  if (!from.found || !to.found || !listing?.found) return preflightOf(results)
  return checkBoth({ from: from.found, to: to.found, found: listing.found }, results, input)
}

/**
 * Whether the first planned object can be written, as the copies will write it: the one check that needs the plan.
 * Nothing is asked where nothing would be written.
 */
export async function checkWriting(
  first: Pick<CopyOp, 'to'> | undefined,
  { destination, transferPath }: Facts,
  { write, requestTimeoutMs }: Pick<TransferRequest, 'write' | 'requestTimeoutMs'>,
): Promise<CheckResult> {
  if (!first) return checked('destination-writing', 'not-needed', NOTHING_THERE)
  const { landing } = destination.store
  if (landing) return writingFiles(landing, destination, first.to)
  return await writingProbe({
    place: destination,
    key: first.to,
    carrier: transferPath.carrier,
    write,
    timeoutMs: requestTimeoutMs,
  })
}

/** The facts of a run that can start. Throws SyncError with every reason why it cannot. */
export function requireReady({ problems, facts }: Preflight): Facts {
  const [first, ...rest] = problems
  // A service that cannot be reached is one problem, though both sides meet it.
  const others = rest.filter(({ message }) => message !== first?.message)
  if (first && others.length === 0) throw first
  if (first) {
    const more = others.map(({ message }) => `- ${message}`)
    const hints = distinct(others.map(({ hint }) => hint)).filter((hint) => hint !== first.hint)
    throw new SyncError('preflight', first.message, {
      title: `${titleOf(first)} (and ${humanObjects(others.length, 'more problem')})`,
      hint: [first.hint ?? '', 'Also:', ...more, ...hints].filter((line) => line !== '').join('\n'),
      cause: first,
    })
  }
  if (facts) return facts
  throw new SyncError('internal', 'Internal error: source and destination were not resolved.')
}
