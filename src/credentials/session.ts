import { serviceFailure } from '../errors/service-failure.ts'
import { SyncError } from '../errors/sync-error.ts'
import { withRetry } from '../flow/retry.ts'
import type { CredentialSource, Credentials, CurrentCredentials } from '../model/credentials.ts'
import type { IdentityFacts } from '../model/report.ts'
import type { AccessRequest, SideRequest, SyncRequest } from '../model/request.ts'
import type { Caller, Identity, Log, Ports } from '../ports.ts'
import { credentialsRefused } from './hints.ts'
import { credentialSource, type SessionRequest } from './source.ts'
import { wellFormed } from './well-formed.ts'

/** Proven credentials that stay valid for as long as the run lasts. */
export interface Session {
  readonly facts: IdentityFacts
  /** Valid credentials, renewed when they are due. Throws SyncError when they cannot be renewed any more. */
  readonly credentials: CurrentCredentials
  /** These credentials were refused as expired: new ones are due at once. */
  reject(credentials: Credentials): void
  /** When the current credentials are due for renewal, milliseconds since the epoch; undefined: never. */
  refreshAtMs(): number | undefined
}

const MARGIN_MS = 10 * 60_000
/** After a renewal that failed, the next is tried no sooner. */
const PAUSE_MS = 30_000
/** Credentials of this age at most are fresh, unless they are due for renewal. */
const FRESH_MS = 30_000
/** A service that is in trouble may call its second ones expired, too, for a moment. */
const TROUBLE_MS = 1000

/** Credentials are renewed 10 minutes, or a third of their lifetime, before they expire: whichever is later. */
export function refreshPoint(obtainedAtMs: number, expiresAtMs: number): number {
  return expiresAtMs - Math.min(MARGIN_MS, (expiresAtMs - obtainedAtMs) / 3)
}

/** Credentials, and since when. */
interface Obtained {
  readonly credentials: Credentials
  readonly obtainedAtMs: number
  readonly refreshAtMs: number | undefined
}

interface Held extends Obtained {
  /** When these were first refused as expired while they were fresh. */
  readonly refusedAtMs: number | undefined
  /** Whether those before them were so refused: then these are kept. */
  readonly secondTry: boolean
}

async function renewed(
  obtain: CredentialSource,
  { clock, host }: Pick<Ports, 'clock' | 'host'>,
): Promise<Obtained> {
  const obtainedAtMs = clock.now()
  const credentials = wellFormed(await obtain())
  for (const secret of [credentials.secretAccessKey, credentials.sessionToken])
    if (secret) host.mask(secret)
  const { expiresAtMs } = credentials
  if (expiresAtMs === undefined) return { credentials, obtainedAtMs, refreshAtMs: undefined }
  // Compared with anything it is false: the SDK would take such credentials for good for ever.
  if (Number.isNaN(expiresAtMs))
    throw new SyncError('credentials', 'The expiry time of the credentials cannot be read.', {
      hint: 'Expiration must be a time such as 2030-01-31T12:00:00Z: check the output of credential_process or of the service.',
    })
  if (expiresAtMs > obtainedAtMs)
    return { credentials, obtainedAtMs, refreshAtMs: refreshPoint(obtainedAtMs, expiresAtMs) }
  throw new SyncError('credentials', 'The credentials have already expired.', {
    hint: 'Check the clock of this runner and the source of the credentials.',
  })
}

/** Nobody may tell more than this message, so that it says what to do as well. */
const callsFreshExpired = (): SyncError =>
  new SyncError(
    'credentials',
    'The service rejects credentials as expired that were obtained seconds ago, and the new ones too: check its clock, and that sts-endpoint belongs to the same service.',
  )

/**
 * Holds credentials and renews them when they are due, once for all who ask at a time. Fresh ones that are
 * refused as expired twice in a row are not renewed again, and are given up when that goes on.
 */
