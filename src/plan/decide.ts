import { sameEtag } from '../model/etag.ts'
import type { KeyBytes } from '../model/key.ts'
import { modifiedMs, type ObjectInfo } from '../model/object-info.ts'
import type { CopyOp, CopyReason, SkipReason } from '../model/op.ts'
import type { Compare, SelectionRequest } from '../model/request.ts'
import type { Store } from '../storage/store.ts'

/** What becomes of an object that both sides may have. */
export type Decision = { readonly copy: CopyReason } | { readonly skip: SkipReason }

/** `skewMs`: how far the clock of the source's service is ahead of that of the destination's. */
type Both = (source: ObjectInfo, destination: ObjectInfo, skewMs: number) => Decision

const copy = (reason: CopyReason): Decision => ({ copy: reason })
const skip = (reason: SkipReason): Decision => ({ skip: reason })

/** How an object is compared that stands on both sides. */
interface Comparison {
  /** When it is copied, in words for the documentation. */
  readonly copied: string
  /** Why it is copied then. */
  readonly reasons: readonly CopyReason[]
  /** Why it is left otherwise. */
  readonly left: readonly SkipReason[]
  readonly decide: Both
}

/**
 * The modes of `compare`; the table of docs/plan.md is made from it. Equal ETags prove equality; different ones
 * prove nothing, since multipart and KMS objects get others.
 */
export const COMPARISONS: Readonly<Record<Compare, Comparison>> = {
  auto: {
    copied: 'the sizes differ; or the ETags differ and the source is not older',
    reasons: ['size-differs', 'etag-differs'],
    left: ['same-etag', 'differs-unproven'],
    decide: (s, d, skewMs) => {
      if (s.size !== d.size) return copy('size-differs')
      if (sameEtag(s.etag, d.etag)) return skip('same-etag')
      return modifiedMs(s) >= modifiedMs(d) + skewMs
        ? copy('etag-differs')
        : skip('differs-unproven')
    },
  },
  size: {
    copied: 'the sizes differ',
    reasons: ['size-differs'],
    left: ['same-size'],
    decide: (s, d) => (s.size === d.size ? skip('same-size') : copy('size-differs')),
  },
  newer: {
    copied: 'the source is later',
    reasons: ['newer'],
    left: ['not-newer'],
    decide: (s, d, skewMs) =>
      modifiedMs(s) > modifiedMs(d) + skewMs ? copy('newer') : skip('not-newer'),
  },
  etag: {
    copied: 'the ETags differ',
    reasons: ['etag-differs'],
    left: ['same-etag'],
    decide: (s, d) => (sameEtag(s.etag, d.etag) ? skip('same-etag') : copy('etag-differs')),
  },
  missing: {
    copied: 'never',
    reasons: [],
    left: ['exists'],
    decide: () => skip('exists'),
  },
  always: {
    copied: 'always',
    reasons: ['always'],
    left: [],
    decide: () => copy('always'),
  },
}

/** Published once: what stands there is identical, or in the way. */
const publishOnce: Both = (s, d) =>
  s.size === d.size && sameEtag(s.etag, d.etag) ? skip('same-etag') : copy('destination-conflict')

/** What becomes of a source object, given what stands at its destination, and how far the source's clock is ahead of the destination's. */
export function decide(
  { compare, overwrite }: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  source: ObjectInfo,
  destination: ObjectInfo | undefined,
  skewMs = 0,
): Decision {
  if (!destination) return copy('missing')
  return overwrite === 'never'
    ? publishOnce(source, destination, skewMs)
    : COMPARISONS[compare].decide(source, destination, skewMs)
}

const ONE: ObjectInfo = {
  key: '' as KeyBytes,
  size: 1,
  etag: 'e',
  modified: '2000-01-01T00:00:00Z',
  storageClass: '',
  restored: false,
}
const LATER: ObjectInfo = { ...ONE, modified: '2001-01-01T00:00:00Z' }

/** Why objects of one size and one ETag are left, whatever else they are; undefined where their times tell. */
export function skipOfSame(
  rules: Pick<SelectionRequest, 'compare' | 'overwrite'>,
): SkipReason | undefined {
  const decisions = [decide(rules, ONE, LATER), decide(rules, LATER, ONE)]
  const [reason, other] = decisions.map((decision) => 'skip' in decision && decision.skip)
  return reason && reason === other ? reason : undefined
}

/** What an answer's Date, and the way of it, may make of two clocks that agree. */
const LEAST_SKEW_MS = 10_000

/** How far the clock of one service is ahead of another's; 0 where that is not known, or too little to be told. */
export function skewBetween(
  source: Pick<Store, 'serverTimeMs'>,
  destination: Pick<Store, 'serverTimeMs'>,
): number {
  const [ahead, behind] = [source.serverTimeMs(), destination.serverTimeMs()]
  if (ahead === undefined || behind === undefined) return 0
  const skewMs = ahead - behind
  return Math.abs(skewMs) < LEAST_SKEW_MS ? 0 : skewMs
}

/** Whether these rules can ever give a copy its reason, by what it says of the destination: nothing there, or an ETag. */
export function canDecide(
  { compare, overwrite }: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  { reason, etag, toEtag }: Pick<CopyOp, 'reason' | 'etag' | 'toEtag'>,
): boolean {
  if (toEtag === undefined) return reason === 'missing'
  if (reason === 'etag-differs' && sameEtag(toEtag, etag)) return false
  return overwrite === 'never'
    ? reason === 'destination-conflict'
    : COMPARISONS[compare].reasons.includes(reason)
}
