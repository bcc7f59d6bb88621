import { serviceError } from '../reply.ts'
import type { Caller } from './iam.ts'
import { type Access, anyOf } from './policy.ts'

/** Why AWS would refuse, in AWS's words; `undefined` when the caller may. */
export function refusal(caller: Caller, access: Access): string | undefined {
  const identity = anyOf(caller.identityPolicies)(access)
  const session =
    caller.sessionPolicies.length === 0 ? 'Allow' : anyOf(caller.sessionPolicies)(access)
  if (identity === 'Deny') return 'with an explicit deny in an identity-based policy'
  if (session === 'Deny') return 'with an explicit deny in a session policy'
  if (identity === undefined) {
    return `because no identity-based policy allows the ${access.action} action`
  }
  if (session === undefined) return `because no session policy allows the ${access.action} action`
  return undefined
}

/** The AccessDenied error of a signed caller. */
export const accessDenied = (caller: Caller, access: Access, reason: string) =>
  serviceError(
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: ${access.action} on resource: "${access.resource}" ${reason}`,
  )
