import type { WholeRunReason } from '../model/outcome.ts'
import type { AccessRequest } from '../model/request.ts'
import type { ServiceAddress } from '../model/service.ts'
import type { InputValues } from './schema.ts'

/** Of a run. */
export type Side = 'source' | 'destination'

/** Where the values say that a side is: at its own endpoint, else at that of both; undefined means AWS. */
export function endpointOf(values: InputValues, side: Side): string | undefined {
  const given = values[`${side}-endpoint-url`] ?? values['endpoint-url']
  return given === 'aws' ? undefined : given
}

/** The keys of one prefix of inputs, where both parts are given. */
export function keysOf(values: InputValues, prefix: 'source-' | ''): AccessRequest['keys'] {
  const accessKeyId = values[`${prefix}aws-access-key-id`]
  const secretAccessKey = values[`${prefix}aws-secret-access-key`]
  const sessionToken = values[`${prefix}aws-session-token`]
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, sessionToken } : undefined
}

/** Whether the source is a folder of this runner. */
export const isLocal = ({ source }: InputValues): boolean => source?.local !== undefined

/** Whether the destination is one. */
export const isDownload = ({ destination }: InputValues): boolean =>
  destination?.local !== undefined

/** Whether the source is read by somebody else than the destination is written by. */
export const hasTwoIdentities = (values: InputValues): boolean =>
  values['source-no-sign-request'] === true ||
  values['source-role-to-assume'] !== undefined ||
  values['source-profile'] !== undefined ||
  values['source-aws-access-key-id'] !== undefined

/** Who reads the source, where that is not who writes the destination. */
export function sourceAccessOf(
  values: InputValues,
  access: AccessRequest,
  sts: ServiceAddress,
): AccessRequest | 'anonymous' | undefined {
  if (!hasTwoIdentities(values)) return undefined
  if (values['source-no-sign-request']) return 'anonymous'
  const roleArn = values['source-role-to-assume']
  const keys = keysOf(values, 'source-')
  const profile = values['source-profile']
  const own = keys !== undefined || profile !== undefined
  return {
    ...access,
    roleArn,
    // A role without keys of its own is taken as the destination's is.
    keys: roleArn && !own ? access.keys : keys,
    profile: roleArn && !own ? access.profile : profile,
    tokenFile: own ? undefined : access.tokenFile,
    // What narrows the one session says nothing about the other.
    externalId: undefined,
    inlinePolicy: undefined,
    policyArns: [],
    sts,
  }
}

/** Why s5cmd cannot carry a request: only the direct engine binds a copy to what stands on both sides. */
export function directBecause(values: InputValues): WholeRunReason | undefined {
  if (isLocal(values) || isDownload(values)) return 'local-files'
  if (values.mode === 'execute' || values.mode === 'finish') return 'approved-plan'
  if (values.overwrite === 'never') return 'overwrite-never'
  if (endpointOf(values, 'source') !== endpointOf(values, 'destination')) return 'two-services'
  if (hasTwoIdentities(values)) return 'two-identities'
  return values.engine === 'direct' ? 'asked-for' : undefined
}
