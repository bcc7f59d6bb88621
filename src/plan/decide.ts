import { modifiedMs, type ObjectInfo } from '../model/object-info.ts'
import type { CopyReason, SkipReason } from '../model/op.ts'
import type { Compare } from '../model/request.ts'

/** What becomes of an object that both sides may have. */
export type Decision = { readonly copy: CopyReason } | { readonly skip: SkipReason }

type Both = (source: ObjectInfo, destination: ObjectInfo) => Decision

const copy = (reason: CopyReason): Decision => ({ copy: reason })
const skip = (reason: SkipReason): Decision => ({ skip: reason })

const sameEtag: Both = (s, d) => (s.etag === d.etag ? skip('same-etag') : copy('etag-differs'))

/**
 * How an object is compared that stands on both sides:
 *
 * | compare   | copied when                                                            | else              |
 * | --------- | ---------------------------------------------------------------------- | ----------------- |
 * | `auto`    | sizes differ; or ETags differ and the source is not older              | same, or unproven |
 * | `size`    | sizes differ                                                           | same-size         |
 * | `newer`   | the source is newer                                                    | not-newer         |
 * | `etag`    | ETags differ                                                           | same-etag         |
 * | `missing` | never                                                                  | exists            |
 * | `always`  | always                                                                 |                   |
 *
 * Equal ETags prove equality; different ones prove nothing, since multipart and KMS objects get others.
 */
const RULES: Readonly<Record<Compare, Both>> = {
  auto: (s, d) => {
    if (s.size !== d.size) return copy('size-differs')
    if (s.etag === d.etag) return skip('same-etag')
    return modifiedMs(s) >= modifiedMs(d) ? copy('etag-differs') : skip('differs-unproven')
  },
  size: (s, d) => (s.size === d.size ? skip('same-size') : copy('size-differs')),
  newer: (s, d) => (modifiedMs(s) > modifiedMs(d) ? copy('newer') : skip('not-newer')),
  etag: sameEtag,
  missing: () => skip('exists'),
  always: () => copy('always'),
}

/** What becomes of a source object, given what stands at its destination. */
export const decide = (
  compare: Compare,
  source: ObjectInfo,
  destination: ObjectInfo | undefined,
): Decision => (destination ? RULES[compare](source, destination) : copy('missing'))
