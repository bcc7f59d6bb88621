import type { Stopped } from '../model/engine.ts'
import type { CopyOp } from '../model/op.ts'

/** What `overwrite: never` keeps. */
export const IN_THE_WAY = {
  code: 'DestinationExists',
  message: 'Another object exists at the destination, and overwrite: never protects it.',
}
const CODE = 'HeldBack'
const HELD_BACK = {
  code: CODE,
  message: 'Nothing was copied, because overwrite: never forbids some copies of the plan.',
}

/** The end of an op of a plan that must not be carried out: what is in the way, or held back for it. */
export const heldBack = ({ reason }: CopyOp): Stopped => ({
  status: 'failed',
  ...(reason === 'destination-conflict' ? IN_THE_WAY : HELD_BACK),
})

/** The end of a copy whose wave or transfer must wait for others that are not done. */
export const WAVE_HELD_BACK: Stopped = {
  status: 'failed',
  code: CODE,
  message:
    'It was not started, because not every object of earlier waves or transfers is copied and verified.',
}
