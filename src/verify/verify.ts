import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import type { Claim, Spool } from '../execute/ledger.ts'
import { type LookMethod, lookAtEach, lookMethod } from '../execute/look.ts'
import { toText } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import { type Found, holds } from '../model/proof.ts'
import type { CarryRequest } from '../model/request.ts'
import type { Files, Store } from '../ports.ts'

/** What another look at the destination found. */
export interface Verification {
  readonly method: LookMethod | 'results' | 'none'
  /** Copies that were looked at. */
  readonly checked: number
  /** Destination keys that do not hold the planned copy, and what is there instead. */
  readonly mismatches: ReadonlyMap<string, string>
}

export interface VerifyGround {
  /** `outcomes`: the engines are believed; `listing`: the destination is listed, however few copies there are. */
  readonly asked: CarryRequest['verify']
  /** Copies that are to be seen at the destination. */
  readonly claims: Spool
  readonly destination: Place & { readonly store: Store }
  readonly files: Files
  /** Folder for what does not fit into memory. */
  readonly scratch: string
  readonly signal: AbortSignal
}

async function* readClaims({ files, claims }: VerifyGround): AsyncGenerator<Claim> {
  for await (const line of files.lines(claims.path)) yield JSON.parse(line) as Claim
}

function foundInstead(claim: Claim, found: Found | undefined): string {
  if (!found) return 'The destination does not hold the object.'
  const { size, etag, modified } = found
  return etag === claim.etag
    ? `The destination holds what it held before the copy: it was last written at ${modified}.`
    : `The destination holds ${size} bytes with ETag ${etag} instead of ${claim.size} bytes with ETag ${claim.etag}.`
}

async function mismatchesOf(
  ground: VerifyGround,
  method: LookMethod,
): Promise<Verification['mismatches']> {
  const { destination, claims } = ground
  const sought = { records: readClaims(ground), count: claims.count }
  const mismatches = new Map<string, string>()
  const seen = await lookAtEach({ ...ground, place: destination, method }, sought)
  for await (const [claim, found] of seen)
    if (claim && !holds(claim, found))
      mismatches.set(destination.prefix + toText(claim.key), foundInstead(claim, found))
  return mismatches
}

/**
 * Looks at the destination again for every copy that was only reported done (with `verify: listing` for
 * every copy): by HEAD up to 1,000, beyond that and when asked for by one listing. Throws SyncError when the destination cannot be looked at.
 */
export async function verify(ground: VerifyGround): Promise<Verification> {
  if (ground.asked === 'outcomes') return { method: 'none', checked: 0, mismatches: new Map() }
  const checked = ground.claims.count
  if (checked === 0) return { method: 'results', checked, mismatches: new Map() }
  try {
    const method = ground.asked === 'listing' ? 'listing' : lookMethod(checked)
    return { method, checked, mismatches: await mismatchesOf(ground, method) }
  } catch (error) {
    ground.signal.throwIfAborted()
    if (error instanceof SyncError) throw error
    const { code, message } = serviceFailure(error)
    const remedy =
      code === 'AccessDenied'
        ? 'Allow s3:ListBucket or s3:GetObject on the destination'
        : 'What is copied stays copied: run again, and only what is missing is copied'
    throw new SyncError('execute', `The copies could not be verified: ${code}: ${message}`, {
      hint: `${remedy}; or set verify: outcomes to believe the engines.`,
      cause: error,
    })
  }
}
