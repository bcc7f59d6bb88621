import { inParallel } from '../flow/pool.ts'
import type { Claim } from '../ledger/ledger.ts'
import { nextToken, pageOf } from '../listing/pages.ts'
import { type KeyBytes, toText } from '../model/key.ts'
import { PageWatch } from '../model/page-watch.ts'
import type { Place } from '../model/place.ts'
import { type Found, standingOf } from '../model/proof.ts'
import { keyAt, objectAt } from '../storage/object-page.ts'
import type { Store } from '../storage/store.ts'
import { looker } from '../transfer/look.ts'
import type { Findings } from './findings.ts'

type Destination = Place & { readonly store: Store }
type Claims = ReadonlyMap<KeyBytes, Claim>

/** There is no time to look at more. */
const MOST_CLAIMS = 200_000
/** Up to so many copies are looked at one by one; a page of a listing shows a thousand. */
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

/** From behind the first key, which is looked at by itself, to the last; what a page shows is recorded as it comes. */
async function byListing(
  claims: Claims,
  findings: Findings,
  place: Destination,
  signal: AbortSignal,
): Promise<void> {
  const keys = [...claims.keys()].sort()
  const [first, last] = [keys[0], keys.at(-1)]
  if (first === undefined || last === undefined) return
  const claim = claims.get(first)
  const watch = new PageWatch()
  const startAfter = place.prefix + toText(first)
  const ofFirst = byHeads(claim ? [claim] : [], findings, place, signal)
  for (let token: string | undefined; ; ) {
    const page = await pageOf(place, { token, startAfter, signal })
    const { objects, truncated } = page
    for (let row = 0; row < objects.count; row++) {
      const object = objectAt(objects, row)
      const claim = claims.get(object.key)
      if (claim) record(claim, object, findings)
    }
    if (!truncated || (objects.count > 0 && keyAt(objects, objects.count - 1) > last)) break
    token = nextToken(page, watch, place)
  }
  await ofFirst
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
