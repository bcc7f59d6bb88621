import { sameEtag } from '../model/etag.ts'
import type { KeyBytes } from '../model/key.ts'
import { modifiedMs, type ObjectInfo } from '../model/object-info.ts'
import type { CopyOp, CopyReason, SkipReason } from '../model/op.ts'
import type { Compare, SelectionRequest } from '../model/request.ts'
import type { Store } from '../storage/store.ts'

/** What becomes of an object that both sides may have. */
export type Decision = { readonly copy: CopyReason } | { readonly skip: SkipReason }

/**
 * What the checksums of whole objects say of a pair. `none`: they have none in common, which says nothing; `not-asked`:
 * nobody could ask, or nobody did.
 */
export type ChecksumVerdict = 'equal' | 'differs' | 'none' | 'not-asked'

/** `skewMs`: how far the clock of the source's service is ahead of that of the destination's. */
type Both = (
  source: ObjectInfo,
  destination: ObjectInfo,
  skewMs: number,
  checksums: ChecksumVerdict,
) => Decision

/** Of which pairs of one size the checksums are asked for: of this one as of `all` such pairs, of `some` of them, or of none. */
export type Asking = 'all' | 'some' | undefined

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
  /** Whether the checksums of a pair of one size are asked for before it is decided; undefined: never. */
  readonly asks?: (source: ObjectInfo, destination: ObjectInfo, skewMs: number) => Asking
}

const isNotOlder: (source: ObjectInfo, destination: ObjectInfo, skewMs: number) => boolean = (
  s,
  d,
  skewMs,
) => modifiedMs(s) >= modifiedMs(d) + skewMs

/**
 * The modes of `compare`; the table of docs/plan.md is made from it. Equal ETags prove equality; different ones
 * prove nothing, since multipart and KMS objects get others.
 */
export const COMPARISONS: Readonly<Record<Compare, Comparison>> = {
  auto: {
    copied:
      'the sizes differ; or the ETags differ, and so do full-object checksums, or, with none in common, the source is not older',
    reasons: ['size-differs', 'checksum-differs', 'etag-differs'],
    left: ['same-etag', 'same-checksum', 'differs-unproven'],
    decide: (s, d, skewMs, checksums) => {
      if (s.size !== d.size) return copy('size-differs')
      if (sameEtag(s.etag, d.etag)) return skip('same-etag')
      if (checksums === 'equal') return skip('same-checksum')
      if (checksums === 'differs') return copy('checksum-differs')
      return isNotOlder(s, d, skewMs) ? copy('etag-differs') : skip('differs-unproven')
    },
    asks: (s, d, skewMs) => {
      if (sameEtag(s.etag, d.etag)) return undefined
      return isNotOlder(s, d, skewMs) ? 'all' : 'some'
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
  checksum: {
    copied:
      'the sizes or the full-object checksums differ; or they have none in common, and the ETags differ',
    reasons: ['size-differs', 'checksum-differs', 'no-common-checksum'],
    left: ['same-checksum', 'same-etag'],
    decide: (s, d, _skewMs, checksums) => {
      if (s.size !== d.size) return copy('size-differs')
      if (checksums === 'equal') return skip('same-checksum')
      if (checksums === 'differs') return copy('checksum-differs')
      return sameEtag(s.etag, d.etag) ? skip('same-etag') : copy('no-common-checksum')
    },
    asks: () => 'all',
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
const publishOnce: Both = (s, d, _skewMs, checksums) => {
  if (s.size !== d.size) return copy('destination-conflict')
  if (sameEtag(s.etag, d.etag)) return skip('same-etag')
  return checksums === 'equal' ? skip('same-checksum') : copy('destination-conflict')
}

/** What becomes of a source object, given what stands at its destination, and how far the source's clock is ahead of the destination's. */
export function decide(
  { compare, overwrite }: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  source: ObjectInfo,
  destination: ObjectInfo | undefined,
  skewMs = 0,
  checksums: ChecksumVerdict = 'none',
): Decision {
  if (!destination) return copy('missing')
  return overwrite === 'never'
    ? publishOnce(source, destination, skewMs, checksums)
    : COMPARISONS[compare].decide(source, destination, skewMs, checksums)
}

/** Whether the checksums of two objects are to be asked for before it is decided what becomes of them. */
export function asksChecksums(
  { compare, overwrite }: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  source: ObjectInfo,
  destination: ObjectInfo,
  skewMs: number,
): Asking {
  if (source.size !== destination.size) return undefined
  if (overwrite !== 'never') return COMPARISONS[compare].asks?.(source, destination, skewMs)
  return sameEtag(source.etag, destination.etag) ? undefined : 'all'
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

/** Why objects of one size and one ETag are left, whatever else they are; undefined where their times or checksums tell. */
export function skipOfSame(
  rules: Pick<SelectionRequest, 'compare' | 'overwrite'>,
): SkipReason | undefined {
  if (asksChecksums(rules, ONE, LATER, 0)) return undefined
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

const needsOtherEtag = (reason: CopyReason, compare: Compare): boolean =>
  reason === 'etag-differs' ||
  reason === 'no-common-checksum' ||
  (reason === 'checksum-differs' && compare === 'auto')

/** Whether these rules can ever give a copy its reason, by what it says of the destination: nothing there, or an ETag. */
export function canDecide(
  { compare, overwrite }: Pick<SelectionRequest, 'compare' | 'overwrite'>,
  { reason, etag, toEtag }: Pick<CopyOp, 'reason' | 'etag' | 'toEtag'>,
): boolean {
  if (toEtag === undefined) return reason === 'missing'
  if (needsOtherEtag(reason, compare) && sameEtag(toEtag, etag)) return false
  return overwrite === 'never'
    ? reason === 'destination-conflict'
    : COMPARISONS[compare].reasons.includes(reason)
}
