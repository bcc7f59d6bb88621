import { SyncError, serviceFailure } from '../errors.ts'
import type { Claim, Spool } from '../execute/ledger.ts'
import { looker } from '../execute/look.ts'
import { inParallel } from '../execute/parallel.ts'
import { listAll } from '../inventory/pages.ts'
import { inKeyOrder } from '../inventory/sort.ts'
import { toText } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import { type Found, holds } from '../model/proof.ts'
import { pairUp } from '../plan/pair.ts'
import type { Files, Store } from '../ports.ts'

/** What another look at the destination found. */
export interface Verification {
  readonly method: 'heads' | 'listing' | 'results' | 'none'
  /** Copies that were looked at. */
  readonly checked: number
  /** Destination keys that do not hold the planned copy, and what is there instead. */
  readonly mismatches: ReadonlyMap<string, string>
}

export interface VerifyGround {
  /** `outcomes`: the engines are believed. */
  readonly asked: 'auto' | 'outcomes'
  /** Copies that were reported done without proof. */
  readonly claims: Spool
  readonly destination: Place & { readonly store: Store }
  readonly files: Files
  /** Folder for what does not fit into memory. */
  readonly scratch: string
  readonly signal: AbortSignal
}

/** Beyond this many claims one listing is cheaper than a HEAD for each. */
const MOST_HEADS = 1000
const HEADS_AT_ONCE = 32

async function* readClaims({ files, claims }: VerifyGround): AsyncGenerator<Claim> {
  for await (const line of files.lines(claims.path)) yield JSON.parse(line) as Claim
}

const foundInstead = (claim: Claim, found: Found | undefined): string =>
  found
    ? `The destination holds ${found.size} bytes with ETag ${found.etag} instead of ${claim.size} bytes with ETag ${claim.etag}.`
    : 'The destination does not hold the object.'

type Mismatches = Map<string, string>

function check(
  claim: Claim,
  found: Found | undefined,
  { mismatches, prefix }: { mismatches: Mismatches; prefix: string },
): void {
  if (!holds(claim, found)) mismatches.set(prefix + toText(claim.key), foundInstead(claim, found))
}

async function byHeads(ground: VerifyGround): Promise<Mismatches> {
  const { store, bucket, prefix } = ground.destination
  const mismatches: Mismatches = new Map()
  const look = looker(store, bucket)
  await inParallel(readClaims(ground), HEADS_AT_ONCE, async (claim) => {
    ground.signal.throwIfAborted()
    const found = await look(prefix + toText(claim.key), ground.signal)
    check(claim, found, { mismatches, prefix })
  })
  return mismatches
}

async function byListing(ground: VerifyGround): Promise<Mismatches> {
  const { destination, files, scratch, signal } = ground
  const { prefix } = destination
  const mismatches: Mismatches = new Map()
  const folders = ['claimed', 'found'].map((name) => files.join(scratch, name)) as [string, string]
  for (const folder of folders) await files.makeFolder(folder)
  const claims = await inKeyOrder(readClaims(ground), files, folders[0])
  const found = await inKeyOrder(listAll(destination, signal), files, folders[1])
  for await (const [claim, object] of pairUp(claims, found))
    if (claim) check(claim, object, { mismatches, prefix })
  return mismatches
}

/**
 * Looks at the destination again for every copy that was only reported done: by HEAD up to 1,000,
 * beyond that by one listing. Throws SyncError when the destination cannot be looked at.
 */
export async function verify(ground: VerifyGround): Promise<Verification> {
  if (ground.asked === 'outcomes') return { method: 'none', checked: 0, mismatches: new Map() }
  const checked = ground.claims.count
  if (checked === 0) return { method: 'results', checked, mismatches: new Map() }
  const method = checked <= MOST_HEADS ? 'heads' : 'listing'
  try {
    const mismatches = await (method === 'heads' ? byHeads : byListing)(ground)
    return { method, checked, mismatches }
  } catch (error) {
    ground.signal.throwIfAborted()
    if (error instanceof SyncError) throw error
    const { code, message } = serviceFailure(error)
    throw new SyncError('execute', `The copies could not be verified: ${code}: ${message}`, {
      hint: 'Allow s3:ListBucket or s3:GetObject on the destination, or set verify: outcomes to believe the engines.',
      cause: error,
    })
  }
}
