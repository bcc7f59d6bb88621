import type { Ending, Stopped } from '../model/engine.ts'
import type { Op, OutdatedBy, OutdatedOp } from '../model/op.ts'

const MESSAGES: Readonly<Record<OutdatedBy, string>> = {
  NoSuchKey: 'The source object was removed after the plan was made.',
  SourceChanged: 'The source object changed after the plan was made: it needs a new plan.',
  DestinationChanged:
    'The destination object was written or removed by somebody else after the plan was made, so it was left unchanged.',
  ChecksumUnknown:
    'The plan copies this object because the checksums differed, which is no longer the case: it needs a new plan.',
  DeleteNotDue:
    'According to the list at the destination, this object must be kept for some more time, so it is not deleted.',
  ExistsAtSource: 'The source has this object now, so it is not deleted.',
}

/** How an approved op ends that cannot be carried out any more. */
export const endOf = (outdated: OutdatedBy): Stopped => ({
  status: 'failed',
  code: outdated,
  message: MESSAGES[outdated],
})

/** How an approved op ends that is not carried out. */
export const endOfOutdated = <T extends Op>({
  outdated,
  standing,
}: Pick<OutdatedOp, 'outdated' | 'standing'>): Ending<T> =>
  outdated === 'DoneAlready' ? { status: 'done', etag: standing } : endOf(outdated)
