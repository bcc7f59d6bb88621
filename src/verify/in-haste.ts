import { inParallel } from '../flow/pool.ts'
import type { Claim } from '../ledger/ledger.ts'
import { listSought } from '../listing/list-sought.ts'
import { OUT_OF_ORDER } from '../listing/pages.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import type { Place } from '../model/place.ts'
import { type Found, standingOf } from '../model/proof.ts'
import type { Store } from '../storage/store.ts'
import { looker } from '../transfer/look.ts'
import type { Findings } from './findings.ts'

type Destination = Place & { readonly store: Store }
type Claims = ReadonlyMap<KeyBytes, Claim>

/** There is no time to look at more. */
const MOST_CLAIMS = 200_000
/** Up to so many copies are looked at one by one; a page of a listing may show a thousand. */
const MOST_HEADS = 128
const HEADS_AT_ONCE = 64

async function open(claims: AsyncIterable<Claim>, findings: Findings): Promise<Claims> {
  const left = new Map<KeyBytes, Claim>()
  for await (const claim of claims) {
    if (!findings.has(claim)) left.set(claim.key, claim)
    if (left.size === MOST_CLAIMS) break
  }
  return left
}

/** There is no time to ask for more where an ETag is suspect: such a copy is left unknown. */
function record(claim: Claim, found: Found | undefined, findings: Findings): void {
  const standing = standingOf(claim, found)
  if (standing === 'other') findings.refute(claim, found)
  else if (standing !== 'suspect') findings.prove(claim, standing, found)
}

async function byHeads(
  claims: Iterable<Claim>,
  findings: Findings,
  { store, bucket, prefix }: Destination,
  signal: AbortSignal,
): Promise<void> {
  const look = looker(store, bucket)
  await inParallel(claims, HEADS_AT_ONCE, async (claim) => {
    signal.throwIfAborted()
    record(claim, await look(prefix + toText(claim.key), signal), findings)
  })
}

/** By the pages that have them, as they come; what these do not tell is looked at one by one. */
async function byListing(
  claims: Claims,
  findings: Findings,
  place: Destination,
  signal: AbortSignal,
): Promise<void> {
  const sorted = [...claims.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const blocks = async function* () {
    yield sorted
  }
  try {
    for await (const [claim, seen] of listSought(place, blocks(), signal))
      if (seen !== 'unseen') record(claim, seen, findings)
  } catch (error) {
    if (error !== OUT_OF_ORDER) throw error
  }
  await byHeads(
    sorted.filter((claim) => !findings.has(claim)),
    findings,
    place,
    signal,
  )
}

/**
 * Looks at copies in the little time that a cancel leaves, by as few requests one after the other as can be. What
 * was looked at when `signal` is aborted, or a request fails, is among the findings; the rest stays open.
 */
export async function lookInHaste(
  claims: AsyncIterable<Claim>,
  findings: Findings,
  destination: Destination,
  signal: AbortSignal,
): Promise<void> {
  const left = await open(claims, findings)
  if (left.size === 0) return
  const looks =
    left.size > MOST_HEADS
      ? byListing(left, findings, destination, signal)
      : byHeads(left.values(), findings, destination, signal)
  await looks.catch(() => {})
}
