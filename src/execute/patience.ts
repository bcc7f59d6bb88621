import type { Outcome } from '../model/outcome.ts'
import type { Clock } from '../ports.ts'
import type { Ledger } from './ledger.ts'

/** How nobody answers, in the words of Node and of Go. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|connection refused|no such host/

/** Whether there was nobody to take the request. */
export const isUnreachable = ({ message = '' }: Pick<Outcome, 'message'>): boolean =>
  UNREACHABLE.test(message)

/** Without any success for so long, another pass is no use. */
const PATIENCE_MS = 90_000

/** Tells when a service is given up: nobody answers, or nothing has succeeded for long. */
export function createPatience(ledger: Ledger, clock: Clock) {
  let succeededMs = clock.now()
  let passSucceeded = false
  return {
    /** The same ledger, whose successes are seen. */
    ledger: {
      ...ledger,
      settle: (outcome: Outcome) => {
        if (outcome.status === 'done') {
          succeededMs = clock.now()
          passSucceeded = true
        }
        ledger.settle(outcome)
      },
    },
    /** Whether the pass that just ended was the last one; `unreachable`: none of what it left came through. */
    isOver({ unreachable }: { readonly unreachable: boolean }): boolean {
      const silent = clock.now() - succeededMs >= PATIENCE_MS
      const dead = unreachable && !passSucceeded
      passSucceeded = false
      return silent || dead
    },
  }
}