function keeper(obtain: CredentialSource, ports: Pick<Ports, 'clock' | 'host'>, log: Log) {
  const { clock } = ports
  let held: Held | undefined
  let renewing: Promise<Held> | undefined
  let givenUp = false

  /** What is held goes on while it is valid, though it could not be renewed. */
  function kept(error: unknown): Held {
    const expiresAtMs = held?.credentials.expiresAtMs
    if (!held || expiresAtMs === undefined || clock.now() >= expiresAtMs) throw error
    log.line('warn', `The credentials could not be renewed yet: ${serviceFailure(error).message}`)
    return { ...held, refreshAtMs: Math.min(clock.now() + PAUSE_MS, expiresAtMs) }
  }

  async function renew(): Promise<Held> {
    const secondTry = held?.refusedAtMs !== undefined && !held.secondTry
    return { ...(await renewed(obtain, ports)), refusedAtMs: undefined, secondTry }
  }

  return {
    current: (): Credentials | Promise<Credentials> => {
      if (givenUp) return Promise.reject(callsFreshExpired())
      const due = held?.refreshAtMs
      if (held && (due === undefined || clock.now() < due)) return held.credentials
      renewing ??= renew()
        .catch(kept)
        .finally(() => {
          renewing = undefined
        })
      return renewing.then((fresh) => {
        held = fresh
        return fresh.credentials
      })
    },
    reject: (credentials: Credentials): void => {
      if (held?.credentials !== credentials || held.refreshAtMs === undefined) return
      const nowMs = clock.now()
      const { refreshAtMs, obtainedAtMs, refusedAtMs, secondTry } = held
      const fresh = nowMs < refreshAtMs && nowMs - obtainedAtMs < FRESH_MS
      const firstMs = refusedAtMs ?? (fresh ? nowMs : undefined)
      const kept = fresh && secondTry
      givenUp ||= kept && nowMs - (firstMs ?? nowMs) >= TROUBLE_MS
      held = { ...held, refusedAtMs: firstMs, refreshAtMs: kept ? refreshAtMs : nowMs }
    },
    refreshAtMs: () => held?.refreshAtMs,
  }
}

interface Prover {
  readonly request: SessionRequest
  readonly identity: Identity
  readonly ports: Ports
  readonly log: Log
}

async function prove(credentials: CurrentCredentials, prover: Prover): Promise<Caller | undefined> {
  const { request, identity, ports, log } = prover
  const { sts, allowedAccountIds, roleArn } = request.access
  // A compatible service without its own STS cannot say whose its keys are, and AWS does not know them.
  if (request.endpoint && !sts.endpoint && !roleArn && allowedAccountIds.length === 0)
    return undefined
  try {
    return await withRetry(
      ports.clock,
      () => identity.callerIdentity(credentials),
      ({ code }, ms) => log.line('debug', `GetCallerIdentity: ${code}, retry in ${ms} ms`),
    )
  } catch (error) {
    const { status } = serviceFailure(error)
    const unsupported = sts.endpoint && status !== undefined && ![401, 403].includes(status)
    if (!unsupported || allowedAccountIds.length > 0)
      throw credentialsRefused(request.access, error)
    log.line(
      'debug',
      'The STS endpoint does not support GetCallerIdentity: the account is unknown.',
    )
    return undefined
  }
}

function checkAccount(caller: Caller | undefined, allowed: readonly string[]): void {
  if (allowed.length === 0 || (caller && allowed.includes(caller.account))) return
  throw new SyncError(
    'credentials',
    `The credentials belong to account ${caller?.account ?? 'unknown'}, which is not in allowed-account-ids.`,
    { hint: 'Check role-to-assume, or add the account to allowed-account-ids.' },
  )
}

/** Credentials of one identity, which are not proven yet. */
interface Unproven extends Omit<Session, 'facts'> {
  /** Proves them by GetCallerIdentity where the service can tell. Throws SyncError. */
  prove(): Promise<Session>
}

async function openSession(request: SessionRequest, ports: Ports, log: Log): Promise<Unproven> {
  const { access, requestTimeoutMs: timeoutMs } = request
  const identity = await ports.identity({ service: access.sts, timeoutMs })
  const { source, obtain } = credentialSource(request, { identity, ports, log })
  const { current: credentials, reject, refreshAtMs } = keeper(obtain, ports, log)
  await credentials()
  const proven = async (): Promise<Session> => {
    const caller = await prove(credentials, { request, identity, ports, log })
    checkAccount(caller, access.allowedAccountIds)
    const { roleArn } = access
    const facts = { account: caller?.account, arn: caller?.arn, roleArn, source }
    return { facts, credentials, reject, refreshAtMs }
  }
  let session: Promise<Session> | undefined
  return {
    credentials,
    reject,
    refreshAtMs,
    prove: () => {
      session ??= proven()
      return session
    },
  }
}

