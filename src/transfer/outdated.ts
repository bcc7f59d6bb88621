import type { Ending, Stopped } from '../model/engine.ts'
import type { Op, OutdatedBy, OutdatedOp } from '../model/op.ts'

const MESSAGES: Readonly<Record<OutdatedBy, string>> = {
  NoSuchKey: 'The source object was removed after the plan was made.',
  SourceChanged: 'The source object changed after the plan was made: only a new plan can copy it.',
  DestinationChanged:
    'Somebody else wrote or removed the destination object after the plan was made, so it was left as it is.',
  ChecksumUnknown:
    'The plan copies this object as its checksums differ, which they do not show any more: only a new plan can copy it.',
  ExistsAtSource: 'The source has this object by now, so it is not deleted.',
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
