import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { inParallel } from '../flow/pool.ts'
import type { Spool } from '../ledger/json-lines.ts'
import type { Claim } from '../ledger/ledger.ts'
import type { OnStanding } from '../ledger/published.ts'
import { type Found, standingOf } from '../model/proof.ts'
import type { TransferRequest } from '../model/request.ts'
import type { Files } from '../ports.ts'
import { lookAtEach, lookMethod } from '../transfer/look.ts'
import { Findings, NOT_PROVEN, type Verification } from './findings.ts'
import { lookInHaste } from './in-haste.ts'
import { SecondLooks, type Sides } from './second-looks.ts'

/** What is to be verified, and how far. */
export interface VerifyRequest {
  readonly source: Sides['source']
  readonly destination: Sides['destination']
  readonly requestTimeoutMs: number
  /** `outcomes`: the engines are believed; `listing`: the destination is listed, however few copies there are. */
  readonly asked: TransferRequest['verify']
  /** Copies that are to be seen at the destination. */
  readonly claims: readonly Spool[]
  /** Told of each copy that is there. */
  readonly onStanding?: OnStanding | undefined
}

/** What copies are verified with. */
export interface VerifyContext {
  readonly files: Files
  /** Folder for what does not fit into memory. */
  readonly scratch: string
  /** The run was cancelled: there is little time left to look. */
  readonly cancelled: AbortSignal
  /** There is none left. */
  readonly hurried: AbortSignal
}

const SECOND_LOOKS_AT_ONCE = 32
/** Two more requests for each copy are bearable for as many as are looked at one by one. */
const MOST_CHECKSUM_ASKS = 1000

async function* readClaims(files: Files, claims: readonly Spool[]): AsyncGenerator<Claim> {
  for (const { path } of claims)
    for await (const line of files.lines(path)) yield JSON.parse(line) as Claim
}

const countOf = (claims: readonly Spool[]): number =>
  claims.reduce((sum, { count }) => sum + count, 0)

/** Looks at all claims, and once more at each that its ETag does not prove. */
async function lookAtAll(
  { source, destination, requestTimeoutMs, asked, claims }: VerifyRequest,
  { files, scratch, cancelled: signal }: VerifyContext,
  findings: Findings,
): Promise<void> {
  const more = new SecondLooks({ source, destination, requestTimeoutMs, signal })
  const method = asked === 'listing' ? asked : undefined
  const place = { place: destination, files, scratch, signal, method }
  let asksLeft = MOST_CHECKSUM_ASKS
  const sought = { records: readClaims(files, claims), count: countOf(claims) }
  const record = async (claim: Claim, found: Found | undefined): Promise<void> => {
    const first = standingOf(claim, found)
    const standing =
      first === 'suspect' && found
        ? await more.ofSuspect(claim, found)
        : first === 'size-and-time' && asksLeft-- > 0
          ? await more.byChecksum(claim)
          : first
    if (standing === 'other' || standing === 'suspect') findings.refute(claim, found)
    else findings.prove(claim, standing, found)
  }
  const open = async function* () {
    for await (const pair of await lookAtEach(place, sought)) if (pair[0]) yield pair
  }
  await inParallel(open(), SECOND_LOOKS_AT_ONCE, async ([claim, found]) => {
    if (claim) await record(claim, found)
  })
}

/** Why the destination could not be looked at, as SyncError of kind `verify`. */
export function unverified(error: unknown): SyncError {
  if (error instanceof SyncError) return error
  const { code, message } = serviceFailure(error)
  const remedy =
    code === 'AccessDenied'
      ? 'Allow s3:ListBucket or s3:GetObject on the destination'
      : 'Copied objects stay copied: run again, and only missing objects are copied'
  return new SyncError('verify', `The copies could not be verified: ${code}: ${message}`, {
    hint: `${remedy}; or set verify: outcomes to rely on the results of the copy requests.`,
    cause: error,
  })
}

/**
 * Looks at the destination again for every copy that was only reported done (with `verify: listing` for
 * every copy): by HEAD up to 1,000, beyond that by listing the pages that have them, and when asked for by one listing of
 * all that lies between them. A cancelled run looks as far as it has time. Throws SyncError when the destination cannot be looked at.
 */
export async function verify(
  request: VerifyRequest,
  context: VerifyContext,
): Promise<Verification> {
  const { asked, claims, destination } = request
  const { files, cancelled, hurried } = context
  if (asked === 'outcomes' || countOf(claims) === 0)
    return {
      method: asked === 'outcomes' ? 'none' : 'results',
      checked: 0,
      proven: NOT_PROVEN,
      mismatches: new Map(),
    }
  const method = asked === 'listing' ? 'listing' : lookMethod(countOf(claims))
  const findings = new Findings(destination.prefix, request.onStanding)
  try {
    if (!cancelled.aborted) {
      await lookAtAll(request, context, findings)
      return findings.whole(method, countOf(claims))
    }
  } catch (error) {
    if (!cancelled.aborted) throw unverified(error)
  }
  await lookInHaste(readClaims(files, claims), findings, destination, hurried)
  return findings.broken(method)
}