/** The identities of a step: each is opened and proven once, whoever of its transfers asks for it. */
export class Identities {
  readonly #ports: Ports
  readonly #log: Log
  readonly #opened = new Map<string, Promise<Unproven>>()

  constructor(ports: Ports, log: Log) {
    this.#ports = ports
    this.#log = log
  }

  /** Throws SyncError, the same one to all who ask. */
  open(request: SessionRequest): Promise<Unproven> {
    const name = JSON.stringify(request)
    const opened = this.#opened.get(name) ?? openSession(request, this.#ports, this.#log)
    this.#opened.set(name, opened)
    return opened
  }
}

/** Who writes the destination, and who reads the source. */
export interface Sessions {
  readonly destination: Session
  /** undefined: requests to the source are not signed. */
  readonly source: Session | undefined
}

/** The inputs of the source, in place of those of the destination. */
const ofSource = (text: string): string =>
  text
    .replace('aws-profile', 'source-profile')
    .replace(
      /\b(role-to-assume|aws-(secret-access-key|access-key-id|session-token))\b/g,
      'source-$1',
    )

/** What sessions are opened by. */
export type SessionsRequest = Pick<
  SyncRequest,
  'source' | 'destination' | 'access' | 'sourceAccess'
> & {
  readonly transfer: Pick<SyncRequest['transfer'], 'requestTimeoutMs'>
}

/** Who fetches what anybody may read: nothing is signed. */
const NOBODY: Session = {
  facts: { source: 'none' },
  credentials: () => Promise.reject(new SyncError('internal', 'This run does not sign requests.')),
  reject: () => {},
  refreshAtMs: () => undefined,
}

/** What is the source's own says so. */
async function forSource<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind !== 'credentials') throw error
    const { hint = '', cause } = error
    throw new SyncError('credentials', `For the source: ${ofSource(error.message)}`, {
      hint: ofSource(hint),
      cause,
    })
  }
}

/** Sessions that are not proven yet: whoever asks with them must not act on what he learns. */
export interface UnprovenSessions {
  readonly destination: Pick<Session, 'credentials' | 'reject'>
  readonly source: Pick<Session, 'credentials' | 'reject'> | undefined
}

/**
 * Opens one session for both sides, or one for each. `ask` is called as soon as there are credentials, so that what
 * does not wait for the proof is asked beside it. Throws SyncError.
 */
export async function openSessions(
  request: SessionsRequest,
  identities: Identities,
  ask?: (sessions: UnprovenSessions) => void,
): Promise<Sessions> {
  const { access, sourceAccess, transfer } = request
  const { requestTimeoutMs } = transfer
  if (sourceAccess === 'anonymous' && request.destination.local !== undefined) {
    ask?.({ destination: NOBODY, source: undefined })
    return { destination: NOBODY, source: undefined }
  }
  const open = (identity: AccessRequest, { endpoint }: SideRequest): Promise<Unproven> =>
    identities.open({ access: identity, endpoint, requestTimeoutMs })
  const { source, destination: target } = request
  // Where the destination is a folder of this runner, the source is all that is asked.
  const to = await open(access, target.local === undefined ? target : source)
  // Where accounts are named, nothing is asked before it is known whose the credentials are.
  const early = access.allowedAccountIds.length === 0
  if (sourceAccess === undefined || sourceAccess === 'anonymous') {
    const from = sourceAccess === undefined ? to : undefined
    if (early) ask?.({ destination: to, source: from })
    const destination = await to.prove()
    return { destination, source: from && destination }
  }
  const destination = await to.prove()
  const from = await forSource(open(sourceAccess, request.source))
  if (early && sourceAccess.allowedAccountIds.length === 0) ask?.({ destination, source: from })
  return { destination, source: await forSource(from.prove()) }
}
