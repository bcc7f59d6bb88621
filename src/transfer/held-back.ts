import type { Stopped } from '../model/engine.ts'
import type { CopyOp } from '../model/op.ts'

/** What `overwrite: never` keeps. */
export const IN_THE_WAY = {
  code: 'DestinationExists',
  message: 'Another object stands at the destination, and overwrite: never keeps it.',
}
const HELD_BACK = {
  code: 'HeldBack',
  message: 'Nothing was copied, as the plan has objects that overwrite: never forbids.',
}

/** The end of what comes behind something that is not done. */
export const BEHIND: Stopped = {
  status: 'failed',
  code: 'HeldBack',
  message: 'Not begun, as not all that comes before it is done.',
}

/** The end of an op of a plan that must not be carried out: what is in the way, or held back for it. */
export const heldBack = ({ reason }: CopyOp): Stopped => ({
  status: 'failed',
  ...(reason === 'destination-conflict' ? IN_THE_WAY : HELD_BACK),
})
