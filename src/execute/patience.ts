import type { Recorder } from '../ledger/ledger.ts'
import type { Outcome } from '../model/outcome.ts'
import type { Clock } from '../ports.ts'
import type { Stopped } from './engine.ts'

/** How nobody answers, in the words of Node and of Go. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|connection refused|no such host/

/** Whether there was nobody to take the request. */
export const isUnreachable = ({ message = '' }: Pick<Outcome, 'message'>): boolean =>
  UNREACHABLE.test(message)

/** Without any success for so long, there is no use in going on. */
const PATIENCE_MS = 90_000
/** So many failures in a row are no accident. */
const MANY = 100
/** So many at the end of a pass tell that nobody is there any more. */
const SOME = 5

const NOBODY: Stopped = {
  status: 'failed',
  code: 'Unreachable',
  message: 'The service did not answer any more before this object was begun.',
}

/** Tells when a service is given up. */
export interface Patience {
  /** The same ledger, whose successes are seen. */
  readonly ledger: Recorder
  /** An op failed that may be tried again. */
  failed(outcome: Outcome): void
  /** Whether the pass that just ended was the last one; `unreachable`: none of what it left came through. */
  isOver(left: { readonly unreachable: boolean }): boolean
}

interface PatienceGround {
  readonly ledger: Recorder
  readonly clock: Clock
  /** Called once there is no use in beginning anything more. */
  readonly giveUp: (why: Stopped) => void
}

/** Gives a service up when nobody answers, or nothing has succeeded for long. */
export function createPatience({ ledger, clock, giveUp }: PatienceGround): Patience {
  let succeededMs = clock.now()
  let passSucceeded = false
  let failedInRow = 0
  let unreachableInRow = 0
  const isSilent = () => clock.now() - succeededMs >= PATIENCE_MS
  return {
    ledger: {
      record: (outcome) => {
        if (outcome.status === 'done') {
          succeededMs = clock.now()
          passSucceeded = true
          failedInRow = 0
          unreachableInRow = 0
        }
        ledger.record(outcome)
      },
    },
    failed: (outcome) => {
      failedInRow++
      unreachableInRow = isUnreachable(outcome) ? unreachableInRow + 1 : 0
      if (unreachableInRow >= MANY || (failedInRow >= MANY && isSilent())) giveUp(NOBODY)
    },
    isOver: ({ unreachable }) => {
      const dead = unreachable && (!passSucceeded || unreachableInRow >= SOME)
      passSucceeded = false
      return isSilent() || dead
    },
  }
}
