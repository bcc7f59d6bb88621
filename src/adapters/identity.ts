import type { Identity, IdentityAddress } from '../ports.ts'
import { agentsFor } from './agents.ts'
import { discovery } from './discovery.ts'
import { Sts } from './sts.ts'

/** Credentials are asked for one after the other. */
const SOCKETS = 4

/** STS by our own requests, one attempt a call, since every attempt takes a fresh token; the rest as the SDK finds it. */
export function stsIdentity(address: IdentityAddress): Identity {
  const agents = agentsFor({ maxSockets: SOCKETS })
  const sts = new Sts(address, agents)
  return {
    assumeRoleWithWebIdentity: (role, token) => sts.assumeRoleWithWebIdentity(role, token),
    assumeRole: async (role, base) => sts.assumeRole(role, await base()),
    callerIdentity: async (credentials) => sts.callerIdentity(await credentials()),
    discover: (profile, cancelled) =>
      discovery(profile, {
        timeoutMs: address.timeoutMs,
        cancelled,
        bySdk: async () => (await import('./sdk-places.ts')).sdkPlaces(address, agents),
      }),
  }
}
