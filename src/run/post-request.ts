import { SyncError } from '../errors/sync-error.ts'
import type { InputName } from '../inputs/schema.ts'
import type { LockRequest } from '../model/lock.ts'
import type {
  AccessRequest,
  ReportingRequest,
  SyncRequest,
  TransferRequest,
} from '../model/request.ts'
import type { HostVariant } from '../model/service.ts'
import type { Host } from '../ports.ts'
import type { ObjectHeaders } from '../storage/store.ts'

/** What the post step needs of a request to come to the service as the step did. */
export interface PostRequest
  extends Pick<SyncRequest, 'name' | 'source' | 'destination' | 'access'> {
  readonly sourceAccess?: SyncRequest['sourceAccess']
  readonly transfer: Pick<
    TransferRequest,
    'requestTimeoutMs' | 'retryCount' | 'requestPayer' | 'numworkers'
  >
  readonly reporting: Pick<ReportingRequest, 'logLevel' | 'logLines'>
}

/** What the post step needs to give back a lock that the step left. */
export interface LockTrace {
  readonly lock: LockRequest
  readonly owner: string
  readonly endpoint?: string | undefined
  readonly region: string
  readonly variant: HostVariant
  /** How it is written. */
  readonly headers: ObjectHeaders
}

type Keys = AccessRequest['keys']

/** What stands for keys: the runner keeps the state in a file, and secrets stand in none. */
const HIDDEN: Keys = { accessKeyId: '', secretAccessKey: '' }

const hidden = (access: AccessRequest): AccessRequest =>
  access.keys === undefined ? access : { ...access, keys: HIDDEN }

/** Under which name something of a transfer is kept for the post step. */
export const stateName = (what: 'request' | 'uploads', { at }: Pick<SyncRequest, 'at'>): string =>
  at === 0 ? what : `${what}-${at + 1}`

/** A request as the state for the post step, without secrets. */
export function postState({
  name,
  source,
  destination,
  access,
  sourceAccess,
  transfer,
  reporting,
}: SyncRequest): string {
  const { requestTimeoutMs, retryCount, requestPayer, numworkers } = transfer
  const kept: PostRequest = {
    name,
    source,
    destination,
    access: hidden(access),
    sourceAccess: typeof sourceAccess === 'object' ? hidden(sourceAccess) : sourceAccess,
    transfer: { requestTimeoutMs, retryCount, requestPayer, numworkers },
    reporting: { logLevel: reporting.logLevel, logLines: reporting.logLines },
  }
  return JSON.stringify(kept)
}

/** Gives the inputs of a transfer: what its entry says goes before the step's. */
async function inputsOf(name: string | undefined, host: Pick<Host, 'input'>): Promise<Inputs> {
  if (name === undefined) return (input) => host.input(input)
  const { readTransferList } = await import('../inputs/transfers.ts')
  const { entries } = readTransferList(host.input('transfers'))
  const values = entries.find((entry) => entry.name === name)?.values
  return (input) => values?.get(input)?.text ?? host.input(input)
}

type Inputs = (name: InputName) => string

function keysOf(input: Inputs, prefix: 'source-' | ''): Keys {
  const [accessKeyId, secretAccessKey, sessionToken] = (
    [
      `${prefix}aws-access-key-id`,
      `${prefix}aws-secret-access-key`,
      `${prefix}aws-session-token`,
    ] as const
  ).map(input)
  if (accessKeyId && secretAccessKey)
    return { accessKeyId, secretAccessKey, sessionToken: sessionToken || undefined }
  throw new SyncError('credentials', 'The runner does not pass the access keys to the post step.', {
    hint: 'Some runners do this in composite actions; use a role, or keys in the environment.',
  })
}

/** The request that a step kept of a transfer. Keys are taken from the inputs again. Throws SyncError where the runner gives none. */
export async function postRequest(
  state: string,
  host: Pick<Host, 'input' | 'mask'>,
): Promise<PostRequest> {
  const kept = JSON.parse(state) as PostRequest
  const inputs = await inputsOf(kept.name, host)
  const whole = (access: AccessRequest, prefix: 'source-' | ''): AccessRequest => {
    if (access.keys === undefined) return access
    const keys = keysOf(inputs, prefix)
    for (const secret of Object.values(keys ?? {})) if (secret) host.mask(secret)
    return { ...access, keys }
  }
  const { sourceAccess } = kept
  return {
    ...kept,
    access: whole(kept.access, ''),
    sourceAccess: typeof sourceAccess === 'object' ? whole(sourceAccess, 'source-') : sourceAccess,
  }
}
